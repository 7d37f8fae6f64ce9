/**
 * Room on disks.
 *
 * @module
 */
import { statfsSync } from "node:fs";
import { SamocodeError, unlessFailing } from "../../text/errors.ts";

/** Enough for what is written before and after an agent's work. */
const NEEDED_BYTES = 64 * 1024;

/** From errno(3): the disk is full, or the user's share of it. */
const CODES: ReadonlySet<unknown> = new Set(["ENOSPC", "EDQUOT"]);

/** Tells whether an error, or one below it, says that a disk is full. */
export function isOutOfRoom(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return ("code" in error && CODES.has(error.code)) || isOutOfRoom(error.cause);
}

/**
 * Asks whether the disk of each folder has room. Another reason why nothing can be written there, such as a quota, is
 * left to whoever writes.
 *
 * @throws {SamocodeError} If the disk of one is full.
 */
export function checkRoom(folders: readonly string[]): void {
  for (const folder of folders) {
    const disk = unlessFailing(() => statfsSync(folder));
    if (disk === undefined) continue;
    // A file system that counts no files has none at all.
    const hasFiles = disk.files === 0 || disk.ffree > 0;
    if (disk.bavail * disk.bsize >= NEEDED_BYTES && hasFiles) continue;
    throw outOfRoom(
      `Cannot go on: the disk of ${folder} is full`,
      Object.assign(new Error("no room"), { code: "ENOSPC" }),
    );
  }
}

/** What is told of a session that a full disk cuts short. */
export function outOfRoom(message: string, cause: unknown): SamocodeError {
  const hint = "Make room, then run the session again; a supervisor does that by itself";
  return new SamocodeError("system", message, { hint, cause });
}
