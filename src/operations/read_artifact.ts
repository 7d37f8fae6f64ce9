/**
 * Shows a session's files: which there are, and pages of them. Names, sizes and contents are an agent's, and the name
 * asked for is a stranger's.
 *
 * @module
 */
import { basename, join } from "node:path";
import type { Layout } from "../session/layout.ts";
import { SamocodeError } from "../text/errors.ts";
import { lstatIfExists } from "../system/files/files.ts";
import { plainBlock } from "../text/terminal_text.ts";
import { MAX } from "./limits.ts";
import { openSession, type Samocode } from "./samocode.ts";

/** What to show. */
export interface ArtifactRequest {
  readonly session: string;
  /** A name from the list; `undefined` lists. */
  readonly file: string | undefined;
  /** Where to begin, in bytes; a negative one counts from the end. */
  readonly offset: number;
  /** How many bytes at most; never more than {@linkcode MAX.pageBytes}. */
  readonly limit: number;
}

/** The files of a session. */
export interface ArtifactList {
  readonly files: readonly { readonly name: string; readonly bytes: number }[];
}

/** A page of a file. */
export interface ArtifactPage {
  readonly name: string;
  /** Without control, bidi and invisible characters; lines and tabs stay. */
  readonly text: string;
  /** Where the page begins: at or shortly behind the offset asked for, never within a character. */
  readonly offset: number;
  /** Where the next page begins; `undefined` at the end of the file as it is now. */
  readonly next: number | undefined;
  /** The size of the whole file as it is now. */
  readonly bytes: number;
}

/** A character of UTF-8 takes up to so many bytes; a page takes at least one character. */
const MAX_CHARACTER_BYTES = 4;
/** Of a folder with more files the last by name are listed: logs begin with their day and time. */
const MAX_LISTED = 500;
/** Folders that an agent made beside `_logs`, of which the first by name are looked into. */
const MAX_FOLDERS = 20;

/**
 * Lists a session's files, or reads a page of one.
 *
 * @throws {SamocodeError} Where there is no such session or file, or it is not one to be read.
 */
export function readArtifact(samocode: Samocode, request: ArtifactRequest): ArtifactList | ArtifactPage {
  using folder = openSession(samocode, request.session, { readOnly: true });
  const { layout } = folder;
  return request.file === undefined ? { files: listFiles(layout) } : readPage(layout, request.file, request);
}

/** The files in the session's folder, and in the folders there. */
function listFiles({ folder, lock }: Layout): ArtifactList["files"] {
  const entries = [...Deno.readDirSync(folder)];
  const folders = entries.filter(({ isDirectory, name }) => isDirectory && isHarmless(name)).map(({ name }) => name);
  return [
    ...sized(folder, entries.filter(({ name }) => name !== basename(lock)), ""),
    ...folders.sort().slice(0, MAX_FOLDERS).flatMap((name) =>
      sized(join(folder, name), [...Deno.readDirSync(join(folder, name))], `${name}/`)
    ),
  ];
}

function sized(folder: string, entries: readonly Deno.DirEntry[], prefix: string): ArtifactList["files"] {
  const names = entries.filter(({ isFile, name }) => isFile && isHarmless(name)).map(({ name }) => name).sort();
  return names.slice(-MAX_LISTED).flatMap((name) => {
    const found = lstatIfExists(join(folder, name));
    return found?.isFile ? [{ name: prefix + name, bytes: found.size }] : [];
  });
}

/** One segment of a path that leads nowhere else, is not hidden, and looks like what it is. */
function isHarmless(name: string): boolean {
  return name !== "" && !name.startsWith(".") && !/[/\\\n\t]/.test(name) && plainBlock(name) === name;
}

function readPage(layout: Layout, name: string, { offset, limit }: ArtifactRequest): ArtifactPage {
  if (!Number.isSafeInteger(offset) || !Number.isSafeInteger(limit)) {
    throw new SamocodeError("usage", "Cannot read a page: offset and limit must be whole numbers", {
      hint: `Use an offset of 0 for the beginning, and a limit of at most ${MAX.pageBytes}`,
    });
  }
  using file = openArtifact(layout, name);
  const { size } = file.statSync();
  const asked = Math.min(size, offset < 0 ? Math.max(0, size + offset) : offset);
  const bytes = readAt(file, asked, Math.min(Math.max(limit, MAX_CHARACTER_BYTES), MAX.pageBytes));
  const begin = asked === 0 ? 0 : beginOfCharacter(bytes);
  const isLast = asked + bytes.length >= size;
  const end = isLast ? bytes.length : Math.max(begin, endOfCharacters(bytes));
  return {
    name,
    text: plainBlock(new TextDecoder().decode(bytes.subarray(begin, end))),
    offset: asked + begin,
    next: isLast ? undefined : asked + end,
    bytes: size,
  };
}

/** Opens a file by its name from outside. Every step of the way is looked at before it is gone. */
function openArtifact(layout: Layout, name: string): Deno.FsFile {
  const segments = name.split("/");
  if (!segments.every(isHarmless) || name === basename(layout.lock)) throw noSuchFile(layout, name);
  let path = layout.folder;
  for (const segment of segments.slice(0, -1)) {
    path = join(path, segment);
    if (!lookAt(path)?.isDirectory) throw noSuchFile(layout, name);
  }
  path = join(path, segments.at(-1) ?? "");
  const found = lookAt(path);
  if (!found?.isFile) throw noSuchFile(layout, name);
  const file = Deno.openSync(path, { read: true });
  const opened = file.statSync();
  // An agent may have put a link in its place since.
  if (opened.ino === found.ino && opened.dev === found.dev) return file;
  file.close();
  throw noSuchFile(layout, name);
}

/** A name may be too long for the system, too. */
function lookAt(path: string): Deno.FileInfo | undefined {
  try {
    return lstatIfExists(path);
  } catch {
    return undefined;
  }
}

function noSuchFile(layout: Layout, name: string): SamocodeError {
  const known = listFiles(layout).map((file) => file.name);
  const more = known.length > 12 ? `, and ${known.length - 12} more` : "";
  return new SamocodeError(
    "usage",
    `Cannot read ${JSON.stringify(name.slice(0, 200))}: the session has no such file`,
    {
      hint: `Its files are ${known.slice(0, 12).join(", ")}${more}`,
    },
  );
}

function readAt(file: Deno.FsFile, offset: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  file.seekSync(offset, Deno.SeekMode.Start);
  let filled = 0;
  while (filled < length) {
    const count = file.readSync(bytes.subarray(filled));
    if (count === null || count === 0) break;
    filled += count;
  }
  return bytes.subarray(0, filled);
}

/** UTF-8: a byte that goes on with a character begins with the bits 10. */
function isContinuation(byte: number | undefined): boolean {
  return byte !== undefined && (byte & 0xc0) === 0x80;
}

/** How many bytes at the beginning belong to a character before; what is no UTF-8 stays. */
function beginOfCharacter(bytes: Uint8Array): number {
  let begin = 0;
  while (begin < MAX_CHARACTER_BYTES - 1 && isContinuation(bytes[begin])) begin++;
  return begin;
}

/** Where the last whole character ends; what is no UTF-8 counts as whole. */
function endOfCharacters(bytes: Uint8Array): number {
  for (let back = 1; back < MAX_CHARACTER_BYTES && back <= bytes.length; back++) {
    const byte = bytes[bytes.length - back] ?? 0;
    if (isContinuation(byte)) continue;
    const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1;
    return length > back ? bytes.length - back : bytes.length;
  }
  return bytes.length;
}
