/**
 * What leads out of a phase: entering another one, or reaching a gate.
 *
 * @module
 */
import { gateRule } from "../workflow/gates.ts";
import type { Pause } from "../workflow/history.ts";
import { needsTicks, type Phase, PHASES } from "../workflow/phases.ts";
import { openQuestions } from "../workflow/questions.ts";
import type { SessionEvent } from "../workflow/session_event.ts";
import { openStepsOf, readGateDocument } from "../session/documents.ts";
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
 */
export function* moveByHand(
  folder: SessionFolder,
  phase: Phase,
  { by }: { readonly by: string },
): Generator<SessionEvent> {
  const { phase: from } = folder.history;
  const { gate } = PHASES[from];
  if (gate !== undefined) yield { type: "gate.opened", gate, by, document: undefined, sha256: undefined };
  const waived = needsTicks(phase) ? openStepsOf(folder.layout, folder.history) : [];
  yield { type: "phase.entered", phase, from, by: "human", ...(waived.length > 0 && { waived }) };
}

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
