/**
 * Reads one journal in one way, and says what that took: `journal_worker.ts WAY PROJECT SESSION`. A process of its own
 * for each measurement, or the memory of one would show in the next.
 *
 * @module
 */
import { findSession } from "../src/session/find_session.ts";
import { layoutOf } from "../src/session/layout.ts";
import { readStatus } from "../src/operations/read_status.ts";
import { spreadOf } from "./figures.ts";
import { peakMegabytes } from "./peak_memory.ts";
import { openProject } from "./project.ts";

/** What a reading took. */
export interface Reading {
  /** The median of some readings. */
  readonly ms: number;
  readonly peakMegabytes: number;
  /** So many events were seen. */
  readonly events: number;
}

const READINGS = 5;

if (import.meta.main) {
  const [way = "", project = "", session = ""] = Deno.args;
  const samocode = openProject(project);
  const { journal } = layoutOf(findSession(project, session).path);
  const ways: Readonly<Record<string, () => number>> = {
    status: () => readStatus(samocode, { session }).cursor,
    parse: () => Deno.readTextFileSync(journal).split("\n").filter((line) => line !== "" && JSON.parse(line)).length,
  };
  let events = 0;
  const times: number[] = [];
  for (let count = 0; count < READINGS; count++) {
    const begun = performance.now();
    events = ways[way]?.() ?? 0;
    times.push(performance.now() - begun);
  }
  const reading: Reading = { ms: spreadOf(times).median, peakMegabytes: peakMegabytes("self"), events };
  console.log(JSON.stringify(reading));
}
