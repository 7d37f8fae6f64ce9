import assert from "node:assert/strict";
import { consoleListener, type ConsoleOptions } from "../../src/console/console.ts";
import type { EventListener } from "../../src/event_listeners/fan_out.ts";
import type { RecordedEvent, SessionEvent } from "../../src/workflow/session_event.ts";
import { NO_USAGE } from "../../src/workflow/usage.ts";
import { fold } from "../../src/workflow/fold_history.ts";
import { type History, NO_HISTORY } from "../../src/workflow/history.ts";
import { viewOf } from "../helpers/session_view.ts";
import { recordStory, STORY } from "../helpers/story_events.ts";
import { instant, VirtualTerminal } from "./virtual_terminal.ts";

const NOON = new Date(2026, 10, 20, 12, 0, 0).getTime();

const SHORT_STORY: readonly SessionEvent[] = [
  { type: "session.started", provider: "demo", version: "1", pid: 7 },
  { type: "phase.entered", phase: "planning", from: "requirements", by: "worker" },
  { type: "iteration.started", iteration: 4, attempt: 1, phase: "planning", marker: "", log: "" },
  { type: "agent.acted", tool: "Bash", about: `git commit -m "${"a long message ".repeat(20)}"` },
  {
    type: "agent.said",
    text: "The plan has \u001b[31mfour\u001b[0m steps,\neach with its own test, and none needs a key.",
  },
];

const END: readonly SessionEvent[] = [
  {
    type: "iteration.ended",
    iteration: 4,
    attempt: 1,
    phase: "planning",
    end: { kind: "finished" },
    durationMs: 92_000,
    usage: { ...NO_USAGE, costUsd: 0.42, inputTokens: 12_000, outputTokens: 900, modelCalls: 9 },
    denials: 0,
    unrecorded: 0,
  },
  {
    type: "session.stopped",
    outcome: { kind: "waiting", for: "plan_approval", gate: "plan_approval", detail: "The plan needs your approval" },
  },
];

Deno.test("consoleListener() keeps the live area below the lines that stay", () => {
  const { terminal, hearAll } = onTerminal(60);
  hearAll(SHORT_STORY);
  assert.deepEqual(terminal.rows, [
    "12:00:00  • samocode 1 works with demo (process 7)",
    "12:00:10  ● Phase planning, after requirements",
    "",
    "12:00:20  ▶ Iteration 4 · planning",
    '12:00:30  · Bash git commit -m "a long message a long mess…',
    "12:00:40    The plan has four steps, each with its own",
    "            test, and none needs a key.",
    "─".repeat(59),
    " ✓ ─ ✓ ─ ● planning ─ ○ ─ ○ ─ ○ ─ ○",
    " ▸ thinking · 20s · quiet 20s · The plan has four steps, e…",
    "   auth-refresh · iteration 4 · 40s · run 1m 00s",
    "   $1.00",
  ]);
  assert.deepEqual([terminal.cursorShown, terminal.title], [false, "auth-refresh · planning"]);
});

Deno.test("consoleListener() redraws in place once a second, and not for each model call", () => {
  const { terminal, hearAll, clock, tick, written, period } = onTerminal(60);
  hearAll(SHORT_STORY);
  const before = terminal.rows;
  const length = written().length;
  hearAll([{ type: "agent.used", usage: { ...NO_USAGE, inputTokens: 5_000, estimatedUsd: 0.25 } }]);
  assert.equal(written().length, length);
  tick();
  assert.deepEqual(terminal.rows.at(-1), "   about $1.25 · 5.0k tokens in, 0 out");
  clock.ms += 65_000;
  tick();
  assert.deepEqual(terminal.rows.slice(0, -3), before.slice(0, -3));
  assert.deepEqual(terminal.rows.slice(-3, -1), [
    " ▸ thinking · 1m 25s · quiet 1m 15s · The plan has four st…",
    "   auth-refresh · iteration 4 · 1m 45s · run 2m 05s",
  ]);
  assert.equal(period(), 1_000);
});

