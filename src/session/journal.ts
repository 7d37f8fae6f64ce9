/**
 * The journal: the append-only record of a session, and the bus between the processes that use it. Its head is kept
 * outside the session's folder; see chain_head.ts.
 *
 * @module
 */
import { basename, dirname } from "node:path";
import type { History } from "../workflow/history.ts";
import { eventLine } from "../workflow/event_line.ts";
import { withoutSecrets } from "./without_secrets.ts";
import type { RecordedEvent, SessionEvent } from "../workflow/session_event.ts";
import { SamocodeError, systemError } from "../text/errors.ts";
import { lstatIfExists, openOwnFile, statIfExists, writeAll } from "../system/files/files.ts";
import { bootId, ChainHead, type Extent, type Head, lockChains, sessionLock } from "./chain_head.ts";
import { type ForeignLine, nameLines } from "./check_chain.ts";
import { NEWLINE } from "./journal_lines.ts";
import { isAgents, type JournalOptions, JournalReader } from "./journal_reader.ts";
import { NOTHING, RunningHash } from "./running_hash.ts";

/** Another program wrote into the journal of a running worker. Its lines are invalidated and the journal stays usable. */
export class ForgedLineError extends SamocodeError {
  constructor(path: string, lines: readonly ForeignLine[]) {
    super("conflict", `Cannot trust the journal ${path}: ${nameLines(lines)} not written by samocode`, {
      hint:
        "Samocode ignores it and has marked it with #. Check the agent's log for who wrote it, then run the session again",
    });
  }
}

/** An open journal. Several processes may have the same one open; each sees what the others append. */
export class Journal implements Disposable {
  readonly #file: Deno.FsFile;
  readonly #path: string;
  readonly #options: JournalOptions;
  /** The clock of its events. */
  readonly now: () => Date;
  readonly #read: JournalReader;
  #hasTold = false;

  private constructor(file: Deno.FsFile, path: string, options: JournalOptions) {
    this.#file = file;
    this.#path = path;
    this.#options = options;
    this.now = options.now ?? (() => new Date());
    this.#read = new JournalReader(file, path, options);
  }

  /**
   * Opens a journal, or makes a new one, and reads it.
   *
   * @throws {SamocodeError} If it cannot be opened.
   */
  static open(path: string, options: JournalOptions): Journal {
    return Journal.#opened(path, options, () => openOwnFile(path, { ...modeFor(options), create: !options.readOnly }));
  }

  /**
   * Opens a journal and reads it; `undefined` if there is none.
   *
   * @throws {SamocodeError} If it is not a regular file (opening a pipe would hang) or cannot be opened.
   */
  static openIfExists(path: string, options: JournalOptions): Journal | undefined {
    const found = lstatIfExists(path);
    if (found === undefined) return undefined;
    if (!found.isFile) {
      throw new SamocodeError("conflict", `Cannot read the journal ${path}: not a regular file`, {
        hint: "Move it away; without its journal the folder is no session",
      });
    }
    return Journal.#opened(path, options, () => Deno.openSync(path, modeFor(options)));
  }

