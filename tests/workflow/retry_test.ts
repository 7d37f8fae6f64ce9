import assert from "node:assert/strict";
import type { CrashCause, IterationEnd } from "../../src/workflow/iteration_end.ts";
import { countsAsFailure, type Failure, FREE_LIMITS, LIMIT_SLACK_MS } from "../../src/workflow/error_classes.ts";
import {
  afterFailure,
  ALONE,
  type FailureState,
  FALLBACK_MS,
  fallbackFor,
  MAX_RETRY_DELAY_MS,
  MIN_OUTAGE_DELAY_MS,
  restLeftMs,
  type RetryAction,
  type Team,
  teamOf,
} from "../../src/workflow/retry.ts";
import { fold } from "../../src/workflow/fold_history.ts";
import { type History, NO_HISTORY } from "../../src/workflow/history.ts";
import type { Rest } from "../../src/workflow/attempt.ts";
import type { SessionEvent } from "../../src/workflow/session_event.ts";
import { NO_USAGE } from "../../src/workflow/usage.ts";
import type { Wait } from "../../src/workflow/iteration_events.ts";

const HOUR_MS = 3_600_000;
const NOW = new Date("2026-11-20T12:00:00Z");
const POLICY = { maxRetries: 3, retryDelayMs: 5_000, outagePatienceMs: 6 * HOUR_MS, maxLimitWaitMs: 12 * HOUR_MS };
const STATE: FailureState = { failures: 1, limits: 1, outage: undefined, policy: POLICY, now: NOW, random: 0 };

/** What follows each cause of a crash. */
const AFTER_CRASH: Readonly<Record<CrashCause, "again" | "outlast" | "block">> = {
  auth: "block",
  billing: "block",
  request: "block",
  setup: "block",
  service: "outlast",
  network: "outlast",
  turns: "again",
  interrupted: "again",
  unknown: "again",
};

Deno.test("afterFailure() retries what a retry may fix, outlasts an outage, and asks a human otherwise", () => {
  const expected: Readonly<Record<"again" | "outlast" | "block", RetryAction>> = {
    again: { kind: "retry", delayMs: 5_000 },
    outlast: { kind: "retry", delayMs: 5_000, wait: outage(1) },
    block: { kind: "block", reason: "The agent failed: why" },
  };
  for (const [cause, action] of crashes()) assert.deepEqual(after(crashed(cause)), expected[action], cause);
  assert.deepEqual(after({ kind: "timed-out", afterMs: 1_800_000 }), { kind: "retry", delayMs: 5_000 });
  assert.deepEqual(after({ kind: "stalled", silentMs: 600_000 }), { kind: "retry", delayMs: 5_000 });
  assert.deepEqual(after({ kind: "not-found", binary: "claude" }), {
    kind: "fail",
    reason: "The agent could not be started: claude not found",
  });
});

Deno.test("afterFailure() gives up after the last retry and says how often it tried", () => {
  const ends: readonly Failure[] = [
    { kind: "timed-out", afterMs: 60_000 },
    { kind: "stalled", silentMs: 60_000 },
    crashed("unknown"),
  ];
  for (const end of ends) {
    assert.deepEqual([1, 2, 3].map((failures) => after(end, { failures }).kind), ["retry", "retry", "retry"]);
    assert.deepEqual([4, 5].map((failures) => after(end, { failures }).kind), ["fail", "fail"]);
  }
  assert.deepEqual(after(crashed("turns"), { failures: 4 }), {
    kind: "fail",
    reason: "The agent failed: why (attempt 4 of 4)",
  });
});

Deno.test("afterFailure() does not retry if no retry is allowed", () => {
  assert.deepEqual(after(crashed("unknown"), { policy: { ...POLICY, maxRetries: 0 } }), {
    kind: "fail",
    reason: "The agent failed: why (attempt 1 of 1)",
  });
});

