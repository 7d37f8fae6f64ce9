/**
 * The head of a journal: how far it goes, and the hash of all its bytes. It is in the user's own state folder, so that
 * whoever can only write the session's folder changes nothing unnoticed.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { basename, dirname, join } from "node:path";
import { systemError } from "../text/errors.ts";
import { openOwnFileIfExists, readInto, removeIfExists, statIfExists, writeAll } from "../system/files/files.ts";
import { openToLock } from "../system/files/folder_lock.ts";
import { platform } from "../system/platform.ts";
import { BOOT_ID_PATH } from "../system/processes/proc_processes.ts";

/** The first bytes of a journal. */
export interface Extent {
  readonly bytes: number;
  /** Hexadecimal. */
  readonly sha256: string;
}

/** Where a journal is. */
export interface Place {
  /** The hash of the session folder's real path. */
  readonly path: string;
  /** The folder's device and number, which a renamed folder keeps. */
  readonly folder: string;
}

/** What is known of a journal. It is written before each append and after it, so a crash leaves no doubt. */
export interface Head {
  /** What is in the journal. */
  readonly done: Extent;
  /** The same with the line that is being appended; equal to `done` when none is. */
  readonly next: Extent;
  /** What a loss of power leaves. */
  readonly flushed: Extent;
  /** The boot of the machine; empty where the system does not tell. */
  readonly boot: string;
  readonly place: Place;
}

/** Each half of the file holds a head, in turn: of two, one is whole even if writing the other was cut short. */
const SLOT_BYTES = 512;
/** One buffer for all heads: reads are synchronous. */
const SLOTS = new Uint8Array(2 * SLOT_BYTES);
const DECODER = new TextDecoder();

/** An open head. */
export class ChainHead implements Disposable {
  readonly #file: Deno.FsFile;
  readonly #path: string;
  #count = 0;

  private constructor(file: Deno.FsFile, path: string) {
    this.#file = file;
    this.#path = path;
  }

  /** Opens the head of a chain; `undefined` if this user has none of that id. */
  static open(
    stateFolder: string,
    { id, readOnly }: { readonly id: string; readonly readOnly: boolean },
  ): ChainHead | undefined {
    const path = join(stateFolder, FOLDER, `${id}.head`);
    const file = openOwnFileIfExists(path, { read: true, write: !readOnly });
    return file && new ChainHead(file, path);
  }

  /** Makes the head of a new chain. It exists only once it is written. */
  static create(stateFolder: string, id: string): ChainHead {
    const path = join(stateFolder, FOLDER, `${id}.head`);
    return new ChainHead(Deno.openSync(path, { read: true, write: true, createNew: true, mode: 0o600 }), path);
  }

