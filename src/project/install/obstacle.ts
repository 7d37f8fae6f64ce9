/**
 * What stands between a place and a path in it: nothing is written, removed or believed behind a link that leads out.
 *
 * @module
 */
import { dirname, join } from "node:path";
import { isInside, lstatIfExists, statIfExists } from "../../system/files/files.ts";
import type { Place } from "./place.ts";

/** Why a path in a place cannot be reached: on the way to it is a link that leads out, or no folder. */
export function obstacleTo({ root, boundary }: Place, path: string): string | undefined {
  let above = dirname(join(root, path));
  while (lstatIfExists(above) === undefined && above !== dirname(above)) above = dirname(above);
  if (!statIfExists(above)?.isDirectory) return `${above} is no folder`;
  // Where the place itself is not there yet, what is above it is the person's own affair.
  if (!isInside(root, above) || isInside(Deno.realPathSync(boundary), Deno.realPathSync(above))) return undefined;
  return `${above} leads out of ${boundary}`;
}
