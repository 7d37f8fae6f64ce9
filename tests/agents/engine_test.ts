/**
 * The provider of command-line agents, with real programs.
 *
 * @module
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { agentRunner } from "../../src/agents/engine.ts";
import { readClaudeLine } from "../../src/agents/claude/stream.ts";
import type { RunnerEvent } from "../../src/agents/agent_runner.ts";
import { NO_USAGE } from "../../src/workflow/usage.ts";
import { SMALL_NURSERY } from "../../tools/compile.ts";
import { AgentStage, isRunning, program } from "../helpers/agent_stage.ts";
import { slow } from "../helpers/slow.ts";

const STREAMS = join(import.meta.dirname ?? ".", "..", "fixtures", "streams");
const CLAUDE = join(STREAMS, "claude-2.1.328-success.jsonl");

const IMPATIENT = { interruptMs: 300, terminateMs: 300 };
const CHILDREN = ["child", "orphan", "nohup", "session", "nameless"] as const;

/** Needs /proc, to see what is left, and programs such as setsid. */
function linuxTest(name: string, run: (stage: AgentStage) => Promise<void>): void {
  Deno.test(onLinux(name, run));
}

function onLinux(name: string, run: (stage: AgentStage) => Promise<void>): Deno.TestDefinition {
  return {
    name,
    ignore: Deno.build.os !== "linux",
    fn: async () => {
      using stage = new AgentStage();
      await run(stage);
      assert.deepEqual(stage.leftovers(), []);
    },
  };
}

function said(event: RunnerEvent, text: string): boolean {
  return event.type === "agent.said" && event.text === text;
}

/** Aborts as soon as the program says that it is ready. */
function abortWhenReady(reason?: string): { abort: AbortSignal; onEvent: (event: RunnerEvent) => void } {
  const controller = new AbortController();
  return {
    abort: controller.signal,
    onEvent: (event) => {
      if (said(event, "ready")) controller.abort(reason);
    },
  };
}

function typesOf(events: readonly RunnerEvent[]): readonly string[] {
  return events.map(({ type }) => type);
}

linuxTest("agentRunner() yields events as they come, then the end, usage and denials", async (stage) => {
  const { events, result } = await stage.play(program("play", CLAUDE));
  assert.deepEqual(typesOf(events), [
    "agent.started",
    "agent.said",
    "agent.acted",
    "agent.acted",
    "agent.acted",
    "agent.said",
  ]);
  assert.deepEqual(result, {
    end: { kind: "finished" },
    usage: {
      costUsd: 0.030059999999999996,
      inputTokens: 4300,
      outputTokens: 392,
      cacheReadTokens: 2600,
      cacheWriteTokens: 900,
      modelCalls: 3,
    },
    denials: 0,
    unrecorded: 0,
    failed: [],
  });
  assert.equal(Deno.readTextFileSync(stage.iteration.logPath), Deno.readTextFileSync(CLAUDE));
});

linuxTest("agentRunner() shortens paths in the session and the worktree", async (stage) => {
  const lines = ["src/auth.ts", "_overview.md", "/etc/hosts"].map((name) =>
    name.startsWith("/") ? name : stage.folder.at(name)
  );
  const { events } = await stage.play(["-c", `printf '%s\\n' ${lines.join(" ")}`], {
    readLine: (about) => [{ type: "agent.acted", tool: "Read", about }],
  });
  assert.deepEqual(
    events,
    ["src/auth.ts", "_overview.md", "/etc/hosts"].map((about) => ({ type: "agent.acted", tool: "Read", about })),
  );
});

linuxTest("agentRunner() yields events while the agent is still working", async (stage) => {
  const script =
    'begin() { echo \'{"type":"system","subtype":"init","model":"m"}\'; }; begin; read -r word <gate; exit 0';
  stage.folder.pipe("gate");
  const { events } = await stage.play(["-c", script], {
    // The program waits for this very word: it comes only if the event did.
    onEvent: () => Deno.writeTextFileSync(stage.folder.at("gate"), "go\n"),
  });
  assert.deepEqual(typesOf(events), ["agent.started"]);
});

