/**
 * `samocode answer`: answers an agent's questions.
 *
 * @module
 */
import { answerIn } from "../../operations/answer_qa.ts";
import { statusOf } from "../../operations/read_status.ts";
import { openSession } from "../../operations/samocode.ts";
import { SamocodeError } from "../../text/errors.ts";
import { askQuestions, confirm } from "../ask_person.ts";
import type { Command } from "../command.ts";
import { chooseSession, loadSamocode } from "../load.ts";
import { renderStatus, tell, viewOf } from "../render_status.ts";

/** The command. */
export const answer: Command = {
  name: "answer",
  summary: "Answer the agent's questions, one by one or all at once",
  operands: '[SESSION] [Q1=A Q2="text" …]',
  completes: "sessions",
  maxPositionals: Infinity,
  flags: {
    session: { value: "NAME", completes: "sessions", help: "Session name" },
    "accept-suggestions": { help: "Accept the agent's suggestions for the rest" },
    json: { help: "Print the new status as JSON" },
  },
  examples: [
    "samocode answer add-jwt",
    'samocode answer add-jwt Q1=A Q2="keep the old endpoint"',
    "samocode answer add-jwt --accept-suggestions",
  ],
  run(io, args): Promise<number> {
    const samocode = loadSamocode(io, args);
    const given = args.positionals.filter((word) => word.includes("="));
    const words = args.positionals.filter((word) => !word.includes("="));
    const bare = words.find((word, index) => (index > 0 || "session" in args.values) && /^Q\d+$/i.test(word));
    if (bare !== undefined) {
      throw new SamocodeError("usage", `Cannot answer ${bare.toUpperCase()}: it has no value`, {
        hint: `Write ${bare.toUpperCase()}=A, or ${bare.toUpperCase()}="a text"`,
      });
    }
    const session = chooseSession(samocode, { args, words, state: "waiting" });
    using folder = openSession(samocode, session);
    const answers = readAnswers(given);
    let acceptSuggestions = args.switches.has("accept-suggestions");
    if (given.length === 0 && !acceptSuggestions) {
      const { questions, needs } = statusOf(folder);
      if (!io.isInputTerminal) {
        throw new SamocodeError("usage", "Cannot prompt for answers: stdin is not a terminal", {
          hint: "Pass them as Q1=A Q2=B, or use --accept-suggestions",
        });
      }
      if (questions.length > 0) Object.assign(answers, askQuestions(io, questions));
      else if (needs === "answers") acceptSuggestions = confirm(io, "No question is open. Let the session go on?");
    }
    const { answered, status } = answerIn(folder, { answers, acceptSuggestions, by: "samocode answer" });
    const done = answered.length === 0 ? "Nothing was answered." : `Answered ${answered.join(", ")}.`;
    tell(io, args, { value: status, text: () => `${done}\n\n${renderStatus(status, viewOf(io, samocode))}` });
    return Promise.resolve(0);
  },
};

function readAnswers(words: readonly string[]): Record<string, string> {
  const answers: Record<string, string> = {};
  for (const word of words) {
    const id = word.slice(0, word.indexOf("=")).trim().toUpperCase();
    if (Object.hasOwn(answers, id)) {
      throw new SamocodeError("usage", `Cannot answer: there are two answers to ${JSON.stringify(id)}`, {
        hint: "Give one; nothing was written",
      });
    }
    answers[id] = word.slice(word.indexOf("=") + 1);
  }
  return answers;
}
