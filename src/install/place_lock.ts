/**
 * One installation at a time in a place.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { messageOf, SamocodeError } from "../system/errors.ts";
import { platform } from "../system/platform.ts";

/**
 * Waits until nobody else installs there. What is locked is the folder above: the place itself may not be there yet,
 * or may be about to go, and a lock file would be something to leave behind. Windows opens no folders; there it is an
 * empty file in this user's folder for temporary files, named after the place.
 *
 * @throws {SamocodeError} Where that folder or file cannot be opened.
 */
export function lockPlace(root: string, { os = Deno.build.os }: { readonly os?: string } = {}): Disposable {
  const above = dirname(root);
  try {
    const held = platform(os).opensFolders
      ? Deno.openSync(above, { read: true })
      : Deno.openSync(lockFileFor(root), { read: true, write: true, create: true });
    held.lockSync(true);
    // Closing it unlocks it.
    return held;
  } catch (error) {
    throw new SamocodeError("system", `Cannot install in ${root}: ${messageOf(error)}`, {
      hint: `Make the folder above it: mkdir -p ${above}`,
      cause: error,
    });
  }
}

/** Windows does not tell upper from lower case. */
function lockFileFor(root: string): string {
  const name = createHash("sha256").update(root.toLowerCase()).digest("hex").slice(0, 16);
  return join(tmpdir(), `samocode-install-${name}.lock`);
}
