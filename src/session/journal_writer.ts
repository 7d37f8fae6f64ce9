/**
 * Writes the lines of a journal. Its head announces each one first; see chain_head.ts.
 *
 * @module
 */
import { dirname } from "node:path";
import { lstatIfExists, statIfExists, writeAll } from "../system/files/files.ts";
import { SamocodeError } from "../text/errors.ts";
import { eventLine } from "../workflow/event_line.ts";
import type { RecordedEvent, SessionEvent } from "../workflow/session_event.ts";
import { bootId, ChainHead, type Extent, type Head } from "./chain_head.ts";
import { NEWLINE } from "./journal_lines.ts";
import { isAgents, type JournalOptions, type JournalReader } from "./journal_reader.ts";
import { NOTHING, RunningHash } from "./running_hash.ts";
import { withoutSecrets } from "./without_secrets.ts";

/** What a writer needs besides the reader of the same file. */
export interface WriterOptions extends Pick<JournalOptions, "stateFolder" | "now"> {
  readonly file: Deno.FsFile;
  readonly path: string;
}

/** Writes behind what the reader has read, and moves the reader on. */
export class JournalWriter {
  readonly #read: JournalReader;
  readonly #file: Deno.FsFile;
  readonly #path: string;
  readonly #stateFolder: string;
  /** The clock of its events. */
  readonly now: () => Date;

  constructor(read: JournalReader, { file, path, stateFolder, now = () => new Date() }: WriterOptions) {
    this.#read = read;
    this.#file = file;
    this.#path = path;
    this.#stateFolder = stateFolder;
    this.now = now;
  }

  /** Does something while no other process of this program writes. */
  exclusively<T>(act: () => T): T {
    return this.#read.head === undefined ? act() : this.#read.head.exclusively(act);
  }

  /** Begins a new chain with an event. */
  beginChain(event: SessionEvent): RecordedEvent {
    this.#read.chain = crypto.randomUUID();
    this.#read.head = ChainHead.create(this.#stateFolder, this.#read.chain);
    this.#read.known = undefined;
    this.#read.doubt = undefined;
    return this.exclusively(() => this.write(event, { chain: this.#read.chain }));
  }

  /**
   * Checks that the record does not go on in a file that nobody finds again, or after a gap.
   *
   * @throws {SamocodeError} If it would.
   */
  checkWhole(): void {
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
  repair(): void {
    const bytes = this.#read.tornBytes;
    const { done, next } = this.#read.known ?? { done: NOTHING, next: NOTHING };
    if (this.#read.isClaimed && next.bytes === done.bytes) {
      writeAll(this.#file, Uint8Array.of(NEWLINE));
      this.#read.look();
      return;
    }
    this.#file.truncateSync(this.#read.hash.bytes);
    this.#read.tornBytes = 0;
    this.write({ type: "journal.repaired", bytes });
  }

  /** Writes an event as the next line. */
  write(event: SessionEvent, begun: { readonly chain?: string | undefined } = {}): RecordedEvent {
    const recorded = withoutSecrets({
      seq: this.#read.history.lastSeq + 1,
      at: this.now().toISOString(),
      ...event,
      ...begun,
    });
    return this.#put(recorded, { flush: !isAgents(event) }) ? recorded : this.write(event);
  }

  /**
   * Writes events as another journal has them, from the first one that is not there.
   *
   * @throws {SamocodeError} If there is a gap before them.
   */
  copy(events: readonly RecordedEvent[]): void {
    const { lastSeq } = this.#read.history;
    const [first, ...rest] = events.filter(({ seq }) => seq > lastSeq);
    if (first === undefined) return;
    if (first.seq !== lastSeq + 1) {
      throw new SamocodeError("conflict", `Cannot add event ${first.seq} to ${this.#path}: it ends with ${lastSeq}`, {
        hint: "Copy it anew",
      });
    }
    // What a copying that was cut short left; it comes again.
    if (this.#read.tornBytes > 0) this.#file.truncateSync(this.#read.hash.bytes);
    this.#read.tornBytes = 0;
    for (const event of [first, ...rest]) {
      this.#put(event.chain === undefined ? event : { ...event, chain: this.#read.chain }, { flush: false });
    }
    this.#file.syncDataSync();
    const done = this.#read.hash.extent();
    this.#record({ done, next: done, flushed: done }, { flush: false });
  }

  /** Writes a line. @returns Whether it is there: another program may have written into a claimed journal meanwhile. */
  #put(recorded: RecordedEvent, { flush }: { readonly flush: boolean }): boolean {
    const text = eventLine(recorded);
    const line = new TextEncoder().encode(text);
    const after = new RunningHash(this.#read.hash).update(line);
    this.#announce(after.extent(), { flush });
    writeAll(this.#file, line);
    const { size } = this.#file.statSync();
    if (this.#read.isClaimed && size !== after.bytes) {
      // Another program wrote at the same time, perhaps half a line in front of this one, or cut the file.
      this.checkWhole();
      if (!this.#read.readOn(size, { own: text })) return false;
    } else {
      // Before the sync: the line is in the file even if the sync fails.
      this.#read.hash = after;
      this.#read.lines++;
      this.#read.take(recorded);
    }
    if (flush) this.#file.syncDataSync();
    const done = this.#read.hash.extent();
    this.#record({ done, next: done, flushed: flush ? done : this.#read.known?.flushed ?? NOTHING }, { flush: false });
    return true;
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
