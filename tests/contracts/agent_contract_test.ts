/**
 * What every command-line agent must come through, whatever its words are. To add a client is to add a row to CLIENTS:
 * the lines that it was recorded saying in each case, or lines written after what is known of it.
 *
 * @module
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { claudeClient } from "../../src/agents/claude/client.ts";
import type { CliClient, CliOptions } from "../../src/agents/cli_client.ts";
import { agentRunner } from "../../src/agents/engine.ts";
import { demo } from "../../src/agents/demo/agent.ts";
import { codexClient } from "../../src/agents/codex/client.ts";
import type { AgentRunner, IterationResult, RunnerEvent } from "../../src/agents/agent_runner.ts";
import { AGENTS } from "../../src/agents/agents.ts";
import type { IterationEnd } from "../../src/workflow/iteration_end.ts";
import { isPulse } from "../../src/workflow/session_event.ts";
import { NO_USAGE, type Usage } from "../../src/workflow/usage.ts";
import { AgentStage, PROGRAMS } from "../helpers/agent_stage.ts";

/** What a client is heard saying in one case, and what is to be understood. */
interface Heard {
  /** A recorded stream in tests/fixtures/streams, or the lines themselves. */
  readonly stream: string | readonly unknown[];
  readonly exitCode: number;
  readonly end: IterationEnd;
}

/** All that the suite must know of a client. */
interface ClientUnderTest {
  readonly client: CliClient;
  /** The client's way to say that it began: everything else is told only after it. */
  readonly begun: unknown;
  /** A whole good run, with all that is to be seen of it. */
  readonly finish: Heard & { readonly usage: Usage; readonly events: readonly RunnerEvent["type"][] };
  readonly crash: Heard;
  /** Absent where it speaks to no service that could refuse it. */
  readonly limit?: Heard;
  readonly authFailure?: Heard;
  /** Tools were refused, so often. */
  readonly denial: Heard & { readonly denials: number };
  /** Its last words when it is interrupted, and the cost that they tell. */
  readonly interrupted: { readonly stream: Heard["stream"]; readonly costUsd: number | undefined };
}

const INIT = { type: "system", subtype: "init", model: "opus", claude_code_version: "2.1.328", session_id: "s" };

const BEGUN = { type: "thread.started", thread_id: "t" };

const PLAYED = { type: "agent.started", model: "scripted", version: "demo", id: "demo-1" };

const DEMO_VERDICT = { type: "verdict", ok: true, cause: "unknown", detail: "", usage: { ...NO_USAGE, costUsd: 0 } };

