/**
 * The story of a session: what a page or a report shows of its whole way. It grows with attempts, decisions and checks,
 * not with events.
 *
 * @module
 */
import type { Phase } from "./phases.ts";
import type { RecordedEvent } from "./session_event.ts";
import type { Usage } from "./usage.ts";

/** A stay in a phase. Times are ISO 8601. */
export interface PhaseStay {
  readonly phase: Phase;
  readonly enteredAt: string;
  /** `undefined` in the last one. */
  readonly leftAt: string | undefined;
  /** How long its agents worked, in milliseconds. */
  readonly workedMs: number;
  readonly usage: Usage;
  /** How many agents were started. */
  readonly starts: number;
}

/** One start of an agent. */
export interface AttemptStory {
  readonly iteration: number;
  readonly attempt: number;
  readonly phase: Phase;
  readonly provider: string;
  /** Empty if nobody said. */
  readonly model: string;
  readonly startedAt: string;
  /** `undefined` while it works, or if its worker died. */
  readonly endedAt: string | undefined;
  readonly durationMs: number;
  readonly usage: Usage;
  /** How it ended, in words; empty while it works. */
  readonly end: string;
  /** Whether another attempt of the same iteration followed, and why; empty if not. */
  readonly retried: string;
  readonly refusals: number;
}

/** What a person decided. */
export interface Decision {
  readonly at: string;
  readonly kind: "answers" | "approval" | "rejection" | "guidance" | "budget" | "stop" | "resume" | "task" | "other";
  /** In words. */
  readonly text: string;
  /** Who, as the journal has it. */
  readonly by: string;
  /** SHA-256 of the document that it was about. */
  readonly sha256: string | undefined;
  /** The ids of the questions that were answered. */
  readonly questions?: readonly string[];
}

/** A moment that a timeline marks. */
export interface Mark {
  readonly at: string;
  readonly kind: "gate" | "limit" | "outage" | "retry" | "budget" | "check_failed" | "recovered" | "stopped" | "task";
  /** In words. */
  readonly text: string;
}

/** What an agent was refused. */
export interface Refusal {
  readonly at: string;
  readonly iteration: number;
  /** In words. */
  readonly text: string;
}

/** The story so far. Lists are in the order of the journal. */
export interface Story {
  readonly phases: readonly PhaseStay[];
  readonly attempts: readonly AttemptStory[];
  readonly decisions: readonly Decision[];
  readonly marks: readonly Mark[];
  /** The last ones; `refused` counts all. */
  readonly refusals: readonly Refusal[];
  readonly refused: number;
  /** The versions of samocode and of the agents that worked. */
  readonly versions: readonly string[];
}

/** The story of an empty journal. */
export const NO_STORY: Story = {
  phases: [],
  attempts: [],
  decisions: [],
  marks: [],
  refusals: [],
  refused: 0,
  versions: [],
};

/** Adds events to a story, and leaves the one before as it is. */
export type FoldStory = (before: Story, events: readonly RecordedEvent[]) => Story;
