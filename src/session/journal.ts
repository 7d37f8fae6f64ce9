/**
 * The journal: the append-only record of a session, and the bus between the processes that look at it.
 *
 * @module
 */
import { dirname } from "node:path";
import { fold } from "../workflow/fold_history.ts";
import { type History, NO_HISTORY } from "../workflow/history.ts";
import { eventLine, readEventLine } from "../workflow/event_line.ts";
import { isNews, type RecordedEvent, type SessionEvent } from "../workflow/session_event.ts";
import { messageOf, SamocodeError } from "../text/errors.ts";
import { lstatIfExists, openOwnFile, statIfExists, writeAll } from "../system/files/files.ts";

/** What a journal is opened with. */
export interface JournalOptions {
  /** For those who only look. */
  readonly readOnly?: boolean;
  /** The clock that stamps events. */
  readonly now?: () => Date;
  /** Sees every event that stands in the journal when it is opened; a second reading would cost as much as the first. */
  readonly see?: (event: RecordedEvent) => void;
}

const NEWLINE = 10;
/** How many of the last events that are news a journal keeps. */
const KEPT_NEWS = 8;
/**
 * What a read takes at a time. One for all journals: a reading never waits, so no two overlap. Texts of twice the size
 * V8 keeps apart, until it looks through everything: 400,000 events took 90 MB with 256 KiB, and take 55 MB so.
 */
const CHUNK = new Uint8Array(64 * 1024);

/** What other processes may append while a worker runs: all else is the worker's to record. */
const FROM_OTHERS: readonly SessionEvent["type"][] = [
  "guidance.given",
  "stop.requested",
  "listener.failed",
  "journal.repaired",
];

/** Somebody else wrote into the journal what only the worker may. The line counts for nothing; the journal goes on. */
export class ForgedLineError extends SamocodeError {
  /** @param lines Each with its number and what it says. */
  constructor(path: string, lines: readonly string[]) {
    const more = lines.length > 3 ? ` and ${lines.length - 3} more` : "";
    super(
      "conflict",
      `Cannot trust the journal ${path}: ${lines.slice(0, 3).join(", ")}${more} not written by its worker`,
      {
        hint:
          "It counts for nothing and begins with # now. See in the agent's log who wrote it, then run the session again",
      },
    );
  }
}

/** A line that may not be there. */
interface ForgedLine {
  readonly number: number;
  readonly type: SessionEvent["type"];
  /** Where it begins, in bytes. */
  readonly start: number;
}

/** An open journal. Several processes may have the same one open; each sees what the others append. */
export class Journal implements Disposable {
  readonly #file: Deno.FsFile;
  readonly #path: string;
  readonly #now: () => Date;
  #history: History = NO_HISTORY;
  #news: readonly RecordedEvent[] = [];
  /** Up to here everything is read; a torn line behind it is not. */
  #offset = 0;
  #tornBytes = 0;
  /** How many lines are read. */
  #lines = 0;
  #isClaimed = false;
  /** The first lines that were struck out, until somebody is told. */
  #forged: readonly string[] = [];
  #hasTold = false;

  private constructor(file: Deno.FsFile, path: string, now: () => Date) {
    this.#file = file;
    this.#path = path;
    this.#now = now;
  }

  /**
   * Opens a journal and reads it.
   *
   * @throws {SamocodeError} Where it cannot be opened.
   */
  static open(path: string, { readOnly = false, now = () => new Date(), see }: JournalOptions = {}): Journal {
    let file: Deno.FsFile;
    try {
      file = openOwnFile(path, readOnly ? { read: true } : { read: true, append: true, create: true, mode: 0o600 });
    } catch (error) {
      throw new SamocodeError(
        "system",
        `Cannot open the journal ${path}: ${messageOf(error)}`,
        {
          hint: "Check that the session folder is there and that you may write in it",
          cause: error,
        },
      );
    }
    const journal = new Journal(file, path, now);
    try {
      journal.#readOn(undefined, see);
    } catch (error) {
      journal[Symbol.dispose]();
      throw error;
    }
    return journal;
  }

  /** What all events so far add up to. */
  get history(): History {
    return this.#history;
  }

  /** The last events that are news, the newest at the end. */
  get news(): readonly RecordedEvent[] {
    return this.#news;
  }

  /**
   * Claims the journal for the worker that holds the session's lock: from now on a line of anybody else that only the
   * worker may write is struck out, and whoever meets the first is told by a {@linkcode ForgedLineError}.
   */
  claim(): void {
    this.#isClaimed = true;
  }

  /** Reads what was appended since the last look, by whomever. */
  refresh(): readonly RecordedEvent[] {
    const events: RecordedEvent[] = [];
    this.#readOn(undefined, (event) => events.push(event));
    this.#tellOfForgery();
    return events;
  }

