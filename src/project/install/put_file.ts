/**
 * Puts a file into its place in one step, so that a kill at any moment leaves the old one, the new one, or a leftover
 * that the next installation knows by its name.
 *
 * @module
 */
import { messageOf, SamocodeError } from "../../system/errors.ts";
import { removeIfExists, writeAll } from "../../system/files/files.ts";

/** Behind the name of what is not finished. Under the lock there is one writer, so one name is enough. */
export const UNFINISHED = ".samocode-new";

/**
 * Writes a file beside its place and renames it.
 *
 * @throws {SamocodeError} When the disk refuses; what was there is untouched then.
 */
export function putFile(path: string, bytes: Uint8Array): void {
  const unfinished = `${path}${UNFINISHED}`;
  try {
    removeIfExists(unfinished);
    // `createNew` follows no link.
    using file = Deno.openSync(unfinished, { write: true, createNew: true, mode: 0o644 });
    writeAll(file, bytes);
    file.syncDataSync();
    Deno.renameSync(unfinished, path);
  } catch (error) {
    throw new SamocodeError("system", `Cannot write ${path}: ${messageOf(error)}`, {
      hint: "Check the disk's free space and the folder's permissions, then type the command again: it goes on",
      cause: error,
    });
  }
}
