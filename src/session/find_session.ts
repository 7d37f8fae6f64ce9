/**
 * Which folder a session's name means, and the shortest name of a folder.
 *
 * @module
 */
import { join } from "node:path";
import { dayStamp } from "../text/format.ts";
import { SamocodeError } from "../text/errors.ts";
import { lstatIfExists } from "../system/files/files.ts";
import { bareName, checkSessionName, isDated } from "./session_name.ts";

/** Where a session is, or would be. */
export interface SessionPlace {
  readonly path: string;
  readonly exists: boolean;
}

/**
 * Finds a session: the exact folder, else the newest `YY-MM-DD-name`, else a new dated one.
 *
 * @throws {SamocodeError} If the name is invalid, or something other than a folder has it.
 */
export function findSession(sessions: string, name: string, now: Date = new Date()): SessionPlace {
  checkSessionName(name);
  const exact = join(sessions, name);
  if (isSessionFolder(exact)) return { path: exact, exists: true };
  const dated = sessionNames(sessions).filter((folder) => isDated(folder) && bareName(folder) === name);
  const newest = dated.sort().at(-1);
  if (newest !== undefined) return { path: join(sessions, newest), exists: true };
  const path = isDated(name) ? exact : join(sessions, `${dayStamp(now)}-${name}`);
  return { path, exists: isSessionFolder(path) };
}

/**
 * Names session folders as people and programs see them: by the bare name if {@linkcode findSession} finds this folder
 * by it, else by the folder's own name.
 *
 * @param sessions The folder of all sessions, read once.
 */
export function shortNames(sessions: string): (folderName: string) => string {
  const entries = [...Deno.readDirSync(sessions)];
  // A file of the bare name blocks it, too.
  const taken = new Set(entries.map(({ name }) => name));
  const dated = entries.filter(({ name, isDirectory }) => isDirectory && isDated(name)).map(({ name }) => name);
  const newest = new Map(dated.sort().map((name) => [bareName(name), name]));
  return (folderName) => {
    const bare = bareName(folderName);
    return newest.get(bare) === folderName && !taken.has(bare) ? bare : folderName;
  };
}

/** The names of all session folders, unsorted. */
export function sessionNames(sessions: string): string[] {
  return [...Deno.readDirSync(sessions)].filter((entry) => entry.isDirectory && !entry.name.startsWith("."))
    .map((entry) => entry.name);
}

/** A link is rejected: it may lead anywhere. */
function isSessionFolder(path: string): boolean {
  const found = lstatIfExists(path);
  if (found === undefined || found.isDirectory) return found !== undefined;
  throw new SamocodeError("conflict", `Cannot use ${path} as a session folder: it is not a folder`, {
    hint: "Move it away or choose another session name",
  });
}
