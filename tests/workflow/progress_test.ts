import assert from "node:assert/strict";
import { join } from "node:path";
import { readClaudeLine } from "../../src/agents/claude/stream.ts";
import { readCodexLine } from "../../src/agents/codex/stream.ts";
import { addObservation, NOTHING_SEEN, type Sum } from "../../src/agents/observation.ts";
import type { IterationEnd } from "../../src/workflow/iteration_end.ts";
import { fold } from "../../src/workflow/fold_history.ts";
import { NO_HISTORY } from "../../src/workflow/history.ts";
import { AGENT_PHASES, type Phase } from "../../src/workflow/phases.ts";
import {
  type EndedAttempt,
  lastStall,
  MAX_SAME_FAILURES,
  NO_PROGRESS,
  noteAttempt,
  noteState,
  type Progress,
  stallOf,
} from "../../src/workflow/progress.ts";
import type { SessionEvent } from "../../src/workflow/session_event.ts";
import { NO_USAGE } from "../../src/workflow/usage.ts";
import type { WorkState } from "../../src/workflow/work.ts";
import { randomNumbers } from "../helpers/random_numbers.ts";
import { ROOT } from "../helpers/program_under_test.ts";

const FINISHED: IterationEnd = { kind: "finished" };
const CRASHED: IterationEnd = { kind: "crashed", cause: "unknown", detail: "", exitCode: 3 };
const OUTAGE: IterationEnd = { kind: "crashed", cause: "service", detail: "529", exitCode: 1 };
const LIMIT: IterationEnd = { kind: "rate-limited", until: undefined, detail: "full" };
const BEGUN = noteState(NO_PROGRESS, state("0"));

for (const phase of AGENT_PHASES) {
  Deno.test(`stallOf() tells the fifth agent in ${phase} that four starts changed nothing, and no sixth is started`, () => {
    assert.deepEqual(startsUntilBlocked(() => ({ phase })), { told: 4, blocked: 5 });
  });
}

Deno.test("stallOf() counts starts through the worst dance of phases, and attempts that crash", () => {
  const phases: readonly Phase[] = ["implementation", "testing", "quality"];
  assert.deepEqual(startsUntilBlocked((start) => ({ phase: phases[start % 3] ?? "testing" })), { told: 4, blocked: 5 });
  assert.deepEqual(startsUntilBlocked((start) => ({ end: start % 2 ? CRASHED : FINISHED })), { told: 4, blocked: 5 });
});

Deno.test("stallOf() notices work that goes back and forth between two or three states", () => {
  for (const states of ["AB", "ABC"]) {
    const { told, blocked } = startsUntilBlocked((start) => ({ left: state(states[start % states.length] ?? "") }));
    assert.deepEqual({ told, blocked }, { told: states.length + 4, blocked: states.length + 5 });
  }
  const back = [..."ABABAB"].reduce((progress, name) => attempt(progress, { left: state(name) }), BEGUN);
  assert.equal(
    stallOf(back)?.seen,
    "the last 4 agent starts (in iteration 1: implementation) only led back to states of the worktree and the " +
      "documents that were there before",
  );
});

Deno.test("stallOf() takes notes for progress while nothing has to be built, and not later", () => {
  const talk = (phase: Phase) => (start: number) => ({ phase, left: { ...state("0"), notebook: `note ${start}` } });
  for (const phase of ["investigation", "requirements", "planning"] as const) {
    assert.deepEqual(startsUntilBlocked(talk(phase)), { told: undefined, blocked: undefined });
  }
  for (const phase of ["implementation", "testing", "quality", "done"] as const) {
    assert.deepEqual(startsUntilBlocked(talk(phase)), { told: 4, blocked: 5 });
  }
});

