/**
 * What a human or a parent can do next. Status, errors and the end of a run all use this, at every door.
 *
 * @module
 */
import type { Action } from "../text/action.ts";
import { isFailure } from "./error_classes.ts";
import type { History } from "./history.ts";
import { isUnderWay, type Snapshot } from "./snapshot.ts";

/** What the next action depends on. */
export interface ActionFacts extends Pick<Snapshot, "state" | "needs" | "movedTo"> {
  /** The session's shortest name. */
  readonly session: string;
  /** The plan as it is now. */
  readonly plan: { readonly sha256: string } | undefined;
  readonly branch: string | undefined;
  /** Whether a person merged or pushed it. */
  readonly isFinished: boolean;
  /** Whether its agent could not work at all, such as without a login. */
  readonly hasNoAgent: boolean;
}

/** Whether a session rests because its agent failed, and not because of what the agent said. */
export function isWithoutAgent({ attempt, outcome }: Pick<History, "attempt" | "outcome">): boolean {
  const isResting = outcome?.kind === "blocked" || outcome?.kind === "failed";
  return isResting && attempt?.end !== undefined && isFailure(attempt.end) && attempt.reading?.kind !== "signal";
}

/** What can be done next, likeliest first. */
export function nextActions(
  { session, state, needs, movedTo, plan, branch, isFinished, hasNoAgent }: ActionFacts,
): readonly Action[] {
  const resume: Action = { verb: "resume", session };
  if (isUnderWay(state)) return [{ verb: "wait", session }, { verb: "stop", session }];
  if (movedTo !== undefined) return [resume];
  // No note to the agent repairs its program or its login.
  if (needs === "unblock" && hasNoAgent) return [{ verb: "doctor" }, resume];
  if (state === "done") {
    const more: Action = { verb: "continue", session };
    if (branch === undefined) return [more];
    // Once it is finished, only what could not be removed is left.
    return [{ verb: "finish", session }, ...(isFinished ? [] : [{ verb: "review", branch } as const]), more];
  }
  switch (needs) {
    case "answers":
      return [{ verb: "answer", session }, resume];
    case "approval":
      return [{ verb: "approve", session, sha256: plan?.sha256 }, { verb: "revise", session }, resume];
    case "budget":
      return [{ verb: "raise_budget", session }, resume];
    case "baseline":
      return [{ verb: "accept_baseline", session }, resume];
    case "unblock":
      return state === "waiting"
        ? [resume, { verb: "move", session }]
        : [{ verb: "guide", session }, resume, { verb: "move", session }];
    case "none":
      return state === "failed" ? [{ verb: "doctor" }, { verb: "logs", session }, resume] : [resume];
  }
}

/** The hint for an error about a session, given its next actions. */
export function hintFor(next: readonly Action[]): { readonly hint: string; readonly actions: readonly Action[] } {
  const action = next.find(({ verb }) => Object.hasOwn(HINTS, verb));
  return { hint: HINTS[action?.verb ?? "start"] ?? "", actions: [action ?? { verb: "start" }] };
}

const HINTS: Readonly<Partial<Record<Action["verb"], string>>> = {
  wait: "Watch it",
  doctor: "See what is missing",
  answer: "Answer its questions",
  approve: "Decide on its plan",
  raise_budget: "Raise its budget",
  accept_baseline: "Go on with its checks as they are",
  resume: "Resume it",
  continue: "Give it a new task",
  start: "Start a new session",
};
