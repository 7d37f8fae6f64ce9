/**
 * A file as it was read once: its text, the hash of that very text, and whose it is.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { messageOf, SamocodeError } from "../text/errors.ts";
import { MAX_TEXT_BYTES, readUpTo, statIfExists } from "../system/files/files.ts";

/** A file, read once. */
export interface SeenFile {
  readonly path: string;
  /** Bytes that are no UTF-8 are replaced; the hash is of the bytes. */
  readonly text: string;
  /** SHA-256, hexadecimal; empty for what is no file of a sensible size, which is never trusted. */
  readonly sha256: string;
  /** The owner's id; `undefined` where the system has none. */
  readonly owner: number | undefined;
}

/** Reads a file. Its owner and its content are those of one opened file: nothing can be put in its place between. */
export function seeFile(path: string): SeenFile | undefined {
  const found = statIfExists(path);
  if (found === undefined) return undefined;
  // Opening a pipe would hang.
  if (!found.isFile) return { path, text: "", sha256: "", owner: found.uid ?? undefined };
  using file = open(path);
  const { uid, size } = file.statSync();
  const owner = uid ?? undefined;
  const bytes = readUpTo(file, Math.min(size, MAX_TEXT_BYTES + 1));
  if (bytes.length > MAX_TEXT_BYTES) return { path, text: "", sha256: "", owner };
  return { path, text: new TextDecoder().decode(bytes), sha256: hashOf(bytes), owner };
}

function open(path: string): Deno.FsFile {
  try {
    return Deno.openSync(path, { read: true });
  } catch (error) {
    throw new SamocodeError("system", `Cannot read ${path}: ${messageOf(error)}`, {
      hint: "Give yourself the right to read it",
      cause: error,
    });
  }
}

/** SHA-256, hexadecimal. */
export function hashOf(content: Uint8Array | string): string {
  return createHash("sha256").update(content).digest("hex");
}

/**
 * Tells whether a file may be this user's own: theirs, the system's, or, under sudo, that of whoever typed it. A user's
 * file is none for root.
 */
export function isOwn(owner: number | undefined, env: Readonly<Record<string, string>>): boolean {
  if (owner === undefined || owner === 0) return true;
  const user = Deno.uid();
  return owner === user || (user === 0 && env["SUDO_UID"] === String(owner));
}
