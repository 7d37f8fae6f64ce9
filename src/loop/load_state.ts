/**
 * What a decision depends on, read from the journal and the documents as they are now.
 *
 * @module
 */
import type { LoopState } from "../workflow/decide.ts";
import { summaryOf } from "../workflow/history.ts";
import { PHASES } from "../workflow/phase.ts";
import { openQuestions } from "../workflow/questions.ts";
import { readPlan, readQuestionsDocument } from "../session/documents.ts";
import type { SessionFolder } from "../session/session_folder.ts";
import type { LoopContext } from "./loop_context.ts";

/** Reads the state; takes in what other processes appended to the journal. */
export function loadState(folder: SessionFolder, context: LoopContext): LoopState {
  folder.journal.refresh();
  const { history } = folder;
  const open = openQuestions(readQuestionsDocument(folder.layout)?.text ?? "").length;
  const plan = readPlan(folder.layout);
  return {
    phase: history.phase,
    iterationsInStay: history.iterationsInStay,
    gateOpen: isGateOpen(),
    openQuestions: open,
    hasPlan: plan !== undefined,
    pause: history.pause,
    repairs: history.repairs,
    failures: history.failures,
    summary: summaryOf(history),
    stopRequestedBy: history.stopRequestedBy,
    costUsd: history.usage.costUsd ?? 0,
    maxCostUsd: context.maxCostUsd,
    policy: context.policy,
    now: context.now(),
  };

  /** An opened gate holds only for what the human saw: no question still open, the very text of the plan. */
  function isGateOpen(): boolean {
    const { gate } = PHASES[history.phase];
    if (gate === undefined) return true;
    const opened = history.gates[gate];
    if (opened === undefined) return false;
    if (gate === "qa_answers") return open === 0;
    // Who moved the notebook's phase by hand approved whatever is there.
    if (opened.sha256 === undefined) return true;
    return plan !== undefined && opened.document === plan.name && opened.sha256 === plan.sha256;
  }
}
