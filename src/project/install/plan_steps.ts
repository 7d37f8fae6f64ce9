/**
 * What an installation will do, file by file; looks, and touches nothing. Removing is installing nothing.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { join } from "node:path";
import type { ShippedFile } from "../../prompt/plugin_files.ts";
import { lstatIfExists } from "../../system/files/files.ts";
import type { Manifest } from "./manifest.ts";
import { obstacleTo } from "./place_folder.ts";
import type { Place } from "./place.ts";

/** What happens with one file. */
export type Step =
  /** It is not there: written. It is as we wrote it: replaced by its new text, or removed. */
  | { readonly kind: "add" | "update" | "remove"; readonly path: string }
  /** Nothing is to be done: ours and up to date; somebody else's with the same text; ours, but gone. */
  | { readonly kind: "current" | "same" | "gone"; readonly path: string }
  /** It is not ours, or not ours alone any more: left as it is. */
  | { readonly kind: "keep"; readonly path: string; readonly because: string }
  /** The same, by force: moved to `backup`, and its place is taken or left empty. */
  | {
    readonly kind: "replace" | "set-aside";
    readonly path: string;
    readonly because: string;
    readonly backup: string;
  };

/** What the steps are planned from. */
export interface PlanRequest {
  /** What is to be there afterwards; empty removes everything. */
  readonly files: readonly ShippedFile[];
  readonly manifest: Manifest;
  /** Whether what is not ours is moved out of the way. */
  readonly force: boolean;
  /** When a backup is made, for its name. */
  readonly now: Date;
}

/** Plans the steps. */
export function planSteps(place: Place, { files, manifest, force, now }: PlanRequest): readonly Step[] {
  const bytesOf = new Map(files.map(({ path, bytes }) => [path, bytes]));
  return [...new Set([...bytesOf.keys(), ...Object.keys(manifest.files)])].map((path): Step => {
    const bytes = bytesOf.get(path);
    const known = knownHashes(manifest, path);
    const found = look(place, path);
    if (found.kind === "absent") return { kind: bytes === undefined ? "gone" : "add", path };
    if (found.kind === "behind") return { kind: "keep", path, because: found.because };
    if (found.kind === "file") {
      const isOurs = known.includes(found.sha256);
      if (bytes === undefined && isOurs) return { kind: "remove", path };
      if (bytes !== undefined && found.sha256 === sha256Of(bytes)) {
        return { kind: known.length > 0 ? "current" : "same", path };
      }
      if (isOurs) return { kind: "update", path };
    }
    const because = found.kind === "other"
      ? found.because
      : known.length > 0
      ? "you changed it"
      : "samocode did not write it";
    if (!force) return { kind: "keep", path, because };
    const backup = path + backupEnding(join(place.root, path), now);
    return { kind: bytes === undefined ? "set-aside" : "replace", path, because, backup };
  });
}

/** The steps that change something. */
export function changes(steps: readonly Step[]): readonly Step[] {
  return steps.filter(({ kind }) => !["current", "same", "gone", "keep"].includes(kind));
}

/** The hashes under which a file is ours. */
export function knownHashes({ files }: Manifest, path: string): readonly string[] {
  return Object.hasOwn(files, path) ? files[path] ?? [] : [];
}

/** The hash by which a file is known again. */
export function sha256Of(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

type Found =
  | { readonly kind: "absent" }
  | { readonly kind: "file"; readonly sha256: string }
  /** Something that is no file, or cannot be read. */
  | { readonly kind: "other"; readonly because: string }
  /** Out of reach, see {@linkcode obstacleTo}. */
  | { readonly kind: "behind"; readonly because: string };

function look(place: Place, path: string): Found {
  const because = obstacleTo(place, path);
  if (because !== undefined) return { kind: "behind", because };
  const full = join(place.root, path);
  const found = lstatIfExists(full);
  if (found === undefined) return { kind: "absent" };
  if (found.isSymlink) return { kind: "other", because: "it is a link" };
  if (!found.isFile) return { kind: "other", because: "it is no file" };
  try {
    return { kind: "file", sha256: sha256Of(Deno.readFileSync(full)) };
  } catch {
    return { kind: "other", because: "it cannot be read" };
  }
}

/** What to add to a path for its backup. No backup takes the place of another one. */
export function backupEnding(path: string, now: Date): string {
  const stamp = now.toISOString().slice(0, 19).replace(/[-:]/g, "").replace("T", "-");
  for (let count = 1;; count++) {
    const ending = `.bak-${stamp}${count === 1 ? "" : `-${count}`}`;
    if (lstatIfExists(path + ending) === undefined) return ending;
  }
}
