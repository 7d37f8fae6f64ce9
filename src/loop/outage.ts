/**
 * Looks for the end of an outage before an agent is started.
 *
 * @module
 */
import type { LoopEvent } from "../workflow/decision.ts";
import type { SessionFolder } from "../session/session_folder.ts";
import type { LoopContext } from "./loop_context.ts";
import { whoWorks } from "./who_works.ts";

/**
 * Asks, if the last agent could not reach its service, whether the next one can. If not, returns what an attempt would
 * have come to: none is made. A service that answered, if only that it is overloaded, is left to the agent.
 */
export async function outageGoesOn(
  { history }: SessionFolder,
  context: LoopContext,
): Promise<LoopEvent | undefined> {
  const { outage, attempt, workplace } = history;
  const wasReached = attempt?.end?.kind !== "crashed" || attempt.end.cause !== "network";
  if (outage === undefined || workplace === undefined || wasReached) return undefined;
  const detail = await whoWorks(history, context).whyUnreachable(workplace.path, context.abort);
  if (detail === undefined) return undefined;
  const end = { kind: "crashed", cause: "network", detail, exitCode: undefined } as const;
  return { kind: "ended", end, reading: { kind: "missing" } };
}