Deno.test("afterFailure() doubles the pause with each failure, up to five minutes", () => {
  const policy = { ...POLICY, maxRetries: 999_999 };
  const pauses = [1, 2, 3, 4, 5, 6, 7, 8, 60, 2_000, 999_999].map((failures) =>
    after(crashed("turns"), { failures, policy })
  );
  assert.deepEqual(
    pauses,
    [5_000, 10_000, 20_000, 40_000, 80_000, 160_000, 300_000, 300_000, 300_000, 300_000, 300_000]
      .map((delayMs) => ({ kind: "retry", delayMs })),
  );
  assert.equal(MAX_RETRY_DELAY_MS, 300_000);
});

Deno.test("afterFailure() pauses for a number that a timer can wait, whatever the settings", () => {
  for (const retryDelayMs of [0, 0.001, 1, 5_000, 300_000, 2_147_483_000]) {
    for (const cause of ["turns", "service"] as const) {
      let before = 0;
      for (const times of [1, 2, 10, 31, 64, 1_024, 1_025, 1_500, 999_999]) {
        const policy = { ...POLICY, maxRetries: 999_999, retryDelayMs };
        const action = after(crashed(cause), { failures: times, outage: inOutage(times - 1), policy });
        assert.ok(action.kind === "retry");
        assert.ok(action.delayMs >= before && action.delayMs <= MAX_RETRY_DELAY_MS, `${retryDelayMs}, ${times}`);
        before = action.delayMs;
        if (cause === "service") assert.ok(before >= MIN_OUTAGE_DELAY_MS, "an outage is no reason for a tight loop");
      }
      if (retryDelayMs === 0 && cause === "turns") assert.equal(before, 0);
    }
  }
});

const OUTAGES: readonly Failure[] = [crashed("service"), crashed("network"), limited(undefined), limited("soon")];

Deno.test("afterFailure() outlasts an outage for as long as patience lasts, then fails and says so", () => {
  for (const end of OUTAGES) {
    const pauses: number[] = [];
    let state: FailureState = { ...STATE, failures: 99 };
    let action = afterFailure(end, state);
    for (; action.kind === "retry"; action = afterFailure(end, state)) {
      assert.equal(action.wait?.for, "outage");
      pauses.push(action.delayMs);
      // Meanwhile the clock is set back or forward, or the machine sleeps.
      const now = new Date(state.now.getTime() + action.delayMs * (pauses.length % 3 - 1) * 100);
      const { wait } = action;
      const spentMs = (state.outage?.spentMs ?? 0) + action.delayMs;
      state = { ...state, now, outage: wait?.for === "outage" ? { ...wait, spentMs } : undefined };
    }
    assert.equal(pauses.reduce((sum, ms) => sum + ms, 0), POLICY.outagePatienceMs, "not a moment less or more");
    assert.deepEqual(pauses.slice(0, 8), [5_000, 10_000, 20_000, 40_000, 80_000, 160_000, 300_000, 300_000]);
    assert.ok(pauses.length < 80, `${pauses.length} attempts in six hours`);
    assert.ok(action.kind === "fail" && action.reason.endsWith("(waited 6h 00m, as SAMOCODE_OUTAGE_PATIENCE allows)"));
  }
  const policy = { ...POLICY, outagePatienceMs: 0 };
  assert.equal(after(crashed("service"), { policy }).kind, "fail");
});

Deno.test("afterFailure() shortens the pauses of an outage at random by up to half", () => {
  const pauses = [0, 0.25, 0.5, 0.999].map((random) => after(crashed("service"), { random, outage: inOutage(20) }));
  assert.deepEqual(pauses.map((action) => action.kind === "retry" && action.delayMs), [
    300_000,
    262_500,
    225_000,
    150_150,
  ]);
  assert.deepEqual(after(crashed("turns"), { random: 0.9 }), after(crashed("turns")), "other failures wait in full");
});

