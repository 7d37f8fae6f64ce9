import assert from "node:assert/strict";
import { join } from "node:path";
import { daysAgo, readDay } from "../../src/cli/read_day.ts";
import { renderCost } from "../../src/cli/render_cost.ts";
import type { CostReport } from "../../src/operations/cost_report.ts";
import { DayLedger } from "../../src/session/day_ledger.ts";
import { stateFolder } from "../../src/system/user_folders.ts";
import { displayWidth } from "../../src/text/terminal_text.ts";
import { eventLine } from "../../src/workflow/event_line.ts";
import type { SessionEvent } from "../../src/workflow/session_event.ts";
import { NO_USAGE, type Usage } from "../../src/workflow/usage.ts";
import { CommandLine } from "./command_line.ts";

type Attempt = readonly [at: Date, phase: "planning" | "testing", model: string, usage: Partial<Usage>];

/** Writes a session whose attempts took ten minutes each. */
function record(line: CommandLine, name: string, attempts: readonly Attempt[]): { readonly createdAt: string } {
  const createdAt = attempts[0]?.[0].toISOString() ?? "";
  const events: readonly (readonly [string, SessionEvent])[] = [
    [createdAt, { type: "session.created", name, task: "x", dive: "" }],
    ...attempts.flatMap(([at, phase, model, usage], index): readonly (readonly [string, SessionEvent])[] => {
      const which = { iteration: index + 1, attempt: 1, phase };
      const ended = { end: { kind: "finished" }, durationMs: 600_000, denials: 0, unrecorded: 0 } as const;
      return [
        [at.toISOString(), { type: "iteration.started", ...which, marker: "m", log: "l", provider: "claude", model }],
        [
          new Date(at.getTime() + 600_000).toISOString(),
          { type: "iteration.ended", ...which, ...ended, usage: { ...NO_USAGE, ...usage } },
        ],
      ];
    }),
  ];
  const folder = join(line.project.root, "sessions", `26-11-18-${name}`);
  Deno.mkdirSync(folder, { recursive: true });
  const text = events.map(([at, event], index) => eventLine({ ...event, seq: index + 1, at })).join("");
  Deno.writeTextFileSync(join(folder, "_journal.jsonl"), text);
  line.project.own(folder);
  return { createdAt };
}

/** Five minutes before local midnight: the attempt ends on the next day, and counts for the one it began on. */
const LATE = new Date(2026, 10, 18, 23, 55);
const NEXT = new Date(2026, 10, 19, 0, 1);
const SUM = { costUsd: 0, estimatedUsd: 0, tokens: 0, starts: 0, workedMs: 0 };

function scene(line: CommandLine): void {
  const one = record(line, "one", [
    [LATE, "planning", "opus", { costUsd: 2, inputTokens: 100, cacheReadTokens: 900 }],
    [NEXT, "testing", "haiku", { costUsd: 0.5, outputTokens: 10 }],
  ]);
  record(line, "two", [[NEXT, "testing", "gpt-5", { estimatedUsd: 3, inputTokens: 7 }]]);
  const state = stateFolder(line.project.env);
  // The journal says the same, and more exactly.
  new DayLedger(state, { name: "one", ...one }).note("2026-11-18", { cost: 99, tokens: 9, starts: 9, time: 9 });
  new DayLedger(state, { name: "gone", createdAt: "x" }).note("2026-11-18", {
    cost: 4,
    tokens: 50,
    starts: 2,
    time: 60_000,
  });
}

Deno.test("cost adds up all sessions by local day, session, phase and model, with those that only the ledger knows", async () => {
  using line = new CommandLine();
  scene(line);
  const report = async (...args: string[]): Promise<Record<string, object>> => {
    const { code, out, error } = await line.type(["cost", "--json", ...args]);
    assert.deepEqual({ code, error }, { code: 0, error: "" });
    const { rows, total }: CostReport = JSON.parse(out);
    return Object.fromEntries([...rows, { ...total, key: "total" }].map(({ key, ...sum }) => [key, sum]));
  };
  const gone = { ...SUM, costUsd: 4, tokens: 50, starts: 2, workedMs: 60_000 };
  const opus = { ...SUM, costUsd: 2, tokens: 1_000, starts: 1, workedMs: 600_000 };
  const haiku = { ...SUM, costUsd: 0.5, tokens: 10, starts: 1, workedMs: 600_000 };
  const gpt = { ...SUM, estimatedUsd: 3, tokens: 7, starts: 1, workedMs: 600_000 };
  const total = { costUsd: 6.5, estimatedUsd: 3, tokens: 1_067, starts: 5, workedMs: 1_860_000 };
  const testing = { costUsd: 0.5, estimatedUsd: 3, tokens: 17, starts: 2, workedMs: 1_200_000 };
  assert.deepEqual(await report(), {
    "2026-11-18": { ...SUM, costUsd: 6, tokens: 1_050, starts: 3, workedMs: 660_000 },
    "2026-11-19": testing,
    total,
  });
  assert.deepEqual(await report("--by", "session"), {
    "repo/26-11-18-one": { ...SUM, costUsd: 2.5, tokens: 1_010, starts: 2, workedMs: 1_200_000 },
    "repo/26-11-18-two": gpt,
    "(sessions that are gone)": gone,
    total,
  });
  assert.deepEqual(await report("--by", "phase"), { planning: opus, testing, "(unknown)": gone, total });
  assert.deepEqual(await report("--by", "model"), { opus, haiku, "gpt-5": gpt, "(unknown)": gone, total });
  assert.deepEqual(await report("--since", "2026-11-19"), { "2026-11-19": testing, total: testing });
  assert.deepEqual(await report("--since", "2026-11-20"), { total: SUM });
});