  static #opened(path: string, options: JournalOptions, open: () => Deno.FsFile): Journal {
    let file: Deno.FsFile;
    try {
      file = open();
    } catch (error) {
      const hint = "Check that the session folder exists and that you may write in it";
      throw systemError(`Cannot open the journal ${path}`, { error, hint });
    }
    const journal = new Journal(file, path, options);
    try {
      journal.#read.look(options.see);
      return journal;
    } catch (error) {
      journal[Symbol.dispose]();
      throw error;
    }
  }

  /** What all events so far add up to. */
  get history(): History {
    return this.#read.history;
  }

  /** The last events that are news, the newest at the end. */
  get news(): readonly RecordedEvent[] {
    return this.#read.news;
  }

  /** What is wrong with the journal, in words; `undefined` if it is as this program left it. */
  get doubt(): string | undefined {
    return this.#read.doubt;
  }

  /** All of its complete lines. */
  get extent(): Extent {
    return this.#read.hash.extent();
  }

  /** Where the lock of the session is; `undefined` before its first event. */
  get lockPath(): string | undefined {
    return this.#read.chain && sessionLock(this.#options.stateFolder, this.#read.chain);
  }

  /**
   * Claims the journal for the worker that holds the session's lock. From now on, what another program writes into it is
   * invalidated; the first call that meets it throws a {@linkcode ForgedLineError}.
   */
  claim(): void {
    this.#read.isClaimed = true;
  }

  /** Reads what any process has appended since the last read. */
  refresh(): readonly RecordedEvent[] {
    const events: RecordedEvent[] = [];
    this.#read.look((event) => events.push(event));
    this.#tellOfForgery();
    return events;
  }

  /**
   * Checks that nobody but this program has changed the journal.
   *
   * @throws {SamocodeError} With what was found.
   */
  check(): void {
    if (this.#read.doubt === undefined) return;
    throw new SamocodeError("conflict", `Cannot trust the journal ${this.#path}: ${this.#read.doubt}`, {
      hint: "Find out who did it. Restore the journal, or accept it as it is now",
      actions: [{ verb: "accept", session: basename(dirname(this.#path)) }],
    });
  }

  /**
   * Appends an event. It is in the file when this returns, and survives a loss of power unless it is an agent's action
   * or message.
   *
   * @throws {SamocodeError} If the disk is full or fails, or another program changed the file.
   */
  append(event: SessionEvent): RecordedEvent {
    return this.#writing(() => {
      const begun = this.#read.head === undefined ? this.begin(event) : undefined;
      if (begun !== undefined) return begun;
      this.check();
      return this.#exclusively(() => {
        this.#checkWhole();
        this.#read.look();
        this.check();
        const isRenamed = this.#read.known?.place.path !== this.#read.place.path;
        if (this.#read.tornBytes > 0) this.#repair();
        this.#tellOfForgery();
        if (isRenamed && event.type !== "session.renamed") {
          this.#write({ type: "session.renamed", folder: basename(dirname(this.#path)) });
        }
        return this.#write(event);
      });
    });
  }

  /**
   * Writes the first event, and with it begins the chain.
   *
   * @returns `undefined` if another process was faster.
   * @throws {SamocodeError} As {@linkcode append}.
   */
  begin(event: SessionEvent): RecordedEvent | undefined {
    return this.#writing(() => {
      if (this.#options.readOnly) throw new Error("it was opened to look");
      using _lock = lockChains(this.#options.stateFolder);
      this.#read.look();
      if (this.#read.hash.bytes > 0) return undefined;
      // What a beginning left that was cut short.
      this.#file.truncateSync(0);
      return this.#beginChain(event);
    });
  }

  /**
   * Accepts the journal as it is, opened so: a new chain begins with this event. The caller holds the session's lock.
   *
   * @param found What was wrong with it, in words.
   */
  accept({ found, by }: { readonly found: string; readonly by: string }): RecordedEvent {
    return this.#writing(() => {
      using _lock = lockChains(this.#options.stateFolder);
      this.#read.look();
      if (this.#read.tornBytes > 0) {
        writeAll(this.#file, Uint8Array.of(NEWLINE));
        this.#read.look();
      }
      using before = this.#read.head;
      const isOurs = this.#read.known?.place.path === this.#read.place.path ||
        this.#read.known?.place.folder === this.#read.place.folder;
      const accepted = this.#beginChain({ type: "journal.accepted", found, by });
      if (isOurs) before?.remove();
      return accepted;
    });
  }

  /** Forgets the head: the session's folder is removed. */
  forget(): void {
    this.#read.head?.remove();
  }

  [Symbol.dispose](): void {
    this.#read.head?.[Symbol.dispose]();
    this.#file.close();
  }

  #writing<T>(act: () => T): T {
    try {
      return act();
    } catch (error) {
      if (error instanceof SamocodeError) throw error;
      const hint = "Free some space on the disk, then run the session again; what was recorded before is safe";
      throw systemError(`Cannot write the journal ${this.#path}`, { error, hint });
    }
  }

  #exclusively<T>(act: () => T): T {
    return this.#read.head === undefined ? act() : this.#read.head.exclusively(act);
  }

  #beginChain(event: SessionEvent): RecordedEvent {
    this.#read.chain = crypto.randomUUID();
    this.#read.head = ChainHead.create(this.#options.stateFolder, this.#read.chain);
    this.#read.known = undefined;
    this.#read.doubt = undefined;
    return this.#exclusively(() => this.#write(event, { chain: this.#read.chain }));
  }

  /** Throws once only: the end of the run must still be recorded, whatever is written meanwhile. */
  #tellOfForgery(): void {
    if (!this.#read.isClaimed || this.#hasTold || this.#read.foreign.length === 0) return;
    this.#hasTold = true;
    throw new ForgedLineError(this.#path, this.#read.foreign);
  }

  /** Checks that the record does not go on in a file that nobody finds again, or after a gap. */
  #checkWhole(): void {
    const { size, ino } = this.#file.statSync();
    const there = statIfExists(this.#path);
    const isLinked = lstatIfExists(dirname(this.#path))?.isSymlink;
    // Some file systems change inode numbers, so a new number alone proves nothing.
    const replaced = isLinked || there === undefined || (there.ino !== ino && there.size !== size);
    if (!replaced && size >= this.#read.hash.bytes) return;
    const change = replaced ? "deleted or replaced it" : "cut it short";
    throw new SamocodeError("system", `Cannot write the journal ${this.#path}: another process ${change}`, {
      hint: "Restore it from a backup, or start a new session; only samocode may write this file",
    });
  }

  /** Removes a line that its writer left incomplete. What another program left so is ended, to be named. */
  #repair(): void {
    const bytes = this.#read.tornBytes;
    const { done, next } = this.#read.known ?? { done: NOTHING, next: NOTHING };
    if (this.#read.isClaimed && next.bytes === done.bytes) {
      writeAll(this.#file, Uint8Array.of(NEWLINE));
      this.#read.look();
      return;
    }
    this.#file.truncateSync(this.#read.hash.bytes);
    this.#read.tornBytes = 0;
    this.#write({ type: "journal.repaired", bytes });
  }

  #write(event: SessionEvent, begun: { readonly chain?: string | undefined } = {}): RecordedEvent {
    const recorded = withoutSecrets({
      seq: this.#read.history.lastSeq + 1,
      at: this.now().toISOString(),
      ...event,
      ...begun,
    });
    const text = eventLine(recorded);
    const line = new TextEncoder().encode(text);
    const flush = !isAgents(event);
    const after = new RunningHash(this.#read.hash).update(line);
    this.#announce(after.extent(), { flush });
    writeAll(this.#file, line);
    const { size } = this.#file.statSync();
    if (this.#read.isClaimed && size !== after.bytes) {
      // Another program wrote at the same time, perhaps half a line in front of this one, or cut the file.
      this.#checkWhole();
      if (!this.#read.readOn(size, { own: text })) return this.#write(event);
    } else {
      // Before the sync: the line is in the file even if the sync fails.
      this.#read.hash = after;
      this.#read.lines++;
      this.#read.take(recorded);
    }
    if (flush) this.#file.syncDataSync();
    const done = this.#read.hash.extent();
    this.#record({ done, next: done, flushed: flush ? done : this.#read.known?.flushed ?? NOTHING }, { flush: false });
    return recorded;
  }

  /** It is on the disk before the line is. */
  #announce(next: Extent, { flush }: { readonly flush: boolean }): void {
    this.#record({ done: this.#read.hash.extent(), next, flushed: this.#read.known?.flushed ?? NOTHING }, { flush });
  }

  #record(extents: Pick<Head, "done" | "next" | "flushed">, { flush }: { readonly flush: boolean }): void {
    this.#read.known = { ...extents, boot: bootId(), place: this.#read.place };
    this.#read.head?.write(this.#read.known, { flush });
  }
}

function modeFor({ readOnly }: JournalOptions): Deno.OpenOptions {
  return readOnly ? { read: true } : { read: true, append: true, mode: 0o600 };
}
