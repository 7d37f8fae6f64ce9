/**
 * Reads what a decision depends on from the journal and the documents.
 *
 * @module
 */
import type { LoopEvent, LoopState } from "../workflow/decision.ts";
import { boundDocuments, type Gate, gateRule, isGateOpen } from "../workflow/gates.ts";
import { summaryOf } from "../workflow/history.ts";
import { PHASES } from "../workflow/phases.ts";
import { lastStall } from "../workflow/progress.ts";
import { teamOf } from "../workflow/retry.ts";
import { gateDocuments, openStepsOf, readPlan } from "../session/documents.ts";
import { reasonOf } from "../agents/supervision.ts";
import { findMissing } from "../session/find_missing.ts";
import { readCheckout } from "../session/work_state.ts";
import type { SessionFolder } from "../session/session_folder.ts";
import { hasNewBudget, overBudget } from "./budget.ts";
import type { LoopContext } from "./loop_context.ts";
import { whoWorks } from "./who_works.ts";

/** Reads the state as it is now, with what other processes have appended to the journal. */
export async function loadState(folder: SessionFolder, context: LoopContext, event: LoopEvent): Promise<LoopState> {
  const saysDone = event.kind === "ended" && event.reading.kind === "signal" && event.reading.signal.status === "done";
  const missing = saysDone ? await findMissing(folder) : [];
  folder.journal.refresh();
  const { history } = folder;
  const mayLeadOn = event.kind === "ended" && event.reading.kind === "signal";
  const { gate } = PHASES[history.phase];
  const documents = gateDocuments(folder.layout);
  const gateOpen = gate === undefined || isGateOpen(gate, history.gates, documents) ||
    // What was shown at a gate must not vanish to open it.
    (history.pause?.gate !== gate && !gateRule(gate).isNeeded(documents));
  return {
    ...history,
    session: folder.name,
    // A check or a wait may have been cut short by it.
    stopRequestedBy: context.abort.aborted ? reasonOf(context.abort) : history.stopRequestedBy,
    ...documents,
    gateOpen,
    isClosedAgain: gate !== undefined && !gateOpen && history.gates[gate] !== undefined,
    brokenGate: brokenGate(folder),
    summary: summaryOf(history),
    overBudget: overBudget(folder, context),
    hasNewBudget: hasNewBudget(folder, context),
    openSteps: openStepsOf(folder.layout, history),
    missing,
    tree: mayLeadOn && history.evidence.round !== undefined ? (await readCheckout(folder)).tree : "",
    stall: lastStall(history.progress),
    policy: context.policy,
    team: teamOf(history, {
      own: context.agentFor(history.phase).runner.name,
      fallbackProvider: context.fallbackProvider,
    }),
    // Another provider need not wait for this one's limit.
    rest: history.rest !== undefined && whoWorks(history, context).runner.name === history.attempt?.provider
      ? history.rest
      : undefined,
    now: context.now(),
    random: context.random(),
  };
}

/** The gate whose approved document has changed, unless the session is back in the phase that writes it. */
function brokenGate({ history, layout }: SessionFolder): Gate | undefined {
  return boundDocuments(history.gates).find(({ gate, document, sha256 }) =>
    PHASES[history.phase].gate !== gate && readPlan(layout, document)?.sha256 !== sha256
  )?.gate;
}