Deno.test("afterFailure() waits until a usage limit has ended, and a little longer", () => {
  const waits = (delayMs: number): RetryAction => ({
    kind: "retry",
    delayMs,
    wait: { for: "limit", until: inMs(delayMs) },
  });
  assert.deepEqual(after(limited(inMs(600_000))), waits(600_000 + LIMIT_SLACK_MS));
  assert.deepEqual(after(limited(inMs(0))), waits(LIMIT_SLACK_MS));
  assert.deepEqual(after(limited(inMs(1 - LIMIT_SLACK_MS))), waits(1));
  assert.equal(after(limited(inMs(600_000)), { failures: 99 }).kind, "retry", "a named end uses up nothing");
});

Deno.test("afterFailure() asks a human where a limit ends too far away", () => {
  const farthest = POLICY.maxLimitWaitMs - LIMIT_SLACK_MS;
  assert.deepEqual(after(limited(inMs(farthest))), {
    kind: "retry",
    delayMs: POLICY.maxLimitWaitMs,
    wait: { for: "limit", until: inMs(POLICY.maxLimitWaitMs) },
  });
  assert.deepEqual(after(limited(inMs(farthest + 1))), {
    kind: "block",
    reason: `The agent hit a usage limit until ${inMs(farthest + 1)}: full`,
  });
  assert.equal(after(limited("+275760-09-13T00:00:00.000Z")).kind, "block");
});

Deno.test("afterFailure() takes a limit without a readable end that lies ahead for an outage", () => {
  const ends = [undefined, "", "soon", "12:30", "2026-13-45", "NaN", inMs(-LIMIT_SLACK_MS), inMs(-86_400_000), "5"];
  for (const until of ends) {
    assert.deepEqual(after(limited(until)), { kind: "retry", delayMs: 5_000, wait: outage(1) }, until);
    assert.equal(countsAsFailure(limited(until), { at: NOW, limits: 99 }), false, until);
  }
});

Deno.test("a limit that is over within seconds, again and again, ends the run after a few attempts", () => {
  let history: History = NO_HISTORY;
  let now = NOW.getTime();
  const waits: number[] = [];
  for (let attempt = 1; attempt < 100; attempt++) {
    const end = limited(new Date(now + 2_000).toISOString());
    history = ended(started(history, attempt, now), end, now);
    const action = afterFailure(end, { ...STATE, ...history, now: new Date(now) });
    if (action.kind !== "retry") {
      assert.deepEqual(action, {
        kind: "fail",
        reason: `The agent hit a usage limit until ${end.until}: full (attempt 4 of 4)`,
      });
      break;
    }
    waits.push(action.delayMs);
    now += action.delayMs;
  }
  assert.deepEqual(waits, [17_000, 17_000, 17_000, 17_000, 17_000, 20_000]);
  assert.equal(FREE_LIMITS, 3);
});

Deno.test("countsAsFailure() counts failures, but no success, stop request, outage or limit with a known end", () => {
  const ends: Readonly<Record<IterationEnd["kind"], readonly (readonly [end: IterationEnd, counts: boolean])[]>> = {
    "finished": [[{ kind: "finished" }, false]],
    "aborted": [[{ kind: "aborted", by: "SIGINT" }, false]],
    "over-budget": [[{ kind: "over-budget", detail: "" }, false]],
    "timed-out": [[{ kind: "timed-out", afterMs: 1 }, true]],
    "stalled": [[{ kind: "stalled", silentMs: 1 }, true]],
    "not-found": [[{ kind: "not-found", binary: "claude" }, true]],
    "crashed": crashes().map(([cause, then]) => [crashed(cause), then !== "outlast"]),
    "rate-limited": [
      [limited(inMs(60_000)), false],
      [limited(inMs(30 * 86_400_000)), false],
      [limited(inMs(-60_000)), false],
      [limited(undefined), false],
    ],
  };
  const rows = Object.values(ends).flat();
  const counted = rows.map(([end]) => countsAsFailure(end, { at: NOW, limits: 1 }));
  assert.deepEqual(counted, rows.map(([, counts]) => counts));
});

const TEAM: Team = { worker: "claude", substitute: "codex", backAt: undefined };

