/**
 * What was found in the lines of a journal, with old chatter left out and foreign events struck.
 *
 * @module
 */
import { openOwnFile, writeAll } from "../system/files/files.ts";
import type { Chatter } from "../workflow/event_line.ts";
import { KEPT_ACTS } from "../workflow/fold_agent.ts";
import type { RecordedEvent } from "../workflow/session_event.ts";
import type { ForeignLine } from "./check_chain.ts";

/** An event, chatter that is not parsed yet, or chatter that need not be. */
export type Found = RecordedEvent | Chatter | "old" | undefined;

/** How many of each the history keeps of those in a row. */
const KEPT: Readonly<Record<Chatter, number>> = { act: KEPT_ACTS, used: 1, resumed: 1 };

const COMMENT = new TextEncoder().encode("#");

/** Marks chatter that the history does not keep: of a row, only the last lines matter. Looks at the first `count`. */
export function dropOldChatter(found: Found[], count: number): void {
  let row = { act: 0, used: 0, resumed: 0 };
  for (let index = count - 1; index >= 0; index--) {
    const each = found[index];
    if (typeof each !== "string" || each === "old") row = { act: 0, used: 0, resumed: 0 };
    else if (++row[each] > KEPT[each]) found[index] = "old";
  }
}

/** Overwrites the first character of each event, so that no reader takes it for one. `inode` is the journal's. */
export function strikeForeign(
  path: string,
  { inode, foreign }: { readonly inode: number | null; readonly foreign: readonly ForeignLine[] },
): void {
  using file = openOwnFile(path, { write: true });
  if (file.statSync().ino !== inode) return;
  for (const { type, start } of foreign) {
    if (type === undefined) continue;
    file.seekSync(start, Deno.SeekMode.Start);
    writeAll(file, COMMENT);
  }
  file.syncDataSync();
}
