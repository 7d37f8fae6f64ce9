/**
 * Journals that a test wrote, as if samocode had.
 *
 * @module
 */
import { dirname, join } from "node:path";
import { bootId, ChainHead, lockChains, placeOf } from "../../src/session/chain_head.ts";
import { Journal } from "../../src/session/journal.ts";
import type { JournalOptions } from "../../src/session/journal_reader.ts";
import { RunningHash } from "../../src/session/running_hash.ts";
import { eventLine, readEventLine } from "../../src/workflow/event_line.ts";

/** Opens a journal whose head is kept in a folder beside it. */
export function openJournal(path: string, options: Partial<JournalOptions> = {}): Journal {
  return Journal.open(path, { stateFolder: join(dirname(path), "state"), ...options });
}

/**
 * Gives a journal a chain of its own that covers what is in it, beginning with its first event.
 *
 * @returns The id of the chain.
 */
export function ownJournal(path: string, stateFolder = join(dirname(path), "state")): string {
  const id = crypto.randomUUID();
  const lines = Deno.readTextFileSync(path).split(/(?<=\n)/).map((line) => {
    const event = readEventLine(line);
    return event?.seq === 1 ? eventLine({ ...event, chain: id }) : line;
  });
  const bytes = new TextEncoder().encode(lines.join(""));
  Deno.writeFileSync(path, bytes);
  using _lock = lockChains(stateFolder);
  using head = ChainHead.create(stateFolder, id);
  const done = new RunningHash().update(bytes).extent();
  head.write({ done, next: done, flushed: done, boot: bootId(), place: placeOf(dirname(path)) }, { flush: false });
  return id;
}
