import assert from "node:assert/strict";
import { fold } from "../../src/workflow/fold_history.ts";
import { type History, NO_HISTORY, summaryOf } from "../../src/workflow/history.ts";
import { nextAttempt, usedSoFar } from "../../src/workflow/attempt.ts";
import type { IterationEnd } from "../../src/workflow/iteration_end.ts";
import type { Phase } from "../../src/workflow/phases.ts";
import { eventLine, readEventLine } from "../../src/workflow/event_line.ts";
import type { SessionEvent } from "../../src/workflow/session_event.ts";
import { NO_USAGE, type Usage } from "../../src/workflow/usage.ts";
import type { Outcome } from "../../src/workflow/run_events.ts";
import type { Signal } from "../../src/workflow/iteration_events.ts";
import { recordStory, script, STORY } from "../helpers/story_events.ts";

const USAGE: Usage = {
  costUsd: 0.25,
  inputTokens: 10,
  outputTokens: 20,
  cacheReadTokens: 30,
  cacheWriteTokens: 40,
  modelCalls: 2,
};

const STARTED: SessionEvent = { type: "session.started", provider: "demo", version: "1", pid: 7 };
const REFUSED: SessionEvent = { type: "signal.refused", problem: "_signal.json was not written" };
const STAY: SessionEvent = says({ status: "continue", phase: undefined });
const BLOCKED: Outcome = { kind: "blocked", reason: "No key", needs: "human_decision" };
const TIMED_OUT: IterationEnd = { kind: "timed-out", afterMs: 60_000 };

Deno.test("fold() counts an iteration once, over failures, repairs and crashes of the worker", () => {
  const story = [
    STARTED,
    entered("quality", "testing"),
    ...attempt(7, 1, { phase: "quality", end: TIMED_OUT }),
    REFUSED,
    retried(7, 2),
    ...attempt(7, 2, { phase: "quality" }),
    REFUSED,
    retried(7, 3, { repair: true }),
    begun(7, 3, "quality"),
    // The worker dies here.
    STARTED,
    over(7, 3, { phase: "quality", end: { kind: "crashed", cause: "interrupted", detail: "", exitCode: undefined } }),
    REFUSED,
    begun(7, 4, "quality"),
  ];
  assert.deepEqual(countsOf(play(story)), { iterationsInVisit: 1, qualityIterations: 1, next: [7, 5] });
  assert.deepEqual(countsOf(play([...story, over(7, 4), STAY])), {
    iterationsInVisit: 1,
    qualityIterations: 1,
    next: [8, 1],
  });
  assert.deepEqual(countsOf(play([...story, over(7, 4), STAY, begun(8, 1, "quality")])), {
    iterationsInVisit: 2,
    qualityIterations: 2,
    next: [8, 2],
  });
});

Deno.test("nextAttempt() gives the iteration under way another attempt, and a new number only after a signal or in another phase", () => {
  const inTesting = [STARTED, entered("testing", "implementation"), ...attempt(5, 2, { phase: "testing" })];
  const cases: readonly (readonly [story: string, events: readonly SessionEvent[], next: readonly [number, number]])[] =
    [
      ["nothing happened", [], [1, 1]],
      ["nothing but a start", [STARTED], [1, 1]],
      ["an attempt runs", [STARTED, begun(1, 1)], [1, 2]],
      ["the worker died before anybody looked for a signal", inTesting, [5, 3]],
      ["no signal", [...inTesting, REFUSED], [5, 3]],
      ["a signal", [...inTesting, STAY], [6, 1]],
      ["a signal that was no good after all", [...inTesting, STAY, retried(5, 3, { repair: true })], [5, 3]],
      ["no signal, and a human moved the phase", [...inTesting, REFUSED, entered("quality", "testing", "human")], [
        6,
        1,
      ]],
      ["blocked without a signal", [...inTesting, REFUSED, stopped(BLOCKED), STARTED], [5, 3]],
      ["blocked by its signal", [...inTesting, STAY, stopped(BLOCKED), STARTED], [6, 1]],
      ["interrupted before its signal", [...inTesting, REFUSED, stopped({ kind: "stopped", by: "ada" }), STARTED], [
        5,
        3,
      ]],
    ];
  for (const [story, events, [iteration, number]] of cases) {
    assert.deepEqual(nextAttempt(play(events)), { iteration, attempt: number }, story);
  }
});

Deno.test("fold() keeps how an attempt ended, its signal, and whether that is decided", () => {
  const open = {
    iteration: 3,
    attempt: 2,
    phase: "testing",
    earlierTasks: 0,
    marker: "m3-2",
    log: "3-2.jsonl",
    startedAt: "2026-11-20T00:00:00.000Z",
    seenAt: "2026-11-20T00:00:00.000Z",
    timeoutMs: undefined,
    used: NO_USAGE,
    provider: "claude",
    model: "opus",
    end: undefined,
    reading: undefined,
    decided: false,
  };
  const empty: SessionEvent = { type: "signal.refused", problem: "_signal.json is empty" };
  assert.deepEqual(play([begun(3, 2, "testing")]).attempt, open);
  const ended = { ...open, end: TIMED_OUT };
  const story = [begun(3, 2, "testing"), over(3, 2, { end: TIMED_OUT })];
  assert.deepEqual(play(story).attempt, ended);
  assert.deepEqual(play([...story, REFUSED]).attempt, { ...ended, reading: { kind: "missing" } });
  assert.deepEqual(play([...story, empty]).attempt, { ...ended, reading: { kind: "malformed", problem: "is empty" } });
  assert.deepEqual(play([...story, STAY]).attempt, {
    ...ended,
    reading: { kind: "signal", signal: { status: "continue", phase: undefined } },
  });
  assert.deepEqual(play([...story, STAY, retried(3, 3, { because: "why" })]).attempt, {
    ...ended,
    reading: { kind: "malformed", problem: "why" },
    decided: true,
  });
  const before = play([over(1, 1), STAY, REFUSED, retried(1, 2)]);
  assert.equal(before.attempt, undefined, "an end without a beginning is not made one");
});