Deno.test("consoleListener() leaves nothing of a longer row behind when it redraws", () => {
  const { terminal, hearAll, clock, tick } = onTerminal(80);
  const waiting: SessionEvent = { type: "agent.retried", attempt: 1, of: 3, delayMs: 20_000, detail: "overloaded" };
  hearAll([...SHORT_STORY, waiting]);
  clock.ms += 49_000;
  tick();
  assert.equal(terminal.rows.at(-3), " ▸ waiting for the agent's service · 59s · quiet 59s");
  hearAll([{ type: "agent.acted", tool: "Bash", about: "npm test" }]);
  assert.equal(terminal.rows.at(-3), " ▸ running npm test · 49s · quiet 49s");
});

for (const [from, to] of [[80, 40], [40, 80], [100, 60]] as const) {
  Deno.test(`consoleListener() draws all that is visible anew when a window of ${from} columns has ${to}`, () => {
    const { terminal, hearAll, tick } = onTerminal(from);
    const acts = Array.from({ length: 40 }, (_, index): SessionEvent => ({
      type: "agent.acted",
      tool: "Bash",
      about: `command ${index} with some words behind it, so that it is cut in a narrow window`,
    }));
    hearAll([...SHORT_STORY, ...acts]);
    terminal.columns = to;
    tick();
    const { visible } = terminal;
    assert.equal(visible.length, 24);
    const shown = visible.slice(0, visible.findIndex((row) => row.startsWith("──")));
    const first = 40 - shown.length;
    assert.deepEqual(shown.map((row) => /command (\d+)/.exec(row)?.[1]), shown.map((_, row) => String(first + row)));
    tick();
    assert.deepEqual(terminal.visible, visible, "once");
    const all = terminal.rows.join("\n");
    for (const index of acts.keys()) assert.ok(all.includes(`command ${index} `), `${index} is still there`);
  });
}

Deno.test("consoleListener() never draws a live area that is higher than the window", () => {
  const { terminal, hearAll, tick } = onTerminal(40, { rows: () => 5 });
  hearAll(SHORT_STORY);
  const { length } = terminal.rows;
  tick();
  assert.equal(terminal.rows.length, length);
  assert.equal(terminal.rows.length - terminal.rows.findIndex((row) => row.startsWith("──")), 4);
});

Deno.test("consoleListener() stays through a gate if asked to, and rings once for each", () => {
  const { terminal, hearAll, isTicking } = onTerminal(80, { stays: true });
  hearAll([...SHORT_STORY, ...END]);
  const resting = [
    " ✓ invest ─ ✓ reqs ─ ● planning ─ ○ impl ─ ○ test ─ ○ quality ─ ○ done",
    " ◆ Waiting for you: The plan needs your approval",
    "   auth-refresh · iteration 4",
    "   $1.42 · 12.0k tokens in, 900 out",
    "   next  samocode approve auth-refresh",
  ];
  assert.deepEqual(terminal.rows.slice(-5), resting);
  assert.deepEqual([terminal.title, terminal.bells, isTicking()], ["auth-refresh · waiting for you", 1, true]);
  hearAll([...SHORT_STORY.slice(0, 1), ...END.slice(1)]);
  assert.deepEqual(terminal.rows.slice(-5), resting);
  assert.equal(terminal.rows.filter((row) => row.includes("This run")).length, 2);
  assert.ok(terminal.rows.some((row) => row.includes("This run     0 iterations")));
  assert.equal(terminal.bells, 2);
});

Deno.test("consoleListener() does not ring for a person who stops it", () => {
  const { terminal, hearAll } = onTerminal(80);
  hearAll([...SHORT_STORY, { type: "session.stopped", outcome: { kind: "stopped", by: "you (Ctrl-C)" } }]);
  assert.equal(terminal.bells, 0);
});

Deno.test("consoleListener() ends with what happened, what it took and what to do", () => {
  const { terminal, hearAll, isTicking } = onTerminal(80);
  hearAll([...SHORT_STORY, ...END]);
  assert.deepEqual(terminal.rows.slice(terminal.rows.findIndex((row) => row.includes("✓ Iteration"))), [
    "12:00:50  ✓ Iteration 4 finished · 1m 32s · $0.42 · 12.0k tokens in, 900 out",
    "",
    "━━ ◆ WAITING FOR YOU · auth-refresh ━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━",
    "",
    "  The plan needs your approval",
    "",
    "  This run     1 iteration · 1m 00s · $0.42 · 12.0k tokens in, 900 out",
    "  The session  4 iterations · $1.42",
    "  Checks       unchecked: .samocode sets no CHECK",
    "",
    "  Next",
    "    Read /s/plan.md",
    "    samocode approve auth-refresh",
    "",
    "━".repeat(79),
  ]);
  assert.deepEqual([terminal.cursorShown, terminal.isAtEmptyRow, isTicking()], [true, true, false]);
});

