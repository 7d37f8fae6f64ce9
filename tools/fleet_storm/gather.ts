/**
 * Gathers the state of a fleet for the judge by psql, git and /proc, without the fleet's own queries.
 *
 * @module
 */
import { readAct, readOutcome } from "../../src/fleet/acts.ts";
import { readEventLine } from "../../src/workflow/event_line.ts";
import { type FleetStage, pause } from "../../tests/helpers/fleet_stage.ts";
import { findCopy, type TakenCopy } from "./copies.ts";
import type { FleetRecord, JournalRow, MadeCommit, Overlap, SessionRecord } from "./record.ts";

const ENDING_MS = 5_000;

/** Observations that are not in the engine. */
export interface Seen {
  readonly copies: readonly TakenCopy[];
  readonly overlaps: readonly Overlap[];
}

/** Gathers the record of these sessions, or of all. */
export async function gather(
  stage: FleetStage,
  { copies, overlaps }: Seen,
  names?: readonly string[],
): Promise<FleetRecord> {
  const all = await stage.sessions();
  const chosen = names === undefined ? all : all.filter(({ name }) => names.includes(name));
  const sessions: SessionRecord[] = [];
  for (const { id, name, state } of chosen) {
    const journal = await journalOf(stage, id);
    sessions.push({
      ...{ id, name, state, journal },
      acts: await actsOf(stage, id),
      files: (await stage.rows(`select distinct path from samocode.file where session = '${id}'`)).map(({ path }) =>
        String(path)
      ),
      ...workOf(stage, name),
      copies: copies.filter(({ session }) => session === name).map(findCopy),
    });
  }
  const changes = await stage.rows(
    "select n, extract(epoch from at) * 1000 as at, session, account, state, epoch, holder from stage.change order by n",
  );
  // Count agents only: an overtaken worker's own git processes have other markers.
  const attempts = markersOf(stage, sessions);
  return {
    sessions,
    changes: changes.map(({ at, session, account, state, epoch, holder }) => ({
      ...{ at: Number(at), session: String(session), account: String(account), state: String(state) },
      ...{ epoch: Number(epoch), holder: typeof holder === "string" ? holder : undefined },
    })),
    limits: stage.limits,
    commits: readLedger(stage),
    overlaps: overlaps.map(({ at, attempts: found }) => ({
      at,
      attempts: found.filter(({ marker }) => attempts.has(marker)),
    }))
      .filter(({ attempts: found }) => new Set(found.map(({ machine }) => machine)).size > 1),
    left: await leftOf(stage, attempts),
  };
}

async function journalOf(stage: FleetStage, id: string): Promise<readonly JournalRow[]> {
  const rows = await stage.rows(
    `select seq, epoch, type, line from samocode.journal where session = '${id}' order by seq`,
  );
  return rows.map(({ seq, epoch, type, line }) => ({
    ...{ seq: Number(seq), epoch: Number(epoch), type: String(type), line: String(line) },
  }));
}

async function actsOf(stage: FleetStage, id: string): Promise<SessionRecord["acts"]> {
  const rows = await stage.rows(
    `select act, by, extract(epoch from at) * 1000 as at, outcome from samocode.act where session = '${id}' order by id`,
  );
  return rows.flatMap(({ act, by, at, outcome }) => {
    const read = readAct(act);
    return read === undefined ? [] : [{ act: read, by: String(by), at: Number(at), outcome: readOutcome(outcome) }];
  });
}

/** The commits of the session's ref on the remote. */
function workOf(stage: FleetStage, name: string): Pick<SessionRecord, "reachable" | "subjects"> {
  const [ref] = stage.git("for-each-ref", "--format=%(refname)", `refs/samocode/checkpoints/${name}/fleet`).split("\n");
  if (ref === undefined || ref === "") return { reachable: new Set(), subjects: [] };
  const reachable = new Set(stage.git("rev-list", ref).split("\n"));
  // A session that never had a branch has only its workers' empty checkpoints.
  const [, , head] = stage.git("rev-list", "--parents", "--max-count=1", ref).split(" ");
  if (head === undefined) return { reachable, subjects: [] };
  return { reachable, subjects: stage.git("log", "--format=%s", "--first-parent", head, "--not", "main").split("\n") };
}

/** The markers of all attempts, including those that only a machine's own journal has. */
function markersOf(stage: FleetStage, sessions: readonly SessionRecord[]): ReadonlySet<string> {
  const own = stage.machines.flatMap((machine) => machine.journals())
    .filter((path) => sessions.some(({ name }) => path.includes(`-${name}`)))
    .flatMap((path) => Deno.readTextFileSync(path).split("\n"));
  const lines = [...sessions.flatMap(({ journal }) => journal.map(({ line }) => line)), ...own];
  return new Set(lines.flatMap((line) => {
    if (!line.includes('"marker"')) return [];
    const event = readEventLine(line);
    return event?.type === "iteration.started" || event?.type === "check.started" ? [event.marker] : [];
  }));
}

/** Leftover agents. Waits a while, since a machine that just woke needs time to end them. */
async function leftOf(stage: FleetStage, attempts: ReadonlySet<string>): Promise<FleetRecord["left"]> {
  for (const deadline = performance.now() + ENDING_MS;; await pause(100)) {
    const left = stage.processes().filter(({ marker }) => marker !== undefined && attempts.has(marker));
    if (left.length === 0 || performance.now() > deadline) return left;
  }
}

/** All commits made on the machines of a stage. */
export function readLedger({ ledger }: Pick<FleetStage, "ledger">): readonly MadeCommit[] {
  return Deno.readTextFileSync(ledger).split("\n").flatMap((line) => {
    const [machine, marker, commit] = line.split(" ");
    return machine === undefined || marker === undefined || commit === undefined ? [] : [{ machine, marker, commit }];
  });
}
