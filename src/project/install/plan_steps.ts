/**
 * Plans an installation, file by file, without touching anything. To remove is to install nothing.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { join } from "node:path";
import type { ShippedFile } from "../../prompt/plugin_files.ts";
import { lstatIfExists } from "../../system/files/files.ts";
import { type Manifest, obstacleTo } from "./manifest.ts";
import type { Place } from "./place.ts";

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
    /** `same` has our content, but somebody else wrote it; `gone` is ours, but was deleted. */
    | { readonly kind: "remove" | "current" | "same" | "gone" }
    /** It is not ours, or was changed: left as it is. */
    | { readonly kind: "keep"; readonly because: string }
    /** By force it is moved to `backup`. */
    | { readonly kind: "replace"; readonly because: string; readonly backup: string; readonly bytes: Uint8Array }
    | { readonly kind: "set-aside"; readonly because: string; readonly backup: string }
  );

/** The wanted state of a place. */
export interface InstallRequest {
  /** What must be there afterwards; empty removes everything that is ours. */
  readonly files: readonly ShippedFile[];
  /** Whether files that are not ours are moved out of the way. */
  readonly force: boolean;
  /** For the names of backups. */
  readonly now: Date;
}

/** Plans the steps. */
export function planSteps(
  place: Place,
  { files, force, now }: InstallRequest,
  manifest: Manifest,
): readonly Step[] {
  const bytesOf = new Map(files.map(({ path, bytes }) => [path, bytes]));
  return [...new Set([...bytesOf.keys(), ...Object.keys(manifest.files)])].map((path): Step => {
    const bytes = bytesOf.get(path);
    const before = Object.hasOwn(manifest.files, path) ? manifest.files[path] ?? [] : [];
    const after = bytes === undefined ? [] : [sha256Of(bytes)];
    const step = { path, before, after };
    const found = look(place, path);
    if (found.kind === "absent") {
      return bytes === undefined ? { ...step, kind: "gone" } : { ...step, kind: "add", bytes };
    }
    if (found.kind === "file") {
      const isOurs = before.includes(found.sha256);
      if (after.includes(found.sha256)) {
        return before.length > 0 ? { ...step, kind: "current" } : { ...step, kind: "same", after: [] };
      }
      if (isOurs) return bytes === undefined ? { ...step, kind: "remove" } : { ...step, kind: "update", bytes };
    }
    const because = "because" in found
      ? found.because
      : before.length > 0
      ? "you changed it"
      : "samocode did not write it";
    // A kept file stays known: it is ours again once the change is undone.
    if (!force || found.kind === "behind") return { ...step, kind: "keep", after: before, because };
    const backup = path + backupEnding(join(place.root, path), now);
    return bytes === undefined
      ? { ...step, kind: "set-aside", because, backup }
      : { ...step, kind: "replace", because, backup, bytes };
  });
}

/** Tells whether a step changes anything. */
export function isChange({ kind }: Step): boolean {
  return !["current", "same", "gone", "keep"].includes(kind);
}

type Found =
  | { readonly kind: "absent" }
  | { readonly kind: "file"; readonly sha256: string }
  /** Not a file, or unreadable. */
  | { readonly kind: "other"; readonly because: string }
  /** Out of reach, see {@linkcode obstacleTo}. */
  | { readonly kind: "behind"; readonly because: string };

function look(place: Place, path: string): Found {
  const obstacle = obstacleTo(place, path);
  if (obstacle !== undefined) return { kind: "behind", because: obstacle };
  const full = join(place.root, path);
  const found = lstatIfExists(full);
  if (found === undefined) return { kind: "absent" };
  if (!found.isFile) return { kind: "other", because: found.isSymlink ? "it is a link" : "it is not a file" };
  try {
    return { kind: "file", sha256: sha256Of(Deno.readFileSync(full)) };
  } catch {
    return { kind: "other", because: "it cannot be read" };
  }
}

function sha256Of(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/** The suffix for a file's backup. It never names an existing one. */
export function backupEnding(path: string, now: Date): string {
  const stamp = now.toISOString().slice(0, 19).replace(/[-:]/g, "").replace("T", "-");
  for (let count = 1;; count++) {
    const ending = `.bak-${stamp}${count === 1 ? "" : `-${count}`}`;
    if (lstatIfExists(path + ending) === undefined) return ending;
  }
}