Deno.test("consoleListener() still shows what comes after the end, without a live area", () => {
  const { terminal, hearAll } = onTerminal(80);
  const events: readonly SessionEvent[] = [
    ...SHORT_STORY,
    ...END,
    { type: "listener.failed", listener: "telegram", detail: "Telegram answered 401" },
  ];
  hearAll(events);
  assert.deepEqual(terminal.rows.slice(-3), [
    "━".repeat(79),
    "12:01:10  ! The telegram listener failed and was detached: Telegram answered",
    "            401",
  ]);
  assert.deepEqual([terminal.cursorShown, terminal.isAtEmptyRow], [true, true]);
});

Deno.test("consoleListener() leaves the terminal clean when it is closed in the middle", async () => {
  const { terminal, listener, hearAll, isTicking } = onTerminal(60);
  hearAll(SHORT_STORY);
  await listener.close?.();
  assert.equal(terminal.title, undefined);
  assert.equal(terminal.rows.at(-1), "            test, and none needs a key.");
  assert.deepEqual([terminal.cursorShown, terminal.isAtEmptyRow, isTicking()], [true, true, false]);
});

Deno.test("consoleListener() never lets a row wrap and hides nothing, however narrow the terminal", async () => {
  const wide = await rowsAfterStory(200);
  for (const columns of [24, 40, 61, 80, 120]) {
    const narrow = await rowsAfterStory(columns);
    const stamps = (rows: readonly string[]): readonly string[] =>
      rows.filter((row) => /^\d\d:\d\d:\d\d/.test(row)).map((row) => row.slice(0, 11));
    assert.deepEqual(stamps(narrow), stamps(wide), `${columns} columns`);
  }
});

