/**
 * Sessions whose worker died, locks of the dead, and processes that were left.
 *
 * @module
 */
import { MARKER_VARIABLE } from "../../../system/processes/end_processes.ts";
import { statIfExists } from "../../../system/files/files.ts";
import { processesWithVariable } from "../../../system/processes/process_table.ts";
import { type Finding, ok, warning } from "../../../contract/finding.ts";
import type { Check, SeenSession } from "../check.ts";

/** Each costs a look at all processes; the newest are the likeliest. */
const MAX_LOOKS = 20;

/** The check. */
export const sessions: Check = {
  area: "sessions",
  examine({ settings, sessions }): readonly Finding[] {
    if (settings === undefined) return [];
    const resting = sessions.filter(({ isHeld }) => !isHeld);
    const running = sessions.length - resting.length;
    const findings = [...resting.flatMap(stateOf), ...resting.slice(0, MAX_LOOKS).flatMap(leftBy)];
    return [ok(`${sessions.length} in ${settings.sessions}, ${running} running`), ...findings];
  },
};

function stateOf({ name, layout, history }: SeenSession): readonly Finding[] {
  if (history === undefined) {
    return [warning(`${name}: its journal cannot be read`, `samocode status ${name} says why`)];
  }
  if (history.running) {
    return [warning(`${name}: its worker died in ${history.phase}`, `samocode run ${name} goes on from there`)];
  }
  // A worker that ends in order leaves it empty.
  return (statIfExists(layout.lock)?.size ?? 0) === 0
    ? []
    : [warning(`${name}: its lock is that of a dead worker`, `The next samocode run ${name} takes it over`)];
}

function leftBy({ name, history }: SeenSession): readonly Finding[] {
  const marker = history?.attempt?.marker;
  if (marker === undefined || marker === "") return [];
  const pids = processesWithVariable(`${MARKER_VARIABLE}=${marker}`).map(({ pid }) => pid);
  if (pids.length === 0) return [];
  const ways = history?.running === true ? `samocode run ${name} ends them, or by hand: ` : "";
  return [
    warning(
      `${name}: ${pids.length} ${pids.length === 1 ? "process" : "processes"} of its agent still run`,
      `${ways}kill ${pids.join(" ")}`,
    ),
  ];
}
