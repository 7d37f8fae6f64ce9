/**
 * A program for the tests: reads /proc in a given way, with whatever rights it was started, and prints what it read.
 *
 * Arguments: `own`, `direct` or `child`; `NAME=VALUE`; the ids of the processes to look at one by one.
 *
 * @module
 */
import {
  mayReadProc,
  procFilesDirectly,
  procFilesThroughChild,
  procSource,
  sourceFrom,
} from "../../../src/system/processes/proc_processes.ts";

const [way = "", assignment = "", ...pids] = Deno.args;
const SOURCES = { own: procSource(), direct: sourceFrom(procFilesDirectly), child: sourceFrom(procFilesThroughChild) };
const source = SOURCES[way === "direct" || way === "child" ? way : "own"];

/** What a question came to: the answer, or why there is none. */
function outcome<T>(ask: () => T): T | { readonly name: string; readonly message: string } {
  try {
    return ask();
  } catch (error) {
    const { name, message } = error instanceof Error ? error : new Error(String(error));
    return { name, message };
  }
}

console.log(JSON.stringify({
  mayReadProc: mayReadProc(),
  table: outcome(() => source.table()),
  carriers: outcome(() => source.withVariable(assignment, new Set())),
  ones: pids.map((pid) => outcome(() => source.one(Number(pid)) ?? "gone")),
}));
