/**
 * Describes how a run came to rest. All text is safe for a terminal.
 *
 * @module
 */
import { plainText } from "../text/terminal_text.ts";
import type { Need, Outcome } from "../workflow/session_event.ts";
import { WAITS } from "../workflow/gates.ts";

/** What a blocked session needs. */
export const NEED_WORDS: Readonly<Record<Need | "budget", string>> = {
  human_decision: "a decision",
  clarification: "a clarification",
  error_resolution: "an error resolved",
  investigation: "an investigation",
  budget: "a larger budget",
};

/** An outcome in words. */
export interface OutcomeWords {
  /** Two or three words, capital first. */
  readonly title: string;
  /** The details in one line. */
  readonly text: string;
}

/** Describes an outcome. `maxText` is the most columns for a text from outside. */
export function describeOutcome(outcome: Outcome, maxText = 400): OutcomeWords {
  const plain = (text: string): string => plainText(text, maxText);
  switch (outcome.kind) {
    case "done":
      return { title: "Done", text: plain(outcome.summary) };
    case "waiting":
      return { title: "Waiting for you", text: plain(outcome.detail) || WAITS[outcome.for].request };
    case "blocked":
      return { title: "Blocked", text: `${plain(outcome.reason)} · needs ${NEED_WORDS[outcome.needs]}` };
    case "failed":
      return { title: "Failed", text: plain(outcome.reason) };
    case "stopped":
      return { title: "Stopped", text: `by ${plain(outcome.by)}` };
  }
}
