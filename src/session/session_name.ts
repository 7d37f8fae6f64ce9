/**
 * Session names: one path segment that names a folder, a branch and a worktree.
 *
 * @module
 */
import { SamocodeError } from "../text/errors.ts";

/** The longest name, in characters, without the day. */
export const MAX_NAME_LENGTH = 100;

/**
 * Windows reserves these for devices, with any extension and in any case (learn.microsoft.com, Naming Files, Paths, and
 * Namespaces). They are rejected everywhere, because a folder of sessions may be shared.
 */
const DEVICE = /^(?:con|prn|aux|nul|com[1-9]|lpt[1-9])(?:\.|$)/i;

const DATED = /^\d\d-\d\d-\d\d-(?=.)/;

/**
 * Checks a session name from outside.
 *
 * @returns The same name.
 * @throws {SamocodeError} For anything that is not one harmless path segment and branch name.
 */
export function checkSessionName(name: string): string {
  const problem = problemWith(name);
  if (problem === undefined) return name;
  const shown = JSON.stringify(name.slice(0, MAX_NAME_LENGTH));
  throw new SamocodeError("usage", `Cannot use ${shown} as a session name: ${problem}`, {
    hint: "Use letters, digits, dots, hyphens and underscores, for example add-jwt",
  });
}

/** Whether Windows reserves a name for a device. */
export function isDeviceName(name: string): boolean {
  return DEVICE.test(name);
}

/** A folder's name without the day that it begins with. */
export function bareName(folderName: string): string {
  return folderName.replace(DATED, "");
}

/** Tells whether a name begins with a day already. */
export function isDated(name: string): boolean {
  return DATED.test(name);
}

/** Enough to tell sessions apart, short enough to type. */
const MAX_SUGGESTED_WORDS = 5;
const MAX_SUGGESTED_LENGTH = 40;

/** Makes a valid name from the first words of a task: `Add JWT login!` is `add-jwt-login`. It may be taken. */
export function suggestName(task: string): string {
  const words = task.slice(0, 1000).normalize("NFKD").toLowerCase().replace(/['’\p{Mn}]/gu, "").match(/[a-z0-9]+/g);
  let name = "";
  for (const word of words?.slice(0, MAX_SUGGESTED_WORDS) ?? []) {
    const longer = name === "" ? word : `${name}-${word}`;
    if (name !== "" && longer.length > MAX_SUGGESTED_LENGTH) break;
    name = longer.slice(0, MAX_SUGGESTED_LENGTH);
  }
  return name === "" ? "session" : name;
}

function problemWith(name: string): string | undefined {
  if (name === "") return "it is empty";
  if (bareName(name).length > MAX_NAME_LENGTH) return `it is over ${MAX_NAME_LENGTH} characters long`;
  const strange = /[^A-Za-z0-9._-]/.exec(name)?.[0];
  if (strange !== undefined) return `${JSON.stringify(strange)} is not allowed`;
  if (name.includes("..")) return '".." is not allowed';
  // The branch begins after the day.
  if (/^[.-]/.test(bareName(name))) return "it begins with a dot or a hyphen";
  // The name without its day is the worktree's folder.
  if ([name, bareName(name)].some(isDeviceName)) return "Windows reserves it for a device";
  // git-check-ref-format(1); Windows drops a dot at the end.
  if (name.endsWith(".") || name.toLowerCase().endsWith(".lock")) return 'it ends with "." or ".lock"';
  return undefined;
}
