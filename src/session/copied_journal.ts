/**
 * Journals copied from elsewhere. The caller vouches for the lines; the copy gets its own chain and head, so that it is
 * read and continued like any other journal.
 *
 * @module
 */
import { basename, dirname, join } from "node:path";
import { lstatIfExists, openOwnFileIfExists, readUpTo, removeIfExists, writeAll } from "../system/files/files.ts";
import { SamocodeError, systemError, unlessFailing } from "../text/errors.ts";
import { eventLine, readEventLine } from "../workflow/event_line.ts";
import type { RecordedEvent } from "../workflow/session_event.ts";
import { bootId, ChainHead, lockChains, placeOf, placeOnceRenamed, sessionLock } from "./chain_head.ts";
import { Journal } from "./journal.ts";
import { layoutOf } from "./layout.ts";
import { lockHolder } from "./lock.ts";
import { RunningHash } from "./running_hash.ts";

/** Options for copying a journal. */
export interface CopyOptions {
  /** The user's folder for the heads of journals. */
  readonly stateFolder: string;
}

/** Characters per write. */
const WRITE_CHARACTERS = 256 * 1024;

/** Far longer than any first event, even with the longest task and dive. */
const MAX_FIRST_LINE = 4 * 1024 * 1024;
const READ_BYTES = 16 * 1024;

/**
 * Writes a journal from these lines, with a new chain. An existing journal is replaced, and its head forgotten. A kill
 * at any moment leaves either the old journal or the new one, each with its head.
 *
 * @param path The journal; its folder must exist.
 * @param lines Each without its newline.
 * @param options.renamedTo The folder's later path, if it will be renamed.
 * @returns The number of the last event.
 * @throws {SamocodeError} If a line is not the next event, or a worker here holds the session's lock; then nothing
 * changes.
 */
export async function copyJournal(
  path: string,
  lines: Iterable<string> | AsyncIterable<string>,
  { stateFolder, renamedTo }: CopyOptions & { readonly renamedTo?: string },
): Promise<number> {
  const folder = dirname(path);
  const chain = crypto.randomUUID();
  const temporary = join(folder, `.${crypto.randomUUID()}.tmp`);
  try {
    const { hash, lastSeq } = await writeLines(temporary, checkedEvents(path, lines), chain);
    const former = chainOf(path);
    using _lock = lockChains(stateFolder);
    if (former !== undefined) refuseHeld(path, sessionLock(stateFolder, former));
    using head = ChainHead.create(stateFolder, chain);
    const extent = hash.extent();
    const place = renamedTo === undefined ? placeOf(folder) : placeOnceRenamed(folder, renamedTo);
    head.write({ done: extent, next: extent, flushed: extent, boot: bootId(), place }, { flush: true });
    Deno.renameSync(temporary, path);
    if (former !== undefined) forget(stateFolder, former);
    return lastSeq;
  } catch (error) {
    removeIfExists(temporary);
    if (error instanceof SamocodeError) throw error;
    const hint = "Check the disk's free space and the folder's permissions";
    throw systemError(`Cannot copy the journal ${path}`, { error, hint });
  }
}

/**
 * Appends lines to a copy. Skips lines that it already has, so several processes may do so at the same time. A kill at
 * any moment leaves a valid journal with some of the lines.
 *
 * @returns The number of the last event.
 * @throws {SamocodeError} If a line is not the next event, or the copy cannot be trusted; then nothing is written.
 */
export function appendCopied(journal: Journal, lines: readonly string[]): number {
  const begin = readEventLine(lines[0] ?? "")?.seq ?? 1;
  journal.copy(lines.map((line, index) => checkedEvent(journal.path, line, begin + index)));
  return journal.history.lastSeq;
}

/** Forgets the head of a folder's journal, if it has one, before the folder is removed. */
export function forgetCopied(folder: string, { stateFolder }: CopyOptions): void {
  unlessFailing(() => {
    using journal = Journal.openIfExists(layoutOf(folder).journal, { stateFolder });
    journal?.forget();
  });
}

/** Whether a copy exists with a head that matches its length. A quick check: the content is not read. */
export function seemsWhole(path: string, { stateFolder }: CopyOptions): boolean {
  const chain = unlessFailing(() => chainOf(path));
  using head = chain === undefined ? undefined : ChainHead.open(stateFolder, { id: chain, readOnly: true });
  const known = head?.read();
  return known !== undefined && known.done.bytes === lstatIfExists(path)?.size;
}

async function* checkedEvents(
  path: string,
  lines: Iterable<string> | AsyncIterable<string>,
): AsyncGenerator<RecordedEvent> {
  let seq = 0;
  for await (const line of lines) yield checkedEvent(path, line, ++seq);
  if (seq === 0) throw refused(path, "it has no events");
}

function checkedEvent(path: string, line: string, seq: number): RecordedEvent {
  const event = line.includes("\n") ? undefined : readEventLine(line);
  if (event === undefined) throw refused(path, `line ${seq} is not an event that this version knows`);
  if (event.seq !== seq) throw refused(path, `line ${seq} has the sequence number ${event.seq}`);
  return event;
}

function refused(path: string, found: string): SamocodeError {
  return new SamocodeError("conflict", `Cannot copy the journal ${path}: ${found}`, {
    hint: "Update samocode here, if a newer version wrote it; otherwise find out who changed it",
  });
}

async function writeLines(
  path: string,
  events: AsyncIterable<RecordedEvent>,
  chain: string,
): Promise<{ readonly hash: RunningHash; readonly lastSeq: number }> {
  const hash = new RunningHash();
  let lastSeq = 0;
  let text = "";
  using file = Deno.openSync(path, { write: true, createNew: true, mode: 0o600 });
  const write = (): void => {
    const bytes = new TextEncoder().encode(text);
    hash.update(bytes);
    writeAll(file, bytes);
    text = "";
  };
  for await (const event of events) {
    text += eventLine(event.seq === 1 || event.chain !== undefined ? { ...event, chain } : event);
    lastSeq = event.seq;
    if (text.length >= WRITE_CHARACTERS) write();
  }
  write();
  file.syncDataSync();
  return { hash, lastSeq };
}

/** The chain of an existing journal; `undefined` if there is none, or it is not valid. */
function chainOf(path: string): string | undefined {
  using file = openOwnFileIfExists(path, { read: true });
  let text = "";
  const decoder = new TextDecoder();
  for (let count = 1; count > 0 && text.length < MAX_FIRST_LINE && !text.includes("\n");) {
    const bytes = file === undefined ? new Uint8Array() : readUpTo(file, READ_BYTES);
    text += decoder.decode(bytes, { stream: true });
    count = bytes.length;
  }
  return readEventLine(text.split("\n", 1)[0] ?? "")?.chain;
}

function refuseHeld(path: string, lock: string): void {
  const holder = lockHolder(lock);
  if (holder === undefined) return;
  throw new SamocodeError("conflict", `Cannot replace the journal ${path}: it is locked by process ${holder.pid}`, {
    hint: "Stop that session here first",
    actions: [{ verb: "stop", session: basename(dirname(path)) }],
  });
}

function forget(stateFolder: string, chain: string): void {
  using head = ChainHead.open(stateFolder, { id: chain, readOnly: true });
  head?.remove();
}