/** The failures that another provider does not share, and after how many of them it takes over. */
const CHANGES: readonly (readonly [end: Failure, afterTries: number])[] = [
  [limited(undefined), 1],
  [limited(inMs(600_000)), 1],
  [limited(inMs(30 * 86_400_000)), 1],
  [crashed("auth"), 1],
  [crashed("service"), 4],
  [crashed("network"), 4],
];

Deno.test("afterFailure() falls back at a limit, without a login, and when an outage outlasts as many tries as there are retries", () => {
  for (const [end, least] of CHANGES) {
    for (const tries of [1, 2, 3, 4, 5]) {
      const state = { outage: tries === 1 ? undefined : inOutage(tries - 1) };
      const action = after(end, { ...state, team: TEAM });
      if (tries < least) {
        assert.deepEqual(action, after(end, state));
        continue;
      }
      const limitEnd = end.kind === "rate-limited" && end.until !== undefined ? Date.parse(end.until) : undefined;
      const backMs = limitEnd !== undefined
        ? limitEnd + LIMIT_SLACK_MS
        : least > 1
        ? NOW.getTime() + FALLBACK_MS
        : undefined;
      const until = backMs === undefined ? undefined : new Date(backMs).toISOString();
      assert.deepEqual(action, {
        kind: "retry",
        delayMs: 0,
        fallback: { instead: "claude", provider: "codex", until },
      });
    }
  }
  const far = after(limited("+275760-09-13T00:00:00.000Z"), { team: TEAM });
  assert.equal(far.kind === "retry" && far.fallback?.until, "+275760-09-13T00:00:00.000Z");
});

Deno.test("afterFailure() falls back after no other failure, and not without a fallback", () => {
  const others: readonly Failure[] = [
    { kind: "timed-out", afterMs: 60_000 },
    { kind: "stalled", silentMs: 60_000 },
    { kind: "not-found", binary: "claude" },
    ...crashes().map(([cause]) => crashed(cause)).filter((end) => !CHANGES.some(([change]) => sameCause(change, end))),
  ];
  assert.equal(others.length, 9);
  for (const failures of [1, 2, 3, 4, 5]) {
    for (const end of others) assert.deepEqual(after(end, { failures, team: TEAM }), after(end, { failures }));
    for (const [end] of CHANGES) {
      const team = { ...TEAM, substitute: undefined };
      const state = { failures, outage: inOutage(failures) };
      assert.deepEqual(after(end, { ...state, team }), after(end, state));
    }
  }
});

Deno.test("afterFailure() returns from a failing fallback if the replaced provider is available sooner", () => {
  const ends = [...CHANGES.map(([end]) => end), ...crashes().map(([cause]) => crashed(cause))];
  const { maxLimitWaitMs } = POLICY;
  for (const backInMs of [1, 4_999, 5_000, 60_000, maxLimitWaitMs, maxLimitWaitMs + 1, 0, -1]) {
    const team = { worker: "codex", substitute: undefined, backAt: new Date(NOW.getTime() + backInMs) };
    for (const end of ends) {
      for (const failures of [1, 4]) {
        const alone = after(end, { failures });
        const isBack = backInMs > 0 && backInMs <= maxLimitWaitMs;
        const isSooner = isBack && (alone.kind !== "retry" || alone.delayMs > backInMs);
        assert.deepEqual(after(end, { failures, team }), isSooner ? { kind: "retry", delayMs: backInMs } : alone);
      }
    }
  }
});

function sameCause(a: Failure, b: Failure): boolean {
  return a.kind === "crashed" && b.kind === "crashed" && a.cause === b.cause;
}

function after(end: Failure, more: Partial<FailureState> = {}): RetryAction {
  return afterFailure(end, { ...STATE, ...more });
}

/** The outage after so many failures. */
function outage(tries: number): Extract<Wait, { for: "outage" }> {
  return { for: "outage", since: NOW.toISOString(), tries, until: inMs(POLICY.outagePatienceMs) };
}

function started(history: History, attempt: number, atMs: number): History {
  const event = {
    type: "iteration.started",
    iteration: 1,
    attempt,
    phase: "planning",
    marker: "m",
    log: "l",
    provider: "claude",
  } as const;
  return fold(history, { ...event, seq: 1, at: new Date(atMs).toISOString() });
}

