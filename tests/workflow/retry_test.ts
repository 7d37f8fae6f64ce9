import assert from "node:assert/strict";
import type { CrashCause, IterationEnd } from "../../src/workflow/iteration_end.ts";
import {
  afterFailure,
  ALONE,
  countsAsFailure,
  type Failure,
  FALLBACK_MS,
  fallbackFor,
  LIMIT_SLACK_MS,
  MAX_LIMIT_WAIT_MS,
  MAX_RETRY_DELAY_MS,
  type RetryAction,
  type Team,
  teamOf,
  UNKNOWN_LIMIT_WAIT_MS,
} from "../../src/workflow/retry.ts";
import { fold } from "../../src/workflow/fold_history.ts";
import { type History, NO_HISTORY } from "../../src/workflow/history.ts";
import type { SessionEvent } from "../../src/workflow/session_event.ts";

const NOW = new Date("2026-11-20T12:00:00Z");
const POLICY = { maxRetries: 3, retryDelayMs: 5_000 };

/** What follows each cause of a crash. */
const AFTER_CRASH: Readonly<Record<CrashCause, "again" | "block">> = {
  auth: "block",
  billing: "block",
  request: "block",
  setup: "block",
  service: "again",
  turns: "again",
  interrupted: "again",
  unknown: "again",
};

Deno.test("afterFailure() retries what a retry may fix, and asks a human otherwise", () => {
  for (const [cause, action] of crashes()) {
    const expected: RetryAction = action === "again"
      ? { kind: "retry", delayMs: 5_000 }
      : { kind: "block", reason: "The agent failed: why" };
    assert.deepEqual(after(crashed(cause), 1), expected, cause);
  }
  assert.deepEqual(after({ kind: "timed-out", afterMs: 1_800_000 }, 1), { kind: "retry", delayMs: 5_000 });
  assert.deepEqual(after({ kind: "stalled", silentMs: 600_000 }, 1), { kind: "retry", delayMs: 5_000 });
  assert.deepEqual(after({ kind: "not-found", binary: "claude" }, 1), {
    kind: "fail",
    reason: "The agent could not be started: claude not found",
  });
});

Deno.test("afterFailure() gives up after the last retry and says how often it tried", () => {
  const ends: readonly Failure[] = [
    { kind: "timed-out", afterMs: 60_000 },
    { kind: "stalled", silentMs: 60_000 },
    crashed("service"),
    limited(undefined),
  ];
  for (const end of ends) {
    assert.deepEqual([1, 2, 3].map((failures) => after(end, failures).kind), ["retry", "retry", "retry"]);
    assert.deepEqual([4, 5].map((failures) => after(end, failures).kind), ["fail", "fail"]);
  }
  assert.deepEqual(after(crashed("service"), 4), {
    kind: "fail",
    reason: "The agent failed: why (attempt 4 of 4)",
  });
});

Deno.test("afterFailure() does not retry if no retry is allowed", () => {
  const policy = { maxRetries: 0, retryDelayMs: 5_000 };
  assert.deepEqual(afterFailure(crashed("unknown"), { failures: 1, policy, now: NOW }), {
    kind: "fail",
    reason: "The agent failed: why (attempt 1 of 1)",
  });
});

Deno.test("afterFailure() doubles the pause with each failure, up to five minutes", () => {
  const policy = { maxRetries: 999_999, retryDelayMs: 5_000 };
  const pauses = [1, 2, 3, 4, 5, 6, 7, 8, 60, 2_000, 999_999].map((failures) =>
    afterFailure(crashed("service"), { failures, policy, now: NOW })
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
    let before = 0;
    for (const failures of [1, 2, 10, 31, 64, 1_024, 1_025, 1_500, 999_999]) {
      const action = afterFailure(crashed("turns"), {
        failures,
        policy: { maxRetries: 999_999, retryDelayMs },
        now: NOW,
      });
      assert.ok(action.kind === "retry");
      assert.ok(action.delayMs >= before && action.delayMs <= MAX_RETRY_DELAY_MS, `${retryDelayMs}, ${failures}`);
      before = action.delayMs;
    }
    if (retryDelayMs === 0) assert.equal(before, 0);
  }
});

Deno.test("afterFailure() waits until a usage limit has ended, and a little longer", () => {
  assert.deepEqual(after(limited(inMs(600_000)), 0), { kind: "retry", delayMs: 600_000 + LIMIT_SLACK_MS });
  assert.deepEqual(after(limited(inMs(0)), 0), { kind: "retry", delayMs: LIMIT_SLACK_MS });
  assert.deepEqual(after(limited(inMs(1 - LIMIT_SLACK_MS)), 0), { kind: "retry", delayMs: 1 });
  assert.equal(after(limited(inMs(600_000)), 99).kind, "retry", "a wait for a known end uses up nothing");
});

Deno.test("afterFailure() asks a human where a limit ends too far away", () => {
  const farthest = MAX_LIMIT_WAIT_MS - LIMIT_SLACK_MS;
  assert.deepEqual(after(limited(inMs(farthest)), 0), { kind: "retry", delayMs: MAX_LIMIT_WAIT_MS });
  assert.deepEqual(after(limited(inMs(farthest + 1)), 0), {
    kind: "block",
    reason: `The agent hit a usage limit until ${inMs(farthest + 1)}: full`,
  });
  assert.equal(after(limited("+275760-09-13T00:00:00.000Z"), 0).kind, "block");
});