Deno.test("fold() counts failures and repairs of one iteration, and of one run", () => {
  const limited: IterationEnd = { kind: "rate-limited", until: "2026-11-20T03:00:00.000Z", detail: "full" };
  const past: IterationEnd = { ...limited, until: "2026-11-19T03:00:00.000Z" };
  const story = [
    STARTED,
    ...attempt(1, 1, { end: TIMED_OUT }),
    REFUSED,
    retried(1, 2),
    ...attempt(1, 2, { end: limited }),
    REFUSED,
    retried(1, 3),
    ...attempt(1, 3, { end: past }),
    REFUSED,
    retried(1, 4),
    ...attempt(1, 4),
    REFUSED,
    retried(1, 5, { repair: true }),
  ];
  const triesOf = ({ failures, repairs }: History) => ({ failures, repairs });
  assert.deepEqual(triesOf(play(story)), { failures: 1, repairs: 1 });
  assert.deepEqual(triesOf(play([...story, begun(1, 5)])), { failures: 1, repairs: 1 });
  assert.deepEqual(triesOf(play([...story, begun(1, 5), over(1, 5), STAY, begun(2, 1)])), { failures: 0, repairs: 0 });
  assert.deepEqual(triesOf(play([...story, STARTED])), { failures: 0, repairs: 0 });
  assert.deepEqual(triesOf(play([...story, entered("requirements", "investigation")])), { failures: 0, repairs: 0 });
});

Deno.test("fold() keeps a wait over crashes and signals, until the attempt, a human's stop or another end", () => {
  const wait = {
    for: "outage",
    since: "2026-11-20T00:00:00.000Z",
    tries: 3,
    until: "2026-11-20T06:00:00.000Z",
  } as const;
  const story = [STARTED, ...attempt(1, 1, { end: TIMED_OUT }), REFUSED, { ...retried(1, 2), delayMs: 300_000, wait }];
  const waitOf = ({ rest, outage }: History) => ({ rest: rest?.wait, outage });
  const outage = { ...wait, spentMs: 300_000 };
  const kept = { rest: wait, outage };
  const gone = { rest: undefined, outage: undefined };
  assert.deepEqual(waitOf(play(story)), kept);
  const { endsAtMs, because } = play(story).rest ?? {};
  assert.deepEqual([endsAtMs, because], [Date.parse(play(story).lastAt ?? "") + 300_000, "why"]);
  assert.deepEqual(waitOf(play([...story, STARTED])), kept, "killed");
  const again = { ...retried(1, 2), delayMs: 100_000, wait };
  assert.equal(play([...story, STARTED, again]).outage?.spentMs, 300_000, "the rest of a pause is no other pause");
  const next = { ...retried(1, 3), delayMs: 300_000, wait: { ...wait, tries: 4 } };
  const tried = [...story, ...attempt(1, 2, { end: TIMED_OUT }), REFUSED];
  const { outage: { spentMs = 0 } = {}, workedMs } = play([...tried, next]);
  const before = play(story).workedMs;
  assert.equal(spentMs, 600_000 + workedMs - before, "two pauses and the attempt between them");
  assert.ok(workedMs > before);
  assert.deepEqual(waitOf(play([...story, stopped({ kind: "stopped", by: "SIGTERM" }), STARTED])), kept);
  assert.deepEqual(waitOf(play([...story, begun(1, 2)])), { rest: undefined, outage }, "the outage is not over");
  assert.deepEqual(waitOf(play([...story, begun(2, 1)])), gone);
  assert.deepEqual(waitOf(play([...story, entered("planning", "investigation")])), gone);
  assert.deepEqual(waitOf(play([...story, { type: "stop.requested", by: "ada", now: true }, STARTED])), gone);
  assert.deepEqual(waitOf(play([...story, stopped({ kind: "failed", reason: "out" }), STARTED])), gone);
});

