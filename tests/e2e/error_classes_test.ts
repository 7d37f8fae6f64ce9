import assert from "node:assert/strict";
import { agentRunner } from "../../src/agents/engine.ts";
import type { CliClient } from "../../src/agents/cli_client.ts";
import { claudeClient } from "../../src/agents/claude/client.ts";
import { codexClient } from "../../src/agents/codex/client.ts";
import { whyUnreachable } from "../../src/system/reach.ts";
import { unlessFailing } from "../../src/text/errors.ts";
import { classOf, ERROR_CLASSES, type ErrorClassName, isFailure } from "../../src/workflow/error_classes.ts";
import { afterFailure, type RetryAction } from "../../src/workflow/retry.ts";
import { AgentStage } from "../helpers/agent_stage.ts";
import { startFakeModel } from "../helpers/fake_model.ts";
import { slowClientTest } from "../helpers/find_clients.ts";
import { SilentService } from "../helpers/silent_service.ts";

/** What goes wrong: the scripted model's failure, an address where no model is, or something else about the start. */
interface Trouble {
  readonly error?: string;
  readonly step?: object;
  readonly url?: () => string;
  /** A service that is there and never answers. The model itself would hang in Deno 2.4.2 once its client is gone. */
  readonly isSilent?: boolean;
  readonly env?: Readonly<Record<string, string>>;
  readonly options?: { readonly timeoutMs?: number; readonly stallMs?: number };
  readonly binary?: string;
  /** The client's own setting that cannot be. */
  readonly isMisled?: boolean;
  readonly maxTurns?: number;
  /** Ends the client from outside once it is at work. */
  readonly isKilled?: boolean;
}

/** The ways of each class that can be had from the real clients. `unknown` is for what nobody has seen yet. */
const TROUBLES: Readonly<Record<ErrorClassName, Readonly<Record<string, Trouble>>>> = {
  "auth": { "401": { error: "auth" }, "403": { error: "forbidden" } },
  "billing": { "no credit": { error: "credit" } },
  "request": { "unknown model": { error: "model" }, "prompt too long": { error: "context" } },
  "setup": { "bad configuration": { isMisled: true } },
  "not-found": { "no program": { binary: "/nowhere/client" } },
  "limit": {
    "usage limit": {
      error: "usage-limit",
      env: { ANTHROPIC_API_KEY: "", CLAUDE_CODE_OAUTH_TOKEN: "sk-ant-oat01-fake" },
    },
  },
  "throttled": { "429": { error: "rate-limit" } },
  "service": { "overloaded": { error: "overloaded" }, "500": { error: "server" } },
  "network": {
    "refused": { url: closedPort },
    "no such host": { url: () => "http://nowhere.invalid" },
    "cut before the answer": {},
    "takes calls and never answers": {},
  },
  "timed-out": { "hanging model": { isSilent: true, options: { timeoutMs: 2_500 } } },
  "stalled": { "hanging model": { isSilent: true, options: { stallMs: 2_000 } } },
  "turns": { "one turn": { step: { tools: [{ bash: "true" }] }, maxTurns: 1 } },
  "interrupted": { "killed": { isSilent: true, isKilled: true } },
  "unknown": {},
};

const CLIENTS = { claude: claudeHere, codex: codexHere };

/** Codex has no limit of turns. */
const NOT_OF_CODEX: readonly string[] = ["turns"];

/** What follows the first failure of each kind, with a fallback and without. */
const THEN: Readonly<Record<(typeof ERROR_CLASSES)[ErrorClassName]["then"], RetryAction["kind"]>> = {
  block: "block",
  fail: "fail",
  wait: "retry",
  outlast: "retry",
  retry: "retry",
};

