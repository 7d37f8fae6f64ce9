/**
 * The attempts of a session: the last one, what it does and has used, and the pause before the next.
 *
 * @module
 */
import type { IterationEnd } from "./iteration_end.ts";
import type { Wait } from "./iteration_events.ts";
import type { Phase } from "./phases.ts";
import type { SignalReading } from "./signal.ts";
import { addUsage, NO_USAGE, type Usage } from "./usage.ts";

/** The last attempt. */
export interface Attempt {
  readonly iteration: number;
  readonly attempt: number;
  readonly phase: Phase;
  /** How many tasks the session had before the one that it worked on. */
  readonly earlierTasks: number;
  /** In the environment of every process of the attempt. */
  readonly marker: string;
  readonly log: string;
  readonly startedAt: string;
  /** When the agent last did something that the journal has. */
  readonly seenAt: string;
  readonly timeoutMs: number | undefined;
  /** What it has used so far; nothing once it has ended, since that is part of the session's sum. */
  readonly used: Usage;
  /** Provider and requested model; `undefined` if unknown. */
  readonly provider: string | undefined;
  readonly model: string | undefined;
  /** How it ended; `undefined` while it runs, or if the worker died. */
  readonly end: IterationEnd | undefined;
  /** Its signal; `undefined` until it is read. */
  readonly reading: SignalReading | undefined;
  /** Whether the decision that followed was carried out. */
  readonly decided: boolean;
}

/** An outage, with the time that its attempts and pauses have taken. */
export type Outage = Extract<Wait, { for: "outage" }> & { readonly spentMs: number };

/** A pause before an attempt. */
export interface Rest {
  /** In milliseconds since 1970. */
  readonly endsAtMs: number;
  readonly delayMs: number;
  readonly because: string;
  readonly wait: Wait | undefined;
}

/** What goes on in a run. `retrying`: the agent waits for its service. */
export interface Doing {
  readonly kind: "starting" | "thinking" | "acting" | "retrying" | "checking" | "deciding";
  /** ISO 8601. */
  readonly since: string;
}

/** What goes on in a session that is running. */
export interface Now extends Doing {
  /** The attempt that is under way, if one is. Times are ISO 8601. */
  readonly attempt: {
    readonly startedAt: string;
    readonly timeoutMs: number | undefined;
    /** When the agent last printed anything. */
    readonly heardAt: string;
  } | undefined;
}

/** The attempt once the decision that followed was carried out. */
export function settled(attempt: Attempt | undefined): Attempt | undefined {
  return attempt && { ...attempt, decided: true };
}

/** The number and attempt of the iteration that comes next. */
export function nextAttempt(
  { attempt, adopted, phase, earlierTasks }: {
    readonly attempt: Attempt | undefined;
    readonly adopted: { readonly iterations: number } | undefined;
    readonly phase: Phase;
    readonly earlierTasks: number;
  },
): { readonly iteration: number; readonly attempt: number } {
  if (attempt === undefined) return { iteration: (adopted?.iterations ?? 0) + 1, attempt: 1 };
  const isOfThisVisit = attempt.phase === phase && attempt.earlierTasks === earlierTasks;
  const complete = attempt.reading?.kind === "signal" || !isOfThisVisit;
  if (complete) return { iteration: attempt.iteration + 1, attempt: 1 };
  return { iteration: attempt.iteration, attempt: attempt.attempt + 1 };
}

/** What a session has used, with the attempt that is under way or was cut short. */
export function usedSoFar({ usage, attempt }: { readonly usage: Usage; readonly attempt: Attempt | undefined }): Usage {
  return addUsage(usage, attempt?.used ?? NO_USAGE);
}

/** How long its agents have worked, in milliseconds, until the last sign of one that has not ended. */
export function workedSoFar(
  { workedMs, attempt }: { readonly workedMs: number; readonly attempt: Attempt | undefined },
): number {
  if (attempt === undefined || attempt.end !== undefined) return workedMs;
  return workedMs + Math.max(0, Date.parse(attempt.seenAt) - Date.parse(attempt.startedAt));
}
