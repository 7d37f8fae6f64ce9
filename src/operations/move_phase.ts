/**
 * Moves a session at rest to another phase. Only a person may: that opens the gate in between, and leaves out what is
 * not ticked.
 *
 * @module
 */
import { moveByHand, notePhase } from "../loop/transitions.ts";
import type { SessionFolder } from "../session/session_folder.ts";
import { SamocodeError } from "../text/errors.ts";
import { AGENT_PHASES, isAgentPhase, type Phase, readPhase } from "../workflow/phases.ts";
import { type Status, statusOf } from "./read_status.ts";

/**
 * Records the move; the next run works in that phase.
 *
 * @param request.by Who moved it; recorded in the journal.
 * @throws {SamocodeError} If there is no such phase, the session is in it, or it is running or has not begun.
 */
export async function movePhase(
  folder: SessionFolder,
  { to, by }: { readonly to: string; readonly by: string },
): Promise<Status> {
  const phase = readPhase(to);
  if (phase === undefined || !isAgentPhase(phase)) {
    throw new SamocodeError(
      "usage",
      `Cannot move ${folder.name} to ${JSON.stringify(to.slice(0, 80))}: no such phase`,
      {
        hint: `Name one of ${AGENT_PHASES.join(", ")}`,
      },
    );
  }
  await record(folder, phase, by);
  return statusOf(folder);
}

async function record(folder: SessionFolder, phase: Phase, by: string): Promise<void> {
  using _lock = await folder.lock();
  const { phase: from, outcome } = folder.history;
  if (!isAgentPhase(from)) {
    throw new SamocodeError("conflict", `Cannot move ${folder.name}: it has not begun`, {
      hint: "Let it begin",
      actions: [{ verb: "resume", session: folder.name }],
    });
  }
  if (phase === from && outcome?.kind !== "done") {
    throw new SamocodeError("conflict", `Cannot move ${folder.name} to ${phase}: it is there already`, {
      hint: "Continue it there",
      actions: [{ verb: "resume", session: folder.name }],
    });
  }
  // The notebook first: if only that is written, the next run takes it for a move by hand, which it is.
  notePhase(folder, phase);
  for (const event of moveByHand(folder, phase, { by })) folder.journal.append(event);
}
