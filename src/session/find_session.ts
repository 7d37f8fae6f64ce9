/**
 * Finds the folder that belongs to a session's name.
 *
 * @module
 */
import { join } from "node:path";
import { dayStamp } from "../text/stamp.ts";
import { SamocodeError } from "../text/errors.ts";
import { lstatIfExists } from "../system/files/files.ts";
import { bareName, checkSessionName, isDated } from "./session_name.ts";

/** Where a session is, or would be. */
export interface SessionPlace {
  readonly path: string;
  readonly exists: boolean;
}

/**
 * Looks a session up: the exact folder, else the newest `YY-MM-DD-name`, else a new dated one.
 *
 * @throws {SamocodeError} For a name that is refused, or where a file stands in the folder's place.
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

/** The names of all session folders, unsorted. */
export function sessionNames(sessions: string): string[] {
  return [...Deno.readDirSync(sessions)].filter((entry) => entry.isDirectory && !entry.name.startsWith("."))
    .map((entry) => entry.name);
}

/** A link is no session folder: it may lead anywhere. */
function isSessionFolder(path: string): boolean {
  const found = lstatIfExists(path);
  if (found === undefined || found.isDirectory) return found !== undefined;
  throw new SamocodeError("conflict", `Cannot use ${path} as a session folder: it is not a folder`, {
    hint: "Move it away or choose another session name",
  });
}