linuxTest(
  "agentRunner() gives the agent the environment it was given, the client's and the marker, and no more",
  async (stage) => {
    const { marker, logPath } = stage.iteration;
    const client = {
      name: "env",
      binary: "env",
      argumentsFor: () => [],
      environmentFor: () => ({ B: "client", C: "c d\ne" }),
      readLine: () => [],
    };
    const env = { PATH: stage.env()["PATH"] ?? "", A: "a", B: "person" };
    const run = agentRunner(client, { name: "played", env, timeoutMs: 60_000, stallMs: 60_000 })
      .run(stage.iteration, { abort: new AbortController().signal });
    await run.next();
    const lines = Deno.readTextFileSync(logPath).trimEnd().split("\n");
    assert.deepEqual(
      lines.sort(),
      ["A=a", "B=client", "C=c d", `PATH=${env.PATH}`, `SAMOCODE_MARKER=${marker}`, "e"].sort(),
    );
  },
);

linuxTest(
  "agentRunner() reports a missing program as not found, and a missing folder as a failed setup",
  async (stage) => {
    const nothing = { usage: NO_USAGE, denials: 0, unrecorded: 0, failed: [] };
    const missing = await stage.play([], { binary: "/nowhere/claude" });
    assert.deepEqual(missing, {
      events: [],
      result: { end: { kind: "not-found", binary: "/nowhere/claude" }, ...nothing },
    });
    const workingDirectory = stage.folder.at("gone");
    const client = { name: "x", binary: "sh", argumentsFor: () => [], environmentFor: () => ({}), readLine: () => [] };
    const run = agentRunner(client, { name: "played", env: stage.env(), timeoutMs: 60_000, stallMs: 60_000 })
      .run({ ...stage.iteration, workingDirectory }, { abort: new AbortController().signal });
    const detail = `Cannot start sh: no such working directory ${workingDirectory}`;
    const end = { kind: "crashed", cause: "setup", detail, exitCode: undefined };
    assert.deepEqual(await run.next(), { done: true, value: { end, ...nothing } });
  },
);

linuxTest("agentRunner() reports a crash with the end of stderr", async (stage) => {
  const { result } = await stage.play(["-c", "echo first >&2; echo 'cannot go on' >&2; exit 3"]);
  const detail = "exit code 3 without a result: cannot go on";
  assert.deepEqual(result.end, { kind: "crashed", cause: "setup", detail, exitCode: 3 });
});

for (const signal of ["KILL", "TERM", "HUP"]) {
  linuxTest(`agentRunner() calls an agent that SIG${signal} ended interrupted`, async (stage) => {
    const { result } = await stage.play(["-c", `kill -${signal} $$; sleep 300`]);
    const detail = `ended by SIG${signal} without a result`;
    assert.deepEqual(result.end, { kind: "crashed", cause: "interrupted", detail, exitCode: undefined });
  });
}

linuxTest(
  "agentRunner() ends a run that takes too long with all that it started, and keeps its cost",
  async (stage) => {
    const { events, result } = await stage.play(program("obedient"), { timeoutMs: 1_500 });
    assert.deepEqual(result, {
      end: { kind: "timed-out", afterMs: 1_500 },
      usage: { ...NO_USAGE, costUsd: 0.25, modelCalls: 1 },
      denials: 0,
      unrecorded: 0,
      failed: [],
    });
    const pids = CHILDREN.map((name) => stage.number(name));
    assert.deepEqual(pids.filter(isRunning), []);
    const ended = events.find((event) => event.type === "processes.ended") ?? assert.fail("nothing was ended");
    for (const pid of pids) assert.ok(ended.pids.includes(pid), `${pid} is not among ${ended.pids}`);
  },
);

