/**
 * What leads out of a phase: entering another one, or reaching a gate.
 *
 * @module
 */
import { gateRule } from "../workflow/gates.ts";
import type { Pause } from "../workflow/history.ts";
import { openQuestions } from "../workflow/questions.ts";
import type { SessionEvent } from "../workflow/session_event.ts";
import { readGateDocument } from "../session/documents.ts";
import type { SessionFolder } from "../session/session_folder.ts";

/** Enters a phase. The event comes first: if the worker dies in between, the journal wins over the notebook. */
export async function* enterPhase(
  folder: SessionFolder,
  entry: Pick<Extract<SessionEvent, { type: "phase.entered" }>, "phase" | "by" | "because" | "waived">,
): AsyncGenerator<SessionEvent> {
  const { phase } = entry;
  yield { type: "phase.entered", from: folder.history.phase, ...entry };
  folder.updateNotebook({ Phase: phase, Iteration: 0, Blocked: "no" });
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
