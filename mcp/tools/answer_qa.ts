/**
 * `answer_qa`: passes the person's answers on.
 *
 * @module
 */
import * as z from "zod";
import { answerQa } from "../../src/operations/answer_qa.ts";
import type { Status } from "../../src/operations/read_status.ts";
import { readQuestionsDocument } from "../../src/session/documents.ts";
import { layoutOf } from "../../src/session/layout.ts";
import { SamocodeError } from "../../src/system/errors.ts";
import { readAnswer } from "../../src/workflow/answer_questions.ts";
import { readQuestions } from "../../src/workflow/questions.ts";
import { askAnswers } from "../ask_person.ts";
import { replyNews, replyStatus } from "../reply.ts";
import { lookAtRest } from "../snapshot.ts";
import { type AddTool, defineTool, sessionName, textUpTo, type ToolReply } from "../tool.ts";

const MAX_ANSWERS = 200;

/** The tool. */
export const answerQaTool: AddTool = defineTool({
  name: "answer_qa",
  title: "Answer session questions",
  description: "Pass on the user's answers, some or all. The session goes on when every question is answered.",
  kind: "act",
  repeatable: true,
  input: z.strictObject({
    session: sessionName,
    answers: z.record(z.string(), textUpTo(4000)).refine((all) => Object.keys(all).length <= MAX_ANSWERS)
      .optional().describe('By question id: {"Q1": "A", "Q2": "free text"}'),
    accept_suggestions: z.boolean().optional().describe("Take the suggestion for the rest; only if the user said so"),
  }),
  async run({ session, answers: given = {}, accept_suggestions: acceptSuggestions = false }, call): Promise<ToolReply> {
    const { samocode } = call;
    const news = await lookAtRest(samocode, session);
    const { status } = news;
    if (status.needs !== "answers" && areGiven(status, given)) return replyNews(news);
    let answers: Readonly<Record<string, string>> = given;
    let { by } = call;
    let takesRest = acceptSuggestions;
    if (call.gate === "form") {
      checkAsked(status);
      const asked = askAnswers(call, { questions: status.questions, proposed: given });
      if (asked.kind === "ask") return asked.reply;
      ({ said: answers, by } = asked);
      // Where no question is open, to send the form is the person's word.
      takesRest = status.questions.length === 0;
    } else if (Object.keys(given).length === 0 && !acceptSuggestions) {
      throw new SamocodeError("usage", "Cannot answer: no answers were given", { hint: wayToAnswer(status) });
    }
    const { status: after } = answerQa(samocode, { session, answers, acceptSuggestions: takesRest, by });
    if (after.state !== "running" && after.needs === "none") {
      const { resumeSession } = await import("../../src/operations/resume_session.ts");
      await resumeSession(samocode, { session, guidance: undefined, by });
    }
    return replyStatus(samocode, session);
  },
});

/** What nobody asks the person cannot be answered by the agent either. */
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

/** The same answers once more, which a client that heard nothing may send, are no mistake. */
function areGiven({ folder }: Status, given: Readonly<Record<string, string>>): boolean {
  const ids = Object.keys(given);
  if (ids.length === 0) return false;
  const questions = readQuestions(readQuestionsDocument(layoutOf(folder))?.text ?? "");
  return ids.every((id) => {
    const question = questions.findLast((one) => one.id === id.trim().toUpperCase());
    const read = question === undefined ? undefined : readAnswer(question, given[id] ?? "");
    return read?.ok === true && read.answer === question?.answer;
  });
}