Deno.test("stallOf() notices the same command failing again and again, whatever else changes in the worktree", () => {
  const failing = (start: number) => ({
    left: { ...state("0"), tree: `try ${start}` },
    failed: ["npm test", `ls ${start}`],
  });
  assert.deepEqual(startsUntilBlocked(failing), { told: MAX_SAME_FAILURES, blocked: MAX_SAME_FAILURES + 1 });
  const ticked = (start: number) => ({ ...failing(start), left: state(`step ${Math.floor(start / 4)}`) });
  assert.deepEqual(startsUntilBlocked((start) => ({ ...ticked(start), phase: "testing", left: state(`${start}`) })), {
    told: undefined,
    blocked: undefined,
  });
  const progress = Array.from({ length: 7 }, (_, start) => start).reduce(
    (before, start) => attempt(before, failing(start)),
    BEGUN,
  );
  assert.deepEqual(stallOf(progress), {
    starts: 7,
    seen: 'the command "npm test" failed in each of the last 7 attempts, and neither the plan nor another document ' +
      "changed meanwhile",
  });
});

Deno.test("stallOf() counts no outage, no limit and no stop, and what follows them is told all the same", () => {
  for (
    const end of [OUTAGE, LIMIT, { kind: "over-budget", detail: "" } as const, { kind: "aborted", by: "ada" } as const]
  ) {
    assert.deepEqual(startsUntilBlocked(() => ({ end })), { told: undefined, blocked: undefined });
  }
  let progress: Progress = [1, 2, 3, 4].reduce((before) => attempt(before, {}), BEGUN);
  progress = { ...progress, told: 4 };
  progress = attempt(progress, { end: OUTAGE });
  assert.equal(lastStall(progress), undefined, "the agent that was told could not work");
  assert.notEqual(lastStall(attempt(progress, {})), undefined);
});

Deno.test("fold() counts on over a worker that died, and begins anew when a human starts the session again", () => {
  const started: SessionEvent = { type: "session.started", provider: "demo", version: "1", pid: 7 };
  const stopped: SessionEvent = { type: "session.stopped", outcome: { kind: "stopped", by: "ada" } };
  const idle = (iteration: number): readonly SessionEvent[] => [
    {
      type: "iteration.started",
      iteration,
      attempt: 1,
      phase: "testing",
      marker: "m",
      log: "l",
      ...(iteration === 1 && { found: state("0") }),
    },
    {
      type: "iteration.ended",
      iteration,
      attempt: 1,
      phase: "testing",
      end: FINISHED,
      durationMs: 1,
      usage: NO_USAGE,
      denials: 0,
      unrecorded: 0,
      left: state("0"),
    },
  ];
  const idleAfter = (...events: readonly SessionEvent[]): number =>
    events.map((event, index) => ({ ...event, seq: index + 1, at: "2026-11-20T05:00:00Z" }))
      .reduce(fold, NO_HISTORY).progress.idle.length;
  assert.equal(idleAfter(started, ...idle(1), ...idle(2), started, ...idle(3)), 3);
  assert.equal(idleAfter(started, ...idle(1), ...idle(2), stopped, started), 0);
});

const SEEDS = 3_000;

Deno.test(`stallOf() raises no false alarm over ${SEEDS} healthy sessions`, () => {
  let attempts = 0;
  for (let seed = 1; seed <= SEEDS; seed++) {
    let progress = BEGUN;
    for (const each of healthySession(randomNumbers(seed))) {
      attempts++;
      if (each === "human") progress = noteState(NO_PROGRESS, state(`${attempts}`));
      else progress = attempt(progress, each);
      assert.equal(stallOf(progress), undefined, `seed ${seed}`);
    }
  }
  assert.ok(attempts > 30 * SEEDS, `${attempts}`);
});

