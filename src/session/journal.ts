/**
 * The journal: the append-only record of a session, and the bus between the processes that use it.
 *
 * @module
 */
import { dirname } from "node:path";
import { fold } from "../workflow/fold_history.ts";
import { type History, NO_HISTORY } from "../workflow/history.ts";
import { eventLine, readEventLine } from "../workflow/event_line.ts";
import { isNews, type RecordedEvent, type SessionEvent } from "../workflow/session_event.ts";
import { SamocodeError, systemError } from "../text/errors.ts";
import { lstatIfExists, openOwnFile, statIfExists, writeAll } from "../system/files/files.ts";

/** What a journal is opened with. */
export interface JournalOptions {
  readonly readOnly?: boolean;
  /** The clock that stamps events. */
  readonly now?: () => Date;
  /** Sees every event already in the journal: a second reading would cost as much as the first. */
  readonly see?: (event: RecordedEvent) => void;
}

const NEWLINE = 10;
/** How many of the last events that are news a journal keeps. */
const KEPT_NEWS = 8;
/** Of a longer line, which no writer of this program makes, only the beginning is read. */
const MAX_LINE_BYTES = 64 * 1024 * 1024;
/**
 * One buffer for all journals: reads are synchronous. Its size matters, since V8 keeps strings over twice this size until
 * a full collection: 400,000 events took 90 MB with 256 KiB, and 55 MB with this.
 */
const CHUNK = new Uint8Array(64 * 1024);

/** What other processes may append while a worker runs; only the worker may record anything else. */
const FROM_OTHERS: readonly SessionEvent["type"][] = [
  "guidance.given",
  "stop.requested",
  "listener.failed",
  "journal.repaired",
];

/** Another process wrote what only the worker may write. The line is invalidated and the journal stays usable. */
export class ForgedLineError extends SamocodeError {
  /** @param lines Each with its number and event type. */
  constructor(path: string, lines: readonly string[]) {
    const more = lines.length > 3 ? ` and ${lines.length - 3} more` : "";
    const shown = lines.slice(0, 3).join(", ") + more;
    super("conflict", `Cannot trust the journal ${path}: ${shown} not written by its worker`, {
      hint:
        "Samocode ignores it and has marked it with #. Check the agent's log for who wrote it, then run the session again",
    });
  }
}

/** A line that only the worker may write, written by another process. */
interface ForgedLine {
  readonly number: number;
  readonly type: SessionEvent["type"];
  /** The offset of its first byte. */
  readonly start: number;
}

/** An open journal. Several processes may have the same one open; each sees what the others append. */
export class Journal implements Disposable {
  readonly #file: Deno.FsFile;
  readonly #path: string;
  readonly #now: () => Date;
  #history: History = NO_HISTORY;
  #news: readonly RecordedEvent[] = [];
  /** The end of the last complete line that was read. */
  #offset = 0;
  /** The length of the incomplete line behind it. */
  #tornBytes = 0;
  /** How many lines were read. */
  #lines = 0;
  #isClaimed = false;
  /** Forged lines that no caller has been told of. */
  #forged: ForgedLine[] = [];
  #hasTold = false;

  private constructor(file: Deno.FsFile, path: string, now: () => Date) {
    this.#file = file;
    this.#path = path;
    this.#now = now;
  }