const CLIENTS: Readonly<Record<string, ClientUnderTest>> = {
  claude: {
    client: claudeClient({
      binary: "claude",
      model: "opus",
      maxTurns: 3,
      permissionMode: "dontAsk",
      settingSources: "user",
    }),
    begun: INIT,
    finish: {
      stream: "claude-2.1.328-success.jsonl",
      exitCode: 0,
      end: { kind: "finished" },
      usage: {
        costUsd: 0.030059999999999996,
        inputTokens: 4300,
        outputTokens: 392,
        cacheReadTokens: 2600,
        cacheWriteTokens: 900,
        modelCalls: 3,
      },
      events: ["agent.started", "agent.said", "agent.acted", "agent.acted", "agent.acted", "agent.said"],
    },
    crash: {
      stream: "claude-400.jsonl",
      exitCode: 1,
      end: { kind: "crashed", cause: "request", detail: "API Error: 400 messages: bad thing", exitCode: 1 },
    },
    limit: {
      stream: "claude-usage-limit.jsonl",
      exitCode: 1,
      end: {
        kind: "rate-limited",
        until: "2026-11-20T04:35:19.000Z",
        detail: "You've hit your limit · resets 4:35am (UTC)",
      },
    },
    authFailure: {
      stream: [INIT, {
        type: "result",
        subtype: "success",
        is_error: true,
        terminal_reason: "api_error",
        api_error_status: 401,
        result: "API Error: 401 invalid key",
      }],
      exitCode: 1,
      end: { kind: "crashed", cause: "auth", detail: "API Error: 401 invalid key", exitCode: 1 },
    },
    denial: { stream: "claude-permission-denied.jsonl", exitCode: 0, end: { kind: "finished" }, denials: 3 },
    interrupted: { stream: "claude-sigint-during-bash.jsonl", costUsd: 0.050832 },
  },
  codex: {
    client: codexClient({ binary: "codex", model: "", sandbox: "workspace-write" }, {
      gitFolders: () => [],
      now: () => new Date(2026, 10, 20, 3),
    }),
    begun: BEGUN,
    finish: {
      stream: "codex-success.jsonl",
      exitCode: 0,
      end: { kind: "finished" },
      usage: {
        costUsd: undefined,
        inputTokens: 20598,
        outputTokens: 413,
        cacheReadTokens: 4000,
        cacheWriteTokens: 0,
        modelCalls: 3,
        // Of the dearest model: this stream does not tell which one it was.
        estimatedUsd: 0.81228,
      },
      events: ["agent.started", "agent.said", "agent.acted", "agent.acted", "agent.said"],
    },
    crash: {
      stream: [BEGUN, { type: "turn.failed", error: { message: '{"error":{"message":"bad thing"}}' } }],
      exitCode: 1,
      end: { kind: "crashed", cause: "request", detail: "bad thing", exitCode: 1 },
    },
    limit: {
      stream: "codex-usage-limit.jsonl",
      exitCode: 1,
      end: {
        kind: "rate-limited",
        until: new Date(2026, 10, 20, 4, 59).toISOString(),
        detail:
          "You’ve hit your usage limit. Visit https://chatgpt.com/settings/usage to purchase more credits or try again at 4:58 AM.",
      },
    },
    authFailure: {
      stream: [BEGUN, { type: "turn.failed", error: { message: "unexpected status 401 Unauthorized: no" } }],
      exitCode: 1,
      end: { kind: "crashed", cause: "auth", detail: "unexpected status 401 Unauthorized: no", exitCode: 1 },
    },
    denial: {
      // What Codex refuses it tells the model; this is what it tells us where the sandbox cannot be had.
      stream: [
        BEGUN,
        {
          type: "item.completed",
          item: { type: "command_execution", aggregated_output: "bwrap: no", exit_code: 1, status: "failed" },
        },
        { type: "item.completed", item: { type: "file_change", changes: [{ path: "/a" }], status: "failed" } },
        { type: "turn.completed", usage: {} },
      ],
      exitCode: 0,
      end: { kind: "finished" },
      denials: 2,
    },
    interrupted: { stream: "codex-failed-command.jsonl", costUsd: undefined },
  },
  demo: {
    client: (await demo.client())({ pace: 0, timeoutMs: 0 }, { self: ["samocode"] }),
    begun: PLAYED,
    finish: {
      stream: [
        PLAYED,
        { type: "agent.said", text: "A look first." },
        { type: "agent.acted", tool: "Read", about: "README.md" },
        DEMO_VERDICT,
      ],
      exitCode: 0,
      end: { kind: "finished" },
      usage: { ...NO_USAGE, costUsd: 0 },
      events: ["agent.started", "agent.said", "agent.acted"],
    },
    crash: {
      stream: [PLAYED],
      exitCode: 1,
      end: { kind: "crashed", cause: "unknown", detail: "exit code 1 without a result", exitCode: 1 },
    },
    denial: {
      stream: [PLAYED, { type: "agent.denied", tool: "Bash", detail: "no" }, DEMO_VERDICT],
      exitCode: 0,
      end: { kind: "finished" },
      denials: 1,
    },
    interrupted: { stream: [DEMO_VERDICT], costUsd: 0 },
  },
};

Deno.test("CLIENTS has a row for every agent", () => {
  assert.deepEqual(Object.keys(CLIENTS).sort(), Object.keys(AGENTS).sort());
});

/** A client whose program is replaced by one of ours: its words stay its own. */
class ClientStage implements Disposable {
  readonly stage = new AgentStage();
  readonly #client: CliClient;

