/**
 * Renders actions as command lines.
 *
 * @module
 */
import { join } from "node:path";
import type { SamocodeError } from "../text/errors.ts";
import { commandFor } from "../text/action.ts";
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
