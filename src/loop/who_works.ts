/**
 * Who works in the attempt that comes next: the phase's own provider, or who stands in for it.
 *
 * @module
 */
import { type History, nextAttempt } from "../workflow/history.ts";
import { standInFor } from "../workflow/stand_in.ts";
import type { LoopContext, PhaseProvider } from "./loop_context.ts";

/** Finds the provider of the next attempt. */
export function whoWorks(history: History, { providerFor, fallback, now }: LoopContext): PhaseProvider {
  const { phase, standIn } = history;
  const own = providerFor(phase);
  const { attempt } = nextAttempt(history);
  const name = standInFor(own.provider.name, { standIn, attempt, now: now() });
  // The settings may name another one by now, or none.
  return name === undefined || name !== fallback ? own : providerFor(phase, name);
}
