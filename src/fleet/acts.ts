/**
 * What people decide about sessions of the fleet, as rows: written at their doors, read by whoever drives the session.
 *
 * @module
 */
import { MAX } from "../operations/samocode.ts";
import { MEASURES, SPANS } from "../workflow/budget.ts";
import {
  type Checked,
  flag,
  mapOf,
  number,
  oneOf,
  optional,
  record,
  type Shape,
  text,
  variant,
} from "../workflow/shape.ts";
import type { Act, ActOutcome } from "./contract.ts";

const SHAPES = {
  answer: { answers: mapOf(text), acceptSuggestions: flag, sha256: optional(text) },
  approve: { sha256: text, label: optional(text) },
  revise: { sha256: optional(text), feedback: text },
  guide: { text },
  stop: { now: flag },
  phase: { to: text, sha256: optional(text) },
  raise: { to: mapOf(number), span: oneOf(SPANS) },
  resume: { guidance: optional(text) },
  accept_baseline: {},
} as const satisfies Readonly<Record<Act["verb"], Shape>>;

const isAct = variant("verb", SHAPES);

/** The longest text in an act, in characters. */
const MAX_TEXT = MAX.message;

/**
 * Reads an act as a row has it.
 *
 * @returns `undefined` for anything else.
 */
export function readAct(value: unknown): Act | undefined {
  const found: Checked<typeof isAct> | undefined = isAct(value) ? value : undefined;
  if (found === undefined || !isBounded(found)) return undefined;
  switch (found.verb) {
    case "answer": {
      const { verb, answers, acceptSuggestions, sha256 } = found;
      if (Array.isArray(answers) || Object.keys(answers).length > MAX.answers) return undefined;
      return { verb, answers, acceptSuggestions, sha256 };
    }
    case "approve":
      return { verb: found.verb, sha256: found.sha256, label: found.label };
    case "revise":
      return { verb: found.verb, sha256: found.sha256, feedback: found.feedback };
    case "guide":
      return { verb: found.verb, text: found.text };
    case "stop":
      return { verb: found.verb, now: found.now };
    case "phase":
      return { verb: found.verb, to: found.to, sha256: found.sha256 };
    case "raise": {
      const { verb, to, span } = found;
      const isKnown = Object.entries(to).every(([name, amount]) => MEASURES.some((one) => one === name) && amount > 0);
      return isKnown ? { verb, to, span } : undefined;
    }
    case "resume":
      return { verb: found.verb, guidance: found.guidance };
    case "accept_baseline":
      return { verb: found.verb };
  }
}

const isOutcome = record({ ok: flag, text, hint: text });

/** Reads what came of an act as a row has it; `undefined` for anything else. */
export function readOutcome(value: unknown): ActOutcome | undefined {
  return isOutcome(value) ? { ok: value.ok, text: value.text, hint: value.hint } : undefined;
}

/** Whether all texts in an act are of a length that the doors allow. */
function isBounded(act: object): boolean {
  return Object.values(act).every((part) =>
    typeof part === "string" ? part.length <= MAX_TEXT : typeof part !== "object" || part === null || isBounded(part)
  );
}
