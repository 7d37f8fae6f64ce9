/**
 * Follows a file that another process writes, line by line, with constant memory even if a line is huge.
 *
 * @module
 */
import { FileWatch } from "./file_watch.ts";

/** How to follow. */
export interface FollowOptions {
  /** Resolves when nothing more will be written; the rest of the file is still read. */
  readonly ended: Promise<unknown>;
  readonly onBytes?: (count: number) => void;
  /** Called once if bytes that were read are no longer in the file, with their number. */
  readonly onCut?: (count: number) => void;
  /** Receives a function that has an empty batch yielded soon: the reader has something else to do in between. */
  readonly onReady?: (nudge: () => void) => void;
  /** Longer lines are skipped. */
  readonly maxLineLength?: number;
  /** Decides from the start of a long line whether to buffer or skip it. */
  readonly mayMatter?: (start: string) => boolean;
}

/** Larger chunks make V8's young generation grow: 16 KiB took 20 MB more memory, 32 KiB 25 MB, and saved no time. */
const CHUNK_BYTES = 8 * 1024;

/** How long to read without letting timers and signals run, if the writer never pauses. */
const TURN_MS = 50;

/** How many characters show what kind of line it is. */
const LINE_START = 64;

/** The longest lines seen were far below 1 MiB. */
const MAX_LINE_LENGTH = 4 * 1024 * 1024;

/** Watches may miss changes on network and container file systems, so the file is also polled. */
const SAFETY_LOOK_MS = 1_000;

/**
 * Yields the lines of a growing file in batches, without line ends (`\n` or `\r\n`) and without empty lines. The last
 * line may have no end. Bytes that are not UTF-8 become U+FFFD.
 */
export async function* followLines(
  path: string,
  { ended, onBytes, onCut, onReady, maxLineLength = MAX_LINE_LENGTH, mayMatter = () => true }: FollowOptions,
): AsyncGenerator<readonly string[]> {
  using file = await Deno.open(path, { read: true });
  using watch = new FileWatch(path);
  let over = false;
  ended.then(() => {
    over = true;
    watch.wake();
  });
  let isNudged = false;
  onReady?.(() => {
    isNudged = true;
    watch.wake();
  });
  const decoder = new TextDecoder();
  const buffer = new Uint8Array(CHUNK_BYTES);
  let rest = "";
  let skipping = false;
  let readBytes = 0;
  let isCut = onCut === undefined;
  let turnEnds = performance.now() + TURN_MS;
  while (true) {
    // Checked before reading, so that everything written before the end is read.
    const last = over;
    const count = file.readSync(buffer);
    if (count === null || count === 0) {
      const missing = isCut ? 0 : readBytes - file.statSync().size;
      if (missing > 0) {
        isCut = true;
        onCut?.(missing);
      }
      if (last) break;
      if (isNudged) {
        isNudged = false;
        yield [];
      }
      await watch.changed(SAFETY_LOOK_MS);
      turnEnds = performance.now() + TURN_MS;
      continue;
    }
    readBytes += count;
    onBytes?.(count);
    const pieces = decoder.decode(buffer.subarray(0, count), { stream: true }).split("\n");
    const tail = pieces.pop() ?? "";
    if (pieces.length > 0) {
      if (skipping) pieces.shift();
      else pieces[0] = rest + pieces[0];
      skipping = false;
      rest = "";
      const lines: string[] = [];
      for (const piece of pieces) {
        const line = withoutReturn(piece);
        if (line !== "" && line.length <= maxLineLength) lines.push(line);
      }
      if (lines.length > 0) yield lines;
    }
    const wasShort = rest.length < LINE_START;
    if (!skipping) rest += tail;
    // Once per line only: slicing a string that grows piece by piece copies all of it.
    const isUseless = wasShort && rest.length >= LINE_START && !mayMatter(rest.slice(0, LINE_START));
    if (isUseless || rest.length > maxLineLength) {
      skipping = true;
      rest = "";
    }
    if (performance.now() > turnEnds) {
      await new Promise((wake) => setTimeout(wake, 0));
      turnEnds = performance.now() + TURN_MS;
    }
  }
  rest += decoder.decode();
  if (rest !== "" && !skipping) yield [withoutReturn(rest)];
}

function withoutReturn(line: string): string {
  return line.endsWith("\r") ? line.slice(0, -1) : line;
}
