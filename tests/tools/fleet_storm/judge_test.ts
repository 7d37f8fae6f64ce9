import assert from "node:assert/strict";
import { type FleetProblem, judgeFleet } from "../../../tools/fleet_storm/judge.ts";
import type { ActRow, FleetRecord, JournalRow, SessionRecord } from "../../../tools/fleet_storm/record.ts";
import { eventLine } from "../../../src/workflow/event_line.ts";
import type { SessionEvent } from "../../../src/workflow/session_event.ts";
import { NO_USAGE } from "../../../src/workflow/usage.ts";

const AT = Date.parse("2026-11-22T16:00:00.000Z");

const attempt = (iteration: number, marker: string): readonly SessionEvent[] => [
  { type: "iteration.started", iteration, attempt: 1, phase: "planning", marker, log: `${iteration}.jsonl` },
  {
    ...{ type: "iteration.ended", iteration, attempt: 1, phase: "planning", end: { kind: "finished" } },
    ...{ durationMs: 1, usage: NO_USAGE, denials: 0, unrecorded: 0 },
  },
  { type: "signal.received", signal: { status: "waiting", for: "plan_approval", phase: undefined } },
];

/** A session that went through a gate. */
const EVENTS: readonly SessionEvent[] = [
  { type: "session.created", name: "one", task: "Do it", dive: "" },
  ...attempt(1, "m1"),
  { type: "gate.reached", gate: "plan_approval", wants: "implementation", document: "p.md", sha256: "shown" },
  { type: "gate.opened", gate: "plan_approval", by: "ann", document: "p.md", sha256: "shown" },
  ...attempt(2, "m2"),
  { type: "session.stopped", outcome: { kind: "done", summary: "Done" } },
];

const rowsOf = (events: readonly SessionEvent[], epochOf = (_seq: number): number => 1): readonly JournalRow[] =>
  events.map((event, index) => {
    const seq = index + 1;
    const line = eventLine({ seq, at: new Date(AT + seq * 1000).toISOString(), ...event }).trimEnd();
    return { seq, epoch: epochOf(seq), type: event.type, line };
  });

const APPROVAL: ActRow = {
  act: { verb: "approve", sha256: "shown", label: undefined },
  by: "ann",
  at: AT,
  outcome: { ok: true, text: "Approved", hint: "" },
};

const SESSION: SessionRecord = {
  ...{ id: "1", name: "one", state: "done", journal: rowsOf(EVENTS), acts: [APPROVAL] },
  files: ["_overview.md", "11-22-1600-summary.md", "11-22-1600-plan-one.md"],
  ...{ reachable: new Set(["c1"]), subjects: ["First", "Second"], copies: [] },
};

const RECORD: FleetRecord = {
  sessions: [SESSION],
  changes: [],
  limits: new Map(),
  commits: [{ machine: "ant", marker: "m1", commit: "c1" }],
  overlaps: [],
  left: [],
};

const withSession = (changed: Partial<SessionRecord>): FleetRecord => ({
  ...RECORD,
  sessions: [{ ...SESSION, ...changed }],
});
const withEvents = (events: readonly SessionEvent[]): FleetRecord => withSession({ journal: rowsOf(events) });
const change = (session: string, state: string): FleetRecord["changes"][number] => ({
  ...{ at: AT, session, account: "work", state, epoch: 1, holder: "ant" },
});

