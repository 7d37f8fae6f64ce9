/**
 * Judges a fleet after a storm: nothing lost or done twice, no session run by two workers, no gate passed without a
 * person.
 *
 * @module
 */
import { readEventLine } from "../../src/workflow/event_line.ts";
import type { RecordedEvent } from "../../src/workflow/session_event.ts";
import type { ChangeRow, FleetRecord, JournalRow, MadeCommit, SessionRecord } from "./record.ts";

/** The kinds of problems. */
export const FLEET_PROBLEMS = ["lost", "twice", "two", "gates", "left", "limits", "stuck"] as const;

/** Something that must not happen. */
export interface FleetProblem {
  /**
   * `lost`: an event, a commit, an act or a local copy is missing; `twice`: something was recorded or done twice;
   * `two`: two workers ran a session; `gates`: a gate opened without a person; `left`: a leftover process; `limits`: an
   * account ran more sessions than it may; `stuck`: a worker takes no more sessions.
   */
  readonly kind: (typeof FLEET_PROBLEMS)[number];
  readonly what: string;
}

/** Judges a fleet whose sessions should all be done. */
export function judgeFleet(record: FleetRecord): readonly FleetProblem[] {
  return [
    ...record.sessions.flatMap((session) => judgeSession(session, record.commits)),
    ...judgeOverlaps(record),
    ...judgeLimits(record),
    ...record.left.map(({ machine, pid, command }): FleetProblem => ({
      kind: "left",
      what: `process ${pid} on ${machine}: ${command}`,
    })),
  ];
}

/** Judges one session. */
export function judgeSession(session: SessionRecord, commits: readonly MadeCommit[]): readonly FleetProblem[] {
  const events = session.journal.map(({ line }) => readEventLine(line));
  const known = events.filter((event) => event !== undefined);
  const problems = [
    ...judgeLines(session.journal, events),
    ...judgeEpochs(session.journal, events),
    ...judgeAttempts(known),
    ...judgeGates(known, session),
    ...judgeCommits(known, session, commits),
    ...judgeCopies(session),
    ...judgeEnd(known, session),
  ];
  return problems.map(({ kind, what }) => ({ kind, what: `${session.name}: ${what}` }));
}

function judgeLines(
  rows: readonly JournalRow[],
  events: readonly (RecordedEvent | undefined)[],
): readonly FleetProblem[] {
  return rows.flatMap((row, index): readonly FleetProblem[] => {
    const event = events[index];
    const problems: FleetProblem[] = [];
    const before = rows[index - 1]?.seq ?? 0;
    if (row.seq === before) problems.push({ kind: "twice", what: `event ${row.seq}` });
    else if (row.seq !== before + 1) problems.push({ kind: "lost", what: `events ${before + 1} to ${row.seq - 1}` });
    if (event === undefined) problems.push({ kind: "lost", what: `event ${row.seq}, which is none: ${row.line}` });
    else if (event.seq !== row.seq || event.type !== row.type) {
      problems.push({ kind: "lost", what: `event ${row.seq} ${row.type}: its line has ${event.seq} ${event.type}` });
    }
    return problems;
  });
}

/** The lines of an epoch must be contiguous and start with `session.moved`. */
function judgeEpochs(
  rows: readonly JournalRow[],
  events: readonly (RecordedEvent | undefined)[],
): readonly FleetProblem[] {
  return rows.flatMap(({ seq, epoch }, index): readonly FleetProblem[] => {
    const before = rows[index - 1]?.epoch ?? epoch;
    if (epoch === before) return [];
    if (epoch < before) return [{ kind: "two", what: `epoch ${epoch} wrote event ${seq} after epoch ${before}` }];
    const event = events[index];
    if (event?.type === "session.moved" && event.epoch === epoch) return [];
    return [{ kind: "lost", what: `session.moved as the first event of epoch ${epoch}, which is ${event?.type}` }];
  });
}

/** Iterations and their attempts must count from 1; each attempt ends once and has at most one signal. */
function judgeAttempts(events: readonly RecordedEvent[]): readonly FleetProblem[] {
  const problems: FleetProblem[] = [];
  let current = { iteration: 0, attempt: 0, ended: 1, signals: 0 };
  const close = (): void => {
    const name = `${current.iteration}.${current.attempt}`;
    if (current.ended !== 1) {
      problems.push({ kind: current.ended === 0 ? "lost" : "twice", what: `the end of attempt ${name}` });
    }
    if (current.signals > 1) problems.push({ kind: "twice", what: `the signal of attempt ${name}` });
  };
  for (const event of events) {
    if (event.type === "iteration.started") {
      close();
      const { iteration, attempt } = event;
      const isNext = iteration === current.iteration + 1 && attempt === 1;
      const isAgain = iteration === current.iteration && attempt === current.attempt + 1;
      if (!isNext && !isAgain) {
        const kind = iteration > current.iteration ? "lost" : "twice";
        problems.push({ kind, what: `attempt ${iteration}.${attempt} after ${current.iteration}.${current.attempt}` });
      }
      if (isAgain && current.signals > 0) {
        problems.push({ kind: "twice", what: `iteration ${iteration}, whose signal was there` });
      }
      current = { iteration, attempt, ended: 0, signals: 0 };
    } else if (event.type === "iteration.ended") current.ended++;
    else if (event.type === "signal.received") current.signals++;
  }
  close();
  return problems;
}

