/**
 * Locks a folder against other processes without leaving a lock file.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { platform } from "../platform.ts";
import { openOwnFile } from "./files.ts";

/**
 * Waits for the lock and holds it until the returned value is disposed or the process ends.
 *
 * @throws {Deno.errors.NotFound} If there is no such folder.
 * @throws {Error} If the file system has no locks.
 */
export async function lockFolder(folder: string): Promise<Disposable> {
  const held = openToLock(folder);
  try {
    await held.lock(true);
    return held;
  } catch (error) {
    held.close();
    throw error;
  }
}

/** Waits for a lock that is a file of its own, made if it is not there, and holds it until it is disposed. */
export async function lockFile(path: string): Promise<Disposable> {
  const held = openOwnFile(path, { read: true, write: true, create: true, mode: 0o600 });
  try {
    await held.lock(true);
    return held;
  } catch (error) {
    held.close();
    throw error;
  }
}

/** Opens what is locked: the folder itself, or on Windows, which cannot open folders, a temporary file named after it. */
export function openToLock(folder: string, { os = Deno.build.os }: { readonly os?: string } = {}): Deno.FsFile {
  if (platform(os).opensFolders) return Deno.openSync(folder, { read: true });
  // Paths on Windows are case-insensitive.
  const name = createHash("sha256").update(Deno.realPathSync(folder).toLowerCase()).digest("hex").slice(0, 16);
  return Deno.openSync(join(tmpdir(), `samocode-${name}.lock`), { read: true, write: true, create: true });
}
