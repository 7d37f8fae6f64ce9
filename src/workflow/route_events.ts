/**
 * The events on a session's way through phases, gates and budgets, and what people say about it.
 *
 * @module
 */
import { MEASURES, SPANS } from "./budget.ts";
import { detail, news } from "./event_row.ts";
import { GATE_NAMES } from "./gates.ts";
import { PHASE_NAMES } from "./phases.ts";
import { flag, listOf, number, oneOf, optional, orUndefined, record, text } from "./shape.ts";

const phase = oneOf(PHASE_NAMES);
const gate = oneOf(GATE_NAMES);
const share = { measure: oneOf(MEASURES), span: oneOf(SPANS) };
const raise = record({ ...share, to: number, day: optional(text) });

/** The table of these events. */
export const ROUTE_EVENTS = {
  "phase.entered": news({
    phase,
    from: phase,
    by: oneOf(["worker", "human"]),
    /** Why the worker sent the session back, for the next agent. */
    because: optional(text),
    /** The unticked steps of the plan that a human left out by moving the session on. */
    waived: optional(listOf(text)),
  }),
  /** A person goes on although checks failed before the first change. */
  "baseline.accepted": news({ by: text }),
  /** Most of a limit is used up. */
  "budget.warned": news({ ...share, spent: number, limit: number, day: text }),
  /** A person raised limits. */
  "budget.raised": news({ raised: listOf(raise), by: text }),
  "gate.reached": news({
    gate,
    /** The phase to enter once the gate is open; `undefined` if this phase has more to do first. */
    wants: orUndefined(phase),
    document: orUndefined(text),
    /** SHA-256 of the document as it was shown. */
    sha256: orUndefined(text),
    /** How many questions were open in it; absent in the journals of older versions. */
    openQuestions: optional(number),
  }),
  "gate.opened": news({ gate, by: text, document: orUndefined(text), sha256: orUndefined(text) }),
  "answers.given": detail({
    ids: listOf(text),
    by: text,
    /** SHA-256 of `_qa.md` with them; absent in the journals of older versions. */
    sha256: optional(text),
  }),
  "plan.rejected": news({ feedback: text, by: text }),
  "guidance.given": news({ text, by: text }),
  "stop.requested": news({ by: text, now: flag }),
  /** A person continued a session that was blocked, had failed, or whose worker had died. */
  "resume.requested": news({ by: text }),
} as const;