Deno.test("fold() keeps a gate closed until a human opens it, and closes it when its phase is entered or it is reached again", () => {
  const approved: SessionEvent = {
    type: "gate.opened",
    gate: "plan_approval",
    by: "ada",
    document: "plan.md",
    sha256: "1",
  };
  const answered: SessionEvent = {
    type: "gate.opened",
    gate: "qa_answers",
    by: "ada",
    document: "_qa.md",
    sha256: "2",
  };
  const plan = { by: "ada", document: "plan.md", sha256: "1" };
  const answers = { by: "ada", document: "_qa.md", sha256: "2" };
  const both = [answered, approved];
  const cases: readonly (readonly [story: string, events: readonly SessionEvent[], gates: History["gates"]])[] = [
    ["nobody acted", [entered("planning", "requirements"), reached("plan_approval")], {}],
    ["a human acted", [reached("plan_approval"), approved], { plan_approval: plan }],
    ["an answer is no approval", [reached("qa_answers"), answered], { qa_answers: answers }],
    ["opened twice", [approved, { ...approved, sha256: "3" }], { plan_approval: { ...plan, sha256: "3" } }],
    ["reached again", [...both, reached("plan_approval")], { qa_answers: answers }],
    ["entered again", [...both, entered("requirements", "planning", "human")], {}],
    ["entered again", [...both, entered("planning", "quality", "human")], { qa_answers: answers }],
    ["gone back before both", [...both, entered("investigation", "quality", "human")], {}],
    ["left", [...both, entered("implementation", "planning")], { qa_answers: answers, plan_approval: plan }],
    ["sent back", [...both, { type: "plan.rejected", feedback: "No", by: "ada" }], { qa_answers: answers }],
    ["answers alone open nothing", [reached("qa_answers"), { type: "answers.given", ids: ["Q1"], by: "ada" }], {}],
    ["no signal opens anything", [says({ status: "continue", phase: "implementation" })], {}],
    ["a run, its end and the next", [...both, STARTED, begun(1, 1), over(1, 1), stopped(BLOCKED), STARTED], {
      qa_answers: answers,
      plan_approval: plan,
    }],
  ];
  for (const [story, events, gates] of cases) assert.deepEqual(play(events).gates, gates, story);
});

Deno.test("fold() keeps the pause at a gate and what was shown there, until an iteration starts", () => {
  const atGate = play([begun(1, 1), over(1, 1), STAY, reached("plan_approval")]);
  assert.deepEqual(atGate.pause, { for: "plan_approval", gate: "plan_approval", wants: "implementation" });
  assert.deepEqual(atGate.shown, { document: "plan.md", sha256: "1", openQuestions: undefined });
  assert.equal(atGate.attempt?.decided, true);
  const story = [begun(1, 1), over(1, 1), STAY, reached("plan_approval"), waits("plan_approval"), STARTED];
  assert.deepEqual(play(story).pause, atGate.pause, "a new run changes nothing about it");
  assert.equal(play([...story, entered("implementation", "planning")]).pause, undefined);
  assert.equal(play([...story, begun(2, 1)]).pause, undefined);
  assert.equal(play([...story, { type: "plan.rejected", feedback: "No", by: "ada" }]).pause, undefined);
});

Deno.test("fold() keeps a pause that no gate enforces until an iteration starts", () => {
  const waiting: SessionEvent = stopped({ kind: "waiting", for: "human_action", gate: undefined, detail: "do it" });
  const story = [begun(1, 1), over(1, 1), says({ status: "waiting", for: "human_action", phase: undefined }), waiting];
  const pause = { for: "human_action", gate: undefined, wants: undefined };
  assert.deepEqual(play(story).pause, pause);
  assert.deepEqual(play([...story, STARTED]).pause, pause);
  assert.equal(play([...story, STARTED, begun(2, 1)]).pause, undefined);
});

Deno.test("fold() tells guidance to the next iteration and all its attempts, and not again", () => {
  const told = (events: readonly SessionEvent[]) => play(events).guidance;
  const first = [STARTED, guided("A"), guided("B"), begun(1, 1)];
  assert.deepEqual(told(first), ["A", "B"]);
  const again = [...first, over(1, 1, { end: TIMED_OUT }), REFUSED, retried(1, 2), begun(1, 2)];
  assert.deepEqual(told(again), ["A", "B"], "another attempt is told again");
  assert.deepEqual(told([...again, over(1, 2), STAY, begun(2, 1)]), [], "the next iteration is not");
  const during = [...first, guided("C"), over(1, 1), STAY, begun(2, 1)];
  assert.deepEqual(told(during), ["C"], "what comes while one runs is for the next");
  const between = [...first, guided("C"), over(1, 1), REFUSED, retried(1, 2), begun(1, 2), guided("D")];
  assert.deepEqual(told([...between, over(1, 2), STAY, begun(2, 1)]), ["D"], "or for its next attempt");
  assert.deepEqual(told([...between, over(1, 2), STAY, begun(2, 1), over(2, 1), STAY, begun(3, 1)]), []);
});

Deno.test("fold() loses no guidance to a stop, a block, a crash of the worker or a change of phase", () => {
  const rests: Readonly<Record<string, readonly SessionEvent[]>> = {
    stop: [stopped({ kind: "stopped", by: "ada" }), STARTED],
    block: [stopped(BLOCKED), STARTED],
    crash: [STARTED, { type: "session.recovered", detail: "it died" }],
    phase: [entered("testing", "implementation")],
  };
  for (const [name, rest] of Object.entries(rests)) {
    const story: readonly SessionEvent[] = [
      STARTED,
      begun(1, 1),
      guided("A"),
      over(1, 1),
      STAY,
      ...rest,
      guided("B"),
      begun(2, 1, "testing"),
    ];
    assert.deepEqual(play(story).guidance, ["A", "B"], name);
    const cut = [STARTED, guided("A"), begun(1, 1), ...rest];
    const { iteration, attempt: number } = nextAttempt(play(cut));
    const next = play([...cut, begun(iteration, number)]);
    assert.deepEqual(next.guidance, name === "phase" ? [] : ["A"], `${name}, told before`);
  }
});

Deno.test("fold() hands the reason why a plan was sent back to the next iteration", () => {
  const story = [reached("plan_approval"), waits("plan_approval"), {
    type: "plan.rejected",
    feedback: "No",
    by: "ada",
  }] as const;
  assert.deepEqual(play([begun(1, 1), over(1, 1), STAY, ...story, STARTED, begun(2, 1)]).guidance, ["No"]);
});

