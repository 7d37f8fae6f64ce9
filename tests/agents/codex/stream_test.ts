/**
 * Codex's stream, read from recorded runs of the version 0.169.0 and from lines written after them.
 *
 * @module
 */
import assert from "node:assert/strict";
import { readCodexCall, readCodexLine } from "../../../src/agents/codex/stream.ts";
import { addObservation, NOTHING_SEEN, type Observation, usageOf } from "../../../src/agents/observation.ts";
import type { Exit } from "../../../src/system/processes/spawn_child.ts";
import type { IterationEnd } from "../../../src/workflow/iteration_end.ts";
import { NO_USAGE, type Usage } from "../../../src/workflow/usage.ts";
import {
  assertSound,
  type Ending as JudgedEnding,
  inWords,
  type RecordedRun,
  testStream,
} from "../../helpers/stream_suite.ts";

/** In local time, as Codex tells it: an hour before "4:58 AM" is over. */
const NOW = new Date(2026, 10, 20, 3, 59);
const LIMIT_END = new Date(2026, 10, 20, 4, 59).toISOString();
const LIMIT_TEXT =
  "You’ve hit your usage limit. Visit https://chatgpt.com/settings/usage to purchase more credits or try again at 4:58 AM.";

const RATE_LIMIT = "exceeded retry limit, last status: 429 Too Many Requests, request id: ";

const RECORDED: readonly Omit<RecordedRun, "denials">[] = [
  {
    stream: "429",
    exitCode: 1,
    seen: [
      "started",
      `retried 1 of 5: ${RATE_LIMIT}req_fake0000467ad23e2e`,
      `retried 2 of 5: ${RATE_LIMIT}req_fake000048985bd575`,
      `retried 3 of 5: ${RATE_LIMIT}req_fake000050530f7a1f`,
      `retried 4 of 5: ${RATE_LIMIT}req_fake000052d2cd400a`,
      `retried 5 of 5: ${RATE_LIMIT}req_fake000054625f2cfb`,
      `limit: ${RATE_LIMIT}req_fake000056a344b5a8`,
      "limited rejected until undefined",
      `limit: ${RATE_LIMIT}req_fake000056a344b5a8`,
    ],
    end: { kind: "rate-limited", until: undefined, detail: `${RATE_LIMIT}req_fake000056a344b5a8` },
    usage: NO_USAGE,
  },
  {
    stream: "failed-command",
    exitCode: 0,
    seen: ["started", "acted Shell: exit 3", "acted Shell: sleep 1; echo slow", "said end", "ok"],
    end: { kind: "finished" },
    usage: usage(39056, 233, 0, 3),
    failed: ["exit 3"],
  },
  {
    stream: "mcp-call",
    exitCode: 0,
    seen: [
      "started",
      "acted mcp__samo__status: ",
      "acted mcp__samo__nostruct: ",
      "acted mcp__samo__fail: ",
      "acted mcp__samo__slow: ",
      "acted mcp__samo__ask: ",
      "said fin",
      "ok",
    ],
    end: { kind: "finished" },
    usage: usage(61885, 263, 0, 6),
  },
  {
    stream: "success",
    exitCode: 0,
    seen: [
      "started",
      "said Setting up.",
      "acted Shell: echo hello > hello.txt; pwd; id -u",
      "acted Edit: /home/dev/app/x1/repo/_signal.json",
      "said Initialised.",
      "ok",
    ],
    end: { kind: "finished" },
    usage: usage(20598, 413, 4000, 3),
  },
  {
    stream: "usage-limit",
    exitCode: 1,
    seen: ["started", `limit: ${LIMIT_TEXT}`, `limited rejected until ${LIMIT_END}`, `limit: ${LIMIT_TEXT}`],
    end: { kind: "rate-limited", until: LIMIT_END, detail: LIMIT_TEXT },
    usage: NO_USAGE,
  },
];

/** An ending without its lines is one of which only the failure's text matters. */
interface Ending extends Pick<JudgedEnding, "when" | "end" | "then" | "stderr"> {
  readonly fails?: string;
  readonly lines?: readonly unknown[];
  readonly exit?: Exit;
}

const ZERO: Exit = { code: 0, signal: undefined };
const ONE: Exit = { code: 1, signal: undefined };
const BEGUN = [{ type: "thread.started", thread_id: "t" }, { type: "turn.started" }];
const GOOD = { type: "turn.completed", usage: { input_tokens: 1, output_tokens: 1 } };

function error(message: string): unknown {
  return { type: "error", message };
}

function reconnecting(why: string): readonly unknown[] {
  return [1, 2, 3, 4, 5].map((attempt) => error(`Reconnecting... ${attempt}/5 (${why})`));
}

function failed(message: string): unknown {
  return { type: "turn.failed", error: { message } };
}

