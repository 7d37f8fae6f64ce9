/**
 * Reads a journal as it grows, and compares it with its head.
 *
 * @module
 */
import { dirname } from "node:path";
import { lstatIfExists } from "../system/files/files.ts";
import { chatterIn, eventLine, readEventLine } from "../workflow/event_line.ts";
import { fold } from "../workflow/fold_history.ts";
import { type History, NO_HISTORY } from "../workflow/history.ts";
import { isNews, type RecordedEvent, type SessionEvent } from "../workflow/session_event.ts";
import { type FoldStory, NO_STORY, type Story } from "../workflow/story.ts";
import { bootId, ChainHead, hasHeadFor, type Head, type Place, placeOf } from "./chain_head.ts";
import { findTampering, type ForeignLine } from "./check_chain.ts";
import { dropOldChatter, type Found, strikeForeign } from "./found_lines.ts";
import { countLines, decode, NEWLINE, startOfLine } from "./journal_lines.ts";
import type { KeptJournals, Milestone, Reading, Told } from "./kept_journals.ts";
import { layoutOf } from "./layout.ts";
import { RunningHash } from "./running_hash.ts";

/** What a journal is opened with. */
export interface JournalOptions {
  /** The user's own folder for the heads of journals. */
  readonly stateFolder: string;
  readonly readOnly?: boolean;
  /** The clock that stamps events. */
  readonly now?: () => Date;
  /** Sees every event already in the journal: a second reading would cost as much as the first. */
  readonly see?: (event: RecordedEvent) => void;
  /** Whether it may miss what the history keeps only the last of. */
  readonly skims?: boolean;
  /** Where readings are kept, to go on from, by those who only look: what an act depends on is read whole. */
  readonly kept?: KeptJournals | undefined;
  /** Tells the story, too. Not imported here: most commands do without. */
  readonly foldStory?: FoldStory | undefined;
  /** Takes every line for an event, also those that this program did not write. */
  readonly asItIs?: boolean;
}

type See = (event: RecordedEvent) => void;

/** Nobody asks for more. */
const MAX_FOREIGN = 1_000;
/** How many of the last events that are news a journal keeps. */
const KEPT_NEWS = 8;
/** More than a session has that anybody still waits for. */
const KEPT_MILESTONES = 256;
/** A story's lists are copied each time that events are added. */
const MAX_UNTOLD = 256;
/** Of a longer line, which no writer of this program makes, only the beginning is read. */
const MAX_LINE_BYTES = 64 * 1024 * 1024;
/**
 * One buffer for all journals: reads are synchronous. Its size matters, since V8 keeps strings over twice this size until
 * a full collection: 400,000 events took 90 MB with 256 KiB, and 55 MB with this.
 */
const CHUNK = new Uint8Array(64 * 1024);

/** Another process may have appended between two looks, but one that never ends must not hold its reader. */
const MAX_LOOKS = 100;

/** What is known of an open journal from reading it, and what its writer moves on. */
export class JournalReader {
  readonly #file: Deno.FsFile;
  readonly #path: string;
  readonly #options: JournalOptions;
  readonly place: Place;
  history: History = NO_HISTORY;
  #told: Told | undefined;
  /** Events that the story does not have yet. */
  #untold: RecordedEvent[] = [];
  readonly news: RecordedEvent[] = [];
  /** The last ones, the newest at the end. */
  readonly milestones: Milestone[] = [];
  chain: string | undefined;
  head: ChainHead | undefined;
  /** What the head said before the last reading. */
  known: Head | undefined;
  /** Of all complete lines. */
  hash = new RunningHash();
  /** The length of the incomplete line behind them. */
  tornBytes = 0;
  /** How many lines were read. */
  lines = 0;
  /** The end of the last event that is not an agent's action or message, after the machine was started anew. */
  lastActEnd = 0;
  isClaimed = false;
  foreign: readonly ForeignLine[] = [];
  doubt: string | undefined;

  /** @param earlier What comes first, and is not read again. */
  constructor(file: Deno.FsFile, path: string, options: JournalOptions, earlier?: Reading) {
    this.#file = file;
    this.#path = path;
    this.#options = options;
    this.place = placeOf(dirname(path));
    // Whoever has no use for it keeps it for those who have.
    this.#told = earlier?.told ?? (options.foldStory && { story: NO_STORY, fold: options.foldStory });
    if (earlier === undefined) return;
    this.#follow(earlier.chain);
    this.history = earlier.history;
    this.news.push(...earlier.news);
    this.milestones.push(...earlier.milestones);
    this.hash = earlier.hash;
    this.lines = earlier.lines;
    this.lastActEnd = earlier.lastActEnd;
  }