/** What must be found in each, in the order of the judge. */
const FAULTS: Readonly<Record<string, readonly [record: FleetRecord, ...found: FleetProblem["kind"][]]>> = {
  "a line is missing": [withSession({ journal: SESSION.journal.toSpliced(8, 1) }), "lost"],
  "a line is there twice": [
    withSession({ journal: SESSION.journal.toSpliced(5, 0, SESSION.journal[4] ?? assert.fail()) }),
    "twice",
  ],
  "a line is no event": [
    withSession({ journal: SESSION.journal.with(0, { seq: 1, epoch: 1, type: "session.created", line: "{" }) }),
    "lost",
  ],
  "a line is that of another event": [
    withSession({ journal: SESSION.journal.with(0, { ...SESSION.journal[0] ?? assert.fail(), type: "task.given" }) }),
    "lost",
  ],
  "an overtaken worker writes on": [
    withSession({ journal: rowsOf(EVENTS, (seq) => seq === 3 ? 2 : 1) }),
    "lost",
    "two",
  ],
  "nobody says who took a session over": [withSession({ journal: rowsOf(EVENTS, (seq) => seq > 4 ? 2 : 1) }), "lost"],
  "an attempt begins again": [withEvents([...EVENTS.slice(0, 4), ...attempt(1, "m3"), ...EVENTS.slice(4)]), "twice"],
  "an attempt has no end": [withEvents(EVENTS.toSpliced(2, 1)), "lost"],
  "an attempt ends twice": [withEvents(EVENTS.toSpliced(2, 0, EVENTS[2] ?? assert.fail())), "twice"],
  "a signal is taken twice": [withEvents(EVENTS.toSpliced(3, 0, EVENTS[3] ?? assert.fail())), "twice"],
  "an iteration is missing": [withEvents(EVENTS.toSpliced(1, 3)), "lost"],
  "a gate opens without an act": [withSession({ acts: [] }), "gates"],
  "a gate opens before its act": [withSession({ acts: [{ ...APPROVAL, at: AT + 9_000_000 }] }), "gates", "lost"],
  "a gate opens by an act that was refused": [
    withSession({ acts: [{ ...APPROVAL, outcome: { ok: false, text: "Stale", hint: "" } }] }),
    "gates",
  ],
  "a gate opens for another text": [
    withSession({ acts: [{ ...APPROVAL, act: { verb: "approve", sha256: "older", label: undefined } }] }),
    ...["gates", "lost"] as const,
  ],
  "a gate opens twice": [withEvents(EVENTS.toSpliced(6, 0, EVENTS[5] ?? assert.fail())), "twice", "gates"],
  "an act is never applied": [withSession({ acts: [APPROVAL, { ...APPROVAL, outcome: undefined }] }), "lost"],
  "a recorded commit is not on the remote": [withSession({ reachable: new Set() }), "lost"],
  "a commit is made again": [withSession({ subjects: ["First", "First"] }), "twice"],
  "a local copy is gone": [
    withSession({
      copies: [{
        machine: "ant",
        journal: "",
        head: "c9",
        isThere: { journal: false, head: false, uncommitted: false },
      }],
    }),
    ...["lost", "lost", "lost"] as const,
  ],
  "a session is not done": [withSession({ state: "waiting" }), "lost"],
  "a document did not arrive": [withSession({ files: ["_overview.md", "11-22-1600-plan-one.md"] }), "lost"],
  "agents work on two machines": [
    {
      ...RECORD,
      overlaps: [{ at: AT, attempts: [{ machine: "ant", marker: "m1" }, { machine: "bee", marker: "m2" }] }],
    },
    "two",
  ],
  "an account has too much": [
    { ...RECORD, limits: new Map([["work", 1]]), changes: [change("1", "running"), change("2", "running")] },
    "limits",
  ],
  "an agent is left": [{ ...RECORD, left: [{ machine: "ant", pid: 7, command: "sleep 300" }] }, "left"],
};

Deno.test("judgeFleet() finds nothing in a session that was taken over and is done", () => {
  assert.deepEqual(judgeFleet(RECORD), []);
  const moved = EVENTS.toSpliced(4, 0, { type: "session.moved", worker: "bee", epoch: 2 });
  assert.deepEqual(judgeFleet(withSession({ journal: rowsOf(moved, (seq) => seq > 4 ? 2 : 1) })), []);
  const changes = [change("1", "running"), change("1", "waiting"), change("2", "running"), change("1", "queued")];
  assert.deepEqual(judgeFleet({ ...RECORD, limits: new Map([["work", 1]]), changes }), []);
  assert.deepEqual(judgeFleet(withSession({ acts: [APPROVAL, APPROVAL] })), [], "approved twice before it was applied");
});

for (const [name, [record, ...kinds]] of Object.entries(FAULTS)) {
  Deno.test(`judgeFleet() finds what is wrong where ${name}`, () => {
    assert.deepEqual(judgeFleet(record).map(({ kind }) => kind), kinds, JSON.stringify(judgeFleet(record)));
  });
}
