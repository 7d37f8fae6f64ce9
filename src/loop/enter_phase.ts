/**
 * Entering a phase: the only place where the notebook's Phase is changed on purpose.
 *
 * @module
 */
import type { Phase } from "../workflow/phases.ts";
import type { SessionEvent } from "../workflow/session_event.ts";
import type { SessionFolder } from "../session/session_folder.ts";

/** Enters a phase. The record comes first: it wins over the notebook if the worker dies in between. */
export async function* enterPhase(
  folder: SessionFolder,
  { phase, by }: { readonly phase: Phase; readonly by: "worker" | "human" },
): AsyncGenerator<SessionEvent> {
  yield { type: "phase.entered", phase, from: folder.history.phase, by };
  folder.updateNotebook({ Phase: phase, Iteration: 0, Blocked: "no" });
}
