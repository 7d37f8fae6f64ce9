/**
 * `samocode answer`, `approve` and `guide`: what a person tells a session.
 *
 * @module
 */
import { whoTyped } from "../../messages/who_decided.ts";
import { answerQa } from "../../operations/answer_qa.ts";
import { approvePlan } from "../../operations/approve_plan.ts";
import { guideSession } from "../../operations/guide_session.ts";
import { readStatus, statusOf } from "../../operations/read_status.ts";
import { openSession } from "../../operations/samocode.ts";
import { SamocodeError } from "../../text/errors.ts";
import { plainText } from "../../text/terminal_text.ts";
import type { Command } from "../command.ts";
import { FLEET_FLAG } from "../in_fleet.ts";
import { chooseSession, loadForPerson, namedSession, SESSION } from "../load.ts";
import { renderAbout, tellStatus } from "../render_status.ts";

/** Answers questions. */
export const answer: Command = {
  name: "answer",
  summary: "Answer the agent's questions, one by one or all at once",
  operands: '[SESSION] [Q1=A Q2="text" …]',
  completes: "sessions",
  maxPositionals: Infinity,
  flags: {
    session: SESSION.flag,
    "accept-suggestions": { help: "Accept the agent's suggestions for the rest" },
    ...FLEET_FLAG,
    json: { help: "Print the new status as JSON" },
  },
  examples: [
    "samocode answer add-jwt",
    'samocode answer add-jwt Q1=A Q2="keep the old endpoint"',
    "samocode answer add-jwt --accept-suggestions",
  ],
  async run(io, args): Promise<number> {
    const samocode = loadForPerson(io, args, "answer");
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
      const status = statusOf(folder);
      const { questions, needs } = status;
      if (!io.isInputTerminal && (needs === "answers" || questions.length > 0)) {
        throw new SamocodeError("usage", "Cannot prompt for answers: stdin is not a terminal", {
          hint: "Pass them as Q1=A Q2=B, or use --accept-suggestions",
        });
      }
      if (needs === "answers") {
        const { askForOpen } = await import("../ask_in_place.ts");
        io.write(renderAbout(status, io));
        const given = await askForOpen(io, { samocode, session }, questions);
        Object.assign(answers, given.answers);
        ({ acceptSuggestions } = given);
      }
    }
    const { answered, status } = await answerQa(folder, { answers, acceptSuggestions, by: whoTyped("answer", io) });
    const done = answered.length === 0 ? "Nothing was answered." : `Answered ${answered.join(", ")}.`;
    tellStatus(io, args, { status, samocode, lead: `${done}\n\n` });
    return 0;
  },
};

/** Approves the plan or sends it back. */
export const approve: Command = {
  ...SESSION.operand,
  name: "approve",
  summary: "Approve the agent's plan, or send it back",
  flags: {
    session: SESSION.flag,
    reject: { value: "FEEDBACK", help: "Send the plan back with feedback" },
    sha256: {
      value: "HASH",
      help: "Approve only if the plan has this hash (see status --json); required without a terminal",
    },
    ...FLEET_FLAG,
    json: { help: "Print the new status as JSON" },
  },
  examples: ["samocode approve add-jwt", 'samocode approve add-jwt --reject "split phase 2"'],
  async run(io, args): Promise<number> {
    const samocode = loadForPerson(io, args, "approve");
    const session = chooseSession(samocode, { args, state: "waiting" });
    using folder = openSession(samocode, session);
    const { reject: feedback, sha256 } = args.values;
    const { needs, ...before } = statusOf(folder);
    const asks = io.isInputTerminal && io.isOutputTerminal && !args.switches.has("json");
    if (asks && feedback === undefined && sha256 === undefined && needs === "approval" && before.plan !== undefined) {
      const { askAboutPlan } = await import("../ask_about_plan.ts");
      io.write(renderAbout({ needs, ...before }, io));
      const done = await askAboutPlan(io, { samocode, session, by: whoTyped("approve", io) }) ?? "Nothing was decided.";
      tellStatus(io, args, { status: readStatus(samocode, { session }), samocode, lead: `${done}\n\n` });
      return 0;
    }
    const status = await approvePlan(folder, {
      feedback,
      sha256,
      mustNameText: true,
      by: whoTyped("approve", io),
    });
    const done = feedback === undefined
      ? `Approved ${plainText(status.plan?.path ?? "the plan")}.`
      : "The plan goes back to the agent.";
    tellStatus(io, args, { status, samocode, lead: `${done}\n\n` });
    return 0;
  },
};

/** Leaves a note for the next iteration. */
export const guide: Command = {
  name: "guide",
  summary: "Leave a note for the next iteration, even while an agent works",
  operands: 'SESSION "TEXT"',
  completes: "sessions",
  maxPositionals: 2,
  flags: { session: SESSION.flag, ...FLEET_FLAG },
  examples: ['samocode guide add-jwt "use the existing key store"'],
  fleet: { endsWithText: true },
  async run(io, args): Promise<number> {
    const text = args.positionals.at(-1);
    const session = namedSession(args, args.positionals.slice(0, -1));
    if (session === undefined || text === undefined) {
      throw new SamocodeError("usage", "Cannot guide: a session and a text are needed", {
        hint: 'samocode guide NAME "what the agent should know"',
      });
    }
    using folder = openSession(loadForPerson(io, args, "guide"), session);
    await guideSession(folder, { text, by: whoTyped("guide", io) });
    io.write("The next iteration will be told.\n");
    return 0;
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