Deno.test("afterFailure() waits five minutes, and not forever, if a limit's end is unknown, unreadable or past", () => {
  const ends = [undefined, "", "soon", "12:30", "2026-13-45", "NaN", inMs(-LIMIT_SLACK_MS), inMs(-86_400_000), "5"];
  for (const until of ends) {
    assert.deepEqual(after(limited(until), 1), { kind: "retry", delayMs: UNKNOWN_LIMIT_WAIT_MS }, until);
    assert.equal(after(limited(until), 4).kind, "fail", until);
    assert.equal(countsAsFailure(limited(until), NOW), true, until);
  }
});

Deno.test("countsAsFailure() counts failures, but no success, stop request or limit with a known end", () => {
  const ends: Readonly<Record<IterationEnd["kind"], readonly (readonly [end: IterationEnd, counts: boolean])[]>> = {
    "finished": [[{ kind: "finished" }, false]],
    "aborted": [[{ kind: "aborted", by: "SIGINT" }, false]],
    "timed-out": [[{ kind: "timed-out", afterMs: 1 }, true]],
    "stalled": [[{ kind: "stalled", silentMs: 1 }, true]],
    "not-found": [[{ kind: "not-found", binary: "claude" }, true]],
    "crashed": crashes().map(([cause]) => [crashed(cause), true]),
    "rate-limited": [
      [limited(inMs(60_000)), false],
      [limited(inMs(30 * 86_400_000)), false],
      [limited(inMs(-60_000)), true],
      [limited(undefined), true],
    ],
  };
  const rows = Object.values(ends).flat();
  assert.deepEqual(rows.map(([end]) => countsAsFailure(end, NOW)), rows.map(([, counts]) => counts));
});

const TEAM: Team = { worker: "claude", substitute: "codex", backAt: undefined };

/** The failures that another provider does not share, and those that a human must see. */
const CHANGES: readonly (readonly [end: Failure, afterFailures: number])[] = [
  [limited(undefined), 1],
  [limited(inMs(600_000)), 0],
  [limited(inMs(30 * 86_400_000)), 0],
  [crashed("auth"), 1],
  [crashed("service"), 4],
];

Deno.test("afterFailure() falls back at a limit, without a login, and when an outage outlasts the retries", () => {
  for (const [end, least] of CHANGES) {
    for (const failures of [0, 1, 2, 3, 4, 5]) {
      const action = afterFailure(end, { failures, policy: POLICY, now: NOW, team: TEAM });
      if (failures < least) {
        if (failures > 0) assert.deepEqual(action, after(end, failures));
        continue;
      }
      const ahead = end.kind === "rate-limited" && end.until !== undefined;
      const until = ahead ? new Date(Date.parse(end.until ?? "") + LIMIT_SLACK_MS).toISOString() : undefined;
      assert.deepEqual(action, {
        kind: "retry",
        delayMs: 0,
        fallback: { instead: "claude", provider: "codex", until },
      });
    }
  }
  const far = afterFailure(limited("+275760-09-13T00:00:00.000Z"), {
    failures: 0,
    policy: POLICY,
    now: NOW,
    team: TEAM,
  });
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
    const state = { failures, policy: POLICY, now: NOW };
    for (const end of others) assert.deepEqual(afterFailure(end, { ...state, team: TEAM }), after(end, failures));
    for (const [end] of CHANGES) {
      const team = { ...TEAM, substitute: undefined };
      assert.deepEqual(afterFailure(end, { ...state, team }), after(end, failures));
    }
  }
});

Deno.test("afterFailure() returns from a failing fallback if the replaced provider is available sooner", () => {
  const ends = [...CHANGES.map(([end]) => end), ...crashes().map(([cause]) => crashed(cause))];
  for (const backInMs of [1, 4_999, 5_000, 60_000, MAX_LIMIT_WAIT_MS, MAX_LIMIT_WAIT_MS + 1, 0, -1]) {
    const team = { worker: "codex", substitute: undefined, backAt: new Date(NOW.getTime() + backInMs) };
    for (const end of ends) {
      for (const failures of [1, 4]) {
        const alone = after(end, failures);
        const isBack = backInMs > 0 && backInMs <= MAX_LIMIT_WAIT_MS;
        const isSooner = isBack && (alone.kind !== "retry" || alone.delayMs > backInMs);
        assert.deepEqual(
          afterFailure(end, { failures, policy: POLICY, now: NOW, team }),
          isSooner ? { kind: "retry", delayMs: backInMs } : alone,
        );
      }
    }
  }
});

function sameCause(a: Failure, b: Failure): boolean {
  return a.kind === "crashed" && b.kind === "crashed" && a.cause === b.cause;
}

function after(end: Failure, failures: number): RetryAction {
  return afterFailure(end, { failures, policy: POLICY, now: NOW });
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

function crashes(): readonly (readonly [CrashCause, "again" | "block"])[] {
  const rows: [CrashCause, "again" | "block"][] = [];
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
  const end = { kind: "crashed", cause: "service", detail: "why", exitCode: 1 } as const;
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
