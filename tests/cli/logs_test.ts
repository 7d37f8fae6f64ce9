import assert from "node:assert/strict";
import { join } from "node:path";
import { programUnderTest } from "../helpers/program_under_test.ts";
import { TempProject } from "../helpers/temp_project.ts";
import { eventLine } from "../../src/workflow/event_line.ts";
import type { SessionEvent } from "../../src/workflow/session_event.ts";
import { slowTest } from "../helpers/slow.ts";
import { CommandLine, START, WHOLE_AGENT } from "./command_line.ts";

const TALKING = `
echo '{"type":"system","subtype":"init","model":"claude-opus-4","claude_code_version":"2","session_id":"x"}'
echo '{"type":"assistant","message":{"id":"m","content":[{"type":"text","text":"I look around in '$phase'\\u001b[2J"},{"type":"tool_use","name":"Bash","id":"t","input":{"command":"ls -l"}}]}}'
echo 'noise'
${WHOLE_AGENT}`;

Deno.test("logs shows one iteration, or the last lines, of what happened", async () => {
  using line = new CommandLine();
  await line.typeWithAgent(TALKING, START);
  const all = (await line.type(["logs", "top"])).out.trimEnd().split("\n");
  const first = (await line.type(["logs", "top", "--iteration", "1"])).out.trimEnd().split("\n");
  const second = (await line.type(["logs", "top", "--iteration", "2"])).out.trimEnd().split("\n");
  assert.match(first[0] ?? "", /Iteration 1 · investigation/);
  assert.match(first.at(-1) ?? "", /Phase requirements, after investigation$/, "what its signal led to");
  assert.match(second[0] ?? "", /Iteration 2 · requirements/);
  assert.deepEqual(all.slice(-first.length - second.length), [...first, ...second]);
  for (const count of [1, 3, 1_000]) {
    const { out } = await line.type(["logs", "top", "--tail", String(count)]);
    assert.deepEqual(out.trimEnd().split("\n"), all.slice(-count));
  }
  const { out } = await line.type(["logs", "top", "--iteration", "2", "--tail", "2", "--json"]);
  assert.deepEqual(out.trimEnd().split("\n").map((row) => JSON.parse(row).type), ["gate.reached", "session.stopped"]);
  assert.equal((await line.type(["logs", "top", "--iteration", "2", "-f"])).out.trimEnd(), second.join("\n"));
  for (const bad of ["0", "-1", "1.5", "x", ""]) {
    assert.deepEqual((await line.type(["logs", "top", `--tail=${bad}`])).code, 2, bad);
  }
});

Deno.test("logs is in color and in local time on a terminal, and in UTC elsewhere", async () => {
  using line = new CommandLine();
  await line.typeWithAgent(WHOLE_AGENT, START);
  const [created] = line.project.events();
  const date = new Date(created?.at ?? "");
  const padded = (value: number): string => String(value).padStart(2, "0");
  const local = `${date.getFullYear()}-${padded(date.getMonth() + 1)}-${padded(date.getDate())} ` +
    [date.getHours(), date.getMinutes(), date.getSeconds()].map(padded).join(":");
  const shown = (await line.type(["logs", "top"], { color: true, isOutputTerminal: true })).out;
  assert.ok(shown.startsWith(`\x1b[2m${local}\x1b[22m  Session top created`), shown.slice(0, 100));
  assert.ok(shown.includes("\x1b[1mPhase investigation"));
  assert.match((await line.type(["logs", "top"])).out, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ {2}Session top created/);
});

