/**
 * The manifest of an installation: what was written, so that it can be upgraded and removed without a trace. And how
 * the place is protected: no link is followed out of it, and one installation works there at a time.
 *
 * The manifest is kept beside the files, not in the program's own folders, so that it is found in a colleague's clone too.
 *
 * @module
 */
import { dirname, join } from "node:path";
import * as z from "zod";
import { messageOf, SamocodeError, systemError } from "../../text/errors.ts";
import {
  isInside,
  lstatIfExists,
  readTextIfExists,
  removeIfExists,
  statIfExists,
  writeAtomic,
} from "../../system/files/files.ts";
import { openToLock } from "../../system/files/folder_lock.ts";
import { plainText, shellWord } from "../../text/terminal_text.ts";
import type { Place } from "./place.ts";

/** The manifest's name. */
export const MANIFEST_FILE = "samocode-install.json";

/** What an installation consists of. */
export interface Manifest {
  /** The SHA-256 of each file; while a file is being replaced, of its old and its new content. */
  readonly files: Readonly<Record<string, readonly string[]>>;
  /** The folders that were created for it; `.` is the place itself. */
  readonly folders: readonly string[];
  /** The MCP server that was registered with it. */
  /** The MCP server that was registered with it; `madeFile` if the client created its file for it. */
  readonly mcp?: { readonly command: readonly string[]; readonly madeFile: boolean } | undefined;
}

/** Nothing is installed. */
export const NO_MANIFEST: Manifest = { files: {}, folders: [] };

const schema = z.object({
  files: z.record(z.string(), z.array(z.string().regex(/^[0-9a-f]{64}$/)).min(1)),
  folders: z.array(z.string()),
  mcp: z.object({ command: z.array(z.string()).min(1), madeFile: z.boolean() }).optional(),
});

/**
 * Reads the manifest of a place. In a repository it may be a stranger's, so paths that leave the place are rejected.
 *
 * @returns `undefined` if nothing is installed, or if the place leads out of its boundary.
 * @throws {SamocodeError} If the manifest is invalid.
 */
export function readManifest(place: Place): Manifest | undefined {
  const path = join(place.root, MANIFEST_FILE);
  if (obstacleTo(place, MANIFEST_FILE) !== undefined) return undefined;
  const found = lstatIfExists(path);
  if (found === undefined) return undefined;
  try {
    if (!found.isFile) throw new Error("not a regular file");
    const manifest = schema.parse(JSON.parse(readTextIfExists(path) ?? ""));
    const paths = [...Object.keys(manifest.files), ...manifest.folders.filter((folder) => folder !== ".")];
    const foreign = paths.find((name) => !isPathOf(place, name));
    if (foreign !== undefined) throw new Error(`${JSON.stringify(foreign)} is not a path of an installation`);
    return manifest;
  } catch (error) {
    throw new SamocodeError("conflict", `Cannot read ${path}: ${plainText(messageOf(error), 200)}`, {
      hint: "Move it away; samocode then treats the files beside it as not its own",
      cause: error,
    });
  }
}

function isPathOf({ parts }: Place, path: string): boolean {
  const segments = path.split("/");
  return parts.includes(segments[0] ?? "") &&
    segments.every((segment) => segment !== "." && segment !== ".." && /^[\w .+@-]+$/.test(segment));
}

/** Writes the manifest into the place, or into the folder that is about to become it. */
export function writeManifest(root: string, { files, folders, mcp }: Manifest): void {
  const ordered = Object.fromEntries(Object.entries(files).sort(([a], [b]) => a < b ? -1 : 1));
  const text = JSON.stringify({ files: ordered, folders: [...folders].sort(), mcp }, undefined, 2);
  putFile(join(root, MANIFEST_FILE), `${text}\n`);
}

/**
 * Writes the manifest of what is about to be done. A place that does not exist is created with its manifest in it, by
 * one rename, so that no kill leaves a folder of unknown origin.
 *
 * @throws {SamocodeError} If the disk refuses.
 */
export function makePlace({ root }: Place, intended: Manifest): void {
  if (statIfExists(root)?.isDirectory) return writeManifest(root, intended);
  const unfinished = `${root}${UNFINISHED}`;
  try {
    Deno.mkdirSync(unfinished);
    writeManifest(unfinished, intended);
    Deno.renameSync(unfinished, root);
  } catch (error) {
    if (lstatIfExists(unfinished) !== undefined) Deno.removeSync(unfinished, { recursive: true });
    if (error instanceof SamocodeError) throw error;
    const hint = "Check that you may write in its parent folder";
    throw systemError(`Cannot create ${root}`, { error, hint });
  }
}

/** Removes the manifest, and the place too if it was created for it and holds nothing else. */
export function removePlace({ root }: Place, folders: readonly string[]): void {
  const isEmpty = [...Deno.readDirSync(root)].every(({ name }) => name === MANIFEST_FILE);
  if (!folders.includes(".") || !isEmpty) return removeIfExists(join(root, MANIFEST_FILE));
  // By one rename, as it was created.
  Deno.renameSync(root, `${root}${UNFINISHED}`);
  Deno.removeSync(`${root}${UNFINISHED}`, { recursive: true });
}

/** What a killed installation may leave of a place, or of its first manifest. */
export function leftovers(place: Place): readonly string[] {
  const isReachable = obstacleTo(place, MANIFEST_FILE) === undefined;
  return [`${place.root}${UNFINISHED}`, ...(isReachable ? [join(place.root, MANIFEST_FILE + UNFINISHED)] : [])]
    .filter((path) => lstatIfExists(path) !== undefined);
}

/** The suffix of what is being written. It is fixed, so that the next installation recognizes a leftover. */
export const UNFINISHED = ".samocode-new";

/**
 * Writes a file to a temporary name and renames it.
 *
 * @throws {SamocodeError} If the disk refuses; the old content is untouched then.
 */
export function putFile(path: string, content: string | Uint8Array): void {
  writeAtomic(path, content, { temporary: `${path}${UNFINISHED}`, hint: TRY_AGAIN });
}

/** The hint when a step fails midway. */
export const TRY_AGAIN = "Check the folder's permissions and the disk's free space, then run the command again";

/** Why a path in a place must not be touched: a link above it leads out, or something above it is not a folder. */
export function obstacleTo({ root, boundary }: Place, path: string): string | undefined {
  let above = dirname(join(root, path));
  while (lstatIfExists(above) === undefined && above !== dirname(above)) above = dirname(above);
  if (!statIfExists(above)?.isDirectory) return `${above} is not a folder`;
  // Links above a place that does not exist yet are the user's own choice.
  if (!isInside(root, above) || isInside(Deno.realPathSync(boundary), Deno.realPathSync(above))) return undefined;
  return `${above} leads out of ${boundary}`;
}

/**
 * Waits until no other installation works there. The lock is on the parent folder, because the place itself may not
 * exist yet, or may be about to be removed.
 *
 * @throws {SamocodeError} If the parent folder cannot be locked.
 */
export function lockPlace(root: string, { os = Deno.build.os }: { readonly os?: string } = {}): Disposable {
  const above = dirname(root);
  try {
    const held = openToLock(above, { os });
    held.lockSync(true);
    // Closing it unlocks it.
    return held;
  } catch (error) {
    const hint = `Create the parent folder: mkdir -p ${shellWord(above)}`;
    throw systemError(`Cannot install in ${root}`, { error, hint });
  }
}
