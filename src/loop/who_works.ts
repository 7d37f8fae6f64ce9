/**
 * Which agent runs the next attempt: the phase's own, or its fallback.
 *
 * @module
 */
import type { History } from "../workflow/history.ts";
import { nextAttempt } from "../workflow/attempt.ts";
import { fallbackFor } from "../workflow/retry.ts";
import type { LoopContext, PhaseAgent } from "./loop_context.ts";

/** Finds the agent of the next attempt. */
export function whoWorks(history: History, { agentFor, fallbackProvider, now }: LoopContext): PhaseAgent {
  const { phase, fallback } = history;
  const own = agentFor(phase);
  const { attempt } = nextAttempt(history);
  const name = fallbackFor(own.runner.name, { fallback, attempt, now: now() });
  // The settings may name a different fallback by now, or none.
  return name === undefined || name !== fallbackProvider ? own : agentFor(phase, name);
}
