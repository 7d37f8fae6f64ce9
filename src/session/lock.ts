/**
 * The lock: one worker a session. A worker that died holds nothing, and is recognised by its id and start time.
 *
 * @module
 */
import { basename, dirname } from "node:path";
import { platform } from "../system/platform.ts";
import { isAlive, readProcess } from "../system/processes/process_table.ts";
import { messageOf, SamocodeError } from "../text/errors.ts";
import { lstatIfExists, openOwnFile, readBytesIfExists, writeAll } from "../system/files/files.ts";

/** Who holds a lock. */
export interface LockHolder {
  readonly pid: number;
  readonly startId: string;
  /** ISO 8601. */
  readonly since: string;
}

const MAX_LOCK_BYTES = 4096;

/**
 * Takes the session's lock.
 *
 * @returns The held lock; disposing gives it back.
 * @throws {SamocodeError} Where a living worker holds it, and where it cannot be written.
 */
export function takeLock(path: string, now: Date = new Date()): Disposable {
  const self = readProcess(Deno.pid);
  const holder: LockHolder = { pid: Deno.pid, startId: self?.startId ?? "unknown", since: now.toISOString() };
  exclusively(path, (file, found) => {
    if (found !== undefined && isAlive(found)) {
      const session = basename(dirname(path));
      throw new SamocodeError(
        "conflict",
        `Cannot work on this session: it is locked by process ${found.pid} since ${found.since}`,
        {
          hint: "Watch it, or stop it",
          actions: [{ verb: "wait", session }, { verb: "stop", session }],
        },
      );
    }
    replace(file, JSON.stringify(holder) + "\n");
  });
  return {
    [Symbol.dispose]: () => {
      // With the session's folder the lock went, too.
      if (lstatIfExists(path) === undefined) return;
      exclusively(path, (file, found) => {
        if (found?.pid === holder.pid && found.startId === holder.startId) replace(file, "");
      });
    },
  };
}

/** Who works on the session now; `undefined` when nobody does. Only looks. */
export function lockHolder(path: string): LockHolder | undefined {
  const bytes = platform().locksAreMandatory ? readShared(path) : readBytesIfExists(path, MAX_LOCK_BYTES);
  const holder = bytes instanceof Uint8Array ? readHolder(bytes) : undefined;
  return holder !== undefined && isAlive(holder) ? holder : undefined;
}

/** Two that find the same dead holder must not both take its place: look and write are one step under a file lock. */
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
    throw new SamocodeError("system", `Cannot use the lock ${path}: ${messageOf(error)}`, {
      hint:
        "Move away what stands in its place, and check that you may write in the session folder and the disk has room",
      cause: error,
    });
  }
}

/** Windows refuses to read what another has locked for itself (LockFileEx): whoever wants to look waits for that. */
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

/** A lock that cannot be read was torn by a crash: nobody holds it. */
function readHolder(bytes: Uint8Array): LockHolder | undefined {
  // Given back: so most locks are found, and a failed reading takes its time.
  if (bytes.length === 0) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return undefined;
  }
  if (typeof value !== "object" || value === null) return undefined;
  if (!("pid" in value) || typeof value.pid !== "number" || !Number.isSafeInteger(value.pid)) return undefined;
  if (!("startId" in value) || typeof value.startId !== "string") return undefined;
  if (!("since" in value) || typeof value.since !== "string") return undefined;
  const { pid, startId, since } = value;
  return pid > 0 ? { pid, startId, since } : undefined;
}
