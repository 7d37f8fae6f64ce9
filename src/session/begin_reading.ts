/**
 * Begins to read a journal: from its start, or where this process has read to before.
 *
 * @module
 */
import { type JournalOptions, JournalReader } from "./journal_reader.ts";
import { type KeptReading, type Stamp, stampOf } from "./kept_journals.ts";

/** Reads what an open journal has, and keeps the reading where the options say so. */
export function beginReading(file: Deno.FsFile, path: string, options: JournalOptions): JournalReader {
  const { kept, readOnly, see, asItIs, foldStory } = options;
  const read = (earlier?: KeptReading): JournalReader => {
    const reader = new JournalReader(file, path, options, earlier?.reading);
    try {
      reader.look(see);
      return reader;
    } catch (error) {
      reader[Symbol.dispose]();
      throw error;
    }
  };
  // Whoever sees events wants all of them.
  if (kept === undefined || !readOnly || asItIs || see !== undefined) return read();
  const stamp = stampOf(file);
  const earlier = kept.get(path);
  const hasAll = foldStory === undefined || earlier?.reading.told !== undefined;
  const reader = (hasAll ? readOn(earlier, { stamp, read }) : undefined) ?? read();
  const { reading } = reader;
  kept.keep(path, reading && { reading, stamp });
  return reader;
}

/** Goes on from an earlier reading; `undefined` if that does not count any more. */
function readOn(
  earlier: KeptReading | undefined,
  { stamp, read }: { readonly stamp: Stamp; readonly read: (earlier: KeptReading) => JournalReader },
): JournalReader | undefined {
  if (earlier === undefined) return undefined;
  const isSame = isUnchanged(earlier.stamp, stamp);
  if (!isSame && !isGrown(earlier, stamp)) return undefined;
  const reader = read(earlier);
  // Whoever changed the beginning while the worker wrote is found out here, once the session rests.
  if (reader.doubt === undefined && (isSame || reader.history.running)) return reader;
  reader[Symbol.dispose]();
  return undefined;
}

function isUnchanged(then: Stamp, now: Stamp): boolean {
  return then.inode === now.inode && then.bytes === now.bytes && then.writtenAt === now.writtenAt &&
    then.changedAt !== undefined && then.changedAt === now.changedAt;
}

/** Whether its worker may have gone on with it. That reads the whole of it when it begins, and checks each line. */
function isGrown({ reading, stamp }: KeptReading, now: Stamp): boolean {
  return reading.history.running && stamp.inode === now.inode && stamp.bytes < now.bytes;
}