function ended(history: History, end: IterationEnd, atMs: number): History {
  const event = {
    type: "iteration.ended",
    iteration: 1,
    attempt: 1,
    phase: "planning",
    durationMs: 1,
    denials: 0,
    unrecorded: 0,
  } as const;
  return fold(history, { ...event, end, usage: NO_USAGE, seq: 2, at: new Date(atMs).toISOString() });
}

function crashed(cause: CrashCause): Failure {
  return { kind: "crashed", cause, detail: "why", exitCode: 1 };
}

function limited(until: string | undefined): Extract<Failure, { kind: "rate-limited" }> {
  return { kind: "rate-limited", until, detail: "full" };
}

function inMs(ms: number): string {
  return new Date(NOW.getTime() + ms).toISOString();
}

function crashes(): readonly (readonly [CrashCause, "again" | "outlast" | "block"])[] {
  const rows: [CrashCause, "again" | "outlast" | "block"][] = [];
  let cause: CrashCause;
  for (cause in AFTER_CRASH) if (Object.hasOwn(AFTER_CRASH, cause)) rows.push([cause, AFTER_CRASH[cause]]);
  return rows;
}

const UNTIL = "2026-11-20T14:00:00.000Z";

Deno.test("fallbackFor() replaces a provider until its limit is over, even within an iteration", () => {
  const fallback = { instead: "claude", provider: "codex", until: UNTIL, since: NOW.toISOString() };
  for (const attempt of [1, 2, 9]) {
    const at = (now: string) => fallbackFor("claude", { fallback, attempt, now: new Date(now) });
    assert.deepEqual([at("2026-11-20T13:59:59.999Z"), at(UNTIL)], ["codex", undefined]);
    assert.equal(fallbackFor("codex", { fallback, attempt, now: NOW }), undefined);
    assert.equal(fallbackFor("claude", { fallback: undefined, attempt, now: NOW }), undefined);
  }
});

Deno.test("fallbackFor() lets a later iteration retry a provider without a known end of its limit", () => {
  const fallback = { instead: "claude", provider: "codex", until: undefined, since: NOW.toISOString() };
  const after = (ms: number, attempt: number) =>
    fallbackFor("claude", { fallback, attempt, now: new Date(NOW.getTime() + ms) });
  assert.deepEqual([after(FALLBACK_MS - 1, 1), after(FALLBACK_MS, 1)], ["codex", undefined]);
  assert.deepEqual([after(FALLBACK_MS, 2), after(10 * FALLBACK_MS, 3)], ["codex", "codex"]);
});

Deno.test("teamOf() allows one takeover per iteration, and none from oneself", () => {
  const claude = play([begun(1, 1, "claude")]);
  const team = { worker: "claude", substitute: "codex", backAt: undefined };
  assert.deepEqual(teamOf(claude, { own: "claude", fallbackProvider: "codex" }), team);
  assert.deepEqual(teamOf(claude, { own: "claude", fallbackProvider: undefined }), ALONE);
  assert.deepEqual(teamOf(claude, { own: "claude", fallbackProvider: "claude" }), { ...team, substitute: undefined });
  assert.deepEqual(teamOf(NO_HISTORY, { own: "claude", fallbackProvider: "codex" }), ALONE);
  const relieved = [begun(1, 1, "claude"), change(UNTIL), begun(1, 2, "codex")];
  const isBack = { worker: "codex", substitute: undefined, backAt: new Date(UNTIL) };
  assert.deepEqual(teamOf(play(relieved), { own: "claude", fallbackProvider: "codex" }), isBack);
  // Where the phase is its own, nobody comes back to it.
  const atHome = { ...isBack, backAt: undefined };
  assert.deepEqual(teamOf(play(relieved), { own: "codex", fallbackProvider: "codex" }), atHome);
  const backAgain = [...relieved, begun(1, 3, "claude")];
  assert.deepEqual(teamOf(play(backAgain), { own: "claude", fallbackProvider: "codex" }), {
    ...team,
    substitute: undefined,
  });
  const next = [...backAgain, STAY, begun(2, 1, "claude")];
  assert.deepEqual(teamOf(play(next), { own: "claude", fallbackProvider: "codex" }), team);
});