  constructor({ client }: ClientUnderTest) {
    this.#client = client;
  }

  /** Makes what runs a shell text with the client's environment and reads it as the client's words. */
  runner(script: string, options: Partial<CliOptions> = {}): AgentRunner {
    const replaced = { binary: "sh", argumentsFor: () => ["-c", script], inputPathFor: () => "/dev/null" };
    const client = { ...this.#client, ...replaced };
    const patience = { interruptMs: 5_000, terminateMs: 300 };
    return agentRunner(client, {
      name: "played",
      env: this.stage.env(),
      timeoutMs: 60_000,
      stallMs: 60_000,
      patience,
      ...options,
    });
  }

  /** Plays what the client was heard saying. */
  hear({ stream, exitCode }: Heard): ReturnType<ClientStage["play"]> {
    return this.play(`sh '${join(PROGRAMS, "play.sh")}' '${this.file(stream)}' ${exitCode}`);
  }

  /** Plays a shell text; `onStart` is called when the agent was seen to begin. */
  async play(
    script: string,
    { onStart, abort = new AbortController().signal, ...options }:
      & Partial<CliOptions>
      & { readonly abort?: AbortSignal; readonly onStart?: () => void } = {},
  ): Promise<{ readonly events: readonly RunnerEvent[]; readonly result: IterationResult }> {
    const run = this.runner(script, options).run(this.stage.iteration, { abort });
    const events: RunnerEvent[] = [];
    while (true) {
      const next = await run.next();
      if (next.done) return { events, result: next.value };
      events.push(next.value);
      if (next.value.type === "agent.started") onStart?.();
    }
  }

  /** The file of a stream. */
  file(stream: Heard["stream"]): string {
    if (typeof stream === "string") return join(PROGRAMS, "..", "streams", stream);
    return this.stage.folder.file(
      `stream-${crypto.randomUUID()}.jsonl`,
      stream.map((line) => `${JSON.stringify(line)}\n`).join(""),
    );
  }

  /** A shell text that says that the agent began. */
  begin(begun: unknown): string {
    return `cat '${this.stage.folder.file("begun.jsonl", JSON.stringify(begun) + "\n")}'`;
  }

  [Symbol.dispose](): void {
    this.stage[Symbol.dispose]();
  }
}

for (const [name, row] of Object.entries(CLIENTS)) {
  const promise = (words: string, run: (stage: ClientStage) => Promise<void>): void =>
    Deno.test({
      name: `${name} ${words}`,
      ignore: Deno.build.os !== "linux",
      fn: async () => {
        using stage = new ClientStage(row);
        await run(stage);
        assert.deepEqual(stage.stage.leftovers(), []);
      },
    });

  promise("tells that it began, what it does, that it finished and what it used", async (stage) => {
    const { events, result } = await stage.hear(row.finish);
    assert.deepEqual(ownOf(events), row.finish.events);
    assert.deepEqual(result, { end: row.finish.end, usage: row.finish.usage, denials: 0, unrecorded: 0, failed: [] });
  });

  promise("is recalled from its log to the same usage", async (stage) => {
    const runner = stage.runner("exit 0");
    assert.deepEqual(await runner.recall(stage.file(row.finish.stream)), row.finish.usage);
    assert.deepEqual(await runner.recall(stage.stage.folder.at("missing")), NO_USAGE);
  });

  const { crash, limit, authFailure } = row;
  for (const [what, heard] of Object.entries({ crash, limit, authFailure })) {
    if (heard === undefined) continue;
    promise(`is understood when it ends with: ${what}`, async (stage) => {
      assert.deepEqual((await stage.hear(heard)).result.end, heard.end);
    });
  }

  promise("is heard when it is refused a tool, each time once", async (stage) => {
    const { events, result } = await stage.hear(row.denial);
    assert.deepEqual([result.end, result.denials], [row.denial.end, row.denial.denials]);
    assert.equal(events.filter(({ type }) => type === "agent.denied").length, row.denial.denials);
  });

  for (const code of [0, 1]) {
    promise(`has not finished when it says nothing and exits with ${code}`, async (stage) => {
      assert.equal((await stage.play(`exit ${code}`)).result.end.kind, "crashed");
    });

    promise(`has not finished when it only began and exits with ${code}`, async (stage) => {
      const { events, result } = await stage.play(`${stage.begin(row.begun)}; exit ${code}`);
      assert.deepEqual(events.map(({ type }) => type), ["agent.started"]);
      assert.equal(result.end.kind, "crashed");
    });
  }

  promise("is ended when its time is over", async (stage) => {
    const { result } = await stage.play(`${stage.begin(row.begun)}; sleep 300`, { timeoutMs: 500 });
    assert.deepEqual(result.end, { kind: "timed-out", afterMs: 500 });
  });

  promise("is ended when it goes silent in the middle of a line", async (stage) => {
    const { result } = await stage.play(`${stage.begin(row.begun)}; printf '{"type":'; sleep 300`, { stallMs: 500 });
    assert.equal(result.end.kind, "stalled");
  });

  promise("is ended with all below it, and its last words count", async (stage) => {
    const controller = new AbortController();
    const { stream, costUsd } = row.interrupted;
    const script = [
      `trap "cat '${stage.file(stream)}'; exit 0" INT`,
      "sleep 300 &",
      "setsid sleep 300 &",
      "(nohup sleep 300 >/dev/null 2>&1 &)",
      stage.begin(row.begun),
      "wait",
    ].join("\n");
    const { events, result } = await stage.play(script, {
      abort: controller.signal,
      onStart: () => controller.abort("a human"),
    });
    assert.deepEqual(result.end, { kind: "aborted", by: "a human" });
    assert.equal(result.usage.costUsd, costUsd);
    assert.equal(events.at(-1)?.type, "processes.ended");
  });

  promise("is understood through garbage and events that nobody knows", async (stage) => {
    const garbage = [
      '{"type":"brand.new","item":{"type":"brand.new"}}',
      '{"type":null}',
      "[]",
      "null",
      "7",
      '"text"',
      "{",
      "Warning: something",
      "\u001b[31mred\u001b[0m",
    ];
    const path = stage.stage.folder.file("garbage", garbage.map((line) => `${line}\n`).join(""));
    const script = `cat '${path}'; head -c 100000 /dev/urandom; echo; cat '${stage.file(row.finish.stream)}' '${path}'`;
    const { events, result } = await stage.play(script);
    assert.deepEqual(ownOf(events), row.finish.events);
    assert.deepEqual([result.end, result.usage], [row.finish.end, row.finish.usage]);
  });

  promise("is understood through a huge line and a flood of its own words", async (stage) => {
    const stream = stage.file(row.finish.stream);
    const flood = `i=0; while test $i -lt 300; do cat '${stream}'; i=$((i + 1)); done`;
    const { events, result } = await stage.play(`head -c 20000000 /dev/zero; echo; ${flood}`);
    assert.deepEqual(result.end, row.finish.end);
    // The sums of the last result, not the sum of all.
    assert.deepEqual(result.usage, row.finish.usage);
    assert.equal(ownOf(events).length + result.unrecorded, 300 * row.finish.events.length);
  });

  promise("keeps its word for every piece of its own lines", (stage) => {
    const heard = [row.finish, row.crash, row.limit, row.authFailure, row.denial];
    const streams = heard.flatMap((each) => each === undefined ? [] : [stage.file(each.stream)]);
    for (const line of streams.flatMap((path) => Deno.readTextFileSync(path).split("\n"))) {
      for (let length = 0; length < line.length; length += 97) row.client.readLine(line.slice(0, length));
    }
    return Promise.resolve();
  });
}

/** What the agent itself did; how many of the other events there are depends on how fast it is read. */
function ownOf(events: readonly RunnerEvent[]): readonly RunnerEvent["type"][] {
  return events.filter((event) => !isPulse(event)).map(({ type }) => type);
}
