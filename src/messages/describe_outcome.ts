/**
 * Describes how an iteration and a run came to rest.
 *
 * @module
 */
import { describeWho } from "./who_decided.ts";
import { WAITS } from "../workflow/gates.ts";
import type { Need, Signal } from "../workflow/iteration_events.ts";
import type { Outcome } from "../workflow/run_events.ts";

/**
 * Describes how a run came to rest: the title has two or three words, the text is one line. `plain` makes a text from
 * outside safe, and cuts it.
 */
export function describeOutcome(
  outcome: Outcome,
  plain: (text: string) => string,
): { readonly title: string; readonly text: string } {
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
      return { title: "Stopped", text: `by ${plain(describeWho(outcome.by))}` };
  }
}

/** Describes the signal of an agent, with outside text in it. */
export function describeSignal(signal: Signal): string {
  switch (signal.status) {
    case "continue":
      return signal.phase === undefined ? "continue" : `continue with ${signal.phase}`;
    case "waiting":
      return `waiting for you to ${WAITS[signal.for].request}`;
    case "blocked":
      return `blocked, needs ${NEED_WORDS[signal.needs]}: ${signal.reason}`;
    case "done":
      return `done: ${signal.summary}`;
  }
}

/** What a blocked session needs. */
const NEED_WORDS: Readonly<Record<Need | "budget", string>> = {
  human_decision: "a decision",
  clarification: "a clarification",
  error_resolution: "an error resolved",
  investigation: "an investigation",
  budget: "a larger budget",
};
