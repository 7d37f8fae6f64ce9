/**
 * Renders actions as command lines.
 *
 * @module
 */
import { join } from "node:path";
import type { SamocodeError } from "../text/errors.ts";
import type { Action } from "../text/action.ts";
import { shellWord } from "../text/shell_word.ts";
import type { Status } from "../operations/read_status.ts";

/** The commands to type next, likeliest first. */
export function nextCommands({ next }: Pick<Status, "next">, mainRepo: string): readonly string[] {
  return next.map((action) => commandFor(action, mainRepo));
}

/** The same at the end of a run, with the plan to read first. */
export function nextSteps(
  { next, folder, plan }: Pick<Status, "next" | "folder" | "plan">,
  mainRepo: string,
): readonly string[] {
  const isPlanDue = plan !== undefined && next.some(({ verb }) => verb === "approve");
  return [...(isPlanDue ? [`Read ${join(folder, plan.path)}`] : []), ...nextCommands({ next }, mainRepo)];
}

/** The hint of an error with its commands, on one line. */
export function hintOf({ hint, actions }: SamocodeError): string {
  if (actions.length === 0) return hint;
  return `${hint}: ${actions.map((action) => commandFor(action, ".")).join(", or ")}`;
}

/** The command line for an action. */
export function commandFor(action: Action, mainRepo: string): string {
  switch (action.verb) {
    case "answer":
    case "approve":
    case "logs":
    case "run":
    case "status":
    case "stop":
      return `samocode ${action.verb} ${action.session}`;
    case "revise":
      return `samocode approve ${action.session} --reject "what to change"`;
    case "resume":
      return `samocode run ${action.session}`;
    case "raise_budget":
      return `SAMOCODE_MAX_COST=… samocode run ${action.session}`;
    case "guide":
      return `samocode guide ${action.session} "what the agent should know"`;
    case "wait":
      return `samocode status ${action.session} --watch`;
    case "review":
      // Three dots show only what the session did, not what the checkout has gained since.
      return `git -C ${shellWord(mainRepo)} diff ...${action.branch}`;
    case "start":
      return 'samocode run --session NAME --task "…"';
    case "trust":
      return `samocode trust --config ${shellWord(action.projectFile)}`;
    case "init":
    case "doctor":
    case "demo":
      return `samocode ${action.verb}`;
  }
}
