/**
 * Who works in the attempt that comes next: the phase's own provider, or who stands in for it.
 *
 * @module
 */
import { type History, nextAttempt } from "../workflow/history.ts";
import { fallbackFor } from "../workflow/fallback.ts";
import type { LoopContext, PhaseProvider } from "./loop_context.ts";

/** Finds the provider of the next attempt. */
export function whoWorks(history: History, { providerFor, fallbackProvider, now }: LoopContext): PhaseProvider {
  const { phase, fallback } = history;
  const own = providerFor(phase);
  const { attempt } = nextAttempt(history);
  const name = fallbackFor(own.provider.name, { fallback, attempt, now: now() });
  // The settings may name another one by now, or none.
  return name === undefined || name !== fallbackProvider ? own : providerFor(phase, name);
}
