/**
 * Keeps raw logs, an agent's unfiltered output, from filling the disk and from keeping secrets.
 *
 * @module
 */
import { basename, join } from "node:path";
import { isSoleFile, lstatIfExists, writeAll } from "../system/files/files.ts";
import { hideSecretsInFile } from "../system/files/hide_in_file.ts";
import type { Layout } from "./layout.ts";

/** What is kept of each end of a log: about ten hours of a busy agent. */
const KEPT_BYTES = 32 * 1024 * 1024;

/** An agent that prints more than this in one attempt is out of control. */
const MAX_BYTES = 2 * 1024 * 1024 * 1024;

/** A fast disk takes a few hundred megabytes in that time. */
const LOOK_MS = 1_000;

/** The two logs of an attempt: stdout and stderr. */
export function rawLogsOf({ logs }: Layout, log: string): readonly [output: string, errors: string] {
  // The name may come from a forged journal line.
  const output = join(logs, basename(log));
  return [output, output.replace(/\.jsonl$/, ".stderr")];
}

/** Calls back once if an attempt has printed too much. */
export function watchLogs(
  paths: readonly string[],
  { maxBytes = MAX_BYTES, onTooMuch }: { readonly maxBytes?: number; readonly onTooMuch: (reason: string) => void },
): Disposable {
  const timer = setInterval(() => {
    if (paths.every((path) => (lstatIfExists(path)?.size ?? 0) <= maxBytes)) return;
    clearInterval(timer);
    onTooMuch(`the limit of ${Math.round(maxBytes / 1024 / 1024)} MiB for what an agent may print in one attempt`);
  }, LOOK_MS);
  return { [Symbol.dispose]: () => clearInterval(timer) };
}

/** Finishes the log of an attempt that is over: caps it, and masks secrets in what is kept. */
export function finishLog(path: string): void {
  capLog(path);
  try {
    hideSecretsInFile(path);
  } catch {
    // Not worth failing a session.
  }
}

/**
 * Cuts a finished log to its head and tail, with a line between them that says how much is missing. Anything but a
 * regular file with one name is left alone, and so is a log that cannot be cut.
 */
export function capLog(path: string, keptBytes = KEPT_BYTES): void {
  try {
    const found = lstatIfExists(path);
    if (found === undefined || found.size <= 2 * keptBytes || !isSoleFile(path)) return;
    using file = Deno.openSync(path, { read: true, write: true });
    cut(file, { size: found.size, keptBytes });
  } catch {
    // Not worth failing a session.
  }
}

function cut(file: Deno.FsFile, { size, keptBytes }: { readonly size: number; readonly keptBytes: number }): void {
  const tail = new Uint8Array(keptBytes);
  file.seekSync(size - keptBytes, Deno.SeekMode.Start);
  let length = 0;
  for (let count = 1; count > 0 && length < tail.length; length += count) {
    count = file.readSync(tail.subarray(length)) ?? 0;
  }
  const note = JSON.stringify({ type: "samocode.left_out", bytes: size - keptBytes - length });
  file.truncateSync(keptBytes);
  file.seekSync(0, Deno.SeekMode.End);
  writeAll(file, new TextEncoder().encode(`\n${note}\n`));
  writeAll(file, tail.subarray(0, length));
}
