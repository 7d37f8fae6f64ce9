/**
 * The session lock: one worker per session. A record says who holds it; process id and start time tell whether they are
 * still alive. A file lock beside it, held as long, also tells of those that cannot be seen, as in another container.
 *
 * @module
 */
import { dirname } from "node:path";
import { platform } from "../system/platform.ts";
import { isAlive, readProcess } from "../system/processes/process_table.ts";
import { localMoment } from "../text/format.ts";
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

/** Far more than it takes to release one. */
const PATIENCE_MS = 1_000;

/**
 * Takes a session's lock.
 *
 * @param path Where its record is, outside the session's folder.
 * @returns The held lock; disposing releases it.
 * @throws {SamocodeError} If a living worker holds it, or it cannot be written.
 */
export async function takeLock(
  path: string,
  { session, now = new Date() }: { readonly session: string; readonly now?: Date },
): Promise<Disposable> {
  const self = readProcess(Deno.pid);
  const holder: LockHolder = { pid: Deno.pid, startId: self?.startId ?? "unknown", since: now.toISOString() };
  exclusively(path, (file, found) => {
    if (found !== undefined && isAlive(found)) throw lockedBy(found, session);
    replace(file, JSON.stringify(holder) + "\n");
  });
  const release = () => {
    // The session may have been removed, and the lock with it.
    if (lstatIfExists(path) === undefined) return;
    exclusively(path, (file, found) => {
      if (found?.pid === holder.pid && found.startId === holder.startId) replace(file, "");
    });
  };
  try {
    const held = await hold(`${path}.held`, session);
    return {
      [Symbol.dispose]: () => {
        try {
          release();
        } finally {
          held.close();
        }
      },
    };
  } catch (error) {
    release();
    throw error;
  }
}

function lockedBy({ pid, since }: LockHolder, session: string): SamocodeError {
  return new SamocodeError(
    "conflict",
    `Cannot work on this session: it is locked by process ${pid} since ${localMoment(since)}`,
    {
      hint: "Watch it, or stop it",
      actions: [{ verb: "wait", session }, { verb: "stop", session }],
    },
  );
}

/** Locks a file until it is closed. Deno 2.4 cannot ask without waiting. */
async function hold(path: string, session: string): Promise<Deno.FsFile> {
  const file = opened(path);
  const { promise: late, resolve } = Promise.withResolvers<"late">();
  const timer = setTimeout(() => resolve("late"), PATIENCE_MS);
  const locking = file.lock(true);
  try {
    if (await Promise.race([locking, late]) !== "late") return file;
  } catch (error) {
    file.close();
    throw systemError(`Cannot lock ${path}`, {
      error,
      hint: "XDG_STATE_HOME names another place for it, on a disk with file locks",
    });
  } finally {
    clearTimeout(timer);
  }
  // It may be given the lock when nobody waits for it any more.
  locking.then(() => file.close(), () => file.close());
  const pid = flockHolder(file);
  const who = pid === undefined ? "a process that cannot be seen here, perhaps in another container" : `process ${pid}`;
  throw new SamocodeError("conflict", `Cannot work on ${session}: ${who} holds its lock ${path}`, {
    hint: "End that process",
  });
}

/** The id of the process that locks a file, where the system tells. */
function flockHolder(file: Deno.FsFile): number | undefined {
  try {
    const { ino } = file.statSync();
    const line = Deno.readTextFileSync("/proc/locks").split("\n")
      .find((each) => / FLOCK /.test(each) && !each.includes("->") && each.includes(`:${ino} `));
    const pid = Number(/ WRITE +(\d+) /.exec(line ?? "")?.[1] ?? 0);
    return pid > 0 ? pid : undefined;
  } catch {
    return undefined;
  }
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
    using file = opened(path);
    file.lockSync(true);
    const bytes = new Uint8Array(MAX_LOCK_BYTES);
    const length = file.readSync(bytes) ?? 0;
    act(file, readHolder(bytes.subarray(0, length)));
  } catch (error) {
    if (error instanceof SamocodeError) throw error;
    const hint = "Move away what is in its place, and check that you may write there and the disk has room";
    throw systemError(`Cannot use the lock ${path}`, { error, hint });
  }
}

function opened(path: string): Deno.FsFile {
  Deno.mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  return openOwnFile(path, { read: true, write: true, create: true, mode: 0o600 });
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
