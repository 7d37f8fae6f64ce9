/**
 * `answer_qa`: passes on the user's answers.
 *
 * @module
 */
import * as z from "zod";
import { answerAndResume, isAnswered } from "../../src/operations/answer_qa.ts";
import { MAX } from "../../src/operations/limits.ts";
import { openAtRest } from "../../src/operations/open_at_rest.ts";
import { type Status, statusOf } from "../../src/operations/read_status.ts";
import { SamocodeError } from "../../src/text/errors.ts";
import { askAnswers } from "../ask_person.ts";
import { replyStatus } from "../reply.ts";
import { type AddTool, defineTool, sessionName, textUpTo, type ToolReply } from "../tool.ts";

/** The tool. */
export const answerQaTool: AddTool = defineTool({
  name: "answer_qa",
  title: "Answer session questions",
  description: "Pass on the user's answers, some or all. The session goes on when every question is answered.",
  kind: "act",
  repeatable: true,
  input: z.strictObject({
    session: sessionName,
    answers: z.record(z.string(), textUpTo(MAX.answer)).refine((all) => Object.keys(all).length <= MAX.answers)
      .optional().describe('By question id: {"Q1": "A", "Q2": "free text"}'),
    accept_suggestions: z.boolean().optional().describe("Take the suggestion for the rest; only if the user said so"),
  }),
  async run({ session, answers = {}, accept_suggestions: acceptSuggestions = false }, call): Promise<ToolReply> {
    const { samocode, by } = call;
    using folder = await openAtRest(samocode, session);
    const status = statusOf(folder);
    if (status.needs !== "answers" && isAnswered(folder, answers)) return replyStatus(status);
    if (call.gate === "form") {
      checkAsked(status);
      const asked = askAnswers(call, { questions: status.questions, proposed: answers });
      if (asked.kind === "ask") return asked.reply;
      // With no open question, submitting the form is the user's decision.
      const accept = status.questions.length === 0;
      const said = { answers: asked.said, acceptSuggestions: accept, by: asked.by };
      return replyStatus(await answerAndResume(samocode, folder, said));
    }
    if (Object.keys(answers).length === 0 && !acceptSuggestions) {
      throw new SamocodeError("usage", "Cannot answer: no answers were given", { hint: wayToAnswer(status) });
    }
    return replyStatus(await answerAndResume(samocode, folder, { answers, acceptSuggestions, by }));
  },
});

/** If nobody asks the user, the agent may not answer either. */
function checkAsked({ session, needs }: Status): void {
  if (needs === "answers") return;
  throw new SamocodeError("conflict", `Cannot answer: ${session} does not wait for answers`, {
    hint: "See read_status for what it needs",
  });
}

function wayToAnswer({ needs, questions }: Status): string {
  if (needs === "answers" && questions.length === 0) {
    return "No question is open: if the user agrees with the answers in _qa.md, pass accept_suggestions";
  }
  return 'Show the questions to the user, then pass answers such as {"Q1": "A"}, or accept_suggestions';
}
