import assert from "node:assert/strict";
import { liveArea, phaseStepper } from "../../src/console/live_area.ts";
import { paint, type Row, spansWidth } from "../../src/console/screen.ts";
import type { SessionView } from "../../src/messages/describe_view.ts";
import { NO_HISTORY } from "../../src/workflow/history.ts";
import { PHASE_NAMES } from "../../src/workflow/phases.ts";
import { viewOf } from "../helpers/session_view.ts";

const NOON = Date.parse("2026-11-20T12:00:00Z");
const ago = (seconds: number): string => new Date(NOON - seconds * 1_000).toISOString();

const ACTING: SessionView = viewOf(NO_HISTORY, {
  session: "add-jwt",
  state: "running",
  phase: "implementation",
  iteration: 4,
  attempt: 2,
  activity: "Bash npm test -- --reporter=dot --coverage --bail src/auth",
  now: {
    kind: "acting",
    since: ago(75),
    attempt: { startedAt: ago(192), timeoutMs: 1_800_000, heardAt: ago(40) },
  },
  runStartedAt: ago(725),
  plan: { done: 2, total: 5 },
  commit: { hash: "9ae1f2d6c2", subject: "Refresh tokens before they expire", at: ago(130) },
  tokens: { input: 1_234_567, output: 14_100 },
  costUsd: 1.5,
  estimatedUsd: 0.42,
  budget: [{ measure: "cost", spent: 1.92, limit: 50 }],
});

const WAITING: SessionView = {
  ...ACTING,
  state: "waiting",
  phase: "planning",
  now: undefined,
  activity: "",
  detail: "The plan needs your approval",
};

Deno.test("liveArea() shows it all in 80 columns", () => {
  assert.deepEqual(shown(ACTING, 79), [
    "─".repeat(79),
    " ✓ invest ─ ✓ reqs ─ ✓ plan ─ ● implementation ─ ○ test ─ ○ quality ─ ○ done",
    " ▸ running npm test -- --reporter=dot --coverage --bail s… · 1m 15s · quiet 40s",
    "   add-jwt · iteration 4, attempt 2 · 3m 12s of 30m · plan 2/5 · run 12m 05s",
    "   about $1.92 · 1.2M tokens in, 14.1k out · $48.08 left",
    "   commit 9ae1f2d6c2 Refresh tokens before they expire · 2m 10s ago",
  ]);
});

Deno.test("liveArea() hides no figure in 40 columns", () => {
  assert.deepEqual(shown(ACTING, 39), [
    "─".repeat(39),
    " ✓ ✓ ✓ ● implementation ○ ○ ○",
    " ▸ running npm te… · 1m 15s · quiet 40s",
    "   add-jwt · iteration 4, attempt 2",
    "   3m 12s of 30m · plan 2/5",
    "   run 12m 05s",
    "   about $1.92",
    "   1.2M tokens in, 14.1k out",
    "   $48.08 left",
    "   commit 9ae1f2d6c2 Refresh tokens be…",
    "   2m 10s ago",
  ]);
});

Deno.test("liveArea() keeps the same rows in 200 columns", () => {
  const rows = shown(ACTING, 199);
  assert.equal(rows.length, 6);
  assert.equal(
    rows[2],
    " ▸ running npm test -- --reporter=dot --coverage --bail src/auth · 1m 15s · quiet 40s",
  );
});

Deno.test("liveArea() tells thinking, pauses, checks and rests from acting, each with its clock", () => {
  const [now, heardAt] = [ACTING.now, ago(2)];
  const attempt = now?.attempt && { ...now.attempt, heardAt };
  const cases: readonly (readonly [Partial<SessionView>, string])[] = [
    [{ now: { kind: "thinking", since: ago(12), attempt }, activity: "Read a.ts" }, "▸ thinking · 12s · Read a.ts"],
    [{ now: { kind: "acting", since: ago(3), attempt }, activity: "Edit src/a.ts" }, "▸ Edit src/a.ts · 3s"],
    [{ now: { kind: "acting", since: ago(3), attempt }, activity: "Shell ls" }, "▸ running ls · 3s"],
    [{ now: { kind: "starting", since: ago(3), attempt } }, "▸ starting the agent · 3s"],
    [{ now: { kind: "retrying", since: ago(3), attempt } }, "▸ waiting for the agent's service · 3s"],
    [{ now: { kind: "deciding", since: ago(3), attempt: undefined } }, "▸ deciding"],
    [
      { now: { kind: "checking", since: ago(9), attempt: undefined }, activity: "Check 1 of 2: deno test" },
      "▸ Check 1 of 2: deno test · 9s",
    ],
    [{ wait: { for: "limit", until: ago(-90) } }, "▸ waiting for a usage limit to end · 1m 30s left"],
    [{ wait: { for: "outage", until: ago(-9) } }, "▸ waiting for the next attempt, in an outage · 9s left"],
    [{ wait: { for: "retry", until: ago(-9) } }, "▸ pausing before the next attempt · 9s left"],
    [{ state: "done", detail: "All of it" }, "✓ Done: All of it"],
    [{ state: "crashed", detail: "" }, "✗ The worker died"],
    [{ state: "stopped", detail: "Stopped by you" }, "■ Stopped by you"],
    [{ state: "queued", detail: "It waits for its turn" }, "○ Queued: It waits for its turn"],
  ];
  for (const [more, row] of cases) assert.equal(shown({ ...ACTING, ...more }, 79)[2], ` ${row}`);
});

