/**
 * Claude Code's stream, read from recorded runs of the versions 2.1.197 and 2.1.328 and from lines written after them.
 *
 * @module
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { mayBeClaudeEvent, readClaudeLine } from "../../../src/agents/claude/stream.ts";
import { addObservation, NOTHING_SEEN, type Observation, type Sum } from "../../../src/agents/observation.ts";
import type { IterationEnd } from "../../../src/workflow/iteration_end.ts";
import type { Usage } from "../../../src/workflow/usage.ts";
import { assertSound, type Ending, type RecordedRun, testStream } from "../../helpers/stream_suite.ts";

const RECORDED: readonly RecordedRun[] = [
  {
    stream: "2.1.197-success",
    exitCode: 0,
    seen: [
      "started claude-opus-4-8 2.1.197",
      "said Setting up.",
      "acted Write: /home/dev/app/e1-old-plain/sessions/26-11-20-demo/_overview.md",
      "acted Bash: git -C /home/dev/app/e1-old-plain/sessions/26-11-20-demo status 2>&1 | head -3; pwd; id -u",
      "acted Write: /home/dev/app/e1-old-plain/sessions/26-11-20-demo/_signal.json",
      "said Initialised.",
      "ok, 0.038225 USD: Initialised.",
    ],
    end: { kind: "finished" },
    usage: usage(0.038225, 4300, 392, 2600, 900, 3),
    denials: 0,
  },
  {
    stream: "2.1.328-success",
    exitCode: 0,
    seen: [
      "started claude-opus-5-5 2.1.328",
      "said Setting up.",
      "acted Write: /home/dev/app/e1-latest-plain/sessions/26-11-20-demo/_overview.md",
      "acted Bash: git -C /home/dev/app/e1-latest-plain/sessions/26-11-20-demo status 2>&1 | head -3; pwd; id -u",
      "acted Write: /home/dev/app/e1-latest-plain/sessions/26-11-20-demo/_signal.json",
      "said Initialised.",
      "ok, 0.030059999999999996 USD: Initialised.",
    ],
    end: { kind: "finished" },
    usage: usage(0.030059999999999996, 4300, 392, 2600, 900, 3),
    denials: 0,
  },
  {
    stream: "400",
    exitCode: 1,
    seen: [
      "started claude-opus-5-5 2.1.328",
      "said API Error: 400 messages: bad thing",
      "request, 0 USD: API Error: 400 messages: bad thing",
    ],
    end: { kind: "crashed", cause: "request", detail: "API Error: 400 messages: bad thing", exitCode: 1 },
    usage: usage(0, 0, 0, 0, 0, 0),
    denials: 0,
  },
  {
    stream: "529-after-retries",
    exitCode: 1,
    seen: [
      "started claude-opus-5-5 2.1.328",
      "retried 1 of 2 in 537: overloaded (529)",
      "retried 2 of 2 in 1070: overloaded (529)",
      "said API Error: 529 Overloaded. This is a server-side issue, usually temporary — try again in a moment. If it persists, check your inference gateway (127.0.0.1:44111).",
      "service, 0 USD: API Error: 529 Overloaded. This is a server-side issue, usually temporary — try again in a moment. If it persists, check your inference gateway (127.0.0.1:44111).",
    ],
    end: {
      kind: "crashed",
      cause: "service",
      detail:
        "API Error: 529 Overloaded. This is a server-side issue, usually temporary — try again in a moment. If it persists, check your inference gateway (127.0.0.1:44111).",
      exitCode: 1,
    },
    usage: usage(0, 0, 0, 0, 0, 0),
    denials: 0,
  },
  {
    stream: "background-bash",
    exitCode: 0,
    seen: [
      "started claude-opus-5-5 2.1.328",
      "acted Bash: sleep 25; echo bgdone",
      "said main end",
      "ok, 0.101176 USD: main end",
      "started claude-opus-5-5 2.1.328",
      "said after notification",
      "ok, 0.15282400000000002 USD: after notification",
    ],
    end: { kind: "finished" },
    usage: usage(0.15282400000000002, 37906, 60, 0, 0, 3),
    denials: 0,
  },
  {
    stream: "background-subagent",
    exitCode: 0,
    seen: [
      "started claude-opus-5-5 2.1.328",
      "acted Agent: do sub",
      "said main end",
      "said sub thinking",
      "acted Bash: echo from sub > sub.txt",
      "said SUB RESULT",
      "started claude-opus-5-5 2.1.328",
      "said Done.",
      "ok, 0.216 USD: main end",
      "ok, 0.216 USD: Done.",
    ],
    end: { kind: "finished" },
    usage: usage(0.216, 53435, 113, 0, 0, 5),
    denials: 0,
  },
  {
    stream: "fallback-model",
    exitCode: 0,
    seen: [
      "started claude-opus-5-5 2.1.328",
      "retried 1 of 10 in 507: overloaded (529)",
      "retried 2 of 10 in 1031: overloaded (529)",
      "model claude-sonnet-5-5: Switched to Sonnet 5.5 due to high demand for Opus 5.5",
      "said from fallback",
      "ok, 0.025024 USD: from fallback",
    ],
    end: { kind: "finished" },
    usage: usage(0.025024, 12462, 10, 0, 0, 1),
    denials: 0,
  },
  {
    stream: "hook-events",
    exitCode: 0,
    seen: ["started claude-opus-5-5 2.1.328", "said x", "ok, 0.05004 USD: x"],
    end: { kind: "finished" },
    usage: usage(0.05004, 12475, 7, 0, 0, 1),
    denials: 0,
  },
  {
    stream: "json-schema",
    exitCode: 0,
    seen: [
      "started claude-opus-5-5 2.1.328",
      "acted StructuredOutput: ",
      'ok, 0.050888 USD: {"status":"continue","phase":"planning"}',
    ],
    end: { kind: "finished" },
    usage: usage(0.050888, 12562, 32, 0, 0, 1),
    denials: 0,
  },
  {
    stream: "max-budget",
    exitCode: 1,
    seen: [
      "started claude-opus-4-8 2.1.197",
      "acted Bash: echo turn 0",
      "acted Bash: echo turn 1",
      "budget, 0.15000000000000002 USD: Reached maximum budget ($0.1)",
    ],
    end: { kind: "over-budget", detail: "Reached maximum budget ($0.1)" },
    usage: usage(0.15000000000000002, 20000, 2000, 0, 0, 2),
    denials: 0,
  },
  {
    stream: "max-turns",
    exitCode: 1,
    seen: [
      "started claude-opus-4-8 2.1.197",
      "acted Bash: echo turn 0",
      "acted Bash: echo turn 1",
      "acted Bash: echo turn 2",
      "turns, 0.22500000000000003 USD: Reached maximum number of turns (3)",
    ],
    end: { kind: "crashed", cause: "turns", detail: "Reached maximum number of turns (3)", exitCode: 1 },
    usage: usage(0.22500000000000003, 30000, 3000, 0, 0, 3),
    denials: 0,
  },
  {
    stream: "mcp-call",
    exitCode: 0,
    seen: [
      "started claude-opus-5-5 2.1.328",
      "acted mcp__samo__status: ",
      "acted mcp__samo__nostruct: ",
      "acted mcp__samo__fail: ",
      "acted mcp__samo__throws: ",
      "said fin",
      "ok, 0.257388 USD: fin",
    ],
    end: { kind: "finished" },
    usage: usage(0.257388, 63827, 104, 0, 0, 5),
    denials: 0,
  },
  {
    stream: "partial-messages",
    exitCode: 0,
    seen: ["started claude-opus-5-5 2.1.328", "said hello world", "ok, 0.05004 USD: hello world"],
    end: { kind: "finished" },
    usage: usage(0.05004, 12460, 10, 0, 0, 1),
    denials: 0,
  },
  {
    stream: "permission-denied",
    exitCode: 0,
    seen: [
      "started claude-opus-5-5 2.1.328",
      "said Setting up.",
      "acted Write: /home/dev/app/e1-latest-none/sessions/26-11-20-demo/_overview.md",
      "acted Bash: git -C /home/dev/app/e1-latest-none/sessions/26-11-20-demo status 2>&1 | head -3; pwd; id -u",
      "denied Write: Claude requested permissions to write to /home/dev/app/e1-latest-none/sessions/26-11-20-demo/_overview.md, but you haven't granted it yet.",
      "denied Bash: This Bash command contains multiple operations. The following part requires approval: git -C /home/dev/app/e1-latest-none/sessions/26-11-20-demo status 2>&1",
      "acted Write: /home/dev/app/e1-latest-none/sessions/26-11-20-demo/_signal.json",
      "denied Write: Claude requested permissions to write to /home/dev/app/e1-latest-none/sessions/26-11-20-demo/_signal.json, but you haven't granted it yet.",
      "said Initialised.",
      "ok, 0.030059999999999996 USD: Initialised.",
    ],
    failed: ["git -C /home/dev/app/e1-latest-none/sessions/26-11-20-demo status 2>&1 | head -3; pwd; id -u"],
    end: { kind: "finished" },
    usage: usage(0.030059999999999996, 4300, 392, 2600, 900, 3),
    denials: 3,
  },
  {
    stream: "rate-limit-warning",
    exitCode: 0,
    seen: [
      "started claude-opus-5-5 2.1.328",
      "said recovered",
      "limited allowed_warning until 2026-11-20T03:35:19.000Z",
      "ok, 0.0006000000000000001 USD: recovered",
    ],
    end: { kind: "finished" },
    usage: usage(0.0006000000000000001, 100, 10, 0, 0, 1),
    denials: 0,
  },
  {
    stream: "sigint-during-bash",
    exitCode: 0,
    seen: [
      "started claude-opus-5-5 2.1.328",
      "said sleeping",
      "acted Bash: echo $$ > pidfile; sleep 300; echo done",
      "interrupted, 0.050832 USD: [ede_diagnostic] result_type=user last_content_type=n/a stop_reason=tool_use",
    ],
    failed: ["echo $$ > pidfile; sleep 300; echo done"],
    end: {
      kind: "crashed",
      cause: "interrupted",
      detail: "[ede_diagnostic] result_type=user last_content_type=n/a stop_reason=tool_use",
      exitCode: 0,
    },
    usage: usage(0.050832, 12463, 49, 0, 0, 1),
    denials: 0,
  },
  {
    stream: "stop-hook",
    exitCode: 0,
    seen: ["started claude-opus-5-5 2.1.328", "said x", "said x", "ok, 0.10024 USD: x"],
    end: { kind: "finished" },
    usage: usage(0.10024, 24990, 14, 0, 0, 2),
    denials: 0,
  },
  {
    stream: "usage-limit",
    exitCode: 1,
    seen: [
      "started claude-opus-5-5 2.1.328",
      "limited rejected until 2026-11-20T04:35:19.000Z",
      "said You've hit your limit · resets 4:35am (UTC)",
      "limit, 0 USD: You've hit your limit · resets 4:35am (UTC)",
    ],
    end: {
      kind: "rate-limited",
      until: "2026-11-20T04:35:19.000Z",
      detail: "You've hit your limit · resets 4:35am (UTC)",
    },
    usage: usage(0, 0, 0, 0, 0, 0),
    denials: 0,
  },
];

const INIT = { type: "system", subtype: "init", model: "opus", claude_code_version: "2.1.328", session_id: "s" };
const API_ERROR = { type: "result", subtype: "success", is_error: true, terminal_reason: "api_error" };
const RETRY = { type: "system", subtype: "api_retry", attempt: 1, max_retries: 10, retry_delay_ms: 600 };
const INTERRUPTED = { type: "user", message: { content: [{ type: "text", text: "[Request interrupted by user]" }] } };
const GOOD = { type: "result", subtype: "success", is_error: false, terminal_reason: "completed", result: "Done." };
const ONE = { code: 1, signal: undefined };
const ZERO = { code: 0, signal: undefined };

function refused(status: number | null, result: string, more: Readonly<Record<string, unknown>> = {}): unknown {
  return { ...API_ERROR, api_error_status: status, result, ...more };
}

function crash(
  cause: Extract<IterationEnd, { kind: "crashed" }>["cause"],
  detail: string,
  exitCode?: number,
): IterationEnd {
  return { kind: "crashed", cause, detail, exitCode };
}

const LIMIT_END = "2026-11-20T04:35:19.000Z";
const LIMITED = {
  type: "rate_limit_event",
  rate_limit_info: { status: "rejected", resetsAt: Date.parse(LIMIT_END) / 1000, rateLimitType: "five_hour" },
};

const ENDINGS: readonly Ending[] = [
  { when: "done", exit: ZERO, lines: [INIT, GOOD], end: { kind: "finished" }, then: "go on" },
  {
    when: "done, killed after its last word",
    exit: { code: undefined, signal: "SIGKILL" },
    lines: [INIT, GOOD],
    end: { kind: "finished" },
    then: "go on",
  },
  {
    when: "max turns",
    exit: ONE,
    lines: [INIT, {
      type: "result",
      subtype: "error_max_turns",
      is_error: true,
      terminal_reason: "max_turns",
      errors: ["Reached maximum number of turns (3)"],
    }],
    end: crash("turns", "Reached maximum number of turns (3)", 1),
    then: "try again",
  },
  {
    when: "max budget",
    exit: ONE,
    lines: [INIT, {
      type: "result",
      subtype: "error_max_budget_usd",
      is_error: true,
      errors: ["Reached maximum budget"],
    }],
    end: { kind: "over-budget", detail: "Reached maximum budget" },
    then: "nothing",
  },
  {
    when: "401 after retries",
    exit: ONE,
    lines: [
      INIT,
      { ...RETRY, error_status: 401, error: "authentication_failed" },
      refused(401, "API Error: 401 bad key"),
    ],
    end: crash("auth", "API Error: 401 bad key", 1),
    then: "block",
  },
  {
    when: "403",
    exit: ONE,
    lines: [INIT, refused(403, "Failed to authenticate. API Error: 403 no")],
    end: crash("auth", "Failed to authenticate. API Error: 403 no", 1),
    then: "block",
  },
  {
    when: "not logged in",
    exit: ONE,
    lines: [INIT, refused(null, "Not logged in · Please run /login")],
    end: crash("auth", "Not logged in · Please run /login", 1),
    then: "block",
  },
  {
    when: "no credit",
    exit: ONE,
    lines: [INIT, refused(400, "Credit balance is too low")],
    end: crash("billing", "Credit balance is too low", 1),
    then: "block",
  },
  {
    when: "400",
    exit: ONE,
    lines: [INIT, refused(400, "API Error: 400 x")],
    end: crash("request", "API Error: 400 x", 1),
    then: "block",
  },
  {
    when: "prompt too long",
    exit: ONE,
    lines: [INIT, refused(400, "Prompt is too long", { terminal_reason: "prompt_too_long" })],
    end: crash("request", "Prompt is too long", 1),
    then: "block",
  },
  {
    when: "unknown model",
    exit: ONE,
    lines: [INIT, refused(404, "There is no such model")],
    end: crash("request", "There is no such model", 1),
    then: "block",
  },
  {
    when: "413",
    exit: ONE,
    lines: [INIT, refused(413, "Too large", { terminal_reason: "image_error" })],
    end: crash("request", "Too large", 1),
    then: "block",
  },
  {
    when: "refusal",
    exit: ONE,
    lines: [INIT, { type: "result", subtype: "success", is_error: true, stop_reason: "refusal", result: "Refused" }],
    end: crash("request", "Refused", 1),
    then: "block",
  },
  {
    when: "usage limit with a known end",
    exit: ONE,
    lines: [INIT, LIMITED, refused(429, "You've hit your limit", { api_error: "usage_limit_reached" })],
    end: { kind: "rate-limited", until: LIMIT_END, detail: "You've hit your limit" },
    then: "wait",
  },
  {
    when: "429 with a key",
    exit: ONE,
    lines: [INIT, refused(429, "API Error: Request rejected (429)")],
    end: { kind: "rate-limited", until: undefined, detail: "API Error: Request rejected (429)" },
    then: "outlast",
  },
  ...[500, 502, 529].map((status): Ending => ({
    when: `${status} after retries`,
    exit: ONE,
    lines: [INIT, { ...RETRY, error_status: status, error: "server_error" }, refused(status, "Overloaded")],
    end: crash("service", "Overloaded", 1),
    then: "outlast",
  })),
  {
    when: "connection refused",
    exit: ONE,
    lines: [
      INIT,
      { ...RETRY, error_status: null },
      refused(null, "Unable to connect", { api_error: "connection_failed" }),
    ],
    end: crash("network", "Unable to connect", 1),
    then: "outlast",
  },
  {
    when: "no answer in time",
    exit: ONE,
    lines: [INIT, refused(null, "Request timed out")],
    end: crash("network", "Request timed out", 1),
    then: "outlast",
  },
  {
    when: "SIGINT while a tool ran",
    exit: ZERO,
    lines: [INIT, {
      type: "result",
      subtype: "error_during_execution",
      is_error: true,
      terminal_reason: "aborted_tools",
      errors: ["aborted"],
    }],
    end: crash("interrupted", "aborted", 0),
    then: "try again",
  },
  {
    when: "SIGINT while it waited for the model",
    exit: ZERO,
    lines: [INIT, INTERRUPTED],
    end: crash("interrupted", "exit code 0 without a result", 0),
    then: "try again",
  },
  ...["SIGTERM", "SIGHUP", "SIGKILL"].map((signal): Ending => ({
    when: signal,
    exit: { code: undefined, signal },
    lines: [INIT],
    end: crash("interrupted", `ended by ${signal} without a result`),
    then: "try again",
  })),
  {
    when: "bad flag",
    exit: ONE,
    lines: [],
    stderr: "error: unknown option '--nope'\n",
    end: crash("setup", "exit code 1 without a result: error: unknown option '--nope'", 1),
    then: "block",
  },
  {
    when: "missing agent",
    exit: ONE,
    lines: [],
    stderr: "Warning: something\n--agent 'x' not found. Available agents: y\n",
    end: crash("setup", "exit code 1 without a result: --agent 'x' not found. Available agents: y", 1),
    then: "block",
  },
  {
    when: "death in the middle, with a word on standard error",
    exit: ONE,
    lines: [INIT],
    stderr: "out of memory\n",
    end: crash("unknown", "exit code 1 without a result: out of memory", 1),
    then: "try again",
  },
  {
    when: "silent death",
    exit: ONE,
    lines: [],
    end: crash("unknown", "exit code 1 without a result", 1),
    then: "try again",
  },
  {
    when: "a second, bad result",
    exit: ONE,
    lines: [INIT, GOOD, refused(529, "Overloaded")],
    end: crash("service", "Overloaded", 1),
    then: "outlast",
  },
  {
    when: "a second, good result",
    exit: ZERO,
    lines: [INIT, refused(529, "Overloaded"), GOOD],
    end: { kind: "finished" },
    then: "go on",
  },
  {
    when: "a result that does not say how it went",
    exit: ZERO,
    lines: [INIT, { type: "result", subtype: "success", result: "Done." }],
    end: crash("unknown", "Done.", 0),
    then: "try again",
  },
];

testStream({
  name: "claude",
  title: "Claude Code",
  read: readClaudeLine,
  maxText: 310,
  recorded: RECORDED,
  endings: ENDINGS,
  now: new Date(Date.parse(LIMIT_END) - 3_600_000),
  known: '{"type":"assistant","message":',
});

Deno.test("readClaudeLine() cuts every text, however long the line", () => {
  const long = "x".repeat(5_000_000);
  const block = { type: "tool_use", name: long, input: { command: long } };
  const events = [
    { type: "system", subtype: "init", model: long, claude_code_version: long, session_id: long },
    { type: "system", subtype: "permission_denied", tool_name: long, message: long },
    { type: "system", subtype: "api_retry", error: long },
    { type: "system", subtype: "model_fallback", fallback_model: long, content: long },
    { type: "assistant", message: { id: long, content: [{ type: "text", text: long }, block] } },
    { type: "rate_limit_event", rate_limit_info: { status: long } },
    { type: "result", subtype: long, result: long, errors: [long, long] },
  ];
  const observations = events.flatMap((event) => readClaudeLine(JSON.stringify(event)));
  assert.equal(observations.length, 9);
  observations.forEach((observation) => assertSound(observation, 310));
});

Deno.test("readClaudeLine() ignores impossible dates, counts and costs", () => {
  const limit = (resetsAt: unknown): readonly Observation[] =>
    readClaudeLine(JSON.stringify({ type: "rate_limit_event", rate_limit_info: { status: "rejected", resetsAt } }));
  const unknown = [{ type: "agent.limited", status: "rejected", until: undefined }];
  for (const resetsAt of [1e300, 8.65e12, -1, 0, "soon", null]) assert.deepEqual(limit(resetsAt), unknown);
  const [verdict] = readClaudeLine(
    '{"type":"result","is_error":false,"total_cost_usd":1e999,"modelUsage":{"a":{"inputTokens":-5,"outputTokens":1e999}}}',
  );
  assert.deepEqual(verdict, {
    type: "verdict",
    ok: true,
    cause: "unknown",
    detail: "",
    usage: { ...usage(0, 0, 0, 0, 0, 0), costUsd: undefined },
  });
  const [negative] = readClaudeLine('{"type":"result","is_error":false,"total_cost_usd":-3}');
  assert.deepEqual(negative, verdict);
});

function usage(...figures: readonly [number, number, number, number, number, number]): Usage {
  const [costUsd, inputTokens, outputTokens, cacheReadTokens, cacheWriteTokens, modelCalls] = figures;
  return { costUsd, inputTokens, outputTokens, cacheReadTokens, cacheWriteTokens, modelCalls };
}

/** As Claude Code 2.1.328 printed it for `exit 3`; a good result has the id first. */
const FAILED_COMMAND =
  '{"type":"user","message":{"role":"user","content":[{"type":"tool_result","content":"Exit code 3\\nout\\nerr","is_error":true,"tool_use_id":"t1"}]},"parent_tool_use_id":null}';
