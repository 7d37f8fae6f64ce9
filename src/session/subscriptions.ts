/**
 * The sessions that the listener follows: a small file for each in the user's state folder, from a session's first run
 * to its end. It says where to look; the journals say what happened.
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
  /** The settings that the run got from flags and the environment, without secrets and channel settings. */
  settings: mapOf(text),
  /** The number of the last event before the subscription. */
  after: number,
});

/** What is needed to follow a session. */
export type Subscription = Checked<typeof subscription>;

const FOLDER = "listener";

const files = new EntryFiles(join(FOLDER, "sessions"), subscription);

/** The listener's own folder, created if missing. */
export function listenerFolder(stateFolder: string): string {
  const folder = join(stateFolder, FOLDER);
  Deno.mkdirSync(folder, { recursive: true, mode: 0o700 });
  return folder;
}

/** The listener's lock. */
export function listenerLock(stateFolder: string): string {
  return join(stateFolder, FOLDER, "lock");
}

/** The folder of the subscriptions, created if missing. */
export function subscriptionsFolder(stateFolder: string): string {
  return files.folder(stateFolder);
}

/** Subscribes a session to the listener. */
export function subscribe(stateFolder: string, given: Subscription): void {
  files.write(stateFolder, given);
}

/** Removes a session's subscription. */
export function unsubscribe(stateFolder: string, session: OfSession): void {
  files.remove(stateFolder, session);
}

/** All subscriptions. */
export function readSubscriptions(stateFolder: string): readonly Subscription[] {
  return files.all(stateFolder);
}

/** Whether a session is subscribed. */
export function isSubscribed(stateFolder: string, session: OfSession): boolean {
  return files.read(stateFolder, session) !== undefined;
}