Deno.test("liveArea() says what to do while the session rests, and nothing of a run", () => {
  assert.deepEqual(shown(WAITING, 79).slice(2), [
    " ◆ Waiting for you: The plan needs your approval",
    "   add-jwt · iteration 4, attempt 2 · plan 2/5",
    "   about $1.92 · 1.2M tokens in, 14.1k out · $48.08 left",
    "   commit 9ae1f2d6c2 Refresh tokens before they expire · 2m 10s ago",
    "   next  samocode approve add-jwt",
  ]);
});

Deno.test("liveArea() leaves no command out and cuts none, however narrow", () => {
  const commands = ["samocode finish show-only-the-top-words", "samocode continue top --task 'what to do'"];
  const rows = liveArea({ ...WAITING, state: "done" }, {
    columns: 36,
    nowMs: NOON,
    nextSteps: () => ({ documents: ["Read 1", "Read 2", "Read 3"], commands }),
  });
  assert.deepEqual(rows.slice(-4).map((row) => paint(row, false)), [
    "   next  samocode finish",
    "         show-only-the-top-words",
    "   next  samocode continue top",
    "         --task 'what to do'",
  ]);
});

Deno.test("liveArea() fits every width, and what agents wrote moves no cursor", () => {
  const hostile = "\u001b[2J\u0007 \u202e東京 ".repeat(30);
  const views = [ACTING, WAITING].flatMap((view) => [
    view,
    { ...view, activity: hostile, detail: hostile, commit: { hash: "9ae1f2d6c2", subject: hostile, at: ago(1) } },
  ]);
  for (const view of views) {
    for (let columns = 1; columns < 220; columns++) {
      for (const row of rowsOf(view, columns)) {
        assert.ok(spansWidth(row) <= columns, `${columns}: ${paint(row, false)}`);
      }
    }
    assert.doesNotMatch(shown(view, 120).join(""), /\p{Cc}|\p{Cf}/u);
  }
});

Deno.test("liveArea() uses only colors that every theme, light or dark, makes readable", () => {
  const codes = [ACTING, WAITING, { ...ACTING, state: "failed" as const }].flatMap((view) =>
    rowsOf(view, 79).flatMap((row) =>
      // deno-lint-ignore no-control-regex -- the colors themselves
      [...paint(row, true).matchAll(/\u001b\[([\d;]*)m/g)].flatMap(([, code = ""]) => code.split(";"))
    )
  );
  // Bold, dim, and the basic colors but black and white, one of which is the background's.
  assert.deepEqual([...new Set(codes)].filter((code) => !/^(?:0|1|2|3[1-6])$/.test(code)), []);
});

const NEXT = { documents: ["Read /sessions/add-jwt/plan.md"], commands: ["samocode approve add-jwt"] };

function rowsOf(view: SessionView, columns: number): readonly Row[] {
  return liveArea(view, { columns, nowMs: NOON, nextSteps: () => NEXT });
}

function shown(view: SessionView, columns: number): readonly string[] {
  return rowsOf(view, columns).map((row) => paint(row, false));
}

Deno.test("phaseStepper() takes the longest form that fits", () => {
  const forms = [110, 78, 40, 30, 10].map((columns) => paint(phaseStepper("planning", columns), false));
  assert.deepEqual(forms, [
    "✓ investigation ─ ✓ requirements ─ ● planning ─ ○ implementation ─ ○ testing ─ ○ quality ─ ○ done",
    "✓ invest ─ ✓ reqs ─ ● planning ─ ○ impl ─ ○ test ─ ○ quality ─ ○ done",
    "✓ ─ ✓ ─ ● planning ─ ○ ─ ○ ─ ○ ─ ○",
    "✓ ✓ ● planning ○ ○ ○ ○",
    "✓ ✓ ● pla…",
  ]);
});

Deno.test("phaseStepper() fits an 80-column terminal with names in every phase, and any width at all", () => {
  for (const phase of [...PHASE_NAMES, undefined]) {
    assert.match(paint(phaseStepper(phase, 77), false), /done$/);
    for (let columns = 0; columns < 120; columns++) assert.ok(spansWidth(phaseStepper(phase, columns)) <= columns);
  }
});