type Crash = Extract<IterationEnd, { kind: "crashed" }>;

/** A failure that is told in words, and blocks or is tried again as its cause has it. */
function told(when: string, cause: Crash["cause"], fails: string): Ending {
  const isOut = cause === "service" || cause === "network";
  const then = isOut ? "outlast" : cause === "unknown" ? "try again" : "block";
  return { when, fails, end: { kind: "crashed", cause, detail: fails, exitCode: 1 }, then };
}

function limit(when: string, fails: string, until?: string): Ending {
  return {
    when,
    fails,
    end: { kind: "rate-limited", until, detail: fails },
    then: until === undefined ? "outlast" : "wait",
  };
}

const HTTP = "url: http://127.0.0.1:1/v1/responses, request id: r";
const BODY = { error: { message: "bad thing", type: "invalid_request_error" } };

const ENDINGS: readonly Ending[] = [
  { when: "done", lines: [...BEGUN, GOOD], exit: ZERO, end: { kind: "finished" }, then: "go on" },
  {
    when: "done, after the connection was cut",
    lines: [...BEGUN, ...reconnecting("stream disconnected before completion").slice(0, 2), GOOD],
    exit: ZERO,
    end: { kind: "finished" },
    then: "go on",
  },
  {
    when: "done, killed after its last word",
    lines: [...BEGUN, GOOD],
    exit: { code: undefined, signal: "SIGKILL" },
    end: { kind: "finished" },
    then: "go on",
  },
  told("401", "auth", `unexpected status 401 Unauthorized: Incorrect API key provided., ${HTTP}`),
  told("403", "auth", `unexpected status 403 Forbidden: Forbidden, ${HTTP}`),
  told("no key", "auth", "Missing environment variable: `OPENAI_API_KEY`."),
  told("login expired", "auth", "Your access token could not be refreshed. Please log out and sign in again."),
  limit("usage limit with its end", LIMIT_TEXT, LIMIT_END),
  limit("usage limit without its end", "You’ve hit your usage limit. Try again later."),
  limit("usage limit of a free plan", "You’ve hit your usage limit. Upgrade to Plus to continue, or try again later."),
  limit("429", `${RATE_LIMIT}r`),
  limit("429 in the stream", "rate limit exceeded: Rate limit reached for gpt. Please try again in 2.5s."),
  told("402", "billing", `unexpected status 402 Payment Required: pay, ${HTTP}`),
  told("no quota", "billing", "Quota exceeded. Check your plan and billing details."),
  told("no credits", "billing", "Your workspace is out of credits. Add credits to continue."),
  told("spend cap", "billing", "You hit your spend cap set in your workspace. Increase your spend cap to continue."),
  told("no plan", "billing", "To use Codex with your ChatGPT plan, upgrade to Plus: https://chatgpt.com/explore/plus."),
  told(
    "context too long",
    "request",
    "Codex ran out of room in the model's context window. Start a new thread or clear earlier history before retrying.",
  ),
  told("unknown model", "request", "The model does not exist or you do not have access to it."),
  told("413", "request", `unexpected status 413 Payload Too Large: too big, ${HTTP}`),
  told("refused prompt", "request", "Invalid prompt: flagged"),
  told("refused content", "request", "This request has been flagged for possible cybersecurity risk."),
  {
    when: "400",
    fails: JSON.stringify(BODY),
    end: { kind: "crashed", cause: "request", detail: "bad thing", exitCode: 1 },
    then: "block",
  },
  told("500", "service", "We’re currently experiencing high demand, which may cause temporary errors."),
  told("503", "service", "Selected model is at capacity. Please try a different model."),
  told("529", "service", `unexpected status 529 <unknown status code>: over, ${HTTP}`),
  told("cut stream", "service", "stream disconnected before completion: stream closed before response.completed"),
  told("silent stream", "service", "stream disconnected before completion: idle timeout waiting for SSE"),
  told("cut connection", "network", "stream disconnected before completion: error sending request"),
  told("something new", "unknown", "The moon is in the wrong house."),
  {
    when: "death after it said why, before it said that it failed",
    lines: [...BEGUN, error(LIMIT_TEXT)],
    end: { kind: "rate-limited", until: undefined, detail: LIMIT_TEXT },
    then: "outlast",
  },
  {
    when: "interrupted by somebody else",
    lines: BEGUN,
    end: { kind: "crashed", cause: "unknown", detail: "exit code 1 without a result", exitCode: 1 },
    then: "try again",
  },
  ...["SIGTERM", "SIGKILL", "SIGHUP"].map((signal): Ending => ({
    when: signal,
    lines: BEGUN,
    exit: { code: undefined, signal },
    end: { kind: "crashed", cause: "interrupted", detail: `ended by ${signal} without a result`, exitCode: undefined },
    then: "try again",
  })),
  {
    when: "bad flag",
    lines: [],
    exit: { code: 2, signal: undefined },
    stderr: "error: unexpected argument '--nope' found\n",
    end: {
      kind: "crashed",
      cause: "setup",
      detail: "exit code 2 without a result: error: unexpected argument '--nope' found",
      exitCode: 2,
    },
    then: "block",
  },
  {
    when: "bad configuration",
    lines: [],
    stderr: "Error: Model provider `x` not found\n",
    end: {
      kind: "crashed",
      cause: "setup",
      detail: "exit code 1 without a result: Error: Model provider `x` not found",
      exitCode: 1,
    },
    then: "block",
  },
  {
    when: "exit 0 without a word",
    lines: BEGUN,
    exit: ZERO,
    end: { kind: "crashed", cause: "interrupted", detail: "exit code 0 without a result", exitCode: 0 },
    then: "try again",
  },
];