const GOOD_COMMAND =
  '{"type":"user","message":{"role":"user","content":[{"tool_use_id":"t2","type":"tool_result","content":"fine","is_error":false}]},"parent_tool_use_id":null}';

Deno.test("readClaudeLine() tells which command failed, and a later run of it counts", () => {
  const runs = (id: string, command: string): string =>
    JSON.stringify({
      type: "assistant",
      message: { content: [{ type: "tool_use", id, name: "Bash", input: { command } }] },
    });
  const failedAfter = (...lines: readonly string[]): readonly string[] =>
    lines.flatMap((line) => readClaudeLine(line)).reduce<Sum>(addObservation, NOTHING_SEEN).failed;
  assert.deepEqual(failedAfter(runs("t1", "npm test"), FAILED_COMMAND, runs("t2", "ls"), GOOD_COMMAND), ["npm test"]);
  assert.deepEqual(failedAfter(runs("t1", "npm test"), FAILED_COMMAND, runs("t2", "npm test"), GOOD_COMMAND), []);
  const reordered = FAILED_COMMAND.replace('"type":"tool_result",', "").replace('"t1"', '"t1","type":"tool_result"');
  assert.deepEqual(failedAfter(runs("t1", "npm test"), reordered), ["npm test"], "in any order of keys");
  assert.equal(mayBeClaudeEvent(FAILED_COMMAND.slice(0, 64)), true, "also where the line is long");
  assert.equal(mayBeClaudeEvent(GOOD_COMMAND.slice(0, 64)), false);
});

