/**
 * The commands that lead on from where a session stands.
 *
 * @module
 */
import type { Status } from "../operations/read_status.ts";
import type { Outcome } from "../workflow/session_event.ts";

/** What a person can type next, the likeliest first. */
export function nextCommands(
  { state, needs, session }: Pick<Status, "state" | "needs" | "session">,
): readonly string[] {
  if (state === "done") return [];
  if (state === "running") return [`samocode status ${session} --watch`, `samocode stop ${session}`];
  const run = `samocode run --session ${session}`;
  switch (needs) {
    case "answers":
      return [`samocode answer ${session}`, run];
    case "approval":
      return [`samocode approve ${session}`, `samocode approve ${session} --reject "what is to be changed"`, run];
    case "budget":
      return [`SAMOCODE_MAX_COST=… ${run}`];
    case "unblock":
      return state === "waiting" ? [run] : [`samocode guide ${session} "what the agent should know"`, run];
    case "none":
      return state === "failed" ? [`samocode logs ${session}`, run] : [run];
  }
}

/** The same, for a run that has just come to rest. */
export function nextSteps(outcome: Outcome, session: string): readonly string[] {
  return nextCommands({ session, state: outcome.kind, needs: needsOf(outcome) });
}

function needsOf(outcome: Outcome): Status["needs"] {
  if (outcome.kind === "blocked") return outcome.needs === "budget" ? "budget" : "unblock";
  if (outcome.kind !== "waiting") return "none";
  if (outcome.for === "qa_answers") return "answers";
  return outcome.for === "plan_approval" ? "approval" : "none";
}