testStream({
  name: "codex",
  title: "Codex",
  read,
  maxText: 300,
  recorded: RECORDED.map((run) => ({ ...run, denials: 0 })),
  endings: ENDINGS.map(({ fails = "", exit = ONE, ...ending }) => ({
    ...ending,
    exit,
    lines: ending.lines ?? [...BEGUN, ...reconnecting(fails), error(fails), failed(fails)],
  })),
  now: NOW,
  known: '{"type":"item.completed","item":',
});

Deno.test("readCodexLine() reports each tool use once, with its tool and purpose", () => {
  const items = [
    { type: "command_execution", command: "/bin/bash -lc 'ls -la'" },
    { type: "command_execution", command: '/bin/bash -lc "echo \'a\' \\"b\\" \\$HOME \\\\ c"' },
    { type: "command_execution", command: `/bin/zsh -c "a"'b'` },
    { type: "command_execution", command: "make" },
    { type: "file_change", changes: [{ path: "/a", kind: "add" }, { path: "/b", kind: "update" }] },
    { type: "mcp_tool_call", server: "s", tool: "t", arguments: { path: "/c" } },
    { type: "collab_tool_call", tool: "spawn_agent", prompt: "Look there" },
    { type: "web_search", query: "deno" },
    { type: "todo_list", items: [] },
    { type: "reasoning", text: "Hm" },
    { type: "error", message: "Falling back" },
    { type: "toString" },
  ];
  const seen = items.map((item, index) => {
    const begun = { ...item, id: `item_${index}`, status: "in_progress" };
    const done = { ...begun, status: "completed", exit_code: 0 };
    return [{ type: "item.started", item: begun }, { type: "item.completed", item: done }]
      .flatMap((event) => read(JSON.stringify(event)))
      .flatMap(inWords);
  });
  assert.deepEqual(seen, [
    ["acted Shell: ls -la"],
    [`acted Shell: echo 'a' "b" $HOME \\ c`],
    [`acted Shell: /bin/zsh -c "a"'b'`],
    ["acted Shell: make"],
    ["acted Edit: /a, /b"],
    ["acted mcp__s__t: /c"],
    ["acted spawn_agent: Look there"],
    ["acted WebSearch: deno"],
    [],
    [],
    [],
    [],
  ]);
});

Deno.test("readCodexLine() reports visible refusals", () => {
  const bwrap = "bwrap: No permissions to create a new namespace\n";
  const items = [
    { type: "command_execution", command: "ls", aggregated_output: bwrap, exit_code: 1, status: "failed" },
    { type: "command_execution", command: "/bin/sh -c 'rm x'", aggregated_output: "", status: "declined" },
    { type: "file_change", changes: [{ path: "/a", kind: "add" }], status: "failed" },
    { type: "command_execution", command: "ls", aggregated_output: "no", exit_code: 1, status: "failed" },
    { type: "mcp_tool_call", server: "s", tool: "t", status: "failed" },
  ];
  assert.deepEqual(items.map((item) => read(JSON.stringify({ type: "item.completed", item })).flatMap(inWords)), [
    [`denied Shell: ${bwrap.trim()}`],
    ["denied Shell: rm x"],
    ["denied Edit: /a"],
    [],
    [],
  ]);
});

Deno.test("readCodexLine() reports that Codex waits for the network", () => {
  const why = "Connection failed: error sending request (for url)";
  assert.deepEqual(read(JSON.stringify(error(`Reconnecting... waiting for network (${why})`))), [
    { type: "agent.retried", attempt: 0, of: 0, delayMs: 0, detail: why },
    { type: "unreachable", detail: why },
  ]);
  assert.deepEqual(read(JSON.stringify(error("Reconnecting..."))), [
    { type: "agent.retried", attempt: 0, of: 0, delayMs: 0, detail: "Reconnecting..." },
  ]);
});