  /** `undefined` unless somebody asks for it. */
  get story(): Story | undefined {
    return this.#tell()?.story;
  }

  #tell(): Told | undefined {
    if (this.#told === undefined || this.#untold.length === 0) return this.#told;
    const { story, fold } = this.#told;
    this.#told = { story: fold(story, this.#untold), fold };
    this.#untold = [];
    return this.#told;
  }

  /** What was read; `undefined` if the head did not vouch for it. */
  get reading(): Reading | undefined {
    const { history, news, milestones, chain, hash, lines, lastActEnd } = this;
    if (chain === undefined || this.doubt !== undefined || this.foreign.length > 0) return undefined;
    const told = this.#tell();
    return { history, told, news: [...news], milestones: [...milestones], chain, hash, lines, lastActEnd };
  }

  /** Whether something was appended since the last reading. */
  get hasGrown(): boolean {
    return this.#file.statSync().size > this.hash.bytes + this.tornBytes;
  }

  /** Reads what is new, and compares all of it with the head. */
  look(see?: See): void {
    for (let look = 0; look < MAX_LOOKS; look++) {
      // The size first: the head is written before each append, so it always knows of all that is there.
      const { size } = this.#file.statSync();
      this.known = this.head?.read();
      this.readOn(size, { see });
      this.doubt = this.#findDoubt();
      if (this.doubt === undefined || this.#file.statSync().size <= size) return;
    }
  }

  #findDoubt(): string | undefined {
    if (this.chain === undefined) {
      if (this.hash.bytes > 0) return "samocode has not begun it, or an older version has";
      const { notebook } = layoutOf(dirname(this.#path));
      if (lstatIfExists(notebook) === undefined) return undefined;
      // Else somebody began to adopt a session that was started by hand.
      const wasKept = hasHeadFor(this.#options.stateFolder, this.place);
      return wasKept ? "it is empty, but the session has begun" : undefined;
    }
    if (this.known === undefined) {
      return "samocode does not know it here: it comes from another machine, or its head was removed";
    }
    if (this.isClaimed) return undefined;
    return findTampering(this.known, {
      place: this.place,
      boot: bootId(),
      end: this.hash.bytes,
      tornBytes: this.tornBytes,
      lastActEnd: this.lastActEnd,
      beganWith: (extent) => this.hash.beganWith(extent),
      foreign: this.foreign,
    });
  }

  /**
   * Folds the lines up to `size` that were not read yet. Keeps no event, so that a history of any length takes little
   * memory.
   *
   * @param options.own The line that this process has just written: of what is new, only that counts.
   * @returns Whether that line was among those read.
   */
  readOn(size: number, { own, see }: { readonly own?: string; readonly see?: See | undefined } = {}): boolean {
    const skips = see === undefined || this.#options.skims === true;
    const start = this.hash;
    const foreign: ForeignLine[] = [];
    let hasMetOwn = false;
    let pending: Uint8Array<ArrayBuffer>[] = [];
    let position = start.bytes;
    // Of the lines that are not complete yet, too.
    let ahead = start;
    this.#file.seekSync(position, Deno.SeekMode.Start);
    while (position < size) {
      const count = this.#file.readSync(CHUNK.subarray(0, Math.min(CHUNK.length, size - position)));
      if (count === null || count === 0) break;
      if (ahead === start) ahead = new RunningHash(start);
      const end = CHUNK.lastIndexOf(NEWLINE, count - 1) + 1;
      if (end > 0) {
        const lines = decode([...pending, CHUNK.subarray(0, end - 1)]).split("\n");
        const found = lines.map((line): Found =>
          (skips && this.chain !== undefined ? chatterIn(line) : undefined) ?? this.#parse(line)
        );
        const announced = own === undefined ? this.#announced() : start.bytes;
        const genuine = position + end <= announced ? lines.length : countLines(CHUNK, announced - position);
        // The start of the line, behind the genuine ones.
        let from = genuine === lines.length ? position + end : position + startOfLine(CHUNK, genuine);
        dropOldChatter(found, genuine);
        for (const [index, each] of found.entries()) {
          if (each === "old") continue;
          const event = typeof each === "string" ? readEventLine(lines[index] ?? "") : each;
          const isOwn: boolean = event !== undefined && !hasMetOwn && own !== undefined && eventLine(event) === own;
          hasMetOwn ||= isOwn;
          if (event !== undefined && (index < genuine || isOwn)) this.take(event, see);
          if (index < genuine) continue;
          const start = index === 0 ? this.hash.bytes : from;
          if (!isOwn) foreign.push({ number: this.lines + index + 1, type: event?.type, start });
          from = position + CHUNK.indexOf(NEWLINE, from - position) + 1;
        }
        // Events that wait would keep the texts of whole chunks.
        this.#tell();
        if (this.#isOtherBoot()) {
          const last = found.findLastIndex((each) => typeof each === "object" && !isAgents(each)) + 1;
          if (last > 0) this.lastActEnd = position + startOfLine(CHUNK, last);
        }
        this.lines += lines.length;
        ahead.update(CHUNK.subarray(0, end), this.#marks());
        this.hash = ahead;
        pending = [];
      }
      position += count;
      if (end === count) continue;
      // A line may need many reads.
      if (ahead === this.hash) ahead = new RunningHash(ahead);
      ahead.update(CHUNK.subarray(end, count));
      if (position - this.hash.bytes <= MAX_LINE_BYTES) pending.push(CHUNK.slice(end, count));
    }
    this.tornBytes = position - this.hash.bytes;
    if (foreign.length > 0) this.#noteForeign(foreign, start);
    return hasMetOwn;
  }

  /** The end of what this program's processes have announced to append; beyond it, somebody else wrote. */
  #announced(): number {
    if (this.#options.asItIs || this.known === undefined || this.#isOtherBoot()) return Infinity;
    return this.known.next.bytes;
  }

  /** Whether the machine was started anew since: what was not flushed may be lost, here or in the head. */
  #isOtherBoot(): boolean {
    return this.known !== undefined && this.known.boot !== "" && this.known.boot !== bootId();
  }

  #marks(): readonly number[] {
    if (this.known === undefined) return [];
    const { done, next, flushed } = this.known;
    return [done.bytes, next.bytes, flushed.bytes];
  }

  #parse(line: string): RecordedEvent | undefined {
    const event = readEventLine(line);
    if (event?.chain !== undefined) this.#follow(event.chain);
    return event;
  }

  /** Turns to the chain that an event begins. A worker stays with the one that it has checked. */
  #follow(chain: string): void {
    if (this.isClaimed || chain === this.chain) return;
    const { stateFolder, readOnly = false } = this.#options;
    this.head?.[Symbol.dispose]();
    this.chain = chain;
    this.head = ChainHead.open(stateFolder, { id: chain, readOnly });
    this.known = this.head?.read();
  }

