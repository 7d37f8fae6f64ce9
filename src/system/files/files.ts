/**
 * Reads and writes small files safely: never half a file, a device or a pipe, and never without a limit.
 *
 * @module
 */
import { dirname, isAbsolute, join, relative, resolve, sep } from "node:path";
import { messageOf, SamocodeError } from "../../text/errors.ts";
import { decodeText, encodeText } from "../../text/lossless_text.ts";
import { platform } from "../platform.ts";

/** The size limit of texts that people and agents write. */
export const MAX_TEXT_BYTES = 4 * 1024 * 1024;

/**
 * Replaces a file so that readers, even after a crash, see the old content or the new one. Keeps its mode.
 *
 * @param options `temporary` receives the new content first and is overwritten; `newMode` is the mode of a new file.
 * @throws {SamocodeError} If writing fails; the old content is kept.
 */
export function writeAtomic(
  path: string,
  content: string | Uint8Array,
  {
    temporary = join(dirname(path), `.${crypto.randomUUID()}.tmp`),
    hint = "Check the disk's free space and the folder's permissions; the old content is untouched",
    newMode = 0o644,
  }: { readonly temporary?: string; readonly hint?: string; readonly newMode?: number } = {},
): void {
  let isBegun = false;
  try {
    removeIfExists(temporary);
    const mode = modeOf(statIfExists(path));
    // `createNew` does not follow links.
    using file = Deno.openSync(temporary, { write: true, createNew: true, mode: mode ?? newMode });
    isBegun = true;
    writeAll(file, typeof content === "string" ? encodeText(content) : content);
    // The umask may have removed permissions.
    if (mode !== undefined && modeOf(file.statSync()) !== mode) Deno.chmodSync(temporary, mode);
    file.syncDataSync();
    Deno.renameSync(temporary, path);
  } catch (error) {
    if (isBegun) removeIfExists(temporary);
    throw new SamocodeError("system", `Cannot write ${path}: ${messageOf(error)}`, { hint, cause: error });
  }
}

/** Far longer than a write takes. */
const ABANDONED_MS = 3_600_000;

/** Removes temporary files of processes that were killed during {@linkcode writeAtomic}. */
export function removeAbandoned(folder: string): void {
  for (const { name } of Deno.readDirSync(folder)) {
    const path = join(folder, name);
    if (!/^\.[0-9a-f-]{36}\.tmp$/.test(name)) continue;
    if (Date.now() - (lstatIfExists(path)?.mtime?.getTime() ?? Infinity) > ABANDONED_MS) removeIfExists(path);
  }
}

/** The permissions of a file; `undefined` on systems without modes. */
function modeOf(stat: Deno.FileInfo | undefined): number | undefined {
  return typeof stat?.mode === "number" && platform().hasModes ? stat.mode & 0o777 : undefined;
}

/** Writes all bytes; `FsFile.writeSync` may write fewer. */
export function writeAll(file: Deno.FsFile, bytes: Uint8Array): void {
  for (let written = 0; written < bytes.length;) written += file.writeSync(bytes.subarray(written));
}

/** Reads at most `maxBytes` of a file. Reading a pipe or device could hang, so these are `"not-a-file"`. */
export function readBytesIfExists(path: string, maxBytes: number): Uint8Array | undefined | "not-a-file" {
  const stat = statIfExists(path);
  if (stat === undefined) return undefined;
  if (!stat.isFile) return "not-a-file";
  if (stat.size === 0) return new Uint8Array(0);
  using file = Deno.openSync(path, { read: true });
  return readUpTo(file, Math.min(maxBytes, stat.size));
}

/** Reads at most `maxBytes` of an open file. */
export function readUpTo(file: Deno.FsFile, maxBytes: number): Uint8Array {
  const bytes = new Uint8Array(maxBytes);
  return bytes.subarray(0, readInto(file, bytes));
}

/** Reads an open file until it ends or the buffer is full; returns how many bytes that were. */
export function readInto(file: Deno.FsFile, bytes: Uint8Array): number {
  let length = 0;
  while (length < bytes.length) {
    const read = file.readSync(bytes.subarray(length));
    if (read === null) break;
    length += read;
  }
  return length;
}

/**
 * Reads a text that a person or an agent wrote. Bytes that are not UTF-8 become lone surrogates, so that the text can
 * be written back unchanged.
 *
 * @throws {SamocodeError} If it cannot be read, is not a regular file or is over {@linkcode MAX_TEXT_BYTES}.
 */
export function readTextIfExists(path: string): string | undefined {
  return readText(path, () => readBytesIfExists(path, MAX_TEXT_BYTES + 1));
}

/**
 * Reads a text that a human's decision depends on. A link, even a hard link, is rejected: writing elsewhere must not
 * change this text.
 *
 * @throws {SamocodeError} Like {@linkcode readTextIfExists}, and for a link.
 */
export function readSoleTextIfExists(path: string): string | undefined {
  return readText(path, () => {
    if (lstatIfExists(path) === undefined) return undefined;
    using file = openSoleFileIfExists(path);
    return file === undefined ? "not-a-file" : readUpTo(file, Math.min(MAX_TEXT_BYTES + 1, file.statSync().size));
  });
}