Deno.test("stallOf() raises no false alarm over the recorded runs of the real clients", () => {
  const folder = join(ROOT, "tests", "fixtures", "streams");
  const names = [...Deno.readDirSync(folder)].map(({ name }) => name).sort();
  assert.ok(names.length >= 23);
  let progress = BEGUN;
  for (const [index, name] of [...names, ...names].entries()) {
    const lines = Deno.readTextFileSync(join(folder, name)).split("\n");
    const observations = lines.flatMap((line) => name.startsWith("codex") ? readCodexLine(line) : readClaudeLine(line));
    const { failed } = observations.reduce<Sum>(addObservation, NOTHING_SEEN);
    // Every other run changes the code, and every fourth a document.
    const left = { ...state(`${Math.floor(index / 4)}`), tree: `${Math.floor(index / 2)}` };
    progress = attempt(progress, { left, failed });
    assert.equal(stallOf(progress), undefined, name);
  }
});

/** How agents work that get on: each phase leaves something, but not each attempt does. */
function* healthySession(random: () => number): Generator<Partial<EndedAttempt> | "human"> {
  let count = 0;
  let tree = "0";
  let documents = "0";
  let notebook = "0";
  const chance = (share: number): boolean => random() < share;
  // In one of three repositories a test fails from the beginning.
  const red = chance(1 / 3) ? ["npm test"] : [];
  function* work(phase: Phase, changes: () => void): Generator<Partial<EndedAttempt> | "human"> {
    // Every other attempt crashes or leaves no signal at first; outages last as long as they like.
    if (chance(0.5)) yield { phase, end: chance(0.5) ? CRASHED : FINISHED, left: { tree, documents, notebook } };
    while (chance(0.2)) yield { phase, end: chance(0.5) ? OUTAGE : LIMIT, left: { tree, documents, notebook } };
    changes();
    notebook = `${++count}`;
    yield { phase, end: FINISHED, left: { tree, documents, notebook }, failed: phase === "planning" ? [] : red };
  }
  const notes = (): void => {};
  const code = (): void => void (tree = `${++count}`);
  const document = (): void => void (documents = `${++count}`);
  for (let left = 1 + random() * 4; left > 0; left--) yield* work("investigation", chance(0.5) ? document : notes);
  for (let left = 1 + random() * 2; left > 0; left--) yield* work("requirements", document);
  yield "human";
  for (let left = 1 + random() * 2; left > 0; left--) yield* work("planning", chance(0.7) ? document : notes);
  yield "human";
  for (let round = random() * 3; round > 0; round--) {
    for (let step = 1 + random() * 5; step > 0; step--) {
      // A step may take up to three iterations before its tick, red tests included.
      for (let part = random() * 3; part > 1; part--) yield* work("implementation", code);
      yield* work("implementation", () => (code(), document()));
    }
    // "All is done" changes nothing but the notebook.
    if (chance(0.5)) yield* work("implementation", notes);
    yield* work("testing", document);
    yield* work("quality", () => (document(), chance(0.5) && code()));
    if (chance(0.2)) yield "human";
  }
  yield* work("done", document);
}

function startsUntilBlocked(
  next: (start: number) => Partial<EndedAttempt>,
): { readonly told: number | undefined; readonly blocked: number | undefined } {
  let progress = BEGUN;
  let told: number | undefined;
  for (let start = 1; start <= 40; start++) {
    progress = attempt(progress, next(start));
    if (lastStall(progress) !== undefined) return { told, blocked: start };
    const stall = stallOf(progress);
    if (stall === undefined || progress.told !== undefined) continue;
    told = start;
    progress = { ...progress, told: stall.starts };
  }
  return { told, blocked: undefined };
}

function attempt(progress: Progress, changes: Partial<EndedAttempt>): Progress {
  return noteAttempt(progress, {
    iteration: 1,
    phase: "implementation",
    at: "2026-11-21T00:00:00.000Z",
    end: FINISHED,
    left: state("0"),
    failed: [],
    ...changes,
  });
}

function state(name: string): WorkState {
  return { tree: `tree ${name}`, documents: `documents ${name}`, notebook: `notebook ${name}` };
}
