/**
 * The context of an attempt: a file in the program's cache while the attempt runs, because prompts belong in no log.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { dirname, join } from "node:path";
import { removeFolder } from "../system/files/files.ts";

/** Whose context it is. */
export interface ContextOwner {
  readonly cacheFolder: string;
  readonly sessionFolder: string;
}

/** Writes a context that only its owner can read; returns the file's path. */
export function writeContext(
  owner: ContextOwner,
  { marker, text }: { readonly marker: string; readonly text: string },
): string {
  const path = join(folderOf(owner), `${marker}.md`);
  Deno.mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  Deno.writeTextFileSync(path, text, { mode: 0o600, createNew: true });
  return path;
}

/**
 * Removes a session's contexts; only its worker may. What cannot be removed now is left to the next attempt or run: it is
 * no reason to end a session. The folder stays, since a new one in each attempt costs a millisecond.
 */
export function clearContexts(owner: ContextOwner): void {
  const folder = folderOf(owner);
  try {
    // An agent may have put a link there; what it leads to is not the program's.
    if (!Deno.lstatSync(folder).isDirectory) return removeFolder(folder);
    for (const { name } of Deno.readDirSync(folder)) removeFolder(join(folder, name));
  } catch {
    // Usually there is none.
  }
}

/** Removes their folder as well, where a run begins or ends. */
export function removeContexts(owner: ContextOwner): void {
  removeFolder(folderOf(owner));
}

function folderOf({ cacheFolder, sessionFolder }: ContextOwner): string {
  const session = createHash("sha256").update(sessionFolder).digest("hex").slice(0, 16);
  return join(cacheFolder, "context", session);
}