/** Opens a regular file to read it; `undefined` if there is none, or it has another name elsewhere. */
export function openSoleFileIfExists(path: string): Deno.FsFile | undefined {
  const named = lstatIfExists(path);
  if (named === undefined || !isSole(named)) return undefined;
  const file = Deno.openSync(path, { read: true });
  const opened = file.statSync();
  // Replaced since the check.
  if (isSole(opened) && opened.ino === named.ino && opened.dev === named.dev) return file;
  file.close();
  return undefined;
}

/** Tells whether a regular file without another hard link exists. */
export function isSoleFile(path: string): boolean {
  const found = lstatIfExists(path);
  return found !== undefined && isSole(found);
}

/** Windows does not count hard links. */
function isSole({ isFile, nlink }: Deno.FileInfo): boolean {
  return isFile && (nlink ?? 1) <= 1;
}

function readText(path: string, read: () => ReturnType<typeof readBytesIfExists>): string | undefined {
  let bytes: ReturnType<typeof read>;
  try {
    bytes = read();
  } catch (error) {
    throw new SamocodeError("system", `Cannot read ${path}: ${messageOf(error)}`, {
      hint: "Check that the file is yours and that you may read it",
      cause: error,
    });
  }
  if (bytes === undefined) return undefined;
  if (bytes === "not-a-file") {
    const what = lstatIfExists(path);
    const found = what?.isSymlink ? "it is a link" : what?.isFile ? "it is a hard link" : "not a regular file";
    throw new SamocodeError("conflict", `Cannot read ${path}: ${found}`, {
      hint: "Move it away; samocode expects a text file of its own there",
    });
  }
  if (bytes.length > MAX_TEXT_BYTES) {
    throw new SamocodeError("conflict", `Cannot read ${path}: over ${MAX_TEXT_BYTES / 1024 / 1024} MiB`, {
      hint: "Shorten it or move it away",
    });
  }
  return decodeText(bytes);
}

/**
 * Opens one of samocode's own files in a session folder. An agent may have replaced it with a link that leads elsewhere
 * or a pipe that blocks.
 *
 * @throws If it is not a regular file, or the system refuses.
 */
export function openOwnFile(path: string, options: Deno.OpenOptions): Deno.FsFile {
  const found = lstatIfExists(path);
  if (found !== undefined && !found.isFile) throw new Error("not a regular file");
  return Deno.openSync(path, options);
}

/** Like {@linkcode openOwnFile}, but `undefined` if there is nothing. */
export function openOwnFileIfExists(path: string, options: Deno.OpenOptions): Deno.FsFile | undefined {
  return unlessMissing(() => openOwnFile(path, options));
}

/** Like `Deno.statSync`, but `undefined` if there is nothing. */
export function statIfExists(path: string): Deno.FileInfo | undefined {
  return unlessMissing(() => Deno.statSync(path));
}

/** Like `Deno.lstatSync`, but `undefined` if there is nothing. */
export function lstatIfExists(path: string): Deno.FileInfo | undefined {
  return unlessMissing(() => Deno.lstatSync(path));
}

/** Removes a file if it exists. */
export function removeIfExists(path: string): void {
  unlessMissing(() => Deno.removeSync(path));
}

/** Removes a folder with all that is in it; what cannot be removed stays. */
export function removeFolder(path: string): void {
  try {
    Deno.removeSync(path, { recursive: true });
  } catch {
    // An agent can take away the rights to its own folders.
  }
}

/** Tells by name, without following links, whether `path` is `root` or below it. */
export function isInside(root: string, path: string): boolean {
  const way = relative(resolve(root), resolve(path));
  return way === "" || (way !== ".." && !way.startsWith(`..${sep}`) && resolve(root, way) === resolve(path));
}

function unlessMissing<T>(act: () => T): T | undefined {
  try {
    return act();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) return undefined;
    throw error;
  }
}

/** Reads a JSON file; `undefined` if it is missing or does not match the schema. */
export function readJsonIfExists<T>(path: string, schema: { readonly parse: (value: unknown) => T }): T | undefined {
  try {
    return schema.parse(JSON.parse(readTextIfExists(path) ?? ""));
  } catch {
    return undefined;
  }
}

/** The path with its links resolved; `undefined` if it is relative or leads nowhere. */
export function realPathIfExists(path: string): string | undefined {
  if (!isAbsolute(path)) return undefined;
  try {
    return Deno.realPathSync(path);
  } catch {
    return undefined;
  }
}

/** The path with its links resolved, or the path itself if it leads nowhere. */
export function realPathOr(path: string): string {
  try {
    return Deno.realPathSync(path);
  } catch {
    return path;
  }
}

/** A path beside `path` for its backup, with the time in its name. Nothing exists there yet. */
export function backupPath(path: string, now: Date): string {
  const stamp = now.toISOString().slice(0, 19).replace(/[-:]/g, "").replace("T", "-");
  for (let count = 1;; count++) {
    const backup = `${path}.bak-${stamp}${count === 1 ? "" : `-${count}`}`;
    if (lstatIfExists(backup) === undefined) return backup;
  }
}

/** The last `maxBytes` of a file as text; empty if there is no such file. */
export function readTail(path: string, maxBytes: number): string {
  const bytes = unlessMissing(() => {
    using file = Deno.openSync(path, { read: true });
    const { size } = file.statSync();
    file.seekSync(Math.max(0, size - maxBytes), Deno.SeekMode.Start);
    return readUpTo(file, Math.min(size, maxBytes));
  });
  return new TextDecoder().decode(bytes);
}