Deno.test("fold() knows why the run before stopped until an iteration has begun", () => {
  const resumed = [STARTED, begun(1, 1), over(1, 1), STAY, stopped(BLOCKED), STARTED];
  assert.equal(play([STARTED]).resumedAfter, undefined);
  assert.deepEqual(play(resumed).resumedAfter, BLOCKED);
  assert.deepEqual(play([...resumed, STARTED, STARTED]).resumedAfter, BLOCKED, "a worker that died told nobody");
  assert.equal(play([...resumed, begun(2, 1)]).resumedAfter, undefined);
  assert.equal(play([...resumed, guided("A"), begun(2, 1)]).resumedAfter, undefined);
  assert.equal(play([...resumed, begun(2, 1), over(2, 1), STAY, begun(3, 1)]).resumedAfter, undefined);
  assert.equal(play([...resumed, entered("testing", "implementation", "human")]).resumedAfter, undefined);
  const unread = [STARTED, begun(1, 1), over(1, 1), REFUSED, stopped(BLOCKED), STARTED, begun(1, 2)];
  assert.equal(play(unread).resumedAfter, undefined, "another attempt is told of the one before instead");
});

Deno.test("summaryOf() tells that a session is done, also once it is run again, until a human moves its phase", () => {
  const end = stopped({ kind: "done", summary: "Shipped" });
  assert.equal(summaryOf(play([STARTED])), undefined);
  assert.equal(summaryOf(play([STARTED, end])), "Shipped");
  assert.equal(summaryOf(play([STARTED, end, STARTED])), "Shipped");
  assert.equal(summaryOf(play([STARTED, end, STARTED, STARTED])), "Shipped", "a worker died on the way");
  assert.equal(summaryOf(play([STARTED, end, guided("More"), STARTED])), "Shipped");
  assert.equal(summaryOf(play([STARTED, end, STARTED, end, STARTED])), "Shipped");
  assert.equal(summaryOf(play([STARTED, end, STARTED, entered("implementation", "done", "human")])), undefined);
  assert.equal(summaryOf(play([STARTED, end, STARTED, stopped(BLOCKED)])), undefined);
});

Deno.test("fold() grants a blocked session the phase's iterations once more, and no other one", () => {
  const stay = [STARTED, begun(1, 1), over(1, 1), STAY, begun(2, 1), over(2, 1), STAY];
  const counts = (events: readonly SessionEvent[]) => play(events).iterationsInVisit;
  assert.equal(counts([...stay, stopped(BLOCKED)]), 2);
  assert.equal(counts([...stay, stopped(BLOCKED), STARTED]), 0);
  assert.equal(counts([...stay, stopped(BLOCKED), STARTED, begun(3, 1)]), 1);
  assert.equal(counts([...stay, stopped(BLOCKED), STARTED, STARTED, begun(3, 1)]), 1, "granted once");
  assert.equal(counts([...stay, stopped({ kind: "stopped", by: "ada" }), STARTED]), 2);
  assert.equal(counts([...stay, stopped({ kind: "failed", reason: "disk full" }), STARTED]), 2);
  assert.equal(
    counts([...stay, stopped({ kind: "waiting", for: "file_update", gate: undefined, detail: "" }), STARTED]),
    2,
  );
  assert.equal(counts([...stay, STARTED]), 2, "a crash grants nothing");
  const unread = [...stay, begun(3, 1), over(3, 1), REFUSED, stopped(BLOCKED), STARTED];
  assert.equal(counts([...unread, begun(3, 2)]), 1, "the iteration under way is the first of them");
  assert.equal(counts([...unread, entered("testing", "implementation", "human")]), 0);
});

Deno.test("fold() leaves a signal to the next run where the run ended before it was acted on, and only there", () => {
  const outcomes: readonly (readonly [outcome: Outcome, decided: boolean])[] = [
    [{ kind: "stopped", by: "ada" }, false],
    [{ kind: "failed", reason: "disk full" }, false],
    [{ kind: "blocked", reason: "The session has cost $5.00 of at most $5.00", needs: "budget" }, false],
    [{ kind: "waiting", for: "budget", gate: undefined, detail: "" }, false],
    [BLOCKED, true],
    [{ kind: "waiting", for: "human_action", gate: undefined, detail: "" }, true],
    [{ kind: "waiting", for: "qa_answers", gate: "qa_answers", detail: "" }, true],
    [{ kind: "done", summary: "Shipped" }, true],
  ];
  for (const [outcome, decided] of outcomes) {
    const { attempt } = play([STARTED, begun(1, 1), over(1, 1), STAY, stopped(outcome), STARTED]);
    assert.deepEqual([attempt?.decided, attempt?.reading?.kind], [decided, "signal"], outcome.kind);
  }
});

Deno.test("fold() never reopens what is decided", () => {
  const settling: readonly SessionEvent[] = [
    reached("qa_answers"),
    entered("testing", "implementation"),
    stopped(BLOCKED),
  ];
  for (const event of settling) {
    const story: readonly SessionEvent[] = [
      begun(1, 1),
      over(1, 1),
      STAY,
      event,
      stopped({ kind: "stopped", by: "ada" }),
      STARTED,
    ];
    assert.equal(play(story).attempt?.decided, true, event.type);
  }
});

