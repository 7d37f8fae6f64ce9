/**
 * Work in a folder that only one process may do at a time, without a lock file to leave behind.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { platform } from "../platform.ts";

/**
 * Waits until nobody else holds the folder, then holds it until the returned value is disposed. Whatever ends the
 * process gives it back, too.
 *
 * @throws {Deno.errors.NotFound} Where there is no such folder.
 * @throws {Error} Where the file system knows no locks.
 */
export async function lockFolder(folder: string): Promise<Disposable> {
  const held = openToLock(folder);
  try {
    await held.lock(true);
    // Closing it unlocks it.
    return held;
  } catch (error) {
    held.close();
    throw error;
  }
}

/**
 * Opens what is locked in the place of a folder: the folder itself. Windows opens no folders; there it is an empty file
 * in this user's folder for temporary files, named after the folder.
 */
export function openToLock(folder: string, { os = Deno.build.os }: { readonly os?: string } = {}): Deno.FsFile {
  if (platform(os).opensFolders) return Deno.openSync(folder, { read: true });
  // Windows does not tell upper from lower case.
  const name = createHash("sha256").update(Deno.realPathSync(folder).toLowerCase()).digest("hex").slice(0, 16);
  return Deno.openSync(join(tmpdir(), `samocode-${name}.lock`), { read: true, write: true, create: true });
}
