/**
 * One installation at a time in a place.
 *
 * @module
 */
import { dirname } from "node:path";
import { messageOf, SamocodeError } from "../system/errors.ts";

/**
 * Waits until nobody else installs there. What is locked is the folder above: the place itself may not be there yet,
 * or may be about to go, and a lock file would be something to leave behind.
 *
 * @throws {SamocodeError} Where that folder cannot be opened.
 */
export function lockPlace(root: string): Disposable {
  // A folder cannot be opened there; two installations at once are then up to the person.
  if (Deno.build.os === "windows") return { [Symbol.dispose]: () => {} };
  const above = dirname(root);
  try {
    const folder = Deno.openSync(above, { read: true });
    folder.lockSync(true);
    // Closing it unlocks it.
    return folder;
  } catch (error) {
    throw new SamocodeError("system", `Cannot install in ${root}: ${messageOf(error)}`, {
      hint: `Make the folder above it: mkdir -p ${above}`,
      cause: error,
    });
  }
}
