/**
 * Installs files in a place, upgrades them, and removes them again: exactly ours, and nothing of anybody else's.
 *
 * The manifest is written first, with what is about to be done, and last, with what is there. Whatever stands in between
 * when the program is killed, is known to the next one.
 *
 * @module
 */
import { dirname, join } from "node:path";
import type { ShippedFile } from "../../prompt/plugin_files.ts";
import { messageOf, SamocodeError } from "../../text/errors.ts";
import { lstatIfExists, removeIfExists } from "../../system/files/files.ts";
import {
  makePlace,
  type Manifest,
  NO_MANIFEST,
  readManifest,
  removePlace,
  sweepPlace,
  writeManifest,
} from "./manifest.ts";
import type { Place } from "./place.ts";
import { lockPlace, obstacleTo, putFile, UNFINISHED } from "./place_folder.ts";
import { changes, knownHashes, planSteps, sha256Of, type Step } from "./plan_steps.ts";

/** What is to be there afterwards. */
export interface InstallRequest {
  /** Empty removes everything that is ours. */
  readonly files: readonly ShippedFile[];
  /** Whether what is not ours is moved out of the way. */
  readonly force: boolean;
  readonly now: Date;
}

/** Says what {@linkcode installFiles} would do now. */
export function previewSteps(place: Place, request: InstallRequest): readonly Step[] {
  return planSteps(place, { ...request, manifest: readManifest(place) ?? NO_MANIFEST });
}

/**
 * Brings a place to where it holds the given files.
 *
 * @returns What was done with each file.
 * @throws {SamocodeError} Where the disk refuses; the same call again goes on from there.
 */
export function installFiles(place: Place, request: InstallRequest): readonly Step[] {
  using _lock = lockPlace(place.root);
  sweepPlace(place);
  const known = readManifest(place);
  const manifest = known ?? NO_MANIFEST;
  const steps = planSteps(place, { ...request, manifest });
  if (known === undefined && changes(steps).length === 0) return steps;
  const bytesOf = new Map(request.files.map(({ path, bytes }) => [path, bytes]));
  const isRemoval = request.files.length === 0;
  const intended: Manifest = {
    files: { ...manifest.files, ...intentions(steps, { bytesOf, manifest }) },
    folders: [...new Set([...manifest.folders, ...foldersToMake(place, steps)])],
    mcp: manifest.mcp,
  };
  makePlace(place, intended);
  sweep(place, intended);
  for (const step of steps) perform(place, step, bytesOf.get(step.path));
  const files = isRemoval ? {} : filesAfter(steps, { bytesOf, manifest });
  const folders = removeFolders(place, { folders: intended.folders, needed: Object.keys(files) });
  if (isRemoval) removePlace(place, folders);
  else writeManifest(place.root, { files, folders, mcp: manifest.mcp });
  return steps;
}

const WRITING: readonly Step["kind"][] = ["add", "update", "replace"];

/** The hashes that each file may have while it is being written. */
function intentions(
  steps: readonly Step[],
  { bytesOf, manifest }: { readonly bytesOf: ReadonlyMap<string, Uint8Array>; readonly manifest: Manifest },
): Record<string, readonly string[]> {
  return Object.fromEntries(steps.flatMap(({ kind, path }) => {
    const bytes = bytesOf.get(path);
    if (bytes === undefined || !WRITING.includes(kind)) return [];
    return [[path, [...new Set([...knownHashes(manifest, path), sha256Of(bytes)])]]];
  }));
}

function filesAfter(
  steps: readonly Step[],
  { bytesOf, manifest }: { readonly bytesOf: ReadonlyMap<string, Uint8Array>; readonly manifest: Manifest },
): Record<string, readonly string[]> {
  return Object.fromEntries(steps.flatMap(({ kind, path }): [string, readonly string[]][] => {
    const bytes = bytesOf.get(path);
    if (bytes !== undefined && (kind === "current" || WRITING.includes(kind))) return [[path, [sha256Of(bytes)]]];
    const before = knownHashes(manifest, path);
    // Still ours in part: whoever takes his change back has our file again.
    return kind === "keep" && before.length > 0 ? [[path, before]] : [];
  }));
}

function foldersToMake({ root }: Place, steps: readonly Step[]): readonly string[] {
  const folders = new Set<string>();
  for (const { kind, path } of steps) {
    if (kind !== "add" && kind !== "replace") continue;
    for (let folder = dirname(path);; folder = dirname(folder)) {
      if (lstatIfExists(join(root, folder)) === undefined) folders.add(folder);
      if (folder === ".") break;
    }
  }
  return [...folders];
}

/** What an installation that was killed had not finished. */
function sweep(place: Place, { files }: Manifest): void {
  for (const path of Object.keys(files)) {
    if (obstacleTo(place, path) === undefined) removeIfExists(join(place.root, `${path}${UNFINISHED}`));
  }
}

function perform(place: Place, step: Step, bytes: Uint8Array | undefined): void {
  const path = join(place.root, step.path);
  try {
    if (step.kind === "replace" || step.kind === "set-aside") Deno.renameSync(path, join(place.root, step.backup));
    if (step.kind === "remove") removeIfExists(path);
    if (bytes === undefined || !WRITING.includes(step.kind)) return;
    Deno.mkdirSync(dirname(path), { recursive: true });
  } catch (error) {
    throw new SamocodeError("system", `Cannot ${step.kind} ${path}: ${messageOf(error)}`, {
      hint: "Check the folder's permissions and the disk's free space, then type the command again: it goes on",
      cause: error,
    });
  }
  putFile(path, bytes);
}

/** Removes those of our folders that are empty and that no file needs; returns those that are left. */
function removeFolders(
  place: Place,
  { folders, needed }: { readonly folders: readonly string[]; readonly needed: readonly string[] },
): readonly string[] {
  const deepestFirst = [...folders].sort((a, b) => b.split("/").length - a.split("/").length);
  return deepestFirst.filter((folder) => {
    if (folder === "." || needed.some((path) => path.startsWith(`${folder}/`))) return true;
    const path = join(place.root, folder);
    if (obstacleTo(place, folder) !== undefined) return true;
    if (!lstatIfExists(path)?.isDirectory) return false;
    if ([...Deno.readDirSync(path)].length > 0) return true;
    Deno.removeSync(path);
    return false;
  });
}