Deno.test("fold() counts what other processes record after the run ended", () => {
  const rested = [STARTED, begun(1, 1), over(1, 1), STAY, stopped(BLOCKED)];
  const before = play(rested);
  const late: readonly SessionEvent[] = [
    { type: "listener.failed", listener: "telegram", detail: "401" },
    { type: "stop.requested", by: "ada", now: false },
    guided("A"),
  ];
  const after = play([...rested, ...late]);
  assert.deepEqual(after, { ...before, ...seqOf(after), stopRequestedBy: "ada", guidance: ["A"] });
  assert.equal(after.running, false);
  const next = play([...rested, ...late, STARTED]);
  assert.deepEqual([next.stopRequestedBy, next.guidance], [undefined, ["A"]], "a late wish stops no later run");
});

Deno.test("fold() only counts when another worker takes the session over: the next run settles what was left", () => {
  const cut = [STARTED, guided("A"), begun(1, 1)];
  const { lastSeq: _before, lastAt: _at, ...before } = play(cut);
  const { lastSeq, lastAt: _later, ...after } = play([...cut, {
    type: "session.moved",
    worker: "builder-7",
    epoch: 2,
  }]);
  assert.deepEqual([after, lastSeq], [{ ...before, epoch: 2 }, cut.length + 1]);
});

Deno.test("fold() forgets a stop request when a run ends or starts, and at no other event", () => {
  const wish: SessionEvent = { type: "stop.requested", by: "ada", now: true };
  const wished = [
    STARTED,
    begun(1, 1),
    wish,
    over(1, 1),
    STAY,
    retried(1, 2),
    begun(1, 2),
    entered("testing", "quality"),
  ];
  assert.equal(play(wished).stopRequestedBy, "ada");
  assert.equal(play([...wished, stopped({ kind: "stopped", by: "ada" })]).stopRequestedBy, undefined);
  assert.equal(play([...wished, STARTED]).stopRequestedBy, undefined);
});

Deno.test("fold() keeps the phase that the last run left in the notebook, so that a human's edit is noticed", () => {
  const left = (notebookPhase: Phase | undefined): SessionEvent => ({
    type: "session.stopped",
    outcome: BLOCKED,
    notebookPhase,
  });
  assert.equal(play([STARTED, stopped(BLOCKED)]).notebookPhase, undefined);
  assert.equal(play([STARTED, left("testing")]).notebookPhase, "testing");
  assert.equal(play([STARTED, left("testing"), STARTED]).notebookPhase, "testing");
  assert.equal(play([STARTED, left("testing"), STARTED, left(undefined)]).notebookPhase, undefined);
});

Deno.test("fold() shows what the agent does while it does it", () => {
  const acting: SessionEvent = { type: "agent.acted", tool: "Bash", about: "deno test" };
  assert.equal(play([begun(1, 1), acting]).activity, "Bash deno test");
  assert.equal(play([begun(1, 1), { ...acting, about: "" }]).activity, "Bash");
  assert.equal(play([begun(1, 1), acting, { type: "agent.said", text: "All green" }]).activity, "All green");
  for (const event of [over(1, 1), begun(1, 2), STARTED]) assert.equal(play([begun(1, 1), acting, event]).activity, "");
});

Deno.test("fold() tells thinking from acting, each since when", () => {
  const at = (second: number) => `2026-11-20T00:00:0${second}.000Z`;
  const acting: SessionEvent = { type: "agent.acted", tool: "Bash", about: "deno test" };
  const cases: readonly (readonly [SessionEvent, NonNullable<History["doing"]>["kind"], number])[] = [
    [begun(1, 1), "starting", 0],
    [{ type: "agent.started", model: "m", version: "1", id: "a" }, "thinking", 1],
    [{ type: "agent.said", text: "I look" }, "thinking", 1],
    [acting, "acting", 3],
    [{ type: "agent.used", usage: NO_USAGE }, "acting", 3],
    [{ type: "agent.resumed" }, "thinking", 5],
    [{ type: "agent.retried", attempt: 1, of: 2, delayMs: 9, detail: "busy" }, "retrying", 6],
    [{ type: "agent.said", text: "Green" }, "thinking", 7],
    [over(1, 1), "deciding", 8],
  ];
  for (const [index, [, kind, since]] of cases.entries()) {
    const events = cases.slice(0, index + 1).map(([event]) => event);
    const history = recordStory(events, { firstAtMs: Date.parse(at(0)), stepMs: 1_000 }).reduce(fold, NO_HISTORY);
    assert.deepEqual(history.doing, { kind, since: at(since) }, events.at(-1)?.type);
  }
});

Deno.test("fold() counts what an attempt used so far once, also if it is recalled after its worker died", () => {
  const used = (inputTokens: number): SessionEvent => ({ type: "agent.used", usage: { ...NO_USAGE, inputTokens } });
  const ended = over(1, 1);
  const recalled = ended.type === "iteration.ended" ? { ...ended, usage: { ...NO_USAGE, inputTokens: 900 } } : ended;
  const sums = [used(300), used(700), recalled, begun(1, 2), used(50)].map((_, index, events) =>
    usedSoFar(play([begun(1, 1), ...events.slice(0, index + 1)])).inputTokens
  );
  assert.deepEqual(sums, [300, 700, 900, 900, 950]);
});

Deno.test("fold() does not care where among the worker's events a listener fails or a stop is asked for", () => {
  const whole = play(script());
  const failed: SessionEvent = { type: "listener.failed", listener: "log", detail: "full" };
  for (let place = 0; place <= STORY.length; place++) {
    const events: readonly SessionEvent[] = script().toSpliced(place, 0, failed);
    assert.deepEqual({ ...play(events), ...timesOf(whole) }, whole, `after event ${place}`);
  }
});