Deno.test("logs --agent prints what the agent of an iteration said and did, safe for a terminal", async () => {
  using line = new CommandLine();
  await line.typeWithAgent(TALKING, START);
  const log = (name: string): string => join(line.path("_logs"), name);
  const names = [...Deno.readDirSync(line.path("_logs"))].map(({ name }) => name).filter((name) => /jsonl$/.test(name));
  const [first = "", second = ""] = names.sort();
  assert.deepEqual(await line.type(["logs", "top", "--agent"]), {
    code: 0,
    error: "",
    out: `Iteration 2 · claude · ${log(second)}\nAgent ready: claude-opus-4, version 2\n` +
      "I look around in requirements\nBash ls -l\n",
  });
  assert.match(
    (await line.type(["logs", "top", "--agent", "--iteration", "1"])).out,
    /I look around in investigation\n/,
  );
  assert.equal((await line.type(["logs", "top", "--agent", "--tail", "1"])).out, "Bash ls -l\n");
  const json = (await line.type(["logs", "top", "--agent", "--json"])).out.trimEnd().split("\n");
  assert.deepEqual(json.map((row) => JSON.parse(row).type ?? JSON.parse(row).kind), [
    "attempt",
    "agent.started",
    "agent.said",
    "agent.acted",
  ]);
  assert.deepEqual(await line.type(["logs", "top", "--agent", "--iteration", "9"]), {
    code: 2,
    out: "",
    error: "samocode: Cannot show what the agent of top said: it has no iteration 9\n  Its last iteration is 2\n",
  });
  // A link could lead anywhere, and a pipe would never end.
  Deno.removeSync(log(first));
  Deno.symlinkSync("/etc/passwd", log(first));
  assert.equal(
    (await line.type(["logs", "top", "--agent", "--iteration", "1"])).out,
    "Iteration 1 · claude · its log is gone\n",
  );
});

slowTest("logs and logs --agent take little memory for logs of 100 MB", async () => {
  using project = new TempProject({}, programUnderTest(["--v8-flags=--max-old-space-size=64"]));
  const folder = join(project.root, "sessions", "26-01-02-top");
  Deno.mkdirSync(join(folder, "_logs"), { recursive: true });
  const said = "x".repeat(280);
  const events: readonly SessionEvent[] = [
    { type: "session.created", name: "top", task: "x", dive: "" },
    { type: "session.started", provider: "claude", version: "1", pid: 1 },
    {
      type: "iteration.started",
      iteration: 1,
      attempt: 1,
      phase: "planning",
      marker: "m",
      log: "a.jsonl",
      provider: "claude",
    },
    ...Array.from({ length: 60_000 }, (): SessionEvent => ({ type: "agent.said", text: said })),
    { type: "session.stopped", outcome: { kind: "failed", reason: "the end" } },
  ];
  const at = "2026-01-02T03:04:05.000Z";
  const journal = events.map((event, index) => eventLine({ ...event, seq: index + 1, at })).join("");
  Deno.writeTextFileSync(join(folder, "_journal.jsonl"), journal);
  project.own(folder);
  const answer = JSON.stringify({
    type: "assistant",
    message: { id: "m", content: [{ type: "text", text: "y".repeat(5_000) }] },
  });
  using raw = Deno.openSync(join(folder, "_logs", "a.jsonl"), { write: true, create: true });
  const chunk = new TextEncoder().encode(`${answer}\n`.repeat(1_000));
  for (let written = 0; written < 100_000_000; written += chunk.length) raw.writeSync(chunk);
  for (const args of [["logs", "top", "--tail", "1"], ["logs", "top"], ["logs", "top", "--agent"]]) {
    const { code, stdout, stderr } = await project.run(args);
    assert.deepEqual({ code, stderr }, { code: 0, stderr: "" }, args.join(" "));
    assert.match(stdout, args.includes("--agent") ? /y{200}[^]*y\n$/ : /Failed: the end\n$/);
  }
});

for (const [provider, stream] of [["claude", "claude-2.1.328-success"], ["codex", "codex-success"]] as const) {
  Deno.test(`logs --agent reads a recorded log of the real ${provider}`, async () => {
    using line = new CommandLine();
    await line.typeWithAgent(WHOLE_AGENT, START);
    const folder = line.path("");
    const name = [...Deno.readDirSync(line.path("_logs"))].map(({ name }) => name).sort().find((name) =>
      /jsonl$/.test(name)
    );
    const journal = Deno.readTextFileSync(line.path("_journal.jsonl")).replace(
      '"provider":"claude","model"',
      `"provider":"${provider}","model"`,
    );
    Deno.writeTextFileSync(line.path("_journal.jsonl"), journal);
    line.project.own(folder);
    const recorded = new URL(`../fixtures/streams/${stream}.jsonl`, import.meta.url);
    Deno.copyFileSync(recorded, join(line.path("_logs"), name ?? ""));
    const { code, out } = await line.type(["logs", "top", "--agent", "--iteration", "1"]);
    assert.equal(code, 0);
    assert.match(out, new RegExp(`^Iteration 1 · ${provider} · [^]*\n(?:Write|Edit|Bash|Shell) `));
  });
}
