/**
 * Which sessions the listener follows: a small file for each, in the user's state folder, from a session's first run to
 * its end. It says where to look; what happened is in the journals.
 *
 * @module
 */
import { join } from "node:path";
import { type Checked, mapOf, number, record, text } from "../workflow/shape.ts";
import { EntryFiles, type OfSession } from "./entry_files.ts";

const subscription = record({
  /** The session's folder. */
  session: text,
  /** The project's `.samocode`. */
  projectFile: text,
  /** The settings that the run was given by flags and the environment, without secrets and without any channel's. */
  settings: mapOf(text),
  /** The number of the last event before. */
  after: number,
});

/** What is needed to follow a session. */
export type Subscription = Checked<typeof subscription>;

const FOLDER = "listener";

const files = new EntryFiles(join(FOLDER, "sessions"), subscription);

/** Where the listener keeps what it must remember. It is made if it is missing. */
export function listenerFolder(stateFolder: string): string {
  const folder = join(stateFolder, FOLDER);
  Deno.mkdirSync(folder, { recursive: true, mode: 0o700 });
  return folder;
}

/** The listener's lock. */
export function listenerLock(stateFolder: string): string {
  return join(stateFolder, FOLDER, "lock");
}

/** The folder of the subscriptions. It is made if it is missing. */
export function subscriptionsFolder(stateFolder: string): string {
  return files.folder(stateFolder);
}

/** Has the listener follow a session. */
export function subscribe(stateFolder: string, given: Subscription): void {
  files.write(stateFolder, given);
}

/** Has it follow the session no more. */
export function unsubscribe(stateFolder: string, session: OfSession): void {
  files.remove(stateFolder, session);
}

/** All sessions that it is to follow. */
export function readSubscriptions(stateFolder: string): readonly Subscription[] {
  return files.all(stateFolder);
}

/** Whether it is to follow a session. */
export function isSubscribed(stateFolder: string, session: OfSession): boolean {
  return files.read(stateFolder, session) !== undefined;
}
