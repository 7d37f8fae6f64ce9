/**
 * Decides whether a fleet session continues or rests, and in which state, from its status and history alone.
 *
 * @module
 */
import type { Status } from "../operations/status.ts";
import type { Rest } from "../workflow/attempt.ts";
import { nextDay } from "../workflow/budget.ts";
import type { History } from "../workflow/history.ts";
import type { RecordedEvent } from "../workflow/session_event.ts";
import { dutyOf, isLost, waitsForDay } from "../workflow/supervision.ts";
import type { Act, ActOutcome } from "./contract.ts";
import type { Settlement } from "./lease.ts";
import { isByFleet } from "./session_lines.ts";

/** What people decided since the session came to rest: to continue, or to stop. */
export type Decided = "go" | "stop" | undefined;

/** Updates the decision with an event. */
export function decidedAfter(before: Decided, event: RecordedEvent): Decided {
  switch (event.type) {
    case "session.started":
    case "session.stopped":
      return undefined;
    case "stop.requested":
      return "stop";
    case "resume.requested":
    case "baseline.accepted":
    case "plan.rejected":
    case "gate.opened":
    case "task.given":
      return "go";
    case "phase.entered":
      return event.by === "human" ? "go" : before;
    default:
      return before;
  }
}

/** Updates the decision with an act that was just applied to a session at rest. */
export function decidedBy(before: Decided, act: Act | undefined, { ok }: Pick<ActOutcome, "ok">): Decided {
  switch (ok ? act?.verb : undefined) {
    case "stop":
      return "stop";
    case "resume":
    case "revise":
    case "phase":
    case "accept_baseline":
      return "go";
    case undefined:
    case "answer":
    case "approve":
    case "guide":
    case "raise":
      return before;
  }
}

/**
 * Whether a session that is not running should run now. A worker may have claimed it only to apply an act: then it
 * stays at rest.
 */
export function wantsRun(
  { state, obstacle }: Pick<Status, "state" | "obstacle">,
  history: History,
  { decided, now }: { readonly decided: Decided; readonly now: Date },
): boolean {
  if (obstacle !== undefined) return false;
  if (decided !== undefined) return decided === "go";
  if (state === "ready" || state === "crashed" || state === "queued") return true;
  const { outcome, lastAt = "" } = history;
  if (outcome === undefined) return true;
  if (outcome.kind === "stopped") return isByFleet(outcome.by) || isLost(history);
  return waitsForDay(history) && now >= nextDay(new Date(lastAt));
}

/** In which state a session rests that should not run. */
export function restOf({ state, needs, detail }: Pick<Status, "state" | "needs" | "detail">, decided: Decided): {
  readonly state: Settlement["state"];
  readonly detail: string;
} {
  if (decided === "stop") return { state: "stopped", detail: "Stopped before it continued" };
  switch (state) {
    case "done":
    case "waiting":
    case "blocked":
    case "failed":
    case "stopped":
      return { state, detail };
    case "ready":
    case "running":
    case "queued":
    case "crashed":
      return { state: needs === "none" ? "stopped" : "waiting", detail };
  }
}

/** The longest wait for a usage limit that is not worth a hand-over, in milliseconds. */
export const LONG_WAIT_MS = 120_000;

/** Hand over after this long: pg-boss ends every job after 24 hours. */
const LONGEST_LEASE_MS = 20 * 3_600_000;

/**
 * Why to hand over a run that stands before an event; `undefined` to let it continue.
 *
 * @param run.leaseMs How long the worker has held the session.
 * @param run.asked Why the worker hands over its sessions; `undefined` if it does not.
 */
export function whyHandOver(type: string, { history, now, leaseMs, asked }: {
  readonly history: Pick<History, "rest">;
  readonly now: Date;
  readonly leaseMs: number;
  readonly asked: string | undefined;
}): string | undefined {
  if (type === "iteration.retried") {
    const leftMs = (history.rest?.endsAtMs ?? 0) - now.getTime();
    return leftMs > LONG_WAIT_MS ? "it waits for a usage limit to end" : undefined;
  }
  if (type !== "iteration.started") return undefined;
  return asked ?? (leaseMs > LONGEST_LEASE_MS ? "its lease is 20 hours old" : undefined);
}

/** What to do after a run ended. */
export type AfterRun =
  | { readonly kind: "rests" }
  | { readonly kind: "again"; readonly detail: string; readonly notBefore: Date | undefined }
  /** The session's process keeps dying. */
  | { readonly kind: "gives up"; readonly deaths: number };

/** Decides what to do after a run whose process is gone. */
export function afterRun(history: History, now: Date): AfterRun {
  const { running, outcome, rest, lastAt = "" } = history;
  if (running) {
    const duty = dutyOf({ ...history, stopRequestedBy: undefined }, now.getTime());
    if (duty.kind === "give-up") return { kind: "gives up", deaths: duty.deaths };
    const notBefore = duty.kind === "start" ? new Date(duty.notBeforeMs) : undefined;
    return { kind: "again", detail: "Its process died; it continues after a pause", notBefore };
  }
  if (waitsForDay(history)) {
    return {
      kind: "again",
      detail: "The day's budget is used up; it continues tomorrow",
      notBefore: nextDay(new Date(lastAt)),
    };
  }
  if (outcome?.kind !== "stopped" || !(isByFleet(outcome.by) || isLost(history))) return { kind: "rests" };
  const waits = rest !== undefined && rest.endsAtMs > now.getTime();
  return waits
    ? { kind: "again", detail: describeRest(rest), notBefore: new Date(rest.endsAtMs) }
    : { kind: "again", detail: "It continues on the next worker", notBefore: undefined };
}

function describeRest({ because, wait }: Rest): string {
  return wait?.for === "limit"
    ? `It waits for a usage limit to end: ${because}`
    : `It retries after a failure: ${because}`;
}
