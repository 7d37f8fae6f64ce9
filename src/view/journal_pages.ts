/**
 * Pages of a journal of any length, forwards and backwards from a byte, with bounded work for each.
 *
 * @module
 */
import { describeEvent } from "../messages/describe_event.ts";
import { openOwnFileIfExists, readInto } from "../system/files/files.ts";
import { plainText } from "../text/terminal_text.ts";
import { readEventLine } from "../workflow/event_line.ts";
import type { AttemptStory } from "../workflow/story.ts";
import type { JournalPage, JournalRow } from "./contract.ts";

/** What of a journal is wanted. */
export interface JournalWish {
  /** Rows that begin at this byte or after it. */
  readonly from?: number;
  /** Rows that end before this byte; by default the end of the file. */
  readonly before?: number;
  /** Only rows with this text, whatever the case. */
  readonly search?: string;
  /** Only rows whose type begins with one of these; all if empty. */
  readonly types?: readonly string[];
  /** To tell the iteration of an event by its time. */
  readonly attempts?: readonly AttemptStory[];
}

const MAX_ROWS = 200;
/** What a search goes through for one page. */
const MAX_BYTES = 2 * 1024 * 1024;
/** A longer line, which no writer of this program makes, is no row. */
const WINDOW_BYTES = 128 * 1024;
const MAX_TEXT = 1_000;

const NEWLINE = 10;

/** A line and where it is. */
interface Line {
  readonly from: number;
  readonly to: number;
  readonly text: string;
}

/** Reads a page: forwards if `from` is given, else backwards. */
export function readJournalPage(path: string, wish: JournalWish): JournalPage {
  using file = openOwnFileIfExists(path, { read: true });
  if (file === undefined) return { rows: [], from: 0, to: 0 };
  const { size } = file.statSync();
  const rowOf = rowReader(wish);
  if (wish.from !== undefined) return forwards(file, { from: within(wish.from, size), size, rowOf });
  return backwards(file, { before: within(wish.before ?? size, size), rowOf });
}

type RowOf = (line: Line) => JournalRow | undefined;

function forwards(
  file: Deno.FsFile,
  { from, size, rowOf }: { readonly from: number; readonly size: number; readonly rowOf: RowOf },
): JournalPage {
  const rows: JournalRow[] = [];
  const begin = from === 0 ? 0 : lineFrom(file, from, size);
  let to = begin;
  while (to < size && to - begin < MAX_BYTES) {
    const window = readAt(file, to, WINDOW_BYTES);
    const end = window.lastIndexOf(NEWLINE) + 1;
    if (end === 0) {
      // The last line is still being written, unless it is no line of this program.
      if (window.length < WINDOW_BYTES) break;
      to = lineFrom(file, to + window.length, size);
      continue;
    }
    for (const line of linesIn(window.subarray(0, end), to)) {
      to = line.to;
      const row = rowOf(line);
      if (row !== undefined && rows.push(row) === MAX_ROWS) return { rows, from: begin, to };
    }
  }
  return { rows, from: begin, to };
}

function backwards(
  file: Deno.FsFile,
  { before, rowOf }: { readonly before: number; readonly rowOf: RowOf },
): JournalPage {
  const rows: JournalRow[] = [];
  const [byteBefore] = before === 0 ? [NEWLINE] : readAt(file, before - 1, 1);
  // Half a line at the end is no row yet.
  const end = byteBefore === NEWLINE ? before : startOfLineAt(file, before);
  let from = end;
  while (from > 0 && end - from < MAX_BYTES) {
    const start = Math.max(0, from - WINDOW_BYTES);
    const window = readAt(file, start, from - start);
    const first = start === 0 ? 0 : window.indexOf(NEWLINE, 0) + 1;
    if (first === window.length || (first === 0 && start > 0)) {
      from = first === 0 ? start : startOfLineAt(file, start);
      continue;
    }
    for (const line of linesIn(window.subarray(first), start + first).toReversed()) {
      from = line.from;
      const row = rowOf(line);
      if (row !== undefined && rows.push(row) === MAX_ROWS) return { rows: rows.reverse(), from, to: end };
    }
  }
  return { rows: rows.reverse(), from, to: end };
}

function rowReader({ search = "", types = [], attempts = [] }: JournalWish): RowOf {
  const wanted = search.toLowerCase();
  return ({ text: line }) => {
    const event = readEventLine(line);
    if (event === undefined) return undefined;
    const { seq, at, type } = event;
    if (types.length > 0 && !types.some((start) => type.startsWith(start))) return undefined;
    const text = plainText(describeEvent(event), MAX_TEXT);
    if (wanted !== "" && !text.toLowerCase().includes(wanted) && !type.includes(wanted)) return undefined;
    const iteration = "iteration" in event ? event.iteration : iterationAt(attempts, at);
    return { seq, at, type, iteration, text };
  };
}

/** The iteration that was under way at a time, by halves. */
function iterationAt(attempts: readonly AttemptStory[], at: string): number {
  let [low, high] = [0, attempts.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((attempts[middle]?.startedAt ?? "") <= at) low = middle + 1;
    else high = middle;
  }
  return attempts[low - 1]?.iteration ?? 0;
}

function linesIn(bytes: Uint8Array, offset: number): readonly Line[] {
  const lines: Line[] = [];
  for (let start = 0; start < bytes.length;) {
    const end = bytes.indexOf(NEWLINE, start) + 1;
    lines.push({ from: offset + start, to: offset + end, text: DECODER.decode(bytes.subarray(start, end - 1)) });
    start = end;
  }
  return lines;
}

const DECODER = new TextDecoder();

/** The first line that begins at a byte or after it. */
function lineFrom(file: Deno.FsFile, byte: number, size: number): number {
  for (let at = byte - 1; at < size; at += WINDOW_BYTES) {
    const found = readAt(file, at, WINDOW_BYTES).indexOf(NEWLINE);
    if (found >= 0) return at + found + 1;
  }
  return size;
}

/** Where the line begins that has the byte before a place. */
function startOfLineAt(file: Deno.FsFile, byte: number): number {
  for (let end = byte; end > 0; end -= WINDOW_BYTES) {
    const start = Math.max(0, end - WINDOW_BYTES);
    const found = readAt(file, start, end - start).lastIndexOf(NEWLINE);
    if (found >= 0) return start + found + 1;
  }
  return 0;
}

function readAt(file: Deno.FsFile, at: number, most: number): Uint8Array {
  file.seekSync(at, Deno.SeekMode.Start);
  const bytes = new Uint8Array(most);
  return bytes.subarray(0, readInto(file, bytes));
}

function within(byte: number, size: number): number {
  return Math.max(0, Math.min(byte, size));
}
