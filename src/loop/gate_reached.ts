/**
 * Reaching a gate: what the human is shown is put on record, so that later nobody can pass another text off as it.
 *
 * @module
 */
import { gateRule } from "../workflow/gates.ts";
import type { Pause } from "../workflow/history.ts";
import { openQuestions } from "../workflow/questions.ts";
import type { SessionEvent } from "../workflow/session_event.ts";
import { readGateDocument } from "../session/documents.ts";
import type { SessionFolder } from "../session/session_folder.ts";

/** Records that a gate was reached; nothing where no gate is concerned, or the session rests at it already. */
export async function* gateReached(folder: SessionFolder, pause: Pause): AsyncGenerator<SessionEvent> {
  const { gate, wants } = pause;
  if (gate === undefined || folder.history.pause?.gate === gate) return;
  const document = readGateDocument(gate, folder.layout);
  const asked = gateRule(gate).document === "questions" &&
    { openQuestions: openQuestions(document?.text ?? "").length };
  yield { type: "gate.reached", gate, wants, document: document?.name, sha256: document?.sha256, ...asked };
}
