import assert from "node:assert/strict";
import {
  addAmounts,
  amountsOf,
  dayOf,
  describeShare,
  keyOf,
  type Limits,
  NOTHING_SPENT,
  type Raise,
  raisedLimits,
  sharesOf,
  usedOf,
} from "../../src/workflow/budget.ts";
import { fold } from "../../src/workflow/fold_history.ts";
import { NO_HISTORY } from "../../src/workflow/history.ts";
import type { RecordedEvent, SessionEvent } from "../../src/workflow/session_event.ts";
import { NO_USAGE } from "../../src/workflow/usage.ts";

const NONE = { cost: undefined, tokens: undefined, starts: undefined, time: undefined };
const LIMITS: Limits = { session: { ...NONE, cost: 50, starts: 10 }, day: { ...NONE, cost: 100 } };
const DAY = "2026-11-20";

Deno.test("amountsOf() adds up every token, and what was told of the cost to what is estimated", () => {
  const usage = { ...NO_USAGE, inputTokens: 1, outputTokens: 2, cacheReadTokens: 3, cacheWriteTokens: 4 };
  assert.deepEqual(amountsOf({ ...usage, costUsd: 2, estimatedUsd: 0.5 }, { starts: 1, time: 9 }), {
    cost: 2.5,
    tokens: 10,
    starts: 1,
    time: 9,
  });
});

Deno.test("sharesOf() has each limit that there is, the most used first", () => {
  const session = { cost: 25, tokens: 1e9, starts: 9, time: 1e9 };
  const shares = sharesOf(LIMITS, { session, day: { ...NOTHING_SPENT, cost: 100 } });
  assert.deepEqual(shares.map((share) => [share.span, share.measure, usedOf(share)]), [
    ["day", "cost", 1],
    ["session", "starts", 0.9],
    ["session", "cost", 0.5],
  ]);
  assert.deepEqual(shares.map(describeShare), [
    "$100.00 of $100.00 for all sessions today",
    "9 of 10 agent starts for this session",
    "$25.00 of $50.00 for this session",
  ]);
  assert.deepEqual(sharesOf({ session: NONE, day: NONE }, { session, day: session }), []);
});

Deno.test("raisedLimits() raises a day's limit for that day only, lowers none, and limits nothing that has no limit", () => {
  const raised = [
    { measure: "cost", span: "session", to: 80 },
    { measure: "starts", span: "session", to: 5 },
    { measure: "tokens", span: "session", to: 5 },
    { measure: "cost", span: "day", to: 150, day: DAY },
  ] as const;
  const session = { ...LIMITS.session, cost: 80 };
  const budget = { maxCostUsd: undefined, raised };
  assert.deepEqual(raisedLimits(LIMITS, budget, DAY), { session, day: { ...NONE, cost: 150 } });
  assert.deepEqual(raisedLimits(LIMITS, budget, "2026-11-21"), { session, day: LIMITS.day });
});

Deno.test("raisedLimits() puts a session's own limit in place of the settings', also where these have none", () => {
  const own = (maxCostUsd: number, raised: readonly Raise[] = []) =>
    raisedLimits(LIMITS, { maxCostUsd, raised }, DAY).session.cost;
  assert.deepEqual([own(5), own(500)], [5, 500]);
  assert.equal(own(5, [{ measure: "cost", span: "session", to: 7 }]), 7);
  const none = raisedLimits({ session: NONE, day: NONE }, { maxCostUsd: 5, raised: [] }, DAY);
  assert.deepEqual(none, { session: { ...NONE, cost: 5 }, day: NONE });
});

Deno.test("keyOf() tells a warning of a raised limit, and of another day, from one that was given", () => {
  const share = { measure: "cost", span: "session", limit: 50 } as const;
  const keys = [
    keyOf(share, DAY),
    keyOf({ ...share, limit: 80 }, DAY),
    keyOf({ ...share, span: "day" }, DAY),
    keyOf({ ...share, span: "day" }, "2026-11-21"),
  ];
  assert.equal(new Set(keys).size, 4);
  assert.equal(keyOf(share, "2026-11-21"), keys[0]);
});

Deno.test("fold() counts an attempt for the day on which it began, and a killed one as a start", () => {
  const started: SessionEvent = {
    type: "iteration.started",
    iteration: 1,
    attempt: 1,
    phase: "investigation",
    marker: "m",
    log: "l",
  };
  const ended: SessionEvent = {
    type: "iteration.ended",
    iteration: 1,
    attempt: 1,
    phase: "investigation",
    end: { kind: "finished" },
    durationMs: 60_000,
    usage: { ...NO_USAGE, estimatedUsd: 3, inputTokens: 5 },
    denials: 0,
    unrecorded: 0,
  };
  const late = new Date(2026, 10, 20, 23, 59);
  const early = new Date(2026, 10, 21, 0, 30);
  const at = (event: SessionEvent, when: Date, seq: number): RecordedEvent => ({
    ...event,
    at: when.toISOString(),
    seq,
  });
  const night = [at(started, late, 1), at(ended, early, 2)].reduce(fold, NO_HISTORY);
  const spent = { cost: 3, tokens: 5, starts: 1, time: 60_000 };
  assert.deepEqual([night.today, night.spentOn], [dayOf(late), { [dayOf(late)]: spent }]);
  const next = fold(night, at({ ...started, attempt: 2 }, early, 3));
  const more = { ...NOTHING_SPENT, starts: 1 };
  assert.deepEqual(next.spentOn, { [dayOf(late)]: spent, [dayOf(early)]: more });
  assert.equal(next.starts, 2);
  const setBack = fold(next, at({ ...started, attempt: 3 }, late, 4));
  assert.deepEqual(
    setBack.spentOn,
    { [dayOf(late)]: addAmounts(spent, more), [dayOf(early)]: more },
    "a clock set back",
  );
});
