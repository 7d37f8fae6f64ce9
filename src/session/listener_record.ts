/**
 * The listener's record of itself, for other processes, during its run and afterwards: a small file in its folder.
 *
 * @module
 */
import { dirname, join } from "node:path";
import { unlessFailing } from "../text/errors.ts";
import { type Checked, flag, listOf, number, record, text } from "../workflow/shape.ts";
import { lstatIfExists, readTextIfExists, writeAtomic } from "../system/files/files.ts";
import { type LockHolder, lockHolder } from "./lock.ts";
import { listenerLock } from "./subscriptions.ts";

const listenerRecord = record({
  pid: number,
  version: text,
  /** Whether it keeps running when no session runs or waits. */
  keeps: flag,
  /** Whether a session is running or waiting, or anything is undelivered. */
  isNeeded: flag,
  channels: listOf(record({
    /** Display name. */
    title: text,
    /** Why nobody can decide there; empty if they can. */
    refusal: text,
    /** Why it does not work at the moment; empty if it does. */
    trouble: text,
    /** The folders of the sessions that it shows. */
    sessions: listOf(text),
  })),
  /** What was not delivered so far. */
  undelivered: listOf(record({
    /** The session's folder. */
    session: text,
    title: text,
    channel: text,
    /** ISO 8601. */
    since: text,
    because: text,
  })),
});

/** The record. */
export type ListenerRecord = Checked<typeof listenerRecord>;

/** Writes the record. */
export function writeListenerRecord(stateFolder: string, said: ListenerRecord): void {
  writeAtomic(recordPath(stateFolder), JSON.stringify(said) + "\n", { newMode: 0o600 });
}

/** The record of the last listener; `undefined` if there was none. */
export function readListenerRecord(stateFolder: string): ListenerRecord | undefined {
  const said: unknown = unlessFailing(() => JSON.parse(readTextIfExists(recordPath(stateFolder)) ?? ""));
  return listenerRecord(said) ? said : undefined;
}

/** The running listener; `undefined` if there is none. Its record appears a moment after it starts. */
export function livingListener(
  stateFolder: string,
): { readonly holder: LockHolder; readonly said: ListenerRecord | undefined } | undefined {
  const holder = lockHolder(listenerLock(stateFolder));
  if (holder === undefined) return undefined;
  const said = readListenerRecord(stateFolder);
  return { holder, said: said?.pid === holder.pid ? said : undefined };
}

/**
 * Whether a listener should be running but is not: the last one was killed or went down with the machine, which leaves
 * its lock behind, or was ended while it was needed.
 */
export function isListenerMissing(stateFolder: string): boolean {
  const lock = listenerLock(stateFolder);
  if (lockHolder(lock) !== undefined) return false;
  return (lstatIfExists(lock)?.size ?? 0) > 0 || (readListenerRecord(stateFolder)?.isNeeded ?? false);
}

function recordPath(stateFolder: string): string {
  return join(dirname(listenerLock(stateFolder)), "listener.json");
}