Deno.test("cost and list count sessions once that two project files name, and follow --config", async () => {
  using line = new CommandLine();
  scene(line);
  const second = join(line.project.root, "repo", ".samocode");
  Deno.writeTextFileSync(second, "MAIN_REPO=.\nWORKTREES=../worktrees\nSESSIONS=../sessions\n");
  await line.type(["trust", "--yes", "--config", second]);
  for (const flags of [[], ["--config", second]]) {
    const { out, error } = await line.type(["cost", "--json", ...flags]);
    assert.equal(error, "");
    assert.deepEqual([JSON.parse(out).sessions, JSON.parse(out).total.costUsd], [2, 6.5]);
    assert.equal(JSON.parse((await line.type(["list", "--all", "--json", ...flags])).out).length, 2);
  }
});

Deno.test("cost works without a project, over all that the user trusts, and names what it left out", async () => {
  using line = new CommandLine();
  scene(line);
  const elsewhere = join(line.project.root, "home");
  const { code, out, error } = await line.type(["cost"], { workingDirectory: elsewhere });
  assert.deepEqual({ code, error }, { code: 0, error: "" });
  assert.match(out, /^total +~\$9\.50 +1\.1k +5 +31m 00s$/m);
  const list = await line.type(["list", "--all"], { workingDirectory: elsewhere });
  assert.match(list.out, /^STATE +PROJECT +SESSION +AGE[^]*repo +one[^]*repo +two|repo +two[^]*repo +one/);
  Deno.writeTextFileSync(join(line.project.root, ".samocode"), "SESSIONS=elsewhere\n");
  const changed = await line.type(["list", "--all"], { workingDirectory: elsewhere });
  assert.match(changed.error, /^Skipped: .*\.samocode: /);
  assert.equal(changed.code, 0);
});

Deno.test("cost refuses what is no day and no group", async () => {
  using line = new CommandLine();
  for (const args of [["--since", "3x"], ["--since", "2026-02-30"], ["--since", "yesterday"], ["--by", "moon"]]) {
    const { code, out, error } = await line.type(["cost", ...args]);
    assert.deepEqual({ code, out }, { code: 2, out: "" });
    assert.match(error, /\n {2}(?:Write --since 2026-11-20|Use --by with one of day, session, phase, model)/);
  }
});

Deno.test("daysAgo() counts today in, in local days", () => {
  const now = new Date(2026, 2, 3, 0, 5);
  assert.deepEqual([1, 3, 7].map((days) => daysAgo(days, now)), ["2026-03-03", "2026-03-01", "2026-02-25"]);
  assert.deepEqual(["2026-11-20", "2026-02-29", "2028-02-29", "x"].map(readDay), [
    "2026-11-20",
    undefined,
    "2028-02-29",
    undefined,
  ]);
});

Deno.test("renderCost() fits 40, 80 and 200 columns, with bars as long as the costs, estimates hollow", () => {
  const rows = [
    { ...SUM, key: "2026-11-18", costUsd: 8, tokens: 12_345, starts: 3, workedMs: 3_600_000 },
    { ...SUM, key: "2026-11-19", costUsd: 1, estimatedUsd: 3, tokens: 1_200_000, starts: 12, workedMs: 60_000 },
    { ...SUM, key: "a-repository/26-11-18-with-a-long-name\x1b[2J", costUsd: 0.001, starts: 1 },
  ];
  const total = { ...SUM, costUsd: 9.001, estimatedUsd: 3, tokens: 1_212_345, starts: 16, workedMs: 3_660_000 };
  const report: CostReport = { by: "day", since: undefined, rows, total, sessions: 3, leftOut: [] };
  for (const columns of [40, 80, 200]) {
    const lines = renderCost(report, { color: false, columns: () => columns }).trimEnd().split("\n");
    for (const line of lines.slice(0, -1)) assert.ok(displayWidth(line) < columns, `${columns}: ${line}`);
    const bars = lines.slice(1, 4).map((line) => /[█░]*$/.exec(line)?.[0] ?? "");
    const [long = "", half = "", least = ""] = bars;
    assert.ok(Math.abs(half.length - long.length / 2) <= 1, `${columns}: ${bars}`);
    assert.deepEqual([/^█+$/.test(long), /^█+░+$/.test(half), least], [true, true, "█"]);
    assert.equal(/TOKENS/.test(lines[0] ?? ""), columns >= 80);
    assert.equal(lines.at(-1), "░ and ~: $3.00 by list price, where no cost was reported");
  }
});

Deno.test("cost knows what a session cost that was archived", async () => {
  using line = new CommandLine();
  scene(line);
  const before = await line.type(["cost", "--by", "session", "--json"]);
  assert.equal((await line.type(["archive", "one"])).code, 0);
  assert.equal((await line.type(["cost", "--by", "session", "--json"])).out, before.out);
});