Deno.test("fold() begins an adopted session at the gate that it comes to first, with the notebook's own counts", () => {
  const counts = { iterations: 9, iterationsInVisit: 3, qualityIterations: 1 };
  const at = (phase: Phase): readonly unknown[] => {
    const created = { type: "session.created", name: "s", task: "t", dive: "", adopted: { phase, ...counts } } as const;
    const history = recordStory([created], { firstAtMs: 0, stepMs: 1 }).reduce(fold, NO_HISTORY);
    const { phase: first, owed, hasBuilt, iterationsInVisit, qualityIterations, gates } = history;
    assert.deepEqual({ next: nextAttempt(history), qualityIterations, gates }, {
      next: { iteration: 10, attempt: 1 },
      qualityIterations: 1,
      gates: {},
    });
    return [first, owed?.gate, owed?.wants, hasBuilt, iterationsInVisit];
  };
  assert.deepEqual(at("init"), ["init", undefined, undefined, false, 3]);
  assert.deepEqual(at("investigation"), ["investigation", undefined, undefined, false, 3]);
  assert.deepEqual(at("requirements"), ["requirements", "qa_answers", undefined, false, 3]);
  assert.deepEqual(at("planning"), ["planning", "plan_approval", "implementation", false, 3]);
  for (const phase of ["implementation", "testing", "quality", "done"] as const) {
    assert.deepEqual(at(phase), ["planning", "plan_approval", phase, true, 0]);
  }
});

Deno.test("fold() owes an adopted session its first gate until that is reached, an agent works, or it is moved", () => {
  const adopted = { phase: "testing", iterations: 0, iterationsInVisit: 0, qualityIterations: 0 } as const;
  const created: SessionEvent = { type: "session.created", name: "s", task: "t", dive: "", adopted };
  const ends: readonly SessionEvent[] = [
    { type: "gate.reached", gate: "plan_approval", wants: "testing", document: "plan.md", sha256: "aa" },
    { type: "iteration.started", iteration: 1, attempt: 1, phase: "planning", marker: "", log: "" },
    { type: "phase.entered", phase: "testing", from: "planning", by: "human" },
  ];
  for (const end of ends) {
    const started: SessionEvent = { type: "session.started", provider: "claude", version: "1", pid: 1 };
    const story = recordStory([created, started, end], { firstAtMs: 0, stepMs: 1 });
    const gates = [1, 2, 3].map((length) => story.slice(0, length).reduce(fold, NO_HISTORY).owed?.gate);
    assert.deepEqual(gates, ["plan_approval", "plan_approval", undefined], end.type);
  }
});

Deno.test("fold() begins anew with a new task, and keeps what the session has used and where it works", () => {
  const workplace = { path: "/w/top", branch: "top", base: "main", note: "" };
  const story: readonly SessionEvent[] = [
    { type: "session.created", name: "top", task: "Add it", dive: "all of it" },
    { type: "session.prepared", workplace },
    STARTED,
    entered("planning", "requirements"),
    ...attempt(3, 1, { phase: "planning" }),
    says({ status: "waiting", for: "plan_approval", phase: undefined }),
    reached("plan_approval"),
    waits("plan_approval"),
    { type: "gate.opened", gate: "plan_approval", by: "ada", document: "plan.md", sha256: "1" },
    STARTED,
    entered("implementation", "planning"),
    { type: "review.ended", report: "quality-1.md", verdict: "open", findings: ["a leak"] },
    ...attempt(4, 1),
    REFUSED,
    stopped({ kind: "stopped", by: "ada" }),
    guided("Mind the tabs"),
  ];
  const before = play(story);
  const after = play([...story, {
    type: "task.given",
    task: "Remove it",
    dive: "",
    light: true,
    by: "ada",
    commit: "c0",
  }]);
  assert.deepEqual({ ...after, ...seqOf(before) }, {
    ...before,
    task: "Remove it",
    dive: "",
    light: true,
    earlierTasks: 1,
    taskCommit: "c0",
    phase: "init",
    iterationsInVisit: 0,
    gates: {},
    shown: undefined,
    review: undefined,
    hasBuilt: false,
    outcome: undefined,
    attempt: before.attempt && { ...before.attempt, decided: true },
  });
  assert.deepEqual([after.workplace, after.starts, after.guidance], [workplace, 2, ["Mind the tabs"]]);
  // An attempt of the earlier task is not retried, though it is of the same phase.
  const again = play([
    ...story,
    { type: "task.given", task: "Remove it", dive: "", by: "ada", plan: { document: "new.md", sha256: "2" } },
    STARTED,
    entered("implementation", "init"),
  ]);
  assert.deepEqual(nextAttempt(again), { iteration: 5, attempt: 1 });
  assert.deepEqual(again.gates, { plan_approval: { by: "ada", document: "new.md", sha256: "2" } });
  assert.equal(again.givenPlan, "new.md");
});

Deno.test("fold() lets no outcome stand after a human moved the session", () => {
  const done = stopped({ kind: "done", summary: "All of it" });
  const moved = play([STARTED, done, entered("testing", "implementation", "human")]);
  assert.deepEqual([moved.outcome, moved.phase, summaryOf(moved)], [undefined, "testing", undefined]);
  assert.equal(summaryOf(play([STARTED, done, entered("testing", "implementation", "human"), STARTED])), undefined);
});