  /**
   * Opens a journal and reads it.
   *
   * @throws {SamocodeError} If it cannot be opened.
   */
  static open(path: string, { readOnly = false, now = () => new Date(), see }: JournalOptions = {}): Journal {
    let file: Deno.FsFile;
    try {
      file = openOwnFile(path, readOnly ? { read: true } : { read: true, append: true, create: true, mode: 0o600 });
    } catch (error) {
      const hint = "Check that the session folder exists and that you may write in it";
      throw systemError(`Cannot open the journal ${path}`, { error, hint });
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
   * Claims the journal for the worker that holds the session's lock. From now on, a line that only the worker may write
   * is invalidated if another process wrote it; the first call that meets one throws a {@linkcode ForgedLineError}.
   */
  claim(): void {
    this.#isClaimed = true;
  }

  /** Reads what any process has appended since the last read. */
  refresh(): readonly RecordedEvent[] {
    const events: RecordedEvent[] = [];
    this.#readOn(undefined, (event) => events.push(event));
    this.#tellOfForgery();
    return events;
  }

  /**
   * Appends an event. It is in the file when this returns, and survives a loss of power unless it is an agent's action
   * or message.
   *
   * @throws {SamocodeError} If the disk is full or fails, or another process deleted or cut the file.
   */
  append(event: SessionEvent): RecordedEvent {
    try {
      // Held for one write only; the system releases it if this process dies.
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
      const hint = "Free some space on the disk, then run the session again; what was recorded before is safe";
      throw systemError(`Cannot write the journal ${this.#path}`, { error, hint });
    }
  }

  [Symbol.dispose](): void {
    this.#file.close();
  }

  /**
   * Folds what was appended since the last read. Keeps no event, so that a history of any length takes little memory.
   *
   * @param own The line that this process has just written, if any.
   * @returns Whether that line was among those read.
   */
  #readOn(own?: string, see: (event: RecordedEvent) => void = () => {}): boolean {
    const forged: ForgedLine[] = [];
    let hasMetOwn = false;
    let pending: Uint8Array<ArrayBuffer>[] = [];
    let position = this.#offset;
    // Only up to here: a process that keeps writing must not hold its reader.
    const { size } = this.#file.statSync();
    this.#file.seekSync(position, Deno.SeekMode.Start);
    while (position < size) {
      const count = this.#file.readSync(CHUNK);
      if (count === null || count === 0) break;
      const end = CHUNK.lastIndexOf(NEWLINE, count - 1);
      if (end < 0) {
        position += count;
        if (position - this.#offset <= MAX_LINE_BYTES) pending.push(CHUNK.slice(0, count));
        continue;
      }
      const lines = decode([...pending, CHUNK.subarray(0, end)]).split("\n");
      for (const [index, line] of lines.entries()) {
        const event = readEventLine(line);
        if (event === undefined) continue;
        if (line === own && !hasMetOwn) hasMetOwn = true;
        else if (this.#isClaimed && !this.#mayBeOfOthers(event, own)) {
          const start = index === 0 ? this.#offset : position + startOfLine(CHUNK, index);
          forged.push({ number: this.#lines + index + 1, type: event.type, start });
          continue;
        }
        this.#take(event);
        see(event);
      }
      this.#lines += lines.length;
      this.#offset = position + end + 1;
      position += count;
      pending = [CHUNK.slice(end + 1, count)];
    }
    this.#tornBytes = position - this.#offset;
    if (forged.length > 0) this.#strike(forged);
    return hasMetOwn;
  }

  /** A process that wrote at the same time as this one did not hold the file's lock, so it is not samocode. */
  #mayBeOfOthers({ type, seq }: RecordedEvent, own: string | undefined): boolean {
    return own === undefined && FROM_OTHERS.includes(type) && seq === this.#history.lastSeq + 1;
  }

  /** Overwrites the first character of each line, so that no later reader takes it for an event. */
  #strike(forged: readonly ForgedLine[]): void {
    using file = openOwnFile(this.#path, { write: true });
    if (file.statSync().ino === this.#file.statSync().ino) {
      for (const { start } of forged) {
        file.seekSync(start, Deno.SeekMode.Start);
        writeAll(file, new TextEncoder().encode("#"));
      }
      file.syncDataSync();
    }
    if (!this.#hasTold) this.#forged.push(...forged);
  }

  /** Throws once only: the end of the run must still be recorded, whatever is written meanwhile. */
  #tellOfForgery(): void {
    if (this.#hasTold || this.#forged.length === 0) return;
    this.#hasTold = true;
    throw new ForgedLineError(this.#path, this.#forged.map(({ number, type }) => `line ${number} (${type})`));
  }

  #take(event: RecordedEvent): void {
    this.#history = fold(this.#history, event);
    if (isNews(event)) this.#news = [...this.#news.slice(1 - KEPT_NEWS), event];
  }

  /** Checks that the record does not go on in a file that nobody finds again, or after a gap. */
  #checkWhole(): void {
    const { size, ino } = this.#file.statSync();
    const there = statIfExists(this.#path);
    const isLinked = lstatIfExists(dirname(this.#path))?.isSymlink;
    // Some file systems change inode numbers, so a new number alone proves nothing.
    const replaced = isLinked || there === undefined || (there.ino !== ino && there.size !== size);
    if (!replaced && size >= this.#offset) return;
    const change = replaced ? "deleted or replaced it" : "cut it short";
    throw new SamocodeError("system", `Cannot write the journal ${this.#path}: another process ${change}`, {
      hint: "Restore it from a backup, or start a new session; only samocode may write this file",
    });
  }

  /** Ends a line that its writer left incomplete, so that it cannot spoil the next one. */
  #repair(): void {
    const bytes = this.#tornBytes;
    writeAll(this.#file, new Uint8Array([NEWLINE]));
    // A line that lacked only its newline counts now.
    this.#readOn();
    this.#write({ type: "journal.repaired", bytes });
  }

  #write(event: SessionEvent): RecordedEvent {
    const recorded: RecordedEvent = { seq: this.#history.lastSeq + 1, at: this.#now().toISOString(), ...event };
    const text = eventLine(recorded);
    const line = new TextEncoder().encode(text);
    writeAll(this.#file, line);
    if (this.#isClaimed && this.#file.statSync().size !== this.#offset + line.length) {
      // Another process wrote at the same time, perhaps half a line in front of this one, or cut the file.
      this.#checkWhole();
      if (!this.#readOn(text.slice(0, -1))) return this.#write(event);
    } else {
      // Before the sync: the line is in the file even if the sync fails.
      this.#offset += line.length;
      this.#lines++;
      this.#take(recorded);
    }
    if (!event.type.startsWith("agent.")) this.#file.syncDataSync();
    return recorded;
  }
}

function decode(parts: readonly Uint8Array<ArrayBuffer>[]): string {
  const decoder = new TextDecoder();
  return parts.map((part) => decoder.decode(part, { stream: true })).join("") + decoder.decode();
}

/** The offset of the line with that index, the first having 0. */
function startOfLine(bytes: Uint8Array, index: number): number {
  let start = 0;
  for (let line = 0; line < index; line++) start = bytes.indexOf(NEWLINE, start) + 1;
  return start;
}
