/**
 * What a decision depends on, read from the journal and the documents as they are now.
 *
 * @module
 */
import type { LoopState } from "../workflow/decide.ts";
import { boundDocuments, type Gate, isGateOpen } from "../workflow/gates.ts";
import { summaryOf } from "../workflow/history.ts";
import { PHASES } from "../workflow/phases.ts";
import { teamOf } from "../workflow/fallback.ts";
import { gateDocuments, readPlan } from "../session/documents.ts";
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
    brokenGate: brokenGate(folder),
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

/** Where the session is behind a gate, and not back in the phase before it, the document there must be as it was opened. */
function brokenGate({ history, layout }: SessionFolder): Gate | undefined {
  for (const [gate, { document, sha256 }] of boundDocuments(history.gates)) {
    if (PHASES[history.phase].gate !== gate && readPlan(layout, document)?.sha256 !== sha256) return gate;
  }
  return undefined;
}