Deno.test("fold() adds the whole story up", () => {
  const last = STORY.at(-1) ?? assert.fail("no story");
  const ended = STORY.filter((event) => event.type === "iteration.ended");
  const sum = (of: (event: (typeof ended)[number]) => number) => ended.reduce((total, event) => total + of(event), 0);
  const { usage, ...history } = STORY.reduce(fold, NO_HISTORY);
  assert.ok(Math.abs((usage.costUsd ?? 0) - 5.22) < 1e-9, `${usage.costUsd}`);
  assert.deepEqual({ ...usage, costUsd: 0 }, {
    costUsd: 0,
    inputTokens: sum((event) => event.usage.inputTokens),
    outputTokens: sum((event) => event.usage.outputTokens),
    cacheReadTokens: sum((event) => event.usage.cacheReadTokens),
    cacheWriteTokens: sum((event) => event.usage.cacheWriteTokens),
    modelCalls: sum((event) => event.usage.modelCalls),
  });
  const { cost = 0 } = history.spentOn["2026-11-20"] ?? {};
  assert.ok(Math.abs(cost - 5.22) < 1e-9, `${cost}`);
  const summary = "Tokens are refreshed a minute before they expire";
  const outcome: Outcome = { kind: "done", summary: `${summary}; 14 tests added, all green. Branch ada/auth-refresh` };
  const opened = { by: "approve_plan", document: "11-20-05:09-plan-auth-refresh.md" };
  const sha256 = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";
  assert.deepEqual(history, {
    lastSeq: STORY.length,
    createdAt: "2026-11-20T05:02:11.123Z",
    lastAt: last.at,
    name: "auth-refresh",
    task: "Refresh the login before it expires",
    dive: "token life",
    epoch: 2,
    light: false,
    givenPlan: undefined,
    earlierTasks: 1,
    taskCommit: undefined,
    runStartedAt: STORY.findLast((event) => event.type === "session.started")?.at,
    doing: undefined,
    workplace: {
      path: "/home/ada/project/worktrees/auth-refresh",
      branch: "ada/auth-refresh",
      base: "origin/main",
      note: "",
    },
    workerMarker: undefined,
    adopted: undefined,
    owed: undefined,
    provider: "claude",
    leftOut: [],
    queued: undefined,
    isInterrupted: false,
    deaths: 0,
    lastActs: [],
    isProviderNamed: false,
    phase: "testing",
    iterationsInVisit: 2,
    entries: { planning: 1, implementation: 1, testing: 1 },
    qualityIterations: 0,
    attempt: {
      iteration: 6,
      attempt: 1,
      phase: "done",
      earlierTasks: 1,
      marker: "m6-1",
      log: "_logs/11-20-0502-006-done.jsonl",
      startedAt: STORY.find((event) => event.type === "iteration.started" && event.iteration === 6)?.at,
      seenAt: STORY.find((event) => event.type === "iteration.started" && event.iteration === 6)?.at,
      timeoutMs: undefined,
      used: NO_USAGE,
      provider: undefined,
      model: undefined,
      end: { kind: "finished" },
      reading: { kind: "signal", signal: { status: "done", summary, phase: undefined } },
      decided: true,
    },
    fallback: undefined,
    work: undefined,
    finish: undefined,
    relieved: false,
    checkpoints: {
      count: 1,
      tree: "4b825dc642cb6eb9a060e54bf8d69288fbee4904",
      problem: "Cannot run git write-tree: no space left on device",
      last: { ref: "refs/samocode/checkpoints/auth-refresh/1", files: 3, iteration: 2 },
    },
    failures: 0,
    limits: 0,
    outage: undefined,
    rest: undefined,
    repairs: 0,
    gates: {
      qa_answers: { by: "answer_qa", document: "_qa.md", sha256 },
      plan_approval: { ...opened, sha256 },
    },
    pause: undefined,
    shown: { document: opened.document, sha256, openQuestions: undefined },
    answered: undefined,
    waived: [],
    sentBack: undefined,
    hasBuilt: true,
    review: {
      report: "11-20-09:31-quality-1.md",
      verdict: "open",
      findings: ["`src/auth/client.ts:40`: a refresh is lost if two run at once"],
      rounds: ["11-20-09:31-quality-1.md"],
      isFresh: true,
    },
    starts: 9,
    today: "2026-11-20",
    spentOn: { "2026-11-20": { cost, tokens: 2_334_780, starts: 9, time: 1_753_000 } },
    budget: {
      limits: undefined,
      maxCostUsd: undefined,
      raised: [{ measure: "cost", span: "session", to: 80 }],
      warned: ["cost session 50"],
      isFresh: false,
    },
    evidence: {
      commands: [],
      starts: 1,
      running: undefined,
      hasBegun: true,
      baseline: undefined,
      acceptedBy: "samocode checks",
      round: {
        stage: "review",
        tree: "5b1a4c7d90e2f386",
        of: 2,
        isFresh: false,
        runs: [{
          stage: "review",
          command: ["npm", "test"],
          commit: "9ae1f2d6c2b7a0c1e4f5061728394a5b6c7d8e9f",
          uncommitted: 2,
          log: "11-20-0503-check-2.log",
          result: "failed",
          exitCode: 1,
          detail: "exit code 1",
          durationMs: 41_200,
          tail: "1 of 214 tests failed",
        }],
      },
    },
    progress: {
      seen: ["5d41402abc4b2a76 7d793037a0760186", "5d41402abc4b2a76 7d793037a0760186 9b74c9897bac770f"],
      documents: "7d793037a0760186",
      idle: [],
      failing: { "deno test tests/auth/": 1 },
      told: 4,
    },
    guard: undefined,
    guidance: [],
    guidanceTold: 0,
    stopRequestedBy: undefined,
    running: false,
    outcome,
    notebookPhase: undefined,
    resumedAfter: undefined,
    workedMs: sum((event) => event.durationMs),
    activity: "",
  });
});