linuxTest("agentRunner() ends an agent that goes silent in the middle of a line", async (stage) => {
  const { events, result } = await stage.play(program("half_line"), { stallMs: 800 });
  assert.deepEqual(typesOf(events), ["agent.started"]);
  const { end } = result;
  if (end.kind !== "stalled") assert.fail(JSON.stringify(end));
  assert.ok(Number.isInteger(end.silentMs) && end.silentMs >= 800, `${end.silentMs}`);
});

linuxTest("agentRunner() does not consider an agent silent if it prints anything", async (stage) => {
  const dots = "for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15; do printf .; sleep 0.1; done";
  const { result } = await stage.play(["-c", dots], { stallMs: 1_000 });
  const detail = "exit code 0 without a result";
  assert.deepEqual(result.end, { kind: "crashed", cause: "interrupted", detail, exitCode: 0 });
});

for (
  const [what, text] of [["lines", "x".repeat(500)], [
    "events",
    `{"type":"user","text":"${"x".repeat(1_500)}"}`,
  ]] as const
) {
  linuxTest(`agentRunner() ends an agent in time that floods it with ${what}`, async (stage) => {
    const { result } = await stage.play(program("flood", text), { timeoutMs: 500, patience: IMPATIENT });
    assert.deepEqual(result.end, { kind: "timed-out", afterMs: 500 });
  });
}

linuxTest("agentRunner() ends an agent that never ends its line on time", async (stage) => {
  const { result } = await stage.play(["-c", "exec cat /dev/zero"], { timeoutMs: 300, patience: IMPATIENT });
  assert.deepEqual(result.end, { kind: "timed-out", afterMs: 300 });
});

linuxTest("agentRunner() starts nothing if it is already aborted", async (stage) => {
  const abort = AbortSignal.abort("stop requested");
  const { events, result } = await stage.play(["-c", "echo x"], { abort });
  assert.deepEqual(events, []);
  assert.deepEqual(result, {
    end: { kind: "aborted", by: "stop requested" },
    usage: NO_USAGE,
    denials: 0,
    unrecorded: 0,
    failed: [],
  });
  assert.deepEqual(stage.folder.names(), []);
});

linuxTest(
  "agentRunner() ends an agent that is aborted in its work, tells by whom, and keeps its cost",
  async (stage) => {
    const { result } = await stage.play(program("obedient"), abortWhenReady("a human"));
    assert.deepEqual(result.end, { kind: "aborted", by: "a human" });
    assert.equal(result.usage.costUsd, 0.25);
    assert.deepEqual(CHILDREN.map((name) => stage.number(name)).filter(isRunning), []);
  },
);

linuxTest("agentRunner() ends an agent that ignores signals, with its children", async (stage) => {
  const { result } = await stage.play(program("deaf"), { ...abortWhenReady(), patience: IMPATIENT });
  assert.deepEqual(result.end, { kind: "aborted", by: "interrupted" });
  assert.equal(isRunning(stage.number("child")), false);
});

linuxTest("agentRunner() keeps the first cause if an abort follows a timeout", async (stage) => {
  const { events, result } = await stage.play(program("unmoved"), {
    ...abortWhenReady("late"),
    timeoutMs: 600,
    patience: IMPATIENT,
  });
  assert.ok(events.some((event) => said(event, "ready")), "it was never aborted");
  assert.deepEqual(result.end, { kind: "timed-out", afterMs: 600 });
});

linuxTest(
  "agentRunner() ends what cleared its environment and lost its parent, but stayed in the group",
  async (stage) => {
    const script = "(env -i /bin/sh -c 'echo $$ >child; exec /bin/sleep 300' &); while [ ! -s child ]; do :; done";
    const { events } = await stage.play(["-c", script], { patience: IMPATIENT });
    const child = stage.number("child");
    assert.equal(isRunning(child), false);
    assert.deepEqual(events.flatMap((event) => event.type === "processes.ended" ? [event.pids] : []), [[child]]);
  },
);

