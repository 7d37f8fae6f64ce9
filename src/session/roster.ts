/**
 * The roster: the sessions of this user that are under way, of all projects: one small file each, from the beginning of
 * a run, or from when it was queued, to its end, or over midnight to the next run's where only a day's budget is used
 * up. It says where to look; what happened is in the journals.
 *
 * @module
 */
import { unlessFailing } from "../text/errors.ts";
import { type Checked, mapOf, record, text } from "../workflow/shape.ts";
import { lstatIfExists, removeIfExists } from "../system/files/files.ts";
import { EntryFiles, type OfSession } from "./entry_files.ts";

const entry = record({
  /** The session's folder. */
  session: text,
  /** The session's lock. */
  lock: text,
  /** The project's `.samocode`. */
  projectFile: text,
  /** The settings that the run was given by flags and the environment, without secrets. */
  settings: mapOf(text),
});

/** What is needed to continue a session. */
export type RosterEntry = Checked<typeof entry>;

const files = new EntryFiles("roster", entry);

/** The folder of the roster. It is made if it is missing. */
export function rosterFolder(stateFolder: string): string {
  return files.folder(stateFolder);
}

/** Writes a session's entry. Nobody was told of the end of the run that begins. Returns the entry's path. */
export function enrol(stateFolder: string, given: RosterEntry): string {
  const path = files.write(stateFolder, given);
  removeIfExists(markOf(path));
  return path;
}

/** Removes a session's entry. */
export function dismiss(stateFolder: string, session: OfSession): void {
  files.remove(stateFolder, session);
  removeIfExists(markOf(files.pathOf(stateFolder, session)));
}

/** All readable entries. */
export function readRoster(stateFolder: string): readonly RosterEntry[] {
  return files.all(stateFolder);
}

/**
 * After a message that could not be sent, or whose sender died, the next try is left to whoever comes so much later.
 */
const AGAIN_MS = 600_000;

/** When a mark of what was told was changed: that, and an empty file, have room on a full disk. */
const TOLD_MS = 0;

/** Whether nobody was told of the end of a session's last run. */
export function isUntold(stateFolder: string, session: OfSession): boolean {
  const mark = lstatIfExists(markOf(files.pathOf(stateFolder, session)));
  const takenAtMs = mark?.mtime?.getTime();
  return mark === undefined || (takenAtMs !== TOLD_MS && Date.now() - (takenAtMs ?? 0) > AGAIN_MS);
}

/**
 * Takes it on to tell the person: of several processes that notice a death, one does.
 *
 * @returns A function that says whether they were told; `undefined` if another process tells them, or did.
 */
export function takeTelling(
  stateFolder: string,
  session: OfSession,
): ((wasTold: boolean) => void) | undefined {
  const mark = markOf(files.pathOf(stateFolder, session));
  const isStale = lstatIfExists(mark) !== undefined;
  if (isStale && !isUntold(stateFolder, session)) return undefined;
  try {
    // One that is too old, and never one that another process has just made.
    if (isStale) removeIfExists(mark);
    Deno.openSync(mark, { write: true, createNew: true, mode: 0o600 }).close();
  } catch (error) {
    if (error instanceof Deno.errors.AlreadyExists) return undefined;
    // Better told twice than never.
  }
  return (wasTold) => void (wasTold && unlessFailing(() => Deno.utimeSync(mark, TOLD_MS, TOLD_MS)));
}

function markOf(path: string): string {
  return path.replace(/json$/, "told");
}
