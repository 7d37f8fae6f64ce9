/**
 * What a person can do to lead on from where a session stands.
 *
 * @module
 */
import { join } from "node:path";
import type { Status } from "../operations/read_status.ts";
import { shellWord } from "../text/shell_word.ts";
import type { Outcome } from "../workflow/session_event.ts";

/** What a person can type next, the likeliest first. */
export function nextCommands(
  { state, needs, session }: Pick<Status, "state" | "needs" | "session">,
): readonly string[] {
  if (state === "done") return [];
  if (state === "running") return [`samocode status ${session} --watch`, `samocode stop ${session}`];
  const run = `samocode run ${session}`;
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
      return state === "failed" ? ["samocode doctor", `samocode logs ${session}`, run] : [run];
  }
}

/** The same, for a run that has just come to rest, and where that lies which is to be read first. */
export function nextSteps(
  outcome: Outcome,
  { session, folder, plan, branch, mainRepo }: Pick<Status, "session" | "folder" | "plan" | "branch"> & {
    readonly mainRepo: string;
  },
): readonly string[] {
  const needs = needsOf(outcome);
  const commands = nextCommands({ session, state: outcome.kind, needs });
  if (needs === "approval" && plan !== undefined) return [`Read ${join(folder, plan.path)}`, ...commands];
  // From where the checkout and the branch parted: what this session did, and nothing else.
  if (outcome.kind === "done" && branch !== undefined) return [`git -C ${shellWord(mainRepo)} diff ...${branch}`];
  return commands;
}

function needsOf(outcome: Outcome): Status["needs"] {
  if (outcome.kind === "blocked") return outcome.needs === "budget" ? "budget" : "unblock";
  if (outcome.kind !== "waiting") return "none";
  if (outcome.for === "qa_answers") return "answers";
  return outcome.for === "plan_approval" ? "approval" : "none";
}
