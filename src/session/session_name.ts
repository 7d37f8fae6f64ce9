/**
 * Session names: one path segment that is a folder, a branch and a worktree at once.
 *
 * @module
 */
import { SamocodeError } from "../text/errors.ts";

/** Longer names are refused, in characters, the day not counted. */
export const MAX_NAME_LENGTH = 100;

/**
 * Windows takes these for devices, with any ending and in any case (learn.microsoft.com, Naming Files, Paths, and
 * Namespaces). They are refused everywhere: a folder of sessions may be shared.
 */
const DEVICE = /^(?:con|prn|aux|nul|com[1-9]|lpt[1-9])(?:\.|$)/i;

const DATED = /^\d\d-\d\d-\d\d-(?=.)/;

/**
 * Checks a session name from outside.
 *
 * @returns The name as it was given.
 * @throws {SamocodeError} For anything that is not one harmless path segment and branch name.
 */
export function checkSessionName(name: string): string {
  const problem = problemWith(name);
  if (problem === undefined) return name;
  throw new SamocodeError(
    "usage",
    `Cannot use ${JSON.stringify(name.slice(0, MAX_NAME_LENGTH))} as a session name: ${problem}`,
    {
      hint: "Use letters, digits, dots, hyphens and underscores, for example add-jwt",
    },
  );
}

/** The name without the day that a session's folder begins with. */
export function bareName(folderName: string): string {
  return folderName.replace(DATED, "");
}

/** Tells whether a name begins with a day already. */
export function isDated(name: string): boolean {
  return DATED.test(name);
}

function problemWith(name: string): string | undefined {
  if (name === "") return "it is empty";
  // A day before it does not count: every folder gets one.
  if (bareName(name).length > MAX_NAME_LENGTH) return `it is over ${MAX_NAME_LENGTH} characters long`;
  const strange = /[^A-Za-z0-9._-]/.exec(name)?.[0];
  if (strange !== undefined) return `${JSON.stringify(strange)} is not allowed`;
  if (name.includes("..")) return '".." is not allowed';
  // Behind the day, too: there the branch begins.
  if (/^[.-]/.test(bareName(name))) return "it begins with a dot or a hyphen";
  // The name without its day is a worktree's folder; Windows keeps none with a dot at its end, either.
  if ([name, bareName(name)].some((each) => DEVICE.test(each))) return "Windows keeps it for a device";
  // git-check-ref-format(1) refuses these as branch names.
  if (name.endsWith(".") || name.toLowerCase().endsWith(".lock")) return 'it ends with "." or ".lock"';
  return undefined;
}
