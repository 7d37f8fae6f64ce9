/**
 * The journal: the append-only record of a session, and the bus between the processes that use it. Its head is kept
 * outside the session's folder; see chain_head.ts.
 *
 * @module
 */
import { basename, dirname } from "node:path";
import { lstatIfExists, openOwnFile, writeAll } from "../system/files/files.ts";
import { SamocodeError, systemError } from "../text/errors.ts";
import type { History } from "../workflow/history.ts";
import type { RecordedEvent, SessionEvent } from "../workflow/session_event.ts";
import type { Story } from "../workflow/story.ts";
import { type Extent, lockChains, sessionLock } from "./chain_head.ts";
import { ForgedLineError } from "./check_chain.ts";
import { NEWLINE } from "./journal_lines.ts";
import { beginReading } from "./begin_reading.ts";
import type { JournalOptions, JournalReader } from "./journal_reader.ts";
import { JournalWriter } from "./journal_writer.ts";
import type { Milestone } from "./kept_journals.ts";

/** An open journal. Several processes may have the same one open; each sees what the others append. */
export class Journal implements Disposable {
  readonly #file: Deno.FsFile;
  readonly #path: string;
  readonly #options: JournalOptions;
  readonly #read: JournalReader;
  readonly #writer: JournalWriter;
  #hasTold = false;

  private constructor(file: Deno.FsFile, path: string, options: JournalOptions) {
    this.#file = file;
    this.#path = path;
    this.#options = options;
    this.#read = beginReading(file, path, options);
    this.#writer = new JournalWriter(this.#read, { ...options, file, path });
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
    try {
      return new Journal(file, path, options);
    } catch (error) {
      file.close();
      throw error;
    }
  }

  /** Where it is. */
  get path(): string {
    return this.#path;
  }

  /** Whether the file at a path is this one. */
  isAt(path: string): boolean {
    const [there, { dev, ino }] = [lstatIfExists(path), this.#file.statSync()];
    return there?.dev === dev && there.ino === ino;
  }

  /** The clock of its events. */
  get now(): () => Date {
    return this.#writer.now;
  }

  /** What all events so far add up to. */
  get history(): History {
    return this.#read.history;
  }

  /** What they tell of the session's way; `undefined` unless the options ask for it. */
  get story(): Story | undefined {
    return this.#read.story;
  }

  /** The last events that are news, the newest at the end. */
  get news(): readonly RecordedEvent[] {
    return this.#read.news;
  }

  /** The last events at which a wait may have ended, the newest at the end. */
  get milestones(): readonly Milestone[] {
    return this.#read.milestones;
  }

  /** What is wrong with the journal, in words; `undefined` if it is as this program left it. */
  get doubt(): string | undefined {
    return this.#read.doubt;
  }

  /** All of its complete lines. */
  get extent(): Extent {
    return this.#read.hash.extent();
  }

  /** Whether something was appended since it was read. */
  get hasGrown(): boolean {
    return this.#read.hasGrown;
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
      return this.#writer.exclusively(() => {
        this.#writer.checkWhole();
        this.#read.look();
        this.check();
        const isRenamed = this.#read.known?.place.path !== this.#read.place.path;
        if (this.#read.tornBytes > 0) this.#writer.repair();
        this.#tellOfForgery();
        if (isRenamed && event.type !== "session.renamed") {
          this.#writer.write({ type: "session.renamed", folder: basename(dirname(this.#path)) });
        }
        return this.#writer.write(event);
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
      return this.#writer.beginChain(event);
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
      const accepted = this.#writer.beginChain({ type: "journal.accepted", found, by });
      if (isOurs) before?.remove();
      return accepted;
    });
  }

  /**
   * Adds events as they were recorded elsewhere. Those that are there already are passed over.
   *
   * @param events Without a gap.
   * @throws {SamocodeError} If events before them are missing, or as {@linkcode append}.
   */
  copy(events: readonly RecordedEvent[]): void {
    this.#writing(() =>
      this.#writer.exclusively(() => {
        this.#writer.checkWhole();
        this.#read.look();
        this.check();
        this.#writer.copy(events);
      })
    );
  }

  /** Forgets the head: the session's folder is removed. */
  forget(): void {
    this.#read.head?.remove();
  }

  [Symbol.dispose](): void {
    this.#read[Symbol.dispose]();
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

  /** Throws once only: the end of the run must still be recorded, whatever is written meanwhile. */
  #tellOfForgery(): void {
    if (!this.#read.isClaimed || this.#hasTold || this.#read.foreign.length === 0) return;
    this.#hasTold = true;
    throw new ForgedLineError(this.#path, this.#read.foreign);
  }
}

function modeFor({ readOnly }: JournalOptions): Deno.OpenOptions {
  return readOnly ? { read: true } : { read: true, append: true, mode: 0o600 };
}