/** The person's act that opens each gate. */
const OPENERS = { qa_answers: "answer", plan_approval: "approve" } as const;

/** A gate must open once for each time it was reached, by an earlier act with the hash that was shown. */
function judgeGates(events: readonly RecordedEvent[], { acts }: SessionRecord): readonly FleetProblem[] {
  const problems: FleetProblem[] = [];
  const unused = acts.filter(({ outcome }) => outcome?.ok === true);
  const used: typeof unused = [];
  const closed = new Map<string, string | undefined>();
  for (const event of events) {
    if (event.type === "gate.reached") closed.set(event.gate, event.sha256);
    if (event.type !== "gate.opened") continue;
    const { gate, at, sha256 } = event;
    if (!closed.has(gate)) problems.push({ kind: "twice", what: `${gate} opened at ${at}, and was not closed` });
    const shown = closed.get(gate);
    closed.delete(gate);
    const index = unused.findIndex(({ act, at: given }) => {
      if (act.verb !== OPENERS[gate] || given > Date.parse(at)) return false;
      return !("sha256" in act) || act.sha256 === undefined || act.sha256 === shown || act.sha256 === sha256;
    });
    if (index < 0) problems.push({ kind: "gates", what: `${gate} opened at ${at} by ${event.by} without an act` });
    else used.push(...unused.splice(index, 1));
  }
  for (const { act, outcome } of acts) {
    if (outcome === undefined) problems.push({ kind: "lost", what: `the outcome of ${act.verb}` });
  }
  // A decision that was given again before it was applied opens nothing more.
  const opened = new Set(used.map(({ act }) => JSON.stringify(act)));
  for (const { act } of unused) {
    if ((act.verb === "answer" || act.verb === "approve") && !opened.has(JSON.stringify(act))) {
      problems.push({ kind: "lost", what: `what ${act.verb} opens` });
    }
  }
  return problems;
}

function judgeCommits(
  events: readonly RecordedEvent[],
  { reachable, subjects }: SessionRecord,
  commits: readonly MadeCommit[],
): readonly FleetProblem[] {
  const recorded = new Set<string>();
  let marker = "";
  for (const event of events) {
    if (event.type === "iteration.started") ({ marker } = event);
    // Only finished attempts count: a recovered one may have committed more after its last shipped event.
    if (event.type === "iteration.ended" && event.end.kind === "finished") recorded.add(marker);
  }
  const lost = commits.filter((made) => recorded.has(made.marker) && !reachable.has(made.commit));
  const twice = subjects.filter((subject, index) => subjects.indexOf(subject) !== index);
  return [
    ...lost.map(({ commit, machine }): FleetProblem => ({ kind: "lost", what: `commit ${commit} of ${machine}` })),
    ...twice.map((subject): FleetProblem => ({ kind: "twice", what: `the commit "${subject}"` })),
  ];
}

function judgeCopies({ copies }: SessionRecord): readonly FleetProblem[] {
  return copies.flatMap(({ machine, head, isThere }): readonly FleetProblem[] => [
    ...(isThere.journal ? [] : [{ kind: "lost" as const, what: `the journal that ${machine} had` }]),
    ...(isThere.head ? [] : [{ kind: "lost" as const, what: `the commit ${head} that ${machine} had` }]),
    ...(isThere.uncommitted ? [] : [{ kind: "lost" as const, what: `uncommitted work that ${machine} had` }]),
  ]);
}

function judgeEnd(events: readonly RecordedEvent[], { state, files }: SessionRecord): readonly FleetProblem[] {
  const problems: FleetProblem[] = [];
  // Ignore these two: if a worker was lost before it settled a finished session, the next one adds them.
  const last = events.findLast(({ type }) => type !== "session.moved" && type !== "session.prepared");
  const isDone = state === "done" && last?.type === "session.stopped" && last.outcome.kind === "done";
  if (!isDone) problems.push({ kind: "lost", what: `its end: it is ${state} after ${last?.type}` });
  for (const wanted of [/^_overview\.md$/, /-summary\.md$/, /-plan-.*\.md$/]) {
    if (!files.some((path) => wanted.test(path))) problems.push({ kind: "lost", what: `its file ${wanted.source}` });
  }
  return problems;
}

function judgeOverlaps({ overlaps }: FleetRecord): readonly FleetProblem[] {
  const told = new Set<string>();
  return overlaps.flatMap(({ attempts }): readonly FleetProblem[] => {
    const names = attempts.map(({ machine, marker }) => `${marker} on ${machine}`).sort().join(" and ");
    if (told.has(names)) return [];
    told.add(names);
    return [{ kind: "two", what: `agents of one session at work at once: ${names}` }];
  });
}

function judgeLimits({ changes, limits }: FleetRecord): readonly FleetProblem[] {
  const running = new Map<string, Map<string, ChangeRow>>();
  const most = new Map<string, number>();
  for (const change of changes) {
    const ofAccount = running.get(change.account) ?? new Map<string, ChangeRow>();
    running.set(change.account, ofAccount);
    if (change.state === "running") ofAccount.set(change.session, change);
    else ofAccount.delete(change.session);
    most.set(change.account, Math.max(most.get(change.account) ?? 0, ofAccount.size));
  }
  return [...most].flatMap(([account, count]): readonly FleetProblem[] => {
    const limit = limits.get(account) ?? 1;
    return count <= limit ? [] : [{ kind: "limits", what: `${account} ran ${count} sessions, its limit is ${limit}` }];
  });
}
