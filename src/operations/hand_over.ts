/**
 * Decisions about a session that runs elsewhere: read-only checks run here, everything else there.
 *
 * @module
 */
import { type Act, onlyACopy } from "../session/elsewhere.ts";
import type { SessionFolder } from "../session/session_folder.ts";
import { SamocodeError } from "../text/errors.ts";

/**
 * Forwards a decision about a session that runs elsewhere.
 *
 * @param by Who decided; recorded in the session's journal.
 * @returns `false` for a session on this machine.
 * @throws {SamocodeError} If the decision is refused there.
 */
export async function handOver(folder: SessionFolder, act: Act, by: string): Promise<boolean> {
  const { elsewhere } = folder;
  if (elsewhere === undefined) return false;
  const { ok, text, hint } = await elsewhere.act(act, by);
  folder.journal.refresh();
  if (!ok) throw new SamocodeError("conflict", text, { hint });
  return true;
}

/** Locks a session on this machine; one that runs elsewhere is locked there. */
export async function lockIfHere(folder: SessionFolder): Promise<Disposable | undefined> {
  return folder.elsewhere === undefined ? await folder.lock() : undefined;
}

/**
 * Refuses operations on a repository: a copy has none.
 *
 * @throws {SamocodeError} If the session runs elsewhere.
 */
export function refuseCopy({ elsewhere, name }: SessionFolder): void {
  if (elsewhere !== undefined) throw onlyACopy(name);
}