Deno.test("mayBeClaudeEvent() accepts every line that says something, wherever its type is", () => {
  for (const type of ["system", "assistant", "rate_limit_event", "result"]) {
    assert.equal(mayBeClaudeEvent(`{"type":"${type}","a":1}`), true);
  }
  for (const subtype of ["init", "api_retry", "permission_denied", "model_fallback"]) {
    assert.equal(mayBeClaudeEvent(`{"type":"system","subtype":"${subtype}","a":1}`), true);
    assert.notDeepEqual(readClaudeLine(JSON.stringify({ type: "system", subtype })), []);
  }
  for (
    const line of [
      '{"a":1,"type":"result"}',
      '{ "type": "result"}',
      '{"type": "user"}',
      '{"type":"system","a":1,"subtype":"init"}',
      '{"type":"system", "subtype":"init"}',
      "{",
    ]
  ) {
    assert.equal(mayBeClaudeEvent(line), true, line);
  }
  for (
    const line of [
      '{"type":"user","message":{}}',
      '{"type":"stream_event"}',
      '{"type":"system","subtype":"thinking_tokens","estimated_tokens":4}',
      '{"type":"system","subtype":"init_more"}',
      "plain text",
      "",
    ]
  ) {
    assert.equal(mayBeClaudeEvent(line), false, line);
    assert.deepEqual(readClaudeLine(line), []);
  }
});

Deno.test("readClaudeLine() tells when the model is asked, and when a call is answered", () => {
  const path = join(import.meta.dirname ?? ".", "..", "..", "fixtures", "streams", "claude-partial-messages.jsonl");
  const told = Deno.readTextFileSync(path).split("\n").flatMap(readClaudeLine)
    .flatMap((seen) => {
      if (seen.type === "model.asked") return ["asked"];
      return seen.type === "tokens.used" ? [seen.isWhole ? "answered" : "begun"] : [];
    });
  assert.deepEqual(told, ["asked", "asked", "begun", "begun", "answered"]);
});
