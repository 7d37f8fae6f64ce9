/**
 * Installs, upgrades and removes files in a place: exactly ours, and no one else's.
 *
 * The manifest is written first, with what is about to be done, and last, with what is there. If the program is killed
 * in between, the next one recognizes whatever it left.
 *
 * @module
 */
import { dirname, join } from "node:path";
import { messageOf, SamocodeError } from "../../text/errors.ts";
import { lstatIfExists, removeIfExists } from "../../system/files/files.ts";
import {
  leftovers,
  lockPlace,
  makePlace,
  NO_MANIFEST,
  obstacleTo,
  putFile,
  readManifest,
  removePlace,
  TRY_AGAIN,
  UNFINISHED,
  writeManifest,
} from "./manifest.ts";
import type { Place } from "./place.ts";
import { type InstallRequest, isChange, planSteps, type Step } from "./plan_steps.ts";

/**
 * Brings a place to the wanted state.
 *
 * @returns What was done with each file.
 * @throws {SamocodeError} If the disk refuses; the same call continues from there.
 */
export function installFiles(place: Place, request: InstallRequest): readonly Step[] {
  using _lock = lockPlace(place.root);
  for (const path of leftovers(place)) Deno.removeSync(path, { recursive: true });
  const manifest = readManifest(place);
  const steps = planSteps(place, request, manifest ?? NO_MANIFEST);
  if (manifest === undefined && !steps.some(isChange)) return steps;
  const { folders: known, mcp } = manifest ?? NO_MANIFEST;
  const folders = [...new Set([...known, ...steps.flatMap((step) => foldersFor(place, step))])];
  makePlace(place, { files: hashes(steps, ({ before, after }) => [...new Set([...before, ...after])]), folders, mcp });
  for (const step of steps) perform(place, step);
  const left = removeEmpty(place, folders);
  if (request.files.length === 0) removePlace(place, left);
  else writeManifest(place.root, { files: hashes(steps, ({ after }) => after), folders: left, mcp });
  return steps;
}

function hashes(
  steps: readonly Step[],
  hashesOf: (step: Step) => readonly string[],
): Record<string, readonly string[]> {
  return Object.fromEntries(
    steps.map((step) => [step.path, hashesOf(step)] as const).filter(([, { length }]) => length),
  );
}

/** The folders that a step is going to create. */
function foldersFor({ root }: Place, { kind, path }: Step): readonly string[] {
  const folders: string[] = [];
  if (kind !== "add" && kind !== "replace") return folders;
  for (let folder = dirname(path);; folder = dirname(folder)) {
    if (lstatIfExists(join(root, folder)) === undefined) folders.push(folder);
    if (folder === ".") return folders;
  }
}

function perform(place: Place, step: Step): void {
  const path = join(place.root, step.path);
  try {
    const isKnown = step.before.length + step.after.length > 0;
    if (isKnown && obstacleTo(place, step.path) === undefined) removeIfExists(`${path}${UNFINISHED}`);
    if ("backup" in step) Deno.renameSync(path, join(place.root, step.backup));
    if (step.kind === "remove") removeIfExists(path);
    if (!("bytes" in step)) return;
    Deno.mkdirSync(dirname(path), { recursive: true });
  } catch (error) {
    throw new SamocodeError("system", `Cannot ${step.kind} ${path}: ${messageOf(error)}`, {
      hint: TRY_AGAIN,
      cause: error,
    });
  }
  putFile(path, step.bytes);
}

/** Removes those of our folders that are empty; returns the others. */
function removeEmpty(place: Place, folders: readonly string[]): readonly string[] {
  const deepestFirst = [...folders].sort().reverse();
  return deepestFirst.filter((folder) => {
    if (folder === "." || obstacleTo(place, folder) !== undefined) return true;
    const path = join(place.root, folder);
    if (!lstatIfExists(path)?.isDirectory) return false;
    if ([...Deno.readDirSync(path)].length > 0) return true;
    Deno.removeSync(path);
    return false;
  });
}
