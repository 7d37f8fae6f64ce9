/**
 * Lists a session's files and reads pages of them. Agents chose the names, sizes and contents, and strangers the name
 * that is asked for.
 *
 * @module
 */
import { join } from "node:path";
import { findSession } from "../session/find_session.ts";
import { type Layout, layoutOf } from "../session/layout.ts";
import { SamocodeError, unlessFailing } from "../text/errors.ts";
import { lstatIfExists } from "../system/files/files.ts";
import { plainBlock } from "../text/terminal_text.ts";
import { MAX, openSession, type Samocode } from "./samocode.ts";

/** What to read. Offset and limit are whole numbers. */
export interface ArtifactRequest {
  readonly session: string;
  /** A name from the list; `undefined` lists. */
  readonly file: string | undefined;
  /** The first byte; a negative number counts from the end. */
  readonly offset: number;
  /** The most bytes, up to {@linkcode MAX.pageBytes}. */
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
  /** Where the page begins: at the requested offset, or at the next character. */
  readonly offset: number;
  /** Where the next page begins; `undefined` at the current end of the file. */
  readonly next: number | undefined;
  /** The current size of the whole file. */
  readonly bytes: number;
}

/** The most bytes of a character in UTF-8; a page has at least one character. */
const MAX_CHARACTER_BYTES = 4;
/** Of a larger folder, the last by name are listed: logs begin with their date. */
const MAX_LISTED = 500;
/** How many folders are listed, the first by name. */
const MAX_FOLDERS = 20;

/**
 * Lists a session's files, or reads a page of one.
 *
 * @throws {SamocodeError} If there is no such session or file, or it must not be read.
 */
export function readArtifact(samocode: Samocode, request: ArtifactRequest): ArtifactList | ArtifactPage {
  const layout = layoutIn(samocode, request.session);
  const { file: name } = request;
  if (name === undefined) return { files: listFiles(layout) };
  using file = openArtifact(layout, name);
  return pageOf(file, { ...request, name });
}

/**
 * Where the files of a session are that may have been started by hand.
 *
 * @throws {SamocodeError} If there is no such session.
 */
export function layoutIn(samocode: Samocode, session: string): Layout {
  const { path, exists } = findSession(samocode.settings.sessions, session);
  const layout = layoutOf(path);
  // One that was started by hand has no journal yet.
  const isByHand = exists && lstatIfExists(layout.journal) === undefined &&
    lstatIfExists(layout.notebook) !== undefined;
  if (isByHand) return layout;
  using folder = openSession(samocode, session, { readOnly: true });
  return folder.layout;
}

/** The files of a session and of the folders in it; links, hidden ones and those with odd names are left out. */
export function listFiles({ folder }: Layout): ArtifactList["files"] {
  const entries = [...Deno.readDirSync(folder)];
  const folders = entries.filter(({ isDirectory, name }) => isDirectory && isHarmless(name)).map(({ name }) => name);
  return [
    ...sized(folder, entries, ""),
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

/** Whether a path segment leads nowhere else, is not hidden, and has no invisible characters. */
function isHarmless(name: string): boolean {
  return name !== "" && !name.startsWith(".") && !/[/\\\n\t]/.test(name) && plainBlock(name) === name;
}

/** A page of an open file, which is called `name`. */
export function pageOf(
  file: Deno.FsFile,
  { name, offset, limit }: Pick<ArtifactRequest, "offset" | "limit"> & { readonly name: string },
): ArtifactPage {
  const { size } = file.statSync();
  const asked = Math.min(size, offset < 0 ? Math.max(0, size + offset) : offset);
  const buffer = new Uint8Array(Math.min(Math.max(limit, MAX_CHARACTER_BYTES), MAX.pageBytes));
  file.seekSync(asked, Deno.SeekMode.Start);
  const bytes = buffer.subarray(0, file.readSync(buffer) ?? 0);
  const begin = asked === 0 ? 0 : beginOfCharacters(bytes);
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

/**
 * Opens a file by a stranger's name. Each folder on the way is checked before it is entered.
 *
 * @throws {SamocodeError} If there is no such file.
 */
export function openArtifact(layout: Layout, name: string): Deno.FsFile {
  const segments = name.split("/");
  if (!segments.every(isHarmless)) throw noSuchFile(layout, name);
  const paths = segments.map((_, index) => join(layout.folder, ...segments.slice(0, index + 1)));
  const path = paths.pop() ?? "";
  // It throws for a name that is too long for the system.
  const entryAt = (entry: string) => unlessFailing(() => lstatIfExists(entry));
  if (!paths.every((folder) => entryAt(folder)?.isDirectory)) throw noSuchFile(layout, name);
  const found = entryAt(path);
  if (!found?.isFile) throw noSuchFile(layout, name);
  const file = Deno.openSync(path, { read: true });
  const opened = file.statSync();
  // An agent may have replaced it with a link in the meantime.
  if (opened.ino === found.ino && opened.dev === found.dev) return file;
  file.close();
  throw noSuchFile(layout, name);
}

function noSuchFile(layout: Layout, name: string): SamocodeError {
  const known = listFiles(layout).map((file) => file.name);
  const more = known.length > 12 ? `, and ${known.length - 12} more` : "";
  const what = `Cannot read ${JSON.stringify(name.slice(0, 200))}: the session has no such file`;
  return new SamocodeError("usage", what, { hint: `Its files are ${known.slice(0, 12).join(", ")}${more}` });
}

/** Skips the rest of a character that begins before; in UTF-8 its bytes begin with the bits 10. Invalid text stays. */
function beginOfCharacters(bytes: Uint8Array): number {
  const begin = bytes.findIndex((byte) => (byte & 0xc0) !== 0x80);
  return Math.min(begin < 0 ? bytes.length : begin, MAX_CHARACTER_BYTES - 1);
}

/** Where the last whole character ends; invalid text counts as whole. */
function endOfCharacters(bytes: Uint8Array): number {
  const tail = Math.max(0, bytes.length - MAX_CHARACTER_BYTES);
  for (let end = bytes.length; end > tail; end--) {
    const decoder = new TextDecoder();
    decoder.decode(bytes.subarray(tail, end), { stream: true });
    // The decoder now reports a character that it has only in part.
    if (decoder.decode() === "") return end;
  }
  return bytes.length;
}