linuxTest("agentRunner() ends a background process that holds the output", async (stage) => {
  const { events, result } = await stage.play(program("leave_behind"), { patience: IMPATIENT });
  assert.deepEqual(result.end, { kind: "finished" });
  assert.deepEqual(typesOf(events), ["agent.started", "processes.ended"]);
});

linuxTest("agentRunner() ends a child that restarts itself whenever it gets a signal", async (stage) => {
  const { result } = await stage.play(program("reborn"), { patience: IMPATIENT });
  assert.deepEqual(result.end, { kind: "finished" });
  assert.ok(Deno.readTextFileSync(stage.folder.at("births")).split("\n").length > 2, "it was never born again");
});

linuxTest("agentRunner() leaves no process if its consumer stops early", async (stage) => {
  const run = stage.begin(program("obedient"));
  let event = await run.next();
  while (!event.done && !said(event.value, "ready")) event = await run.next();
  await run.return({ end: { kind: "finished" }, usage: NO_USAGE, denials: 0, unrecorded: 0, failed: [] });
  assert.deepEqual(CHILDREN.map((name) => stage.number(name)).filter(isRunning), []);
});

linuxTest("agentRunner() leaves no process if the line reader throws", async (stage) => {
  const readLine = (line: string): readonly [] => {
    if (line.includes("ready")) throw new Error("a bug in the client");
    return [];
  };
  await assert.rejects(stage.play(program("obedient"), { readLine }), /a bug in the client/);
  assert.deepEqual(CHILDREN.map((name) => stage.number(name)).filter(isRunning), []);
});

linuxTest("agentRunner() is not blocked by 50 MB on stderr", async (stage) => {
  const script = "yes 0123456789 | head -c 50000000 >&2; echo >&2; echo 'the end' >&2; exit 4";
  const { result } = await stage.play(["-c", script]);
  const detail = "exit code 4 without a result: the end";
  assert.deepEqual(result.end, { kind: "crashed", cause: "setup", detail, exitCode: 4 });
  assert.equal(Deno.statSync(stage.iteration.errorLogPath).size, 50_000_009);
});

linuxTest("agentRunner() records some of 100,000 quick events and counts the others", async (stage) => {
  const line = '{"type":"assistant","message":{"content":[{"type":"text","text":"again"}]}}';
  const denied = '{"type":"system","subtype":"permission_denied","tool_name":"Bash"}';
  const script = `yes '${line}' | head -n 100000; yes '${denied}' | head -n 1000`;
  const { events, result } = await stage.play(["-c", script]);
  assert.equal(result.denials, 1_000);
  assert.equal(events.length + result.unrecorded, 101_000);
  assert.ok(events.length < 10_000, `${events.length} were recorded`);
  assert.deepEqual([...new Set(typesOf(events))], ["agent.said", "agent.denied"]);
});

for (
  const { what, clock, holds } of [
    { what: "of one kind within a second no more than 25", clock: () => 0, holds: (count: number) => count === 25 },
    // The 76 KB come in many batches, of 107 lines at most, and each in a second of its own.
    { what: "as many in each second", clock: secondBySecond(), holds: (count: number) => count >= 1000 / 107 * 25 },
  ]
) {
  linuxTest(`agentRunner() records ${what}`, async (stage) => {
    const line = '{"type":"assistant","message":{"content":[{"type":"text","text":"again"}]}}';
    const { events, result } = await stage.play(["-c", `yes '${line}' | head -n 1000`], { clock });
    assert.equal(events.length + result.unrecorded, 1000);
    assert.ok(holds(events.length), `${events.length} were recorded`);
  });
}

function secondBySecond(): () => number {
  let seconds = 0;
  return () => 1000 * seconds++;
}