  /**
   * Appends an event. It is in the file when this returns; everything but the agent's chatter also survives a loss of
   * power.
   *
   * @throws {SamocodeError} When the disk refuses, a full one above all, and when somebody else deleted or cut the file.
   */
  append(event: SessionEvent): RecordedEvent {
    try {
      // The lock is held for one write only; the system releases it when its holder dies.
      this.#file.lockSync(true);
      try {
        this.#checkWhole();
        this.#readOn();
        if (this.#tornBytes > 0) this.#repair();
        this.#tellOfForgery();
        return this.#write(event);
      } finally {
        this.#file.unlockSync();
      }
    } catch (error) {
      if (error instanceof SamocodeError) throw error;
      throw new SamocodeError(
        "system",
        `Cannot write the journal ${this.#path}: ${messageOf(error)}`,
        {
          hint: "Free some space on the disk, then run the session again; what was recorded before is safe",
          cause: error,
        },
      );
    }
  }

  [Symbol.dispose](): void {
    this.#file.close();
  }

  /**
   * Folds what was appended since the last look. A history of any length is read in little memory: no event is kept.
   *
   * @param own The one line among what is read that this process wrote, where there is one.
   * @returns Whether that line was met.
   */
  #readOn(own?: string, see: (event: RecordedEvent) => void = () => {}): boolean {
    const forged: ForgedLine[] = [];
    let hasMetOwn = false;
    let pending = new Uint8Array(0);
    let position = this.#offset;
    // A writer that is always ahead must not hold its reader.
    const { size } = this.#file.statSync();
    this.#file.seekSync(position, Deno.SeekMode.Start);
    while (position < size) {
      const count = this.#file.readSync(CHUNK);
      if (count === null || count === 0) break;
      position += count;
      const end = CHUNK.lastIndexOf(NEWLINE, count - 1);
      if (end < 0) {
        pending = joined(pending, CHUNK.subarray(0, count));
        continue;
      }
      const complete = joined(pending, CHUNK.subarray(0, end));
      pending = CHUNK.slice(end + 1, count);
      const lines = new TextDecoder().decode(complete).split("\n");
      // Where a line begins in bytes; counted only where it is needed.
      const at = { line: 0, start: 0 };
      for (const [index, line] of lines.entries()) {
        const event = readEventLine(line);
        if (event === undefined) continue;
        const isOwn: boolean = line === own && !hasMetOwn;
        hasMetOwn ||= isOwn;
        if (this.#isClaimed && !isOwn && !this.#mayBeOfOthers(event, own)) {
          for (; at.line < index; at.line++) at.start = complete.indexOf(NEWLINE, at.start) + 1;
          const start = position - pending.length - complete.length - 1 + at.start;
          forged.push({ number: this.#lines + index + 1, type: event.type, start });
          continue;
        }
        this.#take(event);
        see(event);
      }
      this.#lines += lines.length;
    }
    this.#tornBytes = pending.length;
    this.#offset = position - pending.length;
    if (forged.length > 0) this.#strike(forged);
    return hasMetOwn;
  }

  /** Whoever writes in the moment in which this process does holds no lock, and is none of ours. */
  #mayBeOfOthers({ type, seq }: RecordedEvent, own: string | undefined): boolean {
    return own === undefined && FROM_OTHERS.includes(type) && seq === this.#history.lastSeq + 1;
  }

  /** Spoils lines, each by its first character, so that no later reader takes them for events. */
  #strike(forged: readonly ForgedLine[]): void {
    using file = openOwnFile(this.#path, { write: true });
    if (file.statSync().ino === this.#file.statSync().ino) {
      for (const { start } of forged) {
        file.seekSync(start, Deno.SeekMode.Start);
        writeAll(file, new TextEncoder().encode("#"));
      }
      file.syncDataSync();
    }
    if (!this.#hasTold) {
      this.#forged = [
        ...this.#forged,
        ...forged.map(({ number, type }) => `line ${number} (${type})`),
      ];
    }
  }

  /** Once: what still has to be recorded then, the end above all, is recorded whatever is written meanwhile. */
  #tellOfForgery(): void {
    if (this.#hasTold || this.#forged.length === 0) return;
    this.#hasTold = true;
    throw new ForgedLineError(this.#path, this.#forged);
  }

  #take(event: RecordedEvent): void {
    this.#history = fold(this.#history, event);
    if (isNews(event)) this.#news = [...this.#news.slice(1 - KEPT_NEWS), event];
  }

  /** The record must not go on in a file that nobody finds again, or behind a gap. */
  #checkWhole(): void {
    const { size, ino } = this.#file.statSync();
    const there = statIfExists(this.#path);
    const isLinked = lstatIfExists(dirname(this.#path))?.isSymlink;
    // Some file systems number their files anew at a look: alone that says nothing.
    const replaced = isLinked || there === undefined || (there.ino !== ino && there.size !== size);
    if (!replaced && size >= this.#offset) return;
    throw new SamocodeError(
      "system",
      `Cannot write the journal ${this.#path}: somebody else ${replaced ? "deleted or replaced it" : "cut it short"}`,
      { hint: "Restore it from a backup, or start a new session; only samocode may write this file" },
    );
  }

  /** A writer died, or the disk was full, in mid-line. The rest is closed off so that it cannot spoil the next line. */
  #repair(): void {
    const bytes = this.#tornBytes;
    writeAll(this.#file, new Uint8Array([NEWLINE]));
    // A line that lacked nothing but its end counts now.
    this.#readOn();
    this.#write({ type: "journal.repaired", bytes });
  }

  #write(event: SessionEvent): RecordedEvent {
    const recorded: RecordedEvent = { seq: this.#history.lastSeq + 1, at: this.#now().toISOString(), ...event };
    const text = eventLine(recorded);
    const line = new TextEncoder().encode(text);
    writeAll(this.#file, line);
    if (this.#isClaimed && this.#file.statSync().size !== this.#offset + line.length) {
      // Somebody wrote in the same moment, perhaps half a line in front of this one.
      if (!this.#readOn(text.slice(0, -1))) return this.#write(event);
    } else {
      // First this: the line is in the file even where the disk then refuses to make it last.
      this.#offset += line.length;
      this.#lines++;
      this.#take(recorded);
    }
    if (!event.type.startsWith("agent.")) this.#file.syncDataSync();
    return recorded;
  }
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array<ArrayBuffer> {
  const both = new Uint8Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}