  /** The newest whole head; `undefined` if none can be read. */
  read(): Head | undefined {
    // Windows does not let others read a file that is locked exclusively.
    const isLocked = platform().locksAreMandatory && !this.#isHeld;
    if (isLocked) this.#file.lockSync(false);
    this.#file.seekSync(0, Deno.SeekMode.Start);
    const text = DECODER.decode(SLOTS.subarray(0, readInto(this.#file, SLOTS)));
    if (isLocked) this.#file.unlockSync();
    const [first, second] = [readSlot(text.slice(0, SLOT_BYTES)), readSlot(text.slice(SLOT_BYTES))];
    const newest = first === undefined || (second !== undefined && second.count > first.count) ? second : first;
    this.#count = newest?.count ?? 0;
    return newest?.head;
  }

  /** Writes the head; `read` must have come before. */
  write(head: Head, { flush }: { readonly flush: boolean }): void {
    this.#count++;
    this.#file.seekSync((this.#count % 2) * SLOT_BYTES, Deno.SeekMode.Start);
    writeAll(this.#file, new TextEncoder().encode(slotOf(this.#count, head)));
    if (flush) this.#file.syncDataSync();
  }

  #isHeld = false;

  /** Acts while no other process appends. The system releases the lock if this process dies. */
  exclusively<T>(act: () => T): T {
    this.#file.lockSync(true);
    this.#isHeld = true;
    try {
      return act();
    } finally {
      this.#isHeld = false;
      this.#file.unlockSync();
    }
  }

  /** Forgets the chain: its session has none any more. */
  remove(): void {
    const lock = lockPathOf(this.#path);
    for (const path of [this.#path, lock, `${lock}.held`, besideLock(lock, "shown")]) removeIfExists(path);
  }

  [Symbol.dispose](): void {
    this.#file.close();
  }
}

const FOLDER = "journals";

/** Where the lock of a chain's session is. */
export function sessionLock(stateFolder: string, id: string): string {
  return lockPathOf(join(stateFolder, FOLDER, `${id}.head`));
}

/** A file that belongs to a session and is out of reach of its agents, too. */
export function besideLock(lockPath: string, kind: "shown"): string {
  return lockPath.replace(/lock$/, kind);
}

function lockPathOf(headPath: string): string {
  return headPath.replace(/head$/, "lock");
}

/**
 * Makes the folder of the heads and keeps others from beginning a chain.
 *
 * @throws {SamocodeError} If it cannot be made or locked.
 */
export function lockChains(stateFolder: string): Disposable {
  const folder = join(stateFolder, FOLDER);
  try {
    Deno.mkdirSync(folder, { recursive: true, mode: 0o700 });
    const lock = openToLock(folder);
    lock.lockSync(true);
    return lock;
  } catch (error) {
    throw systemError(`Cannot use the folder ${folder}`, {
      error,
      hint:
        "samocode keeps there how far each journal goes. XDG_STATE_HOME names another place, on a disk with file locks",
    });
  }
}

/** The place of a session's folder. Each part is looked up when it is first asked for: most readers need only one. */
export function placeOf(folder: string): Place {
  let path: string | undefined;
  let identity: string | undefined;
  return {
    get path(): string {
      return path ??= pathHash(Deno.realPathSync(folder));
    },
    get folder(): string {
      return identity ??= identityOf(Deno.statSync(folder));
    },
  };
}

/** The place that a folder will have under another name. */
export function placeOnceRenamed(folder: string, name: string): Place {
  const path = pathHash(join(Deno.realPathSync(dirname(name)), basename(name)));
  return { path, folder: placeOf(folder).folder };
}

/** Whether samocode recorded anything in this very folder, whatever became of it. */
export function hasHeadFor(stateFolder: string, { path, folder }: Place): boolean {
  const heads = join(stateFolder, FOLDER);
  if (statIfExists(heads) === undefined) return false;
  for (const { name } of Deno.readDirSync(heads)) {
    if (!name.endsWith(".head")) continue;
    using head = ChainHead.open(stateFolder, { id: name.replace(/\.head$/, ""), readOnly: true });
    const known = head?.read();
    if (known !== undefined && known.done.bytes > 0 && known.place.path === path && known.place.folder === folder) {
      return true;
    }
  }
  return false;
}

function pathHash(path: string): string {
  return sha256(path).slice(0, 32);
}

function identityOf({ dev, ino }: Deno.FileInfo): string {
  return `${dev}:${ino ?? "-"}`;
}

let boot: string | undefined;

/** The id of this boot. */
export function bootId(): string {
  try {
    return boot ??= Deno.readTextFileSync(BOOT_ID_PATH).trim();
  } catch {
    return boot = "";
  }
}

function slotOf(count: number, { done, next, flushed, boot, place }: Head): string {
  const extents = [done, next, flushed].flatMap(({ bytes, sha256 }) => [bytes, sha256]);
  const text = [count, ...extents, boot || "-", place.path, place.folder].join(" ");
  return `${text} ${sha256(text).slice(0, 16)}`.padEnd(SLOT_BYTES - 1) + "\n";
}

function readSlot(slot: string): { readonly count: number; readonly head: Head } | undefined {
  const words = slot.trim().split(" ");
  const sum = words.pop();
  if (words.length !== 10 || sha256(words.join(" ")).slice(0, 16) !== sum) return undefined;
  const extent = (at: number): Extent => ({ bytes: Number(words[at]), sha256: words[at + 1] ?? "" });
  const [boot = "", path = "", folder = ""] = words.slice(7);
  const head = { done: extent(1), next: extent(3), flushed: extent(5), boot: boot === "-" ? "" : boot };
  return { count: Number(words[0]), head: { ...head, place: { path, folder } } };
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