Deno.test("fold() adds up the same from the journal's lines as from the events", () => {
  const read = STORY.map((event) => readEventLine(eventLine(event)) ?? assert.fail("an event was not read"));
  const plain = (history: History): unknown => JSON.parse(JSON.stringify(history));
  assert.deepEqual(plain(read.reduce(fold, NO_HISTORY)), plain(STORY.reduce(fold, NO_HISTORY)));
});

Deno.test("fold() is pure: it changes neither history nor event, and adds up the same again", () => {
  const snapshot = structuredClone(STORY);
  const histories = STORY.reduce<readonly History[]>(
    (all, event) => [...all, deepFrozen(fold(all.at(-1) ?? deepFrozen(NO_HISTORY), deepFrozen(event)))],
    [],
  );
  assert.deepEqual(histories.at(-1), STORY.reduce(fold, NO_HISTORY));
  assert.deepEqual(STORY, snapshot);
  assert.deepEqual(histories.map(({ lastSeq }) => lastSeq), STORY.map(({ seq }) => seq));
  assert.deepEqual(histories.map(({ lastAt }) => lastAt), STORY.map(({ at }) => at));
});

/** Tells a story that begins in implementation. */
function play(events: readonly SessionEvent[]): History {
  const recorded = recordStory(events, { firstAtMs: Date.parse("2026-11-20T00:00:00Z"), stepMs: 1_000 });
  return recorded.reduce<History>(fold, { ...NO_HISTORY, phase: "implementation" });
}

function countsOf(history: History): unknown {
  const { iterationsInVisit, qualityIterations } = history;
  const { iteration, attempt: number } = nextAttempt(history);
  return { iterationsInVisit, qualityIterations, next: [iteration, number] };
}

function seqOf({ lastSeq, lastAt }: History): Pick<History, "lastSeq" | "lastAt"> {
  return { lastSeq, lastAt };
}

/** What shifts where one event more stands before the others. */
function timesOf({ lastSeq, lastAt, createdAt, attempt, runStartedAt }: History): Partial<History> {
  return { lastSeq, lastAt, createdAt, attempt, runStartedAt };
}

const CLAUDE = { provider: "claude", model: "opus" };

function begun(iteration: number, attempt: number, phase: Phase = "implementation"): SessionEvent {
  const name = `${iteration}-${attempt}`;
  return { type: "iteration.started", iteration, attempt, phase, marker: `m${name}`, log: `${name}.jsonl`, ...CLAUDE };
}

function over(
  iteration: number,
  attempt: number,
  { phase = "implementation", end = { kind: "finished" } }: { readonly phase?: Phase; readonly end?: IterationEnd } =
    {},
): SessionEvent {
  return {
    type: "iteration.ended",
    iteration,
    attempt,
    phase,
    end,
    durationMs: 1_000,
    usage: USAGE,
    denials: 0,
    unrecorded: 0,
  };
}

function attempt(
  iteration: number,
  number: number,
  how: { readonly phase?: Phase; readonly end?: IterationEnd } = {},
): readonly SessionEvent[] {
  return [begun(iteration, number, how.phase), over(iteration, number, how)];
}

function retried(
  iteration: number,
  attempt: number,
  { repair = false, because = "why" }: { readonly repair?: boolean; readonly because?: string } = {},
): SessionEvent {
  return { type: "iteration.retried", iteration, attempt, because, delayMs: 0, repair };
}

Deno.test("fold() keeps what was committed and where it went until an agent works again", () => {
  const counted = STORY.find(({ type }) => type === "work.counted");
  const finished = STORY.find(({ type }) => type === "session.finished");
  const started = STORY.find(({ type }) => type === "iteration.started");
  if (counted?.type !== "work.counted" || finished?.type !== "session.finished" || started === undefined) {
    assert.fail("the story has all three");
  }
  const ended = [counted, finished].reduce(fold, NO_HISTORY);
  assert.deepEqual([ended.work?.commits, ended.finish?.into], [2, "main"]);
  const again = fold(ended, started);
  assert.deepEqual([again.work, again.finish], [undefined, undefined]);
});

function entered(phase: Phase, from: Phase, by: "worker" | "human" = "worker"): SessionEvent {
  return { type: "phase.entered", phase, from, by };
}

function reached(gate: "qa_answers" | "plan_approval"): SessionEvent {
  if (gate === "qa_answers") return { type: "gate.reached", gate, wants: undefined, document: "_qa.md", sha256: "2" };
  return { type: "gate.reached", gate, wants: "implementation", document: "plan.md", sha256: "1" };
}

function waits(gate: "qa_answers" | "plan_approval"): SessionEvent {
  return stopped({ kind: "waiting", for: gate, gate, detail: "" });
}

function says(signal: Signal): SessionEvent {
  return { type: "signal.received", signal };
}

function guided(text: string): SessionEvent {
  return { type: "guidance.given", text, by: "ada" };
}

function stopped(outcome: Outcome): SessionEvent {
  return { type: "session.stopped", outcome };
}

function deepFrozen<T>(value: T): T {
  if (typeof value === "object" && value !== null) Object.values(value).forEach(deepFrozen);
  return Object.freeze(value);
}