linuxTest("agentRunner() reports that the agent cut its own raw log", async (stage) => {
  const { events, result } = await stage.play(["-c", `cat '${CLAUDE}'; sleep 0.5; : > /proc/self/fd/1; sleep 0.5`]);
  assert.deepEqual(events.at(-1), { type: "log.cut", bytes: Deno.statSync(CLAUDE).size });
  assert.deepEqual(result.end, { kind: "finished" });
});

linuxTest("agentRunner() ignores garbage", async (stage) => {
  const script = `head -c 3000000 /dev/urandom; printf '\\n\\000\\n{"type":\\n[1]\\nnull\\n'; cat '${CLAUDE}'`;
  const { result } = await stage.play(["-c", script]);
  assert.deepEqual(result.end, { kind: "finished" });
  assert.equal(result.usage.modelCalls, 3);
});

/** What a fresh process held at most, in kB: before it played the shell text, and after. */
async function peaksOf(script: string): Promise<readonly [number, number]> {
  const program = fileURLToPath(new URL("../helpers/flooded.ts", import.meta.url));
  const args = ["run", "-A", "--no-lock", SMALL_NURSERY, program, script];
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), { args, stdin: "null" }).output();
  const text = new TextDecoder();
  assert.equal(code, 0, text.decode(stderr));
  const [before = 0, after = 0] = text.decode(stdout).trim().split(" ").map(Number);
  return [before, after];
}

for (
  const [what, script] of [
    ["tool results", `yes '{"type":"user","message":{"content":"${"x".repeat(2_000)}"}}' | head -c 500000000`],
    ["lines that are no events", `yes '${"no event ".repeat(12)}' | head -c 500000000`],
    ["one line", "head -c 500000000 /dev/zero"],
  ] as const
) {
  Deno.test(slow(onLinux(`agentRunner() follows 500 MB of ${what} in little memory`, async () => {
    const [before, after] = await peaksOf(script);
    // How much garbage V8 lets lie depends on the machine and its load; what it may not depend on is the 500 MB that
    // went by. The benchmark tells the exact figure.
    assert.ok(before > 0 && after - before < 150_000, `${after} kB at most, ${before} kB to begin with`);
  })));
}

Deno.test("agentRunner() reads a run's usage from its log", async () => {
  using stage = new AgentStage();
  const client = {
    name: "x",
    binary: "x",
    argumentsFor: () => [],
    environmentFor: () => ({}),
    readLine: readClaudeLine,
  };
  const provider = agentRunner(client, { name: "played", env: {}, timeoutMs: 1, stallMs: 1 });
  const whole = Deno.readTextFileSync(CLAUDE);
  assert.deepEqual(await provider.recall(stage.folder.at("missing.jsonl")), NO_USAGE);
  assert.equal((await provider.recall(stage.folder.file("whole.jsonl", whole))).costUsd, 0.030059999999999996);
  const torn = whole.trimEnd().slice(0, -10);
  assert.deepEqual(await provider.recall(stage.folder.file("torn.jsonl", torn)), {
    ...NO_USAGE,
    // Three calls, and one as large as the largest: it may have been under way.
    inputTokens: 4300 + 1200,
    outputTokens: 3 + 1,
    cacheReadTokens: 2600 + 100,
    cacheWriteTokens: 900 + 900,
    modelCalls: 3,
    estimatedUsd: 0.03162,
  });
});

for (
  const [limit, over, restMs, tokens] of [["time", undefined, 1_000, 200], ["tokens", "all", undefined, 100]] as const
) {
  linuxTest(`agentRunner() counts a call under way at a limit of time, not of tokens: ${limit}`, async (stage) => {
    const call =
      `echo '{"type":"assistant","message":{"id":"a","model":"claude-opus-5","usage":{"input_tokens":100}}}'`;
    const budget = { restUsd: undefined, restMs, used: () => ({ warnings: [], over }) };
    const { result } = await stage.play(["-c", `${call}; exec sleep 20`], { budget, patience: IMPATIENT });
    assert.deepEqual([result.end.kind, result.usage.inputTokens], ["over-budget", tokens]);
  });
}
