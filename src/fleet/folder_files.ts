/**
 * Finds which files of a session's folder have changed since the last scan, part by part.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { join } from "node:path";
import { lstatIfExists, openSoleFileIfExists, readInto, readUpTo } from "../system/files/files.ts";
import { unlessFailing } from "../text/errors.ts";
import { isMachines, isStorable } from "./stored_path.ts";

/** The SHA-256 of each part of a file; an empty file has one part. */
export type Parts = readonly string[];

/** Files by their path in the session's folder, with slashes. */
export type ShippedFiles = ReadonlyMap<string, Parts>;

/** Files are stored in parts of this size. */
export const PART_BYTES = 1024 * 1024;

/** A log is cut to 64 MiB plus the line that says so; see raw_log.ts. */
const MAX_FILE_PARTS = 65;
/** Far more than a session has, unless an agent unpacks something there. */
const MAX_FILES = 2_000;
const MAX_ALL_BYTES = 1024 * PART_BYTES;

/** A file younger than this may change without a new timestamp: some file systems count in steps of two seconds. */
const YOUNG_MS = 2_500;

/** A changed file. */
export interface ChangedFile {
  readonly path: string;
  readonly parts: Parts;
  readonly modifiedAt: Date;
}

/** Result of a scan. */
export interface FolderLook {
  readonly changed: readonly ChangedFile[];
  /** Paths of files that were there before and are gone. */
  readonly gone: readonly string[];
  /** Files that are not stored, each with the reason. */
  readonly leftOut: readonly string[];
  /** Call this once the engine has all of it. `unsteady` names files that changed while they were shipped. */
  readonly done: (unsteady?: ReadonlySet<string>) => void;
}

/** A file as of the last scan. */
export interface SeenFile {
  readonly parts: Parts;
  /** Tells whether the file changed without reading it; empty if it must be read. */
  readonly stamp: string;
}

/** Scans a folder repeatedly. */
export class FolderFiles {
  readonly #folder: string;
  #seen: ReadonlyMap<string, SeenFile>;

  /** @param seen The files as of an earlier scan, or as the engine has them. */
  constructor(folder: string, seen: ReadonlyMap<string, SeenFile>) {
    this.#folder = folder;
    this.#seen = seen;
  }

  /** The files of the last scan that was marked as done. */
  get seen(): ReadonlyMap<string, SeenFile> {
    return this.#seen;
  }

  /** The known parts of a file; empty for an unknown one. */
  known(path: string): Parts {
    return this.#seen.get(path)?.parts ?? [];
  }

  /** @param isUnfinished Whether to skip a file for now, because it is still being written. */
  look(isUnfinished: (path: string) => boolean): FolderLook {
    const now = new Map<string, SeenFile>();
    const changed: ChangedFile[] = [];
    const leftOut: string[] = [];
    let bytes = 0;
    for (const path of pathsIn(this.#folder)) {
      const before = this.#seen.get(path);
      if (isUnfinished(path)) {
        if (before !== undefined) now.set(path, before);
        continue;
      }
      const stat = lstatIfExists(join(this.#folder, path));
      if (stat === undefined) continue;
      const problem = problemWith(path, { size: stat.size, bytes, count: now.size });
      if (problem !== undefined) {
        leftOut.push(`${JSON.stringify(path)} (${problem})`);
        continue;
      }
      const stamp = stampOf(stat);
      const parts = stamp !== "" && stamp === before?.stamp
        ? before.parts
        : [...readParts(join(this.#folder, path))].map(({ sha256 }) => sha256);
      if (parts.length === 0) continue;
      now.set(path, { parts, stamp });
      bytes += stat.size;
      if (parts.join() !== before?.parts.join()) {
        changed.push({ path, parts, modifiedAt: stat.mtime ?? new Date(0) });
      }
    }
    const gone = [...this.#seen.keys()].filter((path) => !now.has(path));
    const done = (unsteady: ReadonlySet<string> = new Set()): void => {
      for (const path of unsteady) now.set(path, { parts: [], stamp: "" });
      this.#seen = now;
    };
    return { changed, gone, leftOut, done };
  }
}

/** A part of a file. */
export interface Part {
  /** Valid until the next part is requested. */
  readonly bytes: Uint8Array;
  readonly sha256: string;
}

/** Reads a file part by part. Yields nothing unless it is a regular file without other hard links. */
export function* readParts(path: string): Generator<Part> {
  using file = unlessFailing(() => openSoleFileIfExists(path));
  if (file === undefined) return;
  const buffer = new Uint8Array(PART_BYTES);
  let length = PART_BYTES;
  for (let number = 0; length === PART_BYTES && number < MAX_FILE_PARTS; number++) {
    length = readInto(file, buffer);
    const bytes = buffer.subarray(0, length);
    if (length > 0 || number === 0) yield { bytes, sha256: hashOf(bytes) };
  }
}

/** Reads the part of a file that starts at an offset; `undefined` if there is no such file. */
export function readPart(path: string, offset: number): Uint8Array | undefined {
  using file = unlessFailing(() => openSoleFileIfExists(path));
  file?.seekSync(offset, Deno.SeekMode.Start);
  return file && readUpTo(file, PART_BYTES);
}

/** The SHA-256 of a part, in hex. */
export function hashOf(part: Uint8Array): string {
  return createHash("sha256").update(part).digest("hex");
}

/** Stop listing here: an agent may have unpacked anything. */
const MAX_ENTRIES = 20 * MAX_FILES;

/** All files below a folder, with slashes. Names that start with a dot are temporary or not the session's. */
function* pathsIn(folder: string): Generator<string> {
  const folders = [""];
  let count = 0;
  for (let below = folders.shift(); below !== undefined; below = folders.shift()) {
    const entries = unlessFailing(() => [...Deno.readDirSync(join(folder, below ?? ""))]) ?? [];
    for (const { name, isFile, isDirectory } of entries.sort((a, b) => a.name < b.name ? -1 : 1)) {
      const path = below === "" ? name : `${below}/${name}`;
      if (name.startsWith(".") || isMachines(path) || ++count > MAX_ENTRIES) continue;
      if (isDirectory) folders.push(path);
      if (isFile) yield path;
    }
  }
}

function problemWith(
  path: string,
  { size, bytes, count }: { readonly size: number; readonly bytes: number; readonly count: number },
): string | undefined {
  if (!isStorable(path)) return "unsupported name";
  if (size > MAX_FILE_PARTS * PART_BYTES) return `over ${MAX_FILE_PARTS} MiB`;
  if (count >= MAX_FILES) return `over ${MAX_FILES} files`;
  return bytes + size > MAX_ALL_BYTES ? "over 1 GiB in all" : undefined;
}

/** Empty for a file that may still change without a new stamp. */
function stampOf({ dev, ino, size, mtime, ctime }: Deno.FileInfo): string {
  const times = [mtime, ctime].map((time) => time?.getTime() ?? Infinity);
  const isYoung = times.some((time) => Math.abs(Date.now() - time) < YOUNG_MS || time === Infinity);
  return isYoung ? "" : [dev, ino, size, ...times].join(" ");
}
