/**
 * The folder of a place and the manifest in it come and go together.
 *
 * @module
 */
import { join } from "node:path";
import { messageOf, SamocodeError } from "../../system/errors.ts";
import { lstatIfExists, removeIfExists, statIfExists } from "../../system/files/files.ts";
import { type Manifest, MANIFEST_FILE, writeManifest } from "./manifest.ts";
import { obstacleTo } from "./obstacle.ts";
import type { Place } from "./place.ts";
import { UNFINISHED } from "./put_file.ts";

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
