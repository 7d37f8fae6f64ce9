/**
 * What the doctor finds.
 *
 * @module
 */

/** A problem keeps a session from running. */
export type Level = "ok" | "warning" | "problem";

/** One result of a check. */
export interface Finding {
  readonly level: Level;
  /** One sentence without a period. */
  readonly text: string;
  /** A command or sentence that says what to do, if anything. */
  readonly remedy: string | undefined;
}

/** Creates a finding of level `ok`. */
export function ok(text: string, remedy?: string): Finding {
  return { level: "ok", text, remedy };
}

/** Creates a finding of level `warning`. */
export function warning(text: string, remedy: string): Finding {
  return { level: "warning", text, remedy };
}

/** Creates a finding of level `problem`. */
export function problem(text: string, remedy: string): Finding {
  return { level: "problem", text, remedy };
}
