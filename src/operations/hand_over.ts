/**
 * Decisions about a session that lives elsewhere: the checks that read are done here, and the rest where it is.
 *
 * @module
 */
import { type Act, onlyACopy } from "../session/elsewhere.ts";
import type { SessionFolder } from "../session/session_folder.ts";
import { SamocodeError } from "../text/errors.ts";

/**
 * Hands a decision over.
 *
 * @param by Who decided; recorded in the journal there.
 * @returns Whether it was handed over; `false` for a session that is here.
 * @throws {SamocodeError} If it is refused there.
 */
export async function handOver(folder: SessionFolder, act: Act, by: string): Promise<boolean> {
  const { elsewhere } = folder;
  if (elsewhere === undefined) return false;
  const { ok, text, hint } = await elsewhere.act(act, by);
  folder.journal.refresh();
  if (!ok) throw new SamocodeError("conflict", text, { hint });
  return true;
}

/** Takes the lock of a session that is here; that of another is where it is. */
export async function lockIfHere(folder: SessionFolder): Promise<Disposable | undefined> {
  return folder.elsewhere === undefined ? await folder.lock() : undefined;
}

/**
 * Refuses what is done with a repository: there is none where a copy is.
 *
 * @throws {SamocodeError} If the session lives elsewhere.
 */
export function refuseCopy({ elsewhere, name }: SessionFolder): void {
  if (elsewhere !== undefined) throw onlyACopy(name);
}
