import assert from "node:assert/strict";
import { NO_EVIDENCE } from "../../src/workflow/evidence.ts";
import { consoleListener, type ConsoleOptions } from "../../src/console/console.ts";
import type { Listener } from "../../src/listeners/fan_out.ts";
import { NO_USAGE, type RecordedEvent, type SessionEvent } from "../../src/workflow/session_event.ts";
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
  const { terminal, listener } = onTerminal(60);
  hearAll(listener, SHORT_STORY);
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
    " ⠋ The plan has four steps, each with its own test, and no…",
    "   auth-refresh · iteration 4 for 40s · $1.00 · run 1m 00s",
  ]);
  assert.equal(terminal.cursorShown, false);
});

Deno.test("consoleListener() redraws in place while nothing happens", () => {
  const { terminal, listener, clock, tick } = onTerminal(60);
  hearAll(listener, SHORT_STORY);
  const before = terminal.rows;
  clock.ms += 65_120;
  tick();
  assert.deepEqual(terminal.rows.slice(0, -2), before.slice(0, -2));
  assert.deepEqual(terminal.rows.slice(-2), [
    " ⠹ The plan has four steps, each with its own test, and no…",
    "   auth-refresh · iteration 4 for 1m 45s · $1.00 · run 2m…",
  ]);
});

Deno.test("consoleListener() leaves nothing of a longer row behind when it redraws", () => {
  const { terminal, listener, clock, tick } = onTerminal(80);
  const waiting: SessionEvent = { type: "agent.retried", attempt: 1, of: 3, delayMs: 20_000, detail: "overloaded" };
  hearAll(listener, [...SHORT_STORY, waiting]);
  assert.equal(terminal.rows.at(-2), " ⠋ 10s waiting for the agent's service");
  clock.ms += 1200;
  tick();
  assert.equal(terminal.rows.at(-2), " ⠋ 9s waiting for the agent's service");
});

Deno.test("consoleListener() ends with what happened, what it took and what to do", () => {
  const { terminal, listener, isTicking } = onTerminal(80);
  hearAll(listener, [...SHORT_STORY, ...END]);
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
    "    samocode approve auth-refresh",
    "",
    "━".repeat(79),
  ]);
  assert.deepEqual([terminal.cursorShown, terminal.isAtEmptyRow, isTicking()], [true, true, false]);
});

Deno.test("consoleListener() still shows what comes after the end, without a live area", () => {
  const { terminal, listener } = onTerminal(80);
  const events: readonly SessionEvent[] = [
    ...SHORT_STORY,
    ...END,
    { type: "listener.failed", listener: "telegram", detail: "Telegram answered 401" },
  ];
  hearAll(listener, events);
  assert.deepEqual(terminal.rows.slice(-3), [
    "━".repeat(79),
    "12:01:10  ! The telegram listener failed and was detached: Telegram answered",
    "            401",
  ]);
  assert.deepEqual([terminal.cursorShown, terminal.isAtEmptyRow], [true, true]);
});

Deno.test("consoleListener() leaves the terminal clean when it is closed in the middle", async () => {
  const { terminal, listener, isTicking } = onTerminal(60);
  hearAll(listener, SHORT_STORY);
  await listener.close?.();
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
    const { written, listener } = onTerminal(80, { color });
    hearAll(listener, [...SHORT_STORY, ...END]);
    assert.equal(colour.test(written()), color);
  }
});

Deno.test("consoleListener() writes plain stamped lines where there is no terminal", () => {
  const texts: string[] = [];
  const { listener } = onTerminal(80, {
    isTerminal: false,
    color: true,
    output: instant((text) => void texts.push(text)),
  });
  hearAll(listener, [...SHORT_STORY, ...END]);
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
    "12:01:00  Next: samocode approve auth-refresh",
    "",
  ]);
});

Deno.test("consoleListener() keeps a redraw's failure for the next event instead of ending the program", () => {
  let isBroken = false;
  const { listener, tick, isTicking, clock } = onTerminal(80, {
    output: instant(() => {
      if (isBroken) throw new Error("Broken pipe");
    }),
  });
  hearAll(listener, SHORT_STORY);
  isBroken = true;
  clock.ms += 10_000;
  tick();
  assert.equal(isTicking(), false);
  assert.throws(() => hearAll(listener, END), new Error("Broken pipe"));
});

for (const isTerminal of [true, false]) {
  Deno.test(`consoleListener() leaves chatter out where nobody reads ${isTerminal ? "a terminal" : "a pipe"}, and counts it`, () => {
    let pending = 0;
    const texts: string[] = [];
    const output = { ...instant((text) => void texts.push(text)), pending: () => pending };
    const { listener, tick, clock } = onTerminal(120, { isTerminal, output });
    const [first, ...others] = recordStory([...SHORT_STORY, ...END], { firstAtMs: NOON, stepMs: 10_000 });
    listener.hear(first ?? assert.fail("no story"));
    texts.length = 0;
    for (const kilobytes of [300, 800]) {
      pending = kilobytes * 1024;
      for (const event of others.slice(0, -1)) listener.hear(event);
      clock.ms += 10_000;
      if (isTerminal) tick();
    }
    // deno-lint-ignore no-control-regex -- what a terminal is told
    const plain = (text: string): string => text.replaceAll(/\u001b\[[\d;]*[A-Za-z]/g, "");
    const behind = plain(texts.splice(0).join(""));
    assert.match(behind, /● Phase planning[^]+▶ Iteration 4[^]+✓ Iteration 4/);
    assert.doesNotMatch(behind, /git commit|four/);
    for (const event of others.slice(-1)) listener.hear(event);
    const shown = plain(texts.join(""));
    // Two of chatter at first, then all five.
    assert.match(shown, /! Skipped 5 events while nobody was reading\. See: samocode logs auth-refresh/);
    assert.match(behind, /! Skipped 2 events while nobody was reading\./);
    assert.match(shown, /The plan needs your approval/);
  });
}

interface Stage {
  readonly terminal: VirtualTerminal;
  readonly listener: Listener;
  readonly clock: { ms: number };
  readonly written: () => string;
  readonly tick: () => void;
  readonly isTicking: () => boolean;
}

function onTerminal(columns: number, options: Partial<ConsoleOptions> = {}): Stage {
  const terminal = new VirtualTerminal(columns);
  const clock = { ms: NOON + 60_000 };
  const texts: string[] = [];
  let ticking: (() => void) | undefined;
  const listener = consoleListener({
    output: instant((text) => {
      texts.push(text);
      terminal.write(text);
    }),
    columns: () => columns,
    isTerminal: true,
    color: true,
    sessionName: "auth-refresh",
    nextSteps: () => ["samocode approve auth-refresh"],
    before: { costUsd: 1, iterations: 3, evidence: NO_EVIDENCE },
    now: () => new Date(clock.ms),
    every: (_, tick) => {
      ticking = tick;
      return () => ticking = undefined;
    },
    ...options,
  });
  return {
    terminal,
    listener,
    clock,
    written: () => texts.join(""),
    tick: () => (ticking ?? assert.fail("nothing ticks"))(),
    isTicking: () => ticking !== undefined,
  };
}

function hearAll(listener: Listener, events: readonly SessionEvent[]): void {
  for (const event of recordStory(events, { firstAtMs: NOON, stepMs: 10_000 })) listener.hear(event);
}

async function rowsAfterStory(columns: number): Promise<readonly string[]> {
  const { terminal, listener } = onTerminal(columns, { nextSteps: () => [] });
  const events: readonly RecordedEvent[] = STORY;
  for (const event of events) listener.hear(event);
  await listener.close?.();
  return terminal.rows;
}
