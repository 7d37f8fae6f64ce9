/**
 * Installs, upgrades and removes files in a place: exactly ours, and no one else's. To remove is to install nothing.
 *
 * The manifest is written first, with what is about to be done, and last, with what is there. If the program is killed
 * in between, the next one recognizes whatever it left.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { dirname, join } from "node:path";
import type { ShippedFile } from "../../prompt/shipped_files.ts";
import { backupPath, lstatIfExists, removeIfExists } from "../../system/files/files.ts";
import { systemError, unlessFailing } from "../../text/errors.ts";
import {
  leftovers,
  lockPlace,
  makePlace,
  type Manifest,
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

/** The wanted state of a place. */
export interface InstallRequest {
  /** What must be there afterwards; empty removes everything that is ours. */
  readonly files: readonly ShippedFile[];
  /** Whether files that are not ours are moved out of the way. */
  readonly force: boolean;
  /** For the names of backups. */
  readonly now: Date;
}

/** What happens to one file. */
export type Step =
  & {
    readonly path: string;
    /** The hashes by which the file is ours before the step, and after it; none if it is not ours. */
    readonly before: readonly string[];
    readonly after: readonly string[];
  }
  & (
    | { readonly kind: "add" | "update"; readonly bytes: Uint8Array }
    /** `same` has our content, but is not ours; `gone` is ours, but was deleted. */
    | { readonly kind: "remove" | "current" | "same" | "gone" }
    /** It is not ours, or was changed: left as it is. */
    | { readonly kind: "keep"; readonly because: string }
    /** By force it is moved to `backup`. */
    | { readonly kind: "replace"; readonly because: string; readonly backup: string; readonly bytes: Uint8Array }
    | { readonly kind: "set-aside"; readonly because: string; readonly backup: string }
  );

/** Tells whether a step changes anything. */
export function isChange({ kind }: Step): boolean {
  return !["current", "same", "gone", "keep"].includes(kind);
}

/** Plans the steps, without touching anything. */
export function planSteps(place: Place, request: InstallRequest, { files }: Manifest): readonly Step[] {
  const bytesOf = new Map(request.files.map(({ path, bytes }) => [path, bytes]));
  return [...new Set([...bytesOf.keys(), ...Object.keys(files)])].map((path): Step => {
    const bytes = bytesOf.get(path);
    const before = Object.hasOwn(files, path) ? files[path] ?? [] : [];
    const step = { path, before, after: bytes === undefined ? [] : [sha256Of(bytes)] };
    // A kept file stays known: it is ours again once the change is undone.
    const kept = { ...step, kind: "keep", after: before } as const;
    const obstacle = obstacleTo(place, path);
    if (obstacle !== undefined) return { ...kept, because: obstacle };
    const full = join(place.root, path);
    const found = lstatIfExists(full);
    if (found === undefined) return bytes === undefined ? { ...step, kind: "gone" } : { ...step, kind: "add", bytes };
    const sha256 = found.isFile ? unlessFailing(() => sha256Of(Deno.readFileSync(full))) ?? "" : "";
    if (step.after.includes(sha256)) {
      return before.length > 0 ? { ...step, kind: "current" } : { ...step, kind: "same", after: [] };
    }
    if (before.includes(sha256)) {
      return bytes === undefined ? { ...step, kind: "remove" } : { ...step, kind: "update", bytes };
    }
    const because = found.isSymlink
      ? "it is a link"
      : sha256 === ""
      ? "it cannot be read as a file"
      : before.length > 0
      ? "you changed it"
      : "samocode did not write it";
    if (!request.force) return { ...kept, because };
    const replaced = { ...step, because, backup: path + backupPath(full, request.now).slice(full.length) };
    return bytes === undefined ? { ...replaced, kind: "set-aside" } : { ...replaced, kind: "replace", bytes };
  });
}

function sha256Of(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

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

function hashes(steps: readonly Step[], of: (step: Step) => readonly string[]): Manifest["files"] {
  return Object.fromEntries(steps.map((step) => [step.path, of(step)] as const).filter(([, { length }]) => length > 0));
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
    throw systemError(`Cannot ${step.kind} ${path}`, { error, hint: TRY_AGAIN });
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
