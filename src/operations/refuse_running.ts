/**
 * A decision that comes too late, as somebody else has made it: the session is at work again.
 *
 * @module
 */
import type { SessionFolder } from "../session/session_folder.ts";
import { SamocodeError } from "../text/errors.ts";
import { hintFor } from "../workflow/next_action.ts";
import { statusOf } from "./read_status.ts";

/**
 * Refuses it in words about the session, before its lock does in words about a process.
 *
 * @param act What cannot be done, as in `approve`.
 * @throws {SamocodeError} If the session is running.
 */
export function refuseRunning(folder: SessionFolder, act: string): void {
  folder.journal.refresh();
  const { session, state, phase, next } = statusOf(folder);
  if (state !== "running") return;
  const what = `Cannot ${act}: ${session} waits for nobody now, it is running in ${phase}`;
  throw new SamocodeError("conflict", what, hintFor(next));
}
