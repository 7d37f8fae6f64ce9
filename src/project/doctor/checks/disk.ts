/**
 * Room on the disks that sessions write to.
 *
 * @module
 */
import { statfsSync } from "node:fs";
import { dirname } from "node:path";
import { statIfExists } from "../../../system/files/files.ts";
import { type Finding, ok, problem, warning } from "../../../contract/finding.ts";
import type { Check, DiagnosisContext } from "../check.ts";

/** A night's logs of a busy session stay below this. */
const ENOUGH_BYTES = 2 * 1024 ** 3;
/** Below this a build may fail at any moment. */
const LEAST_BYTES = 200 * 1024 ** 2;

/** The check. */
export const disk: Check = {
  area: "disk",
  examine(context): readonly Finding[] {
    const seen = new Set<string>();
    return foldersOf(context).flatMap((folder): readonly Finding[] => {
      const { device, free } = roomAt(folder);
      if (seen.has(device)) return [];
      seen.add(device);
      const text = `${(free / 1024 ** 3).toFixed(1)} GiB free at ${folder}`;
      if (free >= ENOUGH_BYTES) return [ok(text)];
      const remedy = "Delete what is not needed, old worktrees for example";
      return [free < LEAST_BYTES ? problem(text, remedy) : warning(text, remedy)];
    });
  },
};

function foldersOf({ settings, cacheFolder, workingDirectory }: DiagnosisContext): readonly string[] {
  return settings === undefined
    ? [workingDirectory, cacheFolder]
    : [settings.sessions, settings.worktrees, settings.mainRepo, cacheFolder];
}

function roomAt(folder: string): { readonly device: string; readonly free: number } {
  let there = folder;
  while (statIfExists(there) === undefined && there !== dirname(there)) there = dirname(there);
  const { bavail, bsize } = statfsSync(there);
  return { device: String(statIfExists(there)?.dev ?? there), free: bavail * bsize };
}
