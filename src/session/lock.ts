/**
 * The session lock: one worker per session. Process id and start time tell whether its holder is still alive.
 *
 * @module
 */
import { basename, dirname } from "node:path";
import { platform } from "../system/platform.ts";
import { isAlive, readProcess } from "../system/processes/process_table.ts";
import { SamocodeError, systemError } from "../text/errors.ts";
import { type Checked, number, record, text } from "../workflow/shape.ts";
import { lstatIfExists, openOwnFile, readBytesIfExists, writeAll } from "../system/files/files.ts";

const lockRecord = record({
  pid: number,
  startId: text,
  /** ISO 8601. */
  since: text,
});

/** Who holds a lock. */
export type LockHolder = Checked<typeof lockRecord>;

const MAX_LOCK_BYTES = 4096;

/**
 * Takes the session's lock.
 *
 * @returns The held lock; disposing releases it.
 * @throws {SamocodeError} If a living worker holds it, or it cannot be written.
 */
export function takeLock(path: string, now: Date = new Date()): Disposable {
  const self = readProcess(Deno.pid);
  const holder: LockHolder = { pid: Deno.pid, startId: self?.startId ?? "unknown", since: now.toISOString() };
  exclusively(path, (file, found) => {
    if (found !== undefined && isAlive(found)) {
      const session = basename(dirname(path));
      const message = `Cannot work on this session: it is locked by process ${found.pid} since ${found.since}`;
      throw new SamocodeError("conflict", message, {
        hint: "Watch it, or stop it",
        actions: [{ verb: "wait", session }, { verb: "stop", session }],
      });
    }
    replace(file, JSON.stringify(holder) + "\n");
  });
  return {
    [Symbol.dispose]: () => {
      // The session folder may have been removed, and the lock with it.
      if (lstatIfExists(path) === undefined) return;
      exclusively(path, (file, found) => {
        if (found?.pid === holder.pid && found.startId === holder.startId) replace(file, "");
      });
    },
  };
}

/** The living worker that holds the lock, if any. */
export function lockHolder(path: string): LockHolder | undefined {
  const bytes = platform().locksAreMandatory ? readShared(path) : readBytesIfExists(path, MAX_LOCK_BYTES);
  const holder = bytes instanceof Uint8Array ? readHolder(bytes) : undefined;
  return holder !== undefined && isAlive(holder) ? holder : undefined;
}

/** Reads and writes the lock in one step, so that two workers cannot both replace the same dead holder. */
function exclusively(path: string, act: (file: Deno.FsFile, found: LockHolder | undefined) => void): void {
  try {
    // Closing it unlocks it.
    using file = openOwnFile(path, { read: true, write: true, create: true, mode: 0o600 });
    file.lockSync(true);
    const bytes = new Uint8Array(MAX_LOCK_BYTES);
    const length = file.readSync(bytes) ?? 0;
    act(file, readHolder(bytes.subarray(0, length)));
  } catch (error) {
    if (error instanceof SamocodeError) throw error;
    const hint =
      "Move away what is in its place, and check that you may write in the session folder and the disk has room";
    throw systemError(`Cannot use the lock ${path}`, { error, hint });
  }
}

/** Reads under a shared lock: Windows does not let others read a file that is locked exclusively (LockFileEx). */
export function readShared(path: string): Uint8Array | undefined {
  if (!lstatIfExists(path)?.isFile) return undefined;
  using file = openOwnFile(path, { read: true });
  file.lockSync(false);
  const bytes = new Uint8Array(MAX_LOCK_BYTES);
  return bytes.subarray(0, file.readSync(bytes) ?? 0);
}

function replace(file: Deno.FsFile, text: string): void {
  file.truncateSync(0);
  file.seekSync(0, Deno.SeekMode.Start);
  writeAll(file, new TextEncoder().encode(text));
}

/** A record that cannot be read was torn by a crash: nobody holds the lock. */
function readHolder(bytes: Uint8Array): LockHolder | undefined {
  // Released locks are empty, and most are released: skip the cost of a failed parse.
  if (bytes.length === 0) return undefined;
  try {
    const value: unknown = JSON.parse(new TextDecoder().decode(bytes));
    return lockRecord(value) && Number.isSafeInteger(value.pid) && value.pid > 0 ? value : undefined;
  } catch {
    return undefined;
  }
}
