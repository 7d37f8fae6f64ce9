/**
 * Follows a file that another process writes, line by line, with constant memory whatever the length of a line.
 *
 * @module
 */
import { FileWatch } from "./file_watch.ts";

/** How to follow. */
export interface FollowOptions {
  /** When this resolves nothing more will be written; what is there is still read to its end. */
  readonly ended: Promise<unknown>;
  /** Is told whenever bytes arrived. */
  readonly onBytes?: (count: number) => void;
  /** Longer lines are left out; the file itself stays complete. */
  readonly maxLineLength?: number;
  /** Is shown how a long line begins, before its end has come; where it says no the line is left out, unbuffered. */
  readonly mayMatter?: (start: string) => boolean;
}

/**
 * What lives longer than a chunk is little; larger ones let the collector's nursery grow: 16 KiB cost 20 MB more
 * resident and 32 KiB 25, for nothing where lines are parsed.
 */
const CHUNK_BYTES = 8 * 1024;

/**
 * A writer that is always ahead must not keep timers, signals and the end from being seen: after so long without a
 * rest the others have their turn.
 */
const TURN_MS = 50;

/** So much of a line tells of what kind it is, in characters. */
const LINE_START = 64;

/** A result event of 1 MiB is far beyond what the clients were seen to write. */
const MAX_LINE_LENGTH = 4 * 1024 * 1024;

/**
 * A watch may stay silent on network and container file systems, so the file is looked at from time to time as well;
 * where the watch works nobody waits for that.
 */
const SAFETY_LOOK_MS = 1_000;

/**
 * Yields the complete lines of a growing file, in batches as they arrive, without their line ends (`\n` or `\r\n`); empty
 * ones are left out. A last line without an end is yielded too. Bytes that are not UTF-8 become U+FFFD.
 */
export async function* followLines(
  path: string,
  { ended, onBytes, maxLineLength = MAX_LINE_LENGTH, mayMatter = () => true }: FollowOptions,
): AsyncGenerator<readonly string[]> {
  using file = await Deno.open(path, { read: true });
  using watch = new FileWatch(path);
  let over = false;
  ended.then(() => {
    over = true;
    watch.wake();
  });
  const decoder = new TextDecoder();
  const buffer = new Uint8Array(CHUNK_BYTES);
  let rest = "";
  let skipping = false;
  let turnEnds = performance.now() + TURN_MS;
  while (true) {
    // The order matters: whatever was written before the end is there when the end is known.
    const last = over;
    const count = file.readSync(buffer);
    if (count === null || count === 0) {
      if (last) break;
      await watch.changed(SAFETY_LOOK_MS);
      turnEnds = performance.now() + TURN_MS;
      continue;
    }
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
    // Asked once a line: to look into a text that grows piece by piece copies all of it each time.
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
