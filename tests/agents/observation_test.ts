import assert from "node:assert/strict";
import {
  addObservation,
  judge,
  NOTHING_SEEN,
  type Observation,
  shortPath,
  type Sum,
  usageOf,
} from "../../src/agents/observation.ts";
import { NO_USAGE, type Usage } from "../../src/workflow/usage.ts";

const USAGE: Usage = { ...NO_USAGE, costUsd: 0.5, inputTokens: 10 };

function verdict(changes: Partial<Extract<Observation, { type: "verdict" }>> = {}): Observation {
  return { type: "verdict", ok: true, cause: "unknown", detail: "said", usage: USAGE, ...changes };
}

function sumOf(...observations: readonly Observation[]): Sum {
  return observations.reduce(addObservation, NOTHING_SEEN);
}

function called(id: string): Observation {
  return { type: "model.called", id };
}

Deno.test("addObservation() counts a model call once, even among calls of sub-agents", () => {
  const mixed = ["a", "a", "b", "a", "c", "b", "c", "a"].map(called);
  assert.deepEqual(usageOf(sumOf(...mixed)), { ...NO_USAGE, modelCalls: 3 });
});

Deno.test("addObservation() keeps its memory bounded over a hundred thousand calls", () => {
  let sum = NOTHING_SEEN;
  for (let call = 0; call < 100_000; call++) sum = addObservation(sum, called(`call ${call}`));
  assert.equal(sum.calls, 100_000);
  assert.equal(sum.recentCalls.length, 64);
});

Deno.test("addObservation() counts denials, and ignores other events", () => {
  const denied: Observation = { type: "agent.denied", tool: "Bash", detail: "no" };
  assert.deepEqual(sumOf(denied, denied), { ...NOTHING_SEEN, denials: 2 });
  const news: readonly Observation[] = [
    { type: "agent.said", text: "hello" },
    { type: "agent.retried", attempt: 1, of: 2, delayMs: 3, detail: "busy" },
    { type: "agent.model_changed", model: "m", detail: "busy" },
  ];
  assert.deepEqual(sumOf(...news), NOTHING_SEEN);
});

Deno.test("addObservation() counts the tools that are running", () => {
  const acted: Observation = { type: "agent.acted", tool: "Bash", about: "ls" };
  const ended: Observation = { type: "tool.ended" };
  assert.equal(sumOf(acted, acted, ended).running, 1);
  assert.equal(sumOf(acted, ended, ended).running, 0);
  assert.equal(sumOf(acted, acted, { type: "model.asked" }).running, 0);
});

Deno.test("addObservation() ignores a warning about a limit", () => {
  const until = "2026-11-20T04:35:19.000Z";
  assert.equal(sumOf({ type: "agent.limited", status: "allowed_warning", until }).limitedUntil, undefined);
  assert.equal(sumOf({ type: "agent.limited", status: "rejected", until }).limitedUntil, until);
});

Deno.test("usageOf() takes the last verdict's totals, without adding them up", () => {
  const last = { ...USAGE, costUsd: 0.75, inputTokens: 15 };
  assert.deepEqual(usageOf(sumOf(called("a"), verdict(), called("b"), verdict({ usage: last }))), {
    ...last,
    modelCalls: 2,
  });
  assert.deepEqual(usageOf(sumOf(called("a"), verdict({ usage: { ...USAGE, modelCalls: 7 } }))), {
    ...USAGE,
    modelCalls: 7,
  });
  assert.deepEqual(usageOf(NOTHING_SEEN), NO_USAGE);
});

Deno.test("judge() requires a successful verdict, whatever the exit code", () => {
  assert.deepEqual(judge(sumOf(verdict()), { code: 1, signal: undefined }, "noise"), { kind: "finished" });
  for (const code of [0, 1, 2, 127]) {
    assert.notEqual(judge(NOTHING_SEEN, { code, signal: undefined }, "").kind, "finished");
  }
});

Deno.test("judge() tells a failed setup from a crash by whether the agent started", () => {
  const exit = { code: 2, signal: undefined };
  const detail = "exit code 2 without a result: second";
  assert.deepEqual(judge(NOTHING_SEEN, exit, "first\n second \n\n"), {
    kind: "crashed",
    cause: "setup",
    detail,
    exitCode: 2,
  });
  const started = sumOf({ type: "agent.started", model: "m", version: "1", id: "x" });
  assert.deepEqual(judge(started, exit, "first\nsecond"), { kind: "crashed", cause: "unknown", detail, exitCode: 2 });
});

const FOLDERS = ["/p/repo", "/p/repo/sessions/26-11-20-greet"];

Deno.test("shortPath() removes the longest folder that contains a path", () => {
  assert.equal(shortPath("/p/repo/src/auth.ts", FOLDERS), "src/auth.ts");
  assert.equal(shortPath("/p/repo/sessions/26-11-20-greet/_overview.md", FOLDERS), "_overview.md");
  assert.equal(shortPath("C:\\repo\\a.ts", ["C:\\repo"]), "a.ts");
});

Deno.test("shortPath() keeps other paths, the folder itself, and other texts", () => {
  for (const text of ["/p/repository/a.ts", "/p/repo", "/p/repo/", "src/a.ts", "ls /p/repo/src", "", "/etc/passwd"]) {
    assert.equal(shortPath(text, FOLDERS), text);
  }
});

function used(id: string, outputTokens: number, model = "claude-opus-5-5"): Observation {
  const tokens = { ...NO_USAGE, inputTokens: 100_000, outputTokens };
  return { type: "tokens.used", id, model, tokens, isWhole: true };
}

Deno.test("usageOf() counts each call once by the most it told, at list price, where no cost was reported", () => {
  const sum = sumOf(used("a", 1), used("a", 20_000, ""), used("b", 1), used("a", 1));
  const { estimatedUsd = 0, ...tokens } = usageOf(sum);
  assert.deepEqual(tokens, { ...NO_USAGE, inputTokens: 200_000, outputTokens: 20_001 });
  assert.ok(Math.abs(estimatedUsd - 1.20002) < 1e-9, `${estimatedUsd}`);
});

Deno.test("usageOf() counts a call that may have been under way as the largest, and only where it was cut short", () => {
  const sum = sumOf(used("a", 20_000), used("b", 1));
  assert.equal(usageOf(sum, { isCutShort: true }).inputTokens, 300_000);
  assert.equal(usageOf(addObservation(sum, verdict()), { isCutShort: true }).inputTokens, 200_000);
});

Deno.test("usageOf() takes the model from its calls where nothing else tells it", () => {
  const start: Observation = { type: "agent.started", model: "", version: "", id: "" };
  const tokens = { ...NO_USAGE, inputTokens: 100_000, outputTokens: 20_000 };
  const end = verdict({ usage: tokens });
  for (const order of [[start, used("a", 20_000, "gpt-5.5"), end], [used("a", 20_000, "gpt-5.5"), start, end]]) {
    assert.ok(Math.abs((usageOf(sumOf(...order)).estimatedUsd ?? 0) - 1.1) < 1e-9);
  }
});

Deno.test("usageOf() believes a cost that fits what was seen, and no lower one", () => {
  const start: Observation = { type: "agent.started", model: "claude-opus-5-5", version: "", id: "" };
  const told = (costUsd: number) =>
    usageOf(sumOf(start, used("a", 20_000), verdict({ usage: { ...NO_USAGE, costUsd } }))).estimatedUsd;
  assert.deepEqual([0.8, 0.795, 2].map(told), [undefined, undefined, undefined]);
  assert.ok(Math.abs((told(0) ?? 0) - 0.8) < 1e-9, "forged in the raw log, for example");
});