for (const [name, clientHere] of Object.entries(CLIENTS)) {
  slowClientTest(
    `each error class is seen and followed as the table says: ${name}`,
    name as "claude" | "codex",
    async ({ path, fakeModel }) => {
      const cases = Object.entries(TROUBLES).flatMap(([expected, ways]) =>
        Object.entries(ways).map(([way, trouble]) => ({ expected: expected as ErrorClassName, way, trouble }))
      ).filter(({ expected }) => name !== "codex" || !NOT_OF_CODEX.includes(expected));
      const seen = await inTurns(cases, async ({ trouble, way }) => {
        using silent = new SilentService({ cuts: way.startsWith("cut") });
        await using model = await startFakeModel(fakeModel, {
          rules: [{ when: {}, steps: [trouble.step ?? { error: trouble.error ?? "server" }, { text: "Done." }] }],
        });
        const isDead = way.startsWith("cut") || way.startsWith("takes calls");
        const url = isDead || trouble.isSilent ? silent.url : trouble.url?.() ?? model.url;
        using stage = new AgentStage();
        const { client, env } = clientHere({ path, url, stage, trouble });
        const begun = performance.now();
        const run = agentRunner(client, {
          name,
          env: { ...stage.env(), HOME: stage.folder.path, ...env, ...trouble.env },
          timeoutMs: 60_000,
          stallMs: 60_000,
          ...trouble.options,
          service: {
            whyUnreachable: () => isDead ? whyUnreachable(url, { withinMs: 300 }) : Promise.resolve(undefined),
            lostMs: 500,
            silentMs: 2_000,
          },
        }).run({ ...stage.iteration, contextPath: stage.folder.file("context.md", "Work.") }, {
          abort: new AbortController().signal,
        });
        let next = await run.next();
        for (; !next.done; next = await run.next()) {
          if (next.value.type === "agent.started" && trouble.isKilled) {
            // One may end with the other.
            for (const pid of stage.leftovers()) unlessFailing(() => Deno.kill(pid, "SIGKILL"));
          }
        }
        const { end } = next.value;
        if (Deno.env.get("SHOW")) console.log(name, way, Math.round(performance.now() - begun), JSON.stringify(end));
        assert.ok(isFailure(end), `${way}: ${end.kind}`);
        const action = afterFailure(end, {
          failures: 1,
          limits: 1,
          outage: undefined,
          policy: { maxRetries: 3, retryDelayMs: 5_000, outagePatienceMs: 21_600_000, maxLimitWaitMs: 43_200_000 },
          now: new Date(),
          random: 0,
        });
        return [classOf(end, new Date()), action.kind];
      });
      assert.deepEqual(
        seen.map((what, index) => `${cases[index]?.way}: ${what}`),
        cases.map(({ expected, way }) => `${way}: ${[expected, THEN[ERROR_CLASSES[expected].then]]}`),
      );
    },
  );
}

/** Two at a time: the rest would only wait for a processor. */
async function inTurns<Item, Result>(
  items: readonly Item[],
  work: (item: Item) => Promise<Result>,
): Promise<readonly Result[]> {
  const results: Result[] = [];
  const left = [...items.entries()];
  const hand = async (): Promise<void> => {
    for (let next = left.shift(); next !== undefined; next = left.shift()) results[next[0]] = await work(next[1]);
  };
  await Promise.all([hand(), hand(), hand()]);
  return results;
}

interface Here {
  readonly path: string;
  readonly url: string;
  readonly stage: AgentStage;
  readonly trouble: Trouble;
}

interface ThisClient {
  readonly client: CliClient;
  readonly env: Readonly<Record<string, string>>;
}

function claudeHere({ path, url, trouble }: Here): ThisClient {
  return {
    client: claudeClient({
      binary: trouble.binary ?? path,
      model: "opus",
      maxTurns: trouble.maxTurns ?? 3,
      permissionMode: "dontAsk",
      settingSources: trouble.isMisled ? "nobody" : "user",
    }),
    env: {
      ANTHROPIC_BASE_URL: url,
      ANTHROPIC_API_KEY: "fake",
      CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: "1",
      // Else it hopes for three minutes.
      CLAUDE_CODE_MAX_RETRIES: "0",
    },
  };
}

function codexHere({ path, url, stage, trouble }: Here): ThisClient {
  stage.folder.file(
    "codex/config.toml",
    `model = "gpt-5.5-codex"
model_provider = ${trouble.isMisled ? 7 : '"fake"'}
check_for_update_on_startup = false
[model_providers.fake]
name = "fake"
base_url = "${url}/v1"
wire_api = "responses"
env_key = "FAKE_KEY"
request_max_retries = 0
stream_max_retries = 0
[analytics]
enabled = false
`,
  );
  const binary = trouble.binary ?? path;
  return {
    client: codexClient({ binary, model: "", sandbox: "workspace-write" }, { gitFolders: () => [] }),
    env: { CODEX_HOME: stage.folder.at("codex"), FAKE_KEY: "fake" },
  };
}

/** An address where nobody listens. */
function closedPort(): string {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return `http://127.0.0.1:${listener.addr.port}`;
}
