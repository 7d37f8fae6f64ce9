/**
 * What leads out of a phase: entering another one, or reaching a gate.
 *
 * @module
 */
import { gateOpenedBy, gateRule } from "../workflow/gates.ts";
import type { Pause } from "../workflow/history.ts";
import { isPreparation, needsTicks, type Phase, PHASES } from "../workflow/phases.ts";
import { openQuestions } from "../workflow/questions.ts";
import type { SessionEvent } from "../workflow/session_event.ts";
import { openStepsOf, readGateDocument, readPlan } from "../session/documents.ts";
import type { SessionFolder } from "../session/session_folder.ts";

/** Enters a phase. The event comes first: if the worker dies in between, the journal wins over the notebook. */
export async function* enterPhase(
  folder: SessionFolder,
  entry: Pick<Extract<SessionEvent, { type: "phase.entered" }>, "phase" | "by" | "because" | "waived">,
): AsyncGenerator<SessionEvent> {
  const { phase } = entry;
  yield { type: "phase.entered", from: folder.history.phase, ...entry };
  notePhase(folder, phase);
}

/** Writes a phase that was entered into the notebook. */
export function notePhase(folder: SessionFolder, phase: Phase): void {
  folder.updateNotebook({ Phase: phase, Iteration: 0, Blocked: "no" });
}

/**
 * What a human does by moving a session to another phase: they open the gate of this one, and leave out the steps of the
 * plan that are open where the session is moved beyond them. Each event must be recorded before the next one is asked for.
 *
 * @param move.plan What they were shown of a plan that is carried out from then on.
 */
export function* moveByHand(
  folder: SessionFolder,
  phase: Phase,
  { by, plan }: { readonly by: string; readonly plan: PassedPlan | undefined },
): Generator<SessionEvent> {
  const { phase: from } = folder.history;
  const opened = [PHASES[from].gate, plan && PLAN_GATE].filter((gate, index, all) => all.indexOf(gate) === index);
  for (const gate of opened) {
    if (gate === undefined) continue;
    const { document, sha256 }: Partial<PassedPlan> = gate === PLAN_GATE && plan || {};
    yield { type: "gate.opened", gate, by, document, sha256 };
  }
  const waived = needsTicks(phase) ? openStepsOf(folder.layout, folder.history) : [];
  yield { type: "phase.entered", phase, from, by: "human", ...(waived.length > 0 && { waived }) };
}

/** A plan that is carried out once a session was moved past its gate. */
export interface PassedPlan {
  readonly document: string;
  readonly sha256: string;
}

/** The plan that a session carries out if it is moved to a phase by hand; `undefined` if it passes none. */
export function planPassed({ history, layout }: SessionFolder, to: Phase): PassedPlan | undefined {
  if (!isPreparation(history.phase) || isPreparation(to)) return undefined;
  const plan = readPlan(layout);
  return plan && { document: plan.name, sha256: plan.sha256 };
}

/** The same as a human last saw it: approved, or shown at its gate. What nobody was shown is taken as it is. */
export function planSeen(folder: SessionFolder, to: Phase): PassedPlan | undefined {
  const { gates, pause, shown, phase } = folder.history;
  const { document, sha256 } = gates[PLAN_GATE] ?? (pause?.gate === PLAN_GATE ? shown : undefined) ?? {};
  const isSeen = document !== undefined && sha256 !== undefined && isPreparation(phase) && !isPreparation(to);
  return isSeen ? { document, sha256 } : planPassed(folder, to);
}

const PLAN_GATE = gateOpenedBy("approve");

/**
 * Records that a gate was reached, and what the human is shown there, so that no other text can pass for it later.
 * Records nothing if no gate is concerned or the session already waits at it.
 */
export async function* gateReached(folder: SessionFolder, pause: Pause): AsyncGenerator<SessionEvent> {
  const { gate, wants } = pause;
  if (gate === undefined || folder.history.pause?.gate === gate) return;
  const document = readGateDocument(gate, folder.layout);
  const asked = gateRule(gate).document === "questions" &&
    { openQuestions: openQuestions(document?.text ?? "").length };
  yield { type: "gate.reached", gate, wants, document: document?.name, sha256: document?.sha256, ...asked };
}