Deno.test("readCodexLine() counts cached tokens once, and no impossible number", () => {
  const usageIn = (usage: unknown): Usage => {
    const { estimatedUsd: _, ...told } = usageOf(
      read(`{"type":"turn.completed","usage":${typeof usage === "string" ? usage : JSON.stringify(usage)}}`)
        .reduce(addObservation, NOTHING_SEEN),
    );
    return told;
  };
  assert.deepEqual(
    usageIn({
      input_tokens: 100,
      cached_input_tokens: 60,
      cache_write_input_tokens: 10,
      output_tokens: 7,
      reasoning_output_tokens: 5,
    }),
    { ...NO_USAGE, inputTokens: 30, outputTokens: 7, cacheReadTokens: 60, cacheWriteTokens: 10, modelCalls: 1 },
  );
  assert.deepEqual(usageIn({ input_tokens: 1, cached_input_tokens: 60 }), {
    ...NO_USAGE,
    cacheReadTokens: 60,
    modelCalls: 1,
  });
  assert.deepEqual(usageIn('{"input_tokens":1e999,"output_tokens":-5,"cached_input_tokens":"9"}'), {
    ...NO_USAGE,
    modelCalls: 1,
  });
  assert.deepEqual(usageIn(null), { ...NO_USAGE, modelCalls: 1 });
});

Deno.test("readCodexLine() cuts every text, and is fast for any length", () => {
  const long = "x".repeat(3_000_000);
  const many = (text: string): string => text.repeat(300_000);
  const item = (more: Readonly<Record<string, unknown>>): unknown => ({
    type: "item.started",
    item: { id: long, ...more },
  });
  const events = [
    { type: "thread.started", thread_id: long },
    item({ type: "command_execution", command: long }),
    item({ type: "command_execution", command: `/bin/bash -lc "${many('\\"')}"` }),
    item({ type: "command_execution", command: many("sh -c '") }),
    item({ type: "file_change", changes: [{ path: long }, { path: long }] }),
    item({ type: "mcp_tool_call", server: long, tool: long, arguments: { query: long } }),
    item({ type: "collab_tool_call", tool: long, prompt: long }),
    { type: "item.completed", item: { type: "agent_message", text: long } },
    {
      type: "item.completed",
      item: { type: "command_execution", status: "failed", aggregated_output: `bwrap: ${long}` },
    },
    error(`Reconnecting... 1/5 (${many("(")}`),
    error(`Reconnecting... ${long}`),
    failed(many("model ")),
    failed(`{${long}`),
    failed(many("try again at ")),
  ];
  const observations = events.flatMap((event) => read(JSON.stringify(event)));
  assert.ok(observations.length >= events.length);
  observations.forEach((observation) => assertSound(observation, 300));
});

function read(line: string): readonly Observation[] {
  return readCodexLine(line, { now: () => NOW });
}

function usage(...figures: readonly [number, number, number, number]): Usage {
  const [inputTokens, outputTokens, cacheReadTokens, modelCalls] = figures;
  return { ...NO_USAGE, inputTokens, outputTokens, cacheReadTokens, modelCalls };
}

Deno.test("readCodexCall() reads the tokens of a call from Codex's log, and nothing from any other line", () => {
  // As Codex 0.169.0 printed it.
  const line =
    '2026-11-21T22:48:10.653363Z  INFO codex_otel.trace_safe: event.name="codex.sse_event" event.kind=response.completed ' +
    "input_token_count=100000 output_token_count=20000 cached_token_count=7000 cache_write_token_count=0 " +
    'reasoning_token_count=0 tool_token_count=120000 ttft_ms=2 model_reasoning_effort="medium" ' +
    "event.timestamp=2026-11-21T22:48:10.653Z conversation.id=01a2004b-b241 app.version=0.169.0 " +
    "originator=codex_exec terminal.type=dumb model=gpt-5.5-codex slug=gpt-5.5-codex";
  const tokens = { inputTokens: 93_000, outputTokens: 20_000, cacheReadTokens: 7_000, cacheWriteTokens: 0 };
  assert.deepEqual(readCodexCall(line), [
    {
      type: "tokens.used",
      id: "01a2004b-b241 2026-11-21T22:48:10.653Z",
      model: "gpt-5.5-codex",
      tokens,
      isWhole: true,
    },
  ]);
  const others = ["", line.replace("response.completed", "response.created"), line.slice(30), "error: no such model"];
  assert.deepEqual(others.flatMap(readCodexCall), []);
  const [hostile] = readCodexCall(line.replace("=100000", "=-5").replace("=20000", "=1e999"));
  assert.deepEqual(hostile, {
    type: "tokens.used",
    id: "01a2004b-b241 2026-11-21T22:48:10.653Z",
    model: "gpt-5.5-codex",
    tokens: { ...tokens, inputTokens: 0, outputTokens: 0 },
    isWhole: true,
  });
});
