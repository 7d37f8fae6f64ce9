/**
 * One installation at a time in a place.
 *
 * @module
 */
import { dirname } from "node:path";
import { messageOf, SamocodeError } from "../../system/errors.ts";
import { openToLock } from "../../system/files/folder_lock.ts";
import { shellWord } from "../../text/shell_word.ts";

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
