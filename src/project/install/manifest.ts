/**
 * The manifest of an installation: what was written where, so that it can be upgraded and removed without a trace. It and
 * the place's folder come and go together.
 *
 * It lies beside what it describes, not in the program's own folders: it is there as long as the files are, goes where
 * they go, and is found by whoever has them, in a colleague's clone, too.
 *
 * @module
 */
import { join } from "node:path";
import * as z from "zod";
import { messageOf, SamocodeError } from "../../text/errors.ts";
import { lstatIfExists, readBytesIfExists, removeIfExists, statIfExists } from "../../system/files/files.ts";
import { plainText } from "../../text/terminal_text.ts";
import { obstacleTo, putFile, UNFINISHED } from "./place_folder.ts";
import type { Place } from "./place.ts";

/** The manifest's name. */
export const MANIFEST_FILE = "samocode-install.json";

/** What an installation consists of. */
export interface Manifest {
  /** Each file's SHA-256. There are two while it is being replaced: the old one and the new one. */
  readonly files: Readonly<Record<string, readonly string[]>>;
  /** The folders that were made for it; `.` is the place itself. */
  readonly folders: readonly string[];
  /** The MCP server that was registered with it. */
  readonly mcp: RegisteredServer | undefined;
}

/** An MCP server's registration. */
export interface RegisteredServer {
  readonly command: readonly string[];
  /** Whether its file was not there before. */
  readonly madeFile: boolean;
}

/** Nothing is installed. */
export const NO_MANIFEST: Manifest = { files: {}, folders: [], mcp: undefined };

const MAX_MANIFEST_BYTES = 1024 * 1024;

const schema = z.object({
  files: z.record(z.string(), z.array(z.string().regex(/^[0-9a-f]{64}$/)).min(1)),
  folders: z.array(z.string()),
  mcp: z.object({ command: z.array(z.string()).min(1), madeFile: z.boolean() }).optional(),
});

/**
 * Reads the manifest of a place. In a repository it may be a stranger's: what leads out of the place is refused.
 *
 * @returns `undefined` where nothing is installed, or the place leads elsewhere.
 * @throws {SamocodeError} Where it cannot be understood.
 */
export function readManifest(place: Place): Manifest | undefined {
  const path = join(place.root, MANIFEST_FILE);
  if (obstacleTo(place, MANIFEST_FILE) !== undefined) return undefined;
  const found = lstatIfExists(path);
  if (found === undefined) return undefined;
  try {
    if (!found.isFile) throw new Error("not a regular file");
    const bytes = readBytesIfExists(path, MAX_MANIFEST_BYTES);
    if (!(bytes instanceof Uint8Array)) throw new Error("not a regular file");
    const { files, folders, mcp } = schema.parse(JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes)));
    const strange = [...Object.keys(files), ...folders.filter((name) => name !== ".")]
      .find((name) => !isPathOf(place, name));
    if (strange !== undefined) throw new Error(`${JSON.stringify(strange)} is no path of an installation`);
    return { files, folders, mcp };
  } catch (error) {
    throw new SamocodeError("conflict", `Cannot read ${path}: ${plainText(messageOf(error), 200)}`, {
      hint: "Move it away; samocode then takes the files beside it for somebody else's",
      cause: error,
    });
  }
}

/** Writes the manifest, into the place or into the folder that is about to become it. */
export function writeManifest(root: string, { files, folders, mcp }: Manifest): void {
  const ordered = Object.fromEntries(Object.entries(files).sort(([a], [b]) => a < b ? -1 : 1));
  const text = JSON.stringify({ files: ordered, folders: [...folders].sort(), ...(mcp && { mcp }) }, undefined, 2);
  putFile(join(root, MANIFEST_FILE), new TextEncoder().encode(`${text}\n`));
}

/**
 * Writes the manifest of what is about to be done. A place that is not there appears with its manifest in it: there is no
 * moment at which nobody knows whose it is.
 *
 * @throws {SamocodeError} Where the disk refuses.
 */
export function makePlace({ root }: Place, intended: Manifest): void {
  if (statIfExists(root)?.isDirectory) return writeManifest(root, intended);
  try {
    Deno.mkdirSync(`${root}${UNFINISHED}`);
    writeManifest(`${root}${UNFINISHED}`, intended);
    Deno.renameSync(`${root}${UNFINISHED}`, root);
  } catch (error) {
    removeTree(`${root}${UNFINISHED}`);
    if (error instanceof SamocodeError) throw error;
    throw new SamocodeError("system", `Cannot make ${root}: ${messageOf(error)}`, {
      hint: "Check that you may write in the folder above it",
      cause: error,
    });
  }
}

/** Removes the manifest, and the place with it where it was made for it and holds nothing else. */
export function removePlace({ root }: Place, folders: readonly string[]): void {
  const names = [...Deno.readDirSync(root)].map(({ name }) => name);
  if (folders.includes(".") && names.every((name) => name === MANIFEST_FILE)) {
    // In one step, as it came.
    Deno.renameSync(root, `${root}${UNFINISHED}`);
    return removeTree(`${root}${UNFINISHED}`);
  }
  removeIfExists(join(root, MANIFEST_FILE));
}

/** What a killed installation may leave of a place, or of its first manifest. */
export function leftovers(place: Place): readonly string[] {
  const { root } = place;
  const ofManifest = obstacleTo(place, MANIFEST_FILE) === undefined
    ? [join(root, `${MANIFEST_FILE}${UNFINISHED}`)]
    : [];
  return [`${root}${UNFINISHED}`, ...ofManifest].filter((path) => lstatIfExists(path) !== undefined);
}

/** Removes {@linkcode leftovers}. */
export function sweepPlace(place: Place): void {
  for (const path of leftovers(place)) removeTree(path);
}

function removeTree(path: string): void {
  if (lstatIfExists(path) !== undefined) Deno.removeSync(path, { recursive: true });
}

function isPathOf({ parts }: Place, path: string): boolean {
  const segments = path.split("/");
  return parts.includes(segments[0] ?? "") &&
    segments.every((segment) => segment !== "" && segment !== "." && segment !== ".." && /^[\w .+@-]+$/.test(segment));
}
