/**
 * The acts behind buttons and replies: complete, as data that outlives the process.
 *
 * @module
 */
import { MEASURES, SPANS } from "../workflow/budget.ts";
import { type Checked, flag, listOf, number, oneOf, optional, record, text, variant } from "../workflow/shape.ts";

const question = record({
  id: text,
  /** Hash of its text, options and suggestion: an answer is for what the person was shown. */
  hash: text,
  answer: text,
});

/** As in the journal. */
const raise = record({ measure: oneOf(MEASURES), span: oneOf(SPANS), to: number, day: optional(text) });

/**
 * Acts on a session at rest name the last run by its start, ISO 8601. Once another run has begun, they do nothing.
 */
export const act = variant("verb", {
  /** `replaces` an earlier answer, as replies may and buttons may not. */
  answer: { run: text, questions: listOf(question), replaces: flag },
  approve: { run: text, sha256: text, label: text },
  revise: { run: text, sha256: text, feedback: text },
  raise: { run: text, raised: listOf(raise) },
  accept_baseline: { run: text },
  /** With a note for the next agent, if it is not empty. */
  resume: { run: text, note: text },
  guide: { text },
  stop: { run: text, now: flag },
  /** Only tells the person something. */
  tell: { text },
});

/** One complete act. */
export type Act = Checked<typeof act>;

/** An act on a session. */
export interface Deed {
  /** The session's folder. */
  readonly session: string;
  readonly act: Act;
}