Deno.test("fold() keeps the fallback, counts failures per provider, and retries when a human starts a run", () => {
  const story = [begun(1, 1, "claude"), crash(1, 1), begun(1, 2, "claude"), crash(1, 2)];
  assert.equal(play(story).failures, 2);
  const changed = play([...story, change(undefined), begun(1, 3, "codex"), crash(1, 3)]);
  const since = "2026-11-20T00:00:05.000Z";
  assert.deepEqual(changed.fallback, { instead: "claude", provider: "codex", until: undefined, since });
  assert.deepEqual([changed.failures, changed.relieved], [1, true]);
  const again = (until: string | undefined) => play([...story, change(until), STARTED]);
  assert.deepEqual([again(undefined).fallback, again(undefined).relieved], [undefined, false]);
  assert.equal(again(UNTIL).fallback?.until, UNTIL);
});

const STARTED: SessionEvent = { type: "session.started", provider: "claude", version: "1", pid: 1 };
const STAY: SessionEvent = { type: "signal.received", signal: { status: "continue", phase: undefined } };

function begun(iteration: number, attempt: number, provider: string): SessionEvent {
  return { type: "iteration.started", iteration, attempt, phase: "testing", marker: "", log: "", provider };
}

function crash(iteration: number, attempt: number): SessionEvent {
  const end = { kind: "crashed", cause: "unknown", detail: "why", exitCode: 1 } as const;
  const usage = NO_HISTORY.usage;
  const facts = { iteration, attempt, phase: "testing", durationMs: 1, usage, denials: 0, unrecorded: 0 } as const;
  return { type: "iteration.ended", ...facts, end };
}

function change(until: string | undefined): SessionEvent {
  const fallback = { instead: "claude", provider: "codex", until };
  return { type: "iteration.retried", iteration: 1, attempt: 2, because: "why", delayMs: 0, repair: false, fallback };
}

function play(events: readonly SessionEvent[]): History {
  const atSecond = (second: number) => new Date(Date.UTC(2026, 10, 20, 0, 0, second)).toISOString();
  return events.reduce<History>(
    (history, event, index) => fold(history, { ...event, seq: index + 1, at: atSecond(index + 1) }),
    NO_HISTORY,
  );
}

function inOutage(tries: number): NonNullable<History["outage"]> {
  return { ...outage(tries), spentMs: 0 };
}

Deno.test("restLeftMs() goes by the wall clock until a named time, and is never longer than another pause", () => {
  const pause = { endsAtMs: NOW.getTime() + 60_000, delayMs: 300_000, because: "", wait: undefined };
  const named = { ...pause, wait: { for: "limit", until: inMs(2 * HOUR_MS) } } as const;
  const left = (rest: Rest) => [-24 * HOUR_MS, 0, HOUR_MS].map((ms) => restLeftMs(rest, NOW.getTime() + ms));
  assert.deepEqual(left(pause), [300_000, 60_000, 60_000 - HOUR_MS]);
  assert.deepEqual(left({ ...pause, wait: { for: "limit" } }), left(pause));
  assert.deepEqual(left(named), [26 * HOUR_MS, 2 * HOUR_MS, HOUR_MS]);
});

Deno.test("fallbackFor() does not keep a fallback for longer because the clock was set back", () => {
  const fallback = { instead: "claude", provider: "codex", until: undefined, since: NOW.toISOString() };
  const at = (ms: number) => fallbackFor("claude", { fallback, attempt: 1, now: new Date(NOW.getTime() + ms) });
  assert.deepEqual([-HOUR_MS, 0, FALLBACK_MS - 1, FALLBACK_MS].map(at), [undefined, "codex", "codex", undefined]);
});
