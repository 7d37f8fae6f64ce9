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
}

/** Larger chunks are no faster and leave more for the garbage collector: 256 KiB cost 40 MB more resident. */
const CHUNK_BYTES = 32 * 1024;

/** A result event of 1 MiB is far beyond what the clients were seen to write. */
const MAX_LINE_LENGTH = 4 * 1024 * 1024;

/**
 * A watch may stay silent on network and container file systems, so the file is looked at from time to time as well;
 * where the watch works nobody waits for that.
 */
const SAFETY_LOOK_MS = 1_000;

/**
 * Yields the complete lines of a growing file, in batches as they arrive, without their line ends. A last line without
 * an end is yielded too. Bytes that are not UTF-8 become U+FFFD.
 */
export async function* followLines(
  path: string,
  { ended, onBytes, maxLineLength = MAX_LINE_LENGTH }: FollowOptions,
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
  while (true) {
    // The order matters: whatever was written before the end is there when the end is known.
    const last = over;
    const count = file.readSync(buffer);
    if (count === null || count === 0) {
      if (last) break;
      await watch.changed(SAFETY_LOOK_MS);
      continue;
    }
    onBytes?.(count);
    const lines = decoder.decode(buffer.subarray(0, count), { stream: true }).split("\n");
    const tail = lines.pop() ?? "";
    if (lines.length > 0) {
      const first = rest + (lines[0] ?? "");
      if (skipping) lines.shift();
      else lines[0] = first;
      skipping = false;
      rest = "";
      if (lines.length > 0) yield lines;
    }
    if (!skipping) rest += tail;
    if (rest.length > maxLineLength) {
      skipping = true;
      rest = "";
    }
  }
  if (rest !== "" && !skipping) yield [rest];
}
