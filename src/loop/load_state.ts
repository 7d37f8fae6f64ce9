/**
 * What a decision depends on, read from the journal and the documents as they are now.
 *
 * @module
 */
import type { LoopState } from "../workflow/decide.ts";
import { isGateOpen } from "../workflow/gates.ts";
import { summaryOf } from "../workflow/history.ts";
import { PHASES } from "../workflow/phases.ts";
import { teamOf } from "../workflow/fallback.ts";
import { gateDocuments } from "../session/documents.ts";
import type { SessionFolder } from "../session/session_folder.ts";
import type { LoopContext } from "./loop_context.ts";

/** Reads the state; takes in what other processes appended to the journal. */
export function loadState(folder: SessionFolder, context: LoopContext): LoopState {
  folder.journal.refresh();
  const { history } = folder;
  const { gate } = PHASES[history.phase];
  const documents = gateDocuments(folder.layout);
  const gateOpen = gate === undefined || isGateOpen(gate, history.gates, documents);
  return {
    phase: history.phase,
    iterationsInStay: history.iterationsInStay,
    entries: history.entries,
    gateOpen,
    isShutAgain: gate !== undefined && !gateOpen && history.gates[gate] !== undefined,
    ...documents,
    pause: history.pause,
    repairs: history.repairs,
    failures: history.failures,
    summary: summaryOf(history),
    stopRequestedBy: history.stopRequestedBy,
    costUsd: history.usage.costUsd ?? 0,
    maxCostUsd: context.maxCostUsd,
    policy: context.policy,
    team: teamOf(history, {
      own: context.agentFor(history.phase).runner.name,
      fallbackProvider: context.fallbackProvider,
    }),
    now: context.now(),
  };
}
