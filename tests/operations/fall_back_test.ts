import assert from "node:assert/strict";
import { join } from "node:path";
import { CommandLine, type Said, START, WHOLE_AGENT } from "../cli/command_line.ts";
import { slowTest } from "../helpers/slow.ts";

/** Says in Claude Code's way that something is wrong. */
const fails = (facts: string): string => `echo '{"type":"result","is_error":true,${facts}}'; exit 1`;
const LIMITED = fails('"api_error":"usage_limit_reached","result":"full"');
const NO_LOGIN = fails('"api_error_status":401,"result":"no login"');
const OUT_OF_ORDER = fails('"api_error_status":529,"result":"overloaded"');

/** Says in Codex's way what the whole agent comes to. */
const CODEX = `${WHOLE_AGENT}
echo '{"type":"thread.started","thread_id":"t"}'
echo '{"type":"turn.completed","usage":{"input_tokens":1,"output_tokens":1}}'`;
const codexFails = (message: string): string =>
  `echo '{"type":"thread.started","thread_id":"t"}'
echo '{"type":"turn.failed","error":{"message":"${message}"}}'; exit 1`;

Deno.test("run continues with the fallback at once after a limit, and tries the first agent again in the next run", async () => {
  using line = new CommandLine();
  const { code, out, error } = await play(line, {
    claude: `test $phase = requirements && { ${LIMITED}; }\n${WHOLE_AGENT}`,
  });
  assert.deepEqual({ code, error }, { code: 10, error: "" }, out);
  assert.match(out, /codex takes over from claude: hit a usage limit: full\n/);
  assert.deepEqual(workersOf(line), ["investigation 1: claude", "requirements 1: claude", "requirements 2: codex"]);
  assert.equal((await line.status("top")).provider, "codex");
  await line.type(["answer", "top", "Q1=A", "Q2=so"]);
  assert.equal((await play(line, { claude: WHOLE_AGENT, args: ["run", "top"] })).code, 10);
  assert.deepEqual(workersOf(line).slice(3), ["requirements 1: claude", "planning 1: claude"]);
});

Deno.test("run uses the fallback until the limit is over, in later runs too", async () => {
  using line = new CommandLine();
  const resetsAt = Math.floor(Date.now() / 1000) + 3_600;
  const told = `echo '{"type":"rate_limit_event","rate_limit_info":{"status":"rejected","resetsAt":${resetsAt}}}'`;
  await play(line, { claude: `${told}; ${LIMITED}` });
  await line.type(["answer", "top", "Q1=A", "Q2=so"]);
  await play(line, { claude: WHOLE_AGENT, args: ["run", "top"] });
  const [first, ...more] = workersOf(line);
  assert.equal(first, "investigation 1: claude");
  assert.deepEqual(more.map((worker) => worker.replace(/.*: /, "")), ["codex", "codex", "codex", "codex"]);
});

Deno.test("run ends if the fallback fails too", async () => {
  using line = new CommandLine();
  const blocked = await play(line, {
    claude: NO_LOGIN,
    codex: codexFails("unexpected status 401 Unauthorized: no key"),
  });
  assert.equal(blocked.code, 20, blocked.out);
  assert.deepEqual(workersOf(line), ["investigation 1: claude", "investigation 2: codex"]);
});

slowTest("run falls back in an outage that lasts, and gives the fallback a patience of its own", async () => {
  using line = new CommandLine();
  // Without the last of these it would wait for the first agent, which is tried again after 15 minutes.
  const env = {
    SAMOCODE_MAX_RETRIES: "1",
    SAMOCODE_RETRY_DELAY: "0",
    SAMOCODE_OUTAGE_PATIENCE: "4",
    SAMOCODE_MAX_LIMIT_WAIT: "0",
  };
  const codex = codexFails("unexpected status 503 Service Unavailable: busy");
  const failed = await play(line, { claude: OUT_OF_ORDER, codex, env });
  assert.equal(failed.code, 1, failed.out);
  assert.match(failed.out, /busy \(waited 4s, as SAMOCODE_OUTAGE_PATIENCE allows\)/);
  const workers = workersOf(line).map((worker) => worker.replace(/^investigation /, ""));
  assert.deepEqual(workers.slice(0, 4), ["1: claude", "2: claude", "3: codex", "4: codex"]);
  assert.deepEqual(workers.slice(4).filter((worker) => !worker.endsWith("codex")), []);
});

Deno.test("run uses the fallback's own model, not the phase's", async () => {
  using line = new CommandLine();
  const env = { SAMOCODE_MODEL_INVESTIGATION: "haiku", CODEX_MODEL: "gpt", SAMOCODE_MAX_RETRIES: "0" };
  await play(line, { claude: LIMITED, codex: codexFails("something new"), env });
  const models = line.project.events().flatMap((event) => event.type === "iteration.started" ? [event.model] : []);
  assert.deepEqual(models, ["haiku", "gpt"]);
});

Deno.test("run uses no fallback unless the settings name one", async () => {
  using line = new CommandLine();
  const { code } = await play(line, { claude: NO_LOGIN, env: { SAMOCODE_FALLBACK_PROVIDER: "" } });
  assert.equal(code, 20);
  assert.deepEqual(workersOf(line), ["investigation 1: claude"]);
});

/** Runs a session with both agents, Codex to stand in. */
async function play(
  line: CommandLine,
  { claude, codex = CODEX, args = START, env = {} }: {
    readonly claude: string;
    readonly codex?: string;
    readonly args?: readonly string[];
    readonly env?: Readonly<Record<string, string>>;
  },
): Promise<Said> {
  const program = join(line.project.root, "codex.sh");
  Deno.writeTextFileSync(
    program,
    `#!/bin/sh
context=$(cat)
folder=$(echo "$context" | sed -n 's/^\\*\\*Session path:\\*\\* //p')
phase=$(echo "$context" | sed -n 's/^\\*\\*Phase:\\*\\* //p')
signal=$folder/_signal.json
${codex}
`,
    { mode: 0o755 },
  );
  const settings = { SAMOCODE_FALLBACK_PROVIDER: "codex", CODEX_PATH: program, ...env };
  return await line.typeWithAgent(claude, args, { env: settings });
}

function workersOf(line: CommandLine): readonly string[] {
  return line.project.events().flatMap((event) =>
    event.type === "iteration.started" ? [`${event.phase} ${event.attempt}: ${event.provider}`] : []
  );
}
