/**
 * What may be done in a place: nothing behind a link that leads out of it, nothing while another installation is at work,
 * and no file but in one step, so that a kill at any moment leaves the old one, the new one, or a leftover that the next
 * installation knows by its name.
 *
 * @module
 */
import { dirname, join } from "node:path";
import { messageOf, SamocodeError } from "../../text/errors.ts";
import { isInside, lstatIfExists, statIfExists, writeAtomic } from "../../system/files/files.ts";
import { openToLock } from "../../system/files/folder_lock.ts";
import { shellWord } from "../../text/shell_word.ts";
import type { Place } from "./place.ts";

/** Why a path in a place cannot be reached: on the way to it is a link that leads out, or no folder. */
export function obstacleTo({ root, boundary }: Place, path: string): string | undefined {
  let above = dirname(join(root, path));
  while (lstatIfExists(above) === undefined && above !== dirname(above)) above = dirname(above);
  if (!statIfExists(above)?.isDirectory) return `${above} is no folder`;
  // Where the place itself is not there yet, what is above it is the person's own affair.
  if (!isInside(root, above) || isInside(Deno.realPathSync(boundary), Deno.realPathSync(above))) return undefined;
  return `${above} leads out of ${boundary}`;
}

/**
 * Waits until nobody else installs there. What is locked is the folder above: the place itself may not be there yet, or
 * may be about to go.
 *
 * @throws {SamocodeError} Where that folder cannot be locked.
 */
export function lockPlace(root: string, { os = Deno.build.os }: { readonly os?: string } = {}): Disposable {
  const above = dirname(root);
  try {
    const held = openToLock(above, { os });
    held.lockSync(true);
    // Closing it unlocks it.
    return held;
  } catch (error) {
    throw new SamocodeError("system", `Cannot install in ${root}: ${messageOf(error)}`, {
      hint: `Make the folder above it: mkdir -p ${shellWord(above)}`,
      cause: error,
    });
  }
}

/** Behind the name of what is not finished. Under the lock there is one writer, so one name is enough. */
export const UNFINISHED = ".samocode-new";

/**
 * Writes a file beside its place and renames it.
 *
 * @throws {SamocodeError} When the disk refuses; what was there is untouched then.
 */
export function putFile(path: string, bytes: Uint8Array): void {
  const hint = "Check the disk's free space and the folder's permissions, then type the command again: it goes on";
  writeAtomic(path, bytes, { temporary: `${path}${UNFINISHED}`, hint });
}
