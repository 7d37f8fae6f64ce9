/**
 * What the doctor finds.
 *
 * @module
 */

/** Fine, worth knowing, or in the way of a session. */
export type Level = "ok" | "warning" | "problem";

/** One thing that was found. */
export interface Finding {
  readonly level: Level;
  /** What is so, in one sentence without a period. */
  readonly text: string;
  /** What to do about it: a command or a sentence; `undefined` where there is nothing to do. */
  readonly remedy: string | undefined;
}

/** A finding that is fine. */
export function ok(text: string, remedy?: string): Finding {
  return { level: "ok", text, remedy };
}

/** A finding that is worth knowing. */
export function warning(text: string, remedy: string): Finding {
  return { level: "warning", text, remedy };
}

/** A finding that is in the way. */
export function problem(text: string, remedy: string): Finding {
  return { level: "problem", text, remedy };
}
