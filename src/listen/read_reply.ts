/**
 * Reads what a person typed: a reply to a post, or a command.
 *
 * @module
 */
import { MAX } from "../operations/samocode.ts";
import { SamocodeError } from "../text/errors.ts";
import { formatCount } from "../text/format.ts";
import type { Measure } from "../workflow/budget.ts";
import type { Act } from "./act.ts";

/** `Q1=A`, also several on one line, or `Q1: A` at the beginning of a line. */
const NAMED = /(?:^|[\s,;])(Q\d+(?:\.\d+)*[a-z]?)[ \t]*=|^[ \t]*(Q\d+(?:\.\d+)*[a-z]?)[ \t]*:/gim;

/**
 * Completes the act that a reply to a post stands for.
 *
 * @throws {SamocodeError} With words for the person, if the text does not fit.
 */
export function completeAct(act: Act, typed: string): Act {
  const text = typed.trim();
  switch (act.verb) {
    case "answer":
      return { ...act, questions: readAnswers(act.questions, text), replaces: true };
    case "revise":
      return { ...act, feedback: checkLength(text, MAX.message) };
    case "raise":
      return { ...act, raised: act.raised.map((raise) => ({ ...raise, to: readLimit(raise.measure, text) })) };
    case "resume":
      return { ...act, note: checkLength(text, MAX.message) };
    case "guide":
      return { ...act, text: checkLength(text, MAX.message) };
    case "approve":
    case "accept_baseline":
    case "stop":
    case "tell":
      return act;
  }
}

type Answer = Extract<Act, { verb: "answer" }>["questions"][number];

function readAnswers(asked: readonly Answer[], text: string): readonly Answer[] {
  const names = [...text.matchAll(NAMED)];
  const [only] = asked;
  if (names[0]?.index !== 0) {
    if (only === undefined || asked.length > 1) {
      throw new SamocodeError("usage", "Cannot tell which question you mean", { hint: "Write Q1=A, for example" });
    }
    return [{ ...only, answer: checkLength(text, MAX.answer) }];
  }
  if (names.length > MAX.answers) {
    throw new SamocodeError("usage", `Cannot take more than ${MAX.answers} answers at once`, { hint: "Send fewer" });
  }
  return names.map((name, index) => {
    const id = (name[1] ?? name[2] ?? "").toUpperCase();
    const answer = text.slice(name.index + name[0].length, names[index + 1]?.index).trim();
    // Unless they replied to its post, which version of a question the person saw is unknown.
    return { id, hash: only?.id === id ? only.hash : "", answer: checkLength(answer, MAX.answer) };
  });
}

/**
 * Refuses a text that is empty or too long.
 *
 * @throws {SamocodeError} With words for the person.
 */
export function checkLength(text: string, most: number): string {
  if (text === "") throw new SamocodeError("usage", "Cannot use an empty message", { hint: "Write some text" });
  if (text.length <= most) return text;
  const what = `Cannot use this message: it has ${formatCount(text.length, "character")}, at most ${most} are allowed`;
  throw new SamocodeError("usage", what, { hint: "Shorten it" });
}

const UNITS: Readonly<Record<Measure, Readonly<Record<string, number>>>> = {
  cost: { "": 1 },
  tokens: { "": 1, k: 1e3, m: 1e6 },
  starts: { "": 1 },
  time: { m: 60_000, min: 60_000, h: 3_600_000 },
};

/** How to write a limit. */
export const LIMIT_WORDS: Readonly<Record<Measure, string>> = {
  cost: "an amount in dollars, such as 80",
  tokens: "a number of tokens, such as 5M",
  starts: "a number of agent starts, such as 60",
  time: "hours or minutes of work, such as 12h",
};

/** Reads a limit in the unit of the budget. */
function readLimit(measure: Measure, text: string): number {
  const [, digits = "", unit = ""] = /^\$?\s*(\d{1,12}(?:[.,]\d{1,2})?)\s*([a-z]*)$/i.exec(text) ?? [];
  const factor = UNITS[measure][unit.toLowerCase()];
  const limit = Number(digits.replace(",", ".")) * (factor ?? 0);
  if (limit > 0) return limit;
  throw new SamocodeError("usage", "Cannot raise the budget: that is not a valid limit", {
    hint: `Reply with ${LIMIT_WORDS[measure]}`,
  });
}

/** A command in a separate message. */
export type Command =
  | { readonly verb: "status" | "stop"; readonly session: string; readonly now: boolean }
  | { readonly verb: "guide"; readonly words: string }
  | { readonly verb: "list" | "help" };

/** Reads `status add-jwt`, or in Telegram's form `/status@bot add-jwt`. Anything else means help. */
export function readCommand(text: string): Command {
  const [, word = "", rest = ""] = /^\s*\/?([a-z]+)(?:@\w+)?(?:\s+([^]*))?$/i.exec(text) ?? [];
  const words = rest.trim();
  switch (word.toLowerCase()) {
    case "status":
    case "stop": {
      const now = /(?:^|\s)now$/i.test(words);
      const verb = word.toLowerCase() === "stop" ? "stop" : "status";
      return { verb, session: words.replace(/(?:^|\s+)now$/i, ""), now };
    }
    case "guide":
      return { verb: "guide", words };
    case "list":
      return { verb: "list" };
    default:
      return { verb: "help" };
  }
}

/** Whether a reply is really a command: a note for an agent never consists of just that word. */
export function isBareCommand(text: string): boolean {
  return /^\s*\/?(?:status|stop(?:\s+now)?|list|help)\s*$/i.test(text);
}

/** What a person can send without replying. */
export const HELP = [
  "Reply to a message to answer it, or press its buttons. Or send a command:",
  "list: all sessions",
  "status NAME: what a session is doing",
  "guide NAME your note: a note for its next agent",
  "stop NAME: stop it after this iteration; stop NAME now: at once",
].join("\n");
