/**
 * What a session is called where people and programs read of it: the shortest name that leads to its folder.
 *
 * @module
 */
import { bareName, isDated } from "./session_name.ts";

/**
 * Tells what each session folder is called: by its bare name where {@linkcode findSession} takes that for this very
 * folder, else by the folder's own.
 *
 * @param sessions The folder of all sessions, read once.
 */
export function shortNames(sessions: string): (folderName: string) => string {
  const entries = [...Deno.readDirSync(sessions)];
  // Whatever it is: a file of the bare name is in the way of a session, too.
  const taken = new Set(entries.map(({ name }) => name));
  const dated = entries.filter(({ name, isDirectory }) => isDirectory && isDated(name)).map(({ name }) => name);
  const newest = new Map(dated.sort().map((name) => [bareName(name), name]));
  return (folderName) => {
    const bare = bareName(folderName);
    return newest.get(bare) === folderName && !taken.has(bare) ? bare : folderName;
  };
}
