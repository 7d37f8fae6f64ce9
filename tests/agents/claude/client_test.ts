import assert from "node:assert/strict";
import { claudeArguments, claudeClient } from "../../../src/agents/claude/client.ts";
import type { ClaudeSettings } from "../../../src/agents/claude/settings.ts";
import { readClaudeLine } from "../../../src/agents/claude/stream.ts";
import { anIteration } from "../../helpers/agent_stage.ts";
import { TempFolder } from "../../helpers/temp_folder.ts";

const SETTINGS: ClaudeSettings = {
  binary: "claude",
  model: "opus",
  maxTurns: 300,
  permissionMode: "dontAsk",
  settingSources: "user,project",
};

const ITERATION = anIteration({
  phase: "planning",
  agent: { name: "planning-agent", description: "Plans", tools: ["Read", "Bash"], prompt: 'Be "good"\nand $PATH' },
  contextPath: "/cache/context.md",
  sessionFolder: "/sessions/one",
  signalPath: "/sessions/one/_signal.json",
  marker: "8f9e6d2c-0000-4000-8000-000000000000",
});

const hasShell = Deno.build.os !== "windows";

Deno.test("claudeArguments() has one agent, its tools, the context as a file and a known session id", () => {
  const args = claudeArguments(ITERATION, SETTINGS);
  assert.deepEqual(args.with(args.indexOf("--settings") + 1, "HOOKS"), [
    "-p",
    "Do the next piece of work of the planning phase, then leave the signal.",
    "--verbose",
    "--include-partial-messages",
    "--strict-mcp-config",
    "--no-session-persistence",
    "--output-format",
    "stream-json",
    "--model",
    "opus",
    "--max-turns",
    "300",
    "--agents",
    JSON.stringify({
      "planning-agent": { description: "Plans", prompt: 'Be "good"\nand $PATH', tools: ["Read", "Bash"] },
    }),
    "--agent",
    "planning-agent",
    "--append-system-prompt-file",
    "/cache/context.md",
    "--session-id",
    "8f9e6d2c-0000-4000-8000-000000000000",
    "--permission-mode",
    "dontAsk",
    "--allowedTools",
    "Read,Bash",
    "--add-dir",
    "/sessions/one",
    "--settings",
    "HOOKS",
    "--setting-sources",
    "user,project",
  ]);
});

Deno.test("claudeArguments() hands on what is left of the budget, and never 0, which Claude Code refuses", () => {
  const limitOf = (restUsd: number | undefined) => {
    const budget = { restUsd, restMs: undefined, used: () => ({ warnings: [], over: undefined }) };
    const args = claudeArguments(anIteration({ budget }), SETTINGS);
    const at = args.indexOf("--max-budget-usd");
    return at < 0 ? undefined : args[at + 1];
  };
  assert.deepEqual([12.34567, 0, undefined].map(limitOf), ["12.3457", "0.0001", undefined]);
});

Deno.test("claudeArguments() adds the folder of the shipped skills if there is one", () => {
  const args = claudeArguments(anIteration({ pluginFolder: "/cache/plugin" }), SETTINGS);
  assert.deepEqual(args.slice(-2), ["--plugin-dir", "/cache/plugin"]);
});

Deno.test("claudeClient() passes the signal's path and disables background tasks", () => {
  const client = claudeClient({ ...SETTINGS, binary: "/opt/claude" });
  assert.equal(client.binary, "/opt/claude");
  assert.equal(client.readLine, readClaudeLine);
  assert.deepEqual(client.environmentFor(ITERATION), {
    SAMOCODE_SIGNAL: "/sessions/one/_signal.json",
    CLAUDE_CODE_DISABLE_BACKGROUND_TASKS: "1",
    DISABLE_AUTOUPDATER: "1",
  });
});

/** The hook as Claude Code runs it: a command for a shell, the facts on standard input. */
async function runStopHook(input: string, signalPath: string): Promise<readonly [number, string]> {
  const args = claudeArguments(ITERATION, SETTINGS);
  const { hooks } = JSON.parse(args[args.indexOf("--settings") + 1] ?? "");
  const child = new Deno.Command("sh", {
    args: ["-c", hooks.Stop[0].hooks[0].command],
    env: { SAMOCODE_SIGNAL: signalPath },
    stdin: "piped",
    stdout: "null",
    stderr: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(input));
  await writer.close();
  const { code, stderr } = await child.output();
  return [code, new TextDecoder().decode(stderr)];
}

const FIRST = JSON.stringify({ hook_event_name: "Stop", stop_hook_active: false });
const AGAIN = JSON.stringify({ hook_event_name: "Stop", stop_hook_active: true });

Deno.test({
  name: "the stop hook sends an agent back once if it stops without a signal",
  ignore: !hasShell,
  fn: async () => {
    using folder = new TempFolder();
    const path = folder.at("a 'b' \"c\" $(touch x) `touch y`", "_signal.json");
    const [code, words] = await runStopHook(FIRST, path);
    assert.equal(code, 2);
    assert.match(words, /write the signal file/);
    assert.ok(words.includes(path), words);
    assert.deepEqual(await runStopHook(AGAIN, path), [0, ""]);
    assert.deepEqual(folder.names(), []);
  },
});

Deno.test({
  name: "the stop hook lets an agent stop after a signal, unless the file is empty",
  ignore: !hasShell,
  fn: async () => {
    using folder = new TempFolder();
    const path = folder.file("_signal.json", "");
    assert.equal((await runStopHook(FIRST, path))[0], 2);
    folder.file("_signal.json", '{"status":"done"}');
    assert.deepEqual(await runStopHook(FIRST, path), [0, ""]);
  },
});

Deno.test({
  name: "the stop hook ignores the agent's own words",
  ignore: !hasShell,
  fn: async () => {
    using folder = new TempFolder();
    const last_assistant_message = 'I write "stop_hook_active": true and "stop_hook_active":true';
    const input = JSON.stringify({ stop_hook_active: false, last_assistant_message });
    assert.equal((await runStopHook(input, folder.at("none")))[0], 2);
  },
});
