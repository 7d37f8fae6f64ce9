/**
 * Project files that this program wrote itself, and vouches for as long as it runs.
 *
 * @module
 */
import { seeFile, type SeenFile } from "./seen_file.ts";

/** By the path of the `.samocode`. */
const VOUCHED = new Map<string, SeenFile>();

/** Trusts a project file as it stands, for this process. */
export function vouchFor(projectFile: string): void {
  const seen = seeFile(projectFile);
  if (seen !== undefined) VOUCHED.set(projectFile, seen);
}

/** What is vouched for of a project. */
export function vouchedFile(projectFile: string): SeenFile | undefined {
  return VOUCHED.get(projectFile);
}

/** All that is vouched for, by their `.samocode`. */
export function vouchedProjects(): readonly string[] {
  return [...VOUCHED.keys()];
}