  #noteForeign(foreign: readonly ForeignLine[], start: RunningHash): void {
    this.foreign = [...this.foreign, ...foreign].slice(0, MAX_FOREIGN);
    if (!this.isClaimed) return;
    strikeForeign(this.#path, { inode: this.#file.statSync().ino, foreign });
    this.hash = this.#hashAgain(new RunningHash(start), this.hash.bytes);
  }

  #hashAgain(hash: RunningHash, end: number): RunningHash {
    this.#file.seekSync(hash.bytes, Deno.SeekMode.Start);
    while (hash.bytes < end) {
      const count = this.#file.readSync(CHUNK.subarray(0, Math.min(CHUNK.length, end - hash.bytes)));
      if (count === null || count === 0) break;
      hash.update(CHUNK.subarray(0, count));
    }
    return hash;
  }

  take(event: RecordedEvent, see?: See): void {
    this.history = fold(this.history, event);
    if (this.#told !== undefined && this.#untold.push(event) >= MAX_UNTOLD) this.#tell();
    if (isNews(event) && this.news.push(event) > KEPT_NEWS) this.news.shift();
    const { seq, at, type } = event;
    const isMilestone = type === "session.started" || type === "session.stopped" || type === "phase.entered";
    if (isMilestone && this.milestones.push({ seq, at, type }) > KEPT_MILESTONES) this.milestones.shift();
    see?.(event);
  }

  [Symbol.dispose](): void {
    this.head?.[Symbol.dispose]();
  }
}

/** Whether it is an agent's action or message. */
export function isAgents({ type }: SessionEvent): boolean {
  return type.startsWith("agent.");
}