Deno.test("consoleListener() writes color codes only if color is on", () => {
  // deno-lint-ignore no-control-regex -- what is looked for
  const colour = /\u001b\[[\d;]*m/;
  for (const color of [true, false]) {
    const { written, hearAll } = onTerminal(80, { color });
    hearAll([...SHORT_STORY, ...END]);
    assert.equal(colour.test(written()), color);
  }
});

Deno.test("consoleListener() writes plain stamped lines where there is no terminal", () => {
  const texts: string[] = [];
  const { hearAll } = onTerminal(80, {
    isTerminal: false,
    color: true,
    output: instant((text) => void texts.push(text)),
  });
  hearAll([...SHORT_STORY, ...END]);
  assert.deepEqual(texts.join("").split("\n"), [
    "12:00:00  • samocode 1 works with demo (process 7)",
    "12:00:10  ● Phase planning, after requirements",
    "12:00:20  ▶ Iteration 4 · planning",
    `12:00:30  · Bash git commit -m "${"a long message ".repeat(10).slice(0, 139)}…`,
    "12:00:40    The plan has four steps, each with its own test, and none needs a key.",
    "12:00:50  ✓ Iteration 4 finished · 1m 32s · $0.42 · 12.0k tokens in, 900 out",
    "12:01:00  Waiting for you: The plan needs your approval",
    "12:01:00  This run     1 iteration · 1m 00s · $0.42 · 12.0k tokens in, 900 out",
    "12:01:00  The session  4 iterations · $1.42",
    "12:01:00  Checks       unchecked: .samocode sets no CHECK",
    "12:01:00  Next: Read /s/plan.md",
    "12:01:00  Next: samocode approve auth-refresh",
    "",
  ]);
});

Deno.test("consoleListener() keeps a redraw's failure for the next event instead of ending the program", () => {
  let isBroken = false;
  const { hearAll, tick, isTicking, clock } = onTerminal(80, {
    output: instant(() => {
      if (isBroken) throw new Error("Broken pipe");
    }),
  });
  hearAll(SHORT_STORY);
  isBroken = true;
  clock.ms += 10_000;
  tick();
  assert.equal(isTicking(), false);
  assert.throws(() => hearAll(END), new Error("Broken pipe"));
});

for (const isTerminal of [true, false]) {
  Deno.test(`consoleListener() leaves chatter out where nobody reads ${isTerminal ? "a terminal" : "a pipe"}, and counts it`, () => {
    let pending = 0;
    const texts: string[] = [];
    const output = { ...instant((text) => void texts.push(text)), pending: () => pending };
    const { hearAll, tick, clock } = onTerminal(120, { isTerminal, output });
    const [first, ...others] = [...SHORT_STORY, ...END];
    hearAll([first ?? assert.fail("no story")]);
    texts.length = 0;
    for (const kilobytes of [300, 800]) {
      pending = kilobytes * 1024;
      hearAll(others.slice(0, -1));
      clock.ms += 10_000;
      if (isTerminal) tick();
    }
    // deno-lint-ignore no-control-regex -- what a terminal is told
    const plain = (text: string): string => text.replaceAll(/\u001b\[[\d;]*[A-Za-z]/g, "");
    const behind = plain(texts.splice(0).join(""));
    assert.match(behind, /● Phase planning[^]+▶ Iteration 4[^]+✓ Iteration 4/);
    assert.doesNotMatch(behind, /git commit|four/);
    hearAll(others.slice(-1));
    const shown = plain(texts.join(""));
    // Two of chatter at first, then all five.
    assert.match(shown, /! Skipped 5 events while nobody was reading\. See: samocode logs auth-refresh/);
    assert.match(behind, /! Skipped 2 events while nobody was reading\./);
    assert.match(shown, /The plan needs your approval/);
  });
}

interface Stage {
  readonly terminal: VirtualTerminal;
  readonly listener: EventListener;
  /** Has the next events happen, ten seconds apart. */
  readonly hearAll: (events: readonly SessionEvent[]) => void;
  readonly clock: { ms: number };
  readonly written: () => string;
  readonly tick: () => void;
  readonly period: () => number;
  readonly isTicking: () => boolean;
}

/** Three iterations that cost a dollar. */
const BEFORE: History = {
  ...NO_HISTORY,
  name: "auth-refresh",
  usage: { ...NO_USAGE, costUsd: 1 },
  attempt: recordStory(
    [{ type: "iteration.started", iteration: 3, attempt: 1, phase: "planning", marker: "before", log: "" }, {
      type: "signal.received",
      signal: { status: "continue", phase: undefined },
    }],
    { firstAtMs: 0, stepMs: 0 },
  ).reduce(fold, NO_HISTORY).attempt,
};

function onTerminal(columns: number, options: Partial<ConsoleOptions> = {}): Stage {
  const terminal = new VirtualTerminal(columns);
  const clock = { ms: NOON + 60_000 };
  const texts: string[] = [];
  let ticking: (() => void) | undefined;
  let period = 0;
  let history = BEFORE;
  let atMs = NOON;
  const listener = consoleListener({
    output: instant((text) => {
      texts.push(text);
      terminal.write(text);
    }),
    columns: () => terminal.columns,
    rows: () => 24,
    isTerminal: true,
    color: true,
    sessionName: "auth-refresh",
    nextSteps: () => ({ documents: ["Read /s/plan.md"], commands: ["samocode approve auth-refresh"] }),
    view: () => viewOf(history),
    history: () => history,
    before: BEFORE,
    now: () => new Date(clock.ms),
    every: (ms, tick) => {
      ticking = tick;
      period = ms;
      return () => ticking = undefined;
    },
    ...options,
  });
  return {
    terminal,
    listener,
    hearAll(events): void {
      for (const event of recordStory(events, { firstAtMs: atMs, stepMs: 10_000 })) {
        atMs += 10_000;
        clock.ms = Math.max(clock.ms, atMs);
        history = fold(history, event);
        listener.hear(event);
      }
    },
    clock,
    written: () => texts.join(""),
    tick: () => (ticking ?? assert.fail("nothing ticks"))(),
    period: () => period,
    isTicking: () => ticking !== undefined,
  };
}

async function rowsAfterStory(columns: number): Promise<readonly string[]> {
  const { terminal, listener } = onTerminal(columns, { nextSteps: () => ({ documents: [], commands: [] }) });
  const events: readonly RecordedEvent[] = STORY;
  for (const event of events) listener.hear(event);
  await listener.close?.();
  return terminal.rows;
}
