/**
 * Sets the documents of a session's earlier task aside when it gets a new one: what was asked, approved and reported for
 * the old one must not pass for the new one.
 *
 * @module
 */
import { basename, join } from "node:path";
import { earlierFolder } from "../workflow/route.ts";
import { backupPath, lstatIfExists } from "../system/files/files.ts";
import { SamocodeError } from "../text/errors.ts";
import { recordOf } from "./layout.ts";
import type { SessionFolder } from "./session_folder.ts";

const EARLIER = /^earlier-\d+$/;

/**
 * Moves all but the record and the given plan into a folder of its own. Does what is left to do if it is interrupted and
 * done again.
 *
 * @throws {SamocodeError} If something else is in the place of that folder.
 */
export function setAside({ layout, history }: SessionFolder): void {
  const { earlierTasks, givenPlan } = history;
  if (earlierTasks === 0) return;
  const aside = join(layout.folder, earlierFolder(earlierTasks));
  // A link would lead the documents out of the session.
  if (lstatIfExists(aside)?.isDirectory === false) {
    throw new SamocodeError("conflict", `Cannot set the earlier documents aside: ${aside} is not a folder`, {
      hint: "Move it away, then run the session again",
    });
  }
  const kept = [...[...recordOf(layout), layout.signal].map((path) => basename(path)), givenPlan];
  const names = [...Deno.readDirSync(layout.folder)].map(({ name }) => name);
  Deno.mkdirSync(aside, { recursive: true, mode: 0o700 });
  for (const name of names.filter((name) => !kept.includes(name) && !EARLIER.test(name))) {
    const target = join(aside, name);
    const path = lstatIfExists(target) === undefined ? target : backupPath(target, new Date());
    Deno.renameSync(join(layout.folder, name), path);
  }
}
