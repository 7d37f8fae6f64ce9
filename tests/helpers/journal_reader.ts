/**
 * A program of its own: opens the journal that it is given, has it tell its story and prints how many events there are, and the most memory it
 * held before and after, in bytes as Linux counts it.
 *
 * @module
 */
import { foldStory } from "../../src/messages/fold_story.ts";
import { openJournal } from "./own_journal.ts";

function peakBytes(): number {
  return Number(/^VmHWM:\s+(\d+) kB/m.exec(Deno.readTextFileSync("/proc/self/status"))?.[1]) * 1024;
}

const before = peakBytes();
using journal = openJournal(Deno.args[0] ?? "", { readOnly: true, foldStory });
console.log(journal.history.lastSeq, before, peakBytes());
