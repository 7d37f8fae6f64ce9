/**
 * What a session with two gates, five questions and a plan of 2.8 kB costs a parent: the calls of the real clients, and the
 * characters that their model gets.
 *
 * @module
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { claudeEnvironment, type FakeModel } from "../helpers/fake_model.ts";
import { FollowingParent, PROMPT, REPORT } from "../helpers/following_parent.ts";
import { clientTest, type FoundClient, slowClientTest } from "../helpers/find_clients.ts";
import { programUnderTest } from "../helpers/program_under_test.ts";
import { talkingAgent } from "../helpers/talking_agent.ts";
import { McpProject } from "../mcp/mcp_client.ts";
import { programPath } from "../../src/system/processes/program_path.ts";
import { TmuxTerminal } from "../../tools/tmux.ts";

const MAX_TOKENS = 1_500;

const THREE = ["start_session", "answer_qa", "approve_plan"];

const TALK = {
  start: {
    task: "Limit requests per client, so that one cannot slow down the others",
    dive: "the API gateway",
    session: "limit",
  },
  answers: { Q1: "A", Q2: "A", Q3: "A", Q4: "B", Q5: "300" },
};

clientTest("claude -p takes a session to its end in three calls and 1,500 tokens", "claude", async (found) => {
  await using stage = await Stage.open(found, { SAMOCODE_GATE: "agent" });
  await stage.claude(["-p", PROMPT]);
  stage.checkEconomy(3);
});

slowClientTest(
  "claude -p asks again where its user has it give up calls early, and loses nothing",
  "claude",
  async (found) => {
    await using stage = await Stage.open(found, { SAMOCODE_GATE: "agent", MCP_TOOL_TIMEOUT: "2000" }, 1);
    await stage.claude(["-p", PROMPT]);
    assert.ok(stage.parent.heard.some((heard) => heard.includes("timed out")), stage.parent.heard.join("\n"));
    stage.checkEnd();
  },
);

clientTest("codex takes a session to its end in at most five calls and 1,500 tokens", "codex", async (found) => {
  await using stage = await Stage.open(found, { SAMOCODE_GATE: "agent" });
  await stage.codex();
  stage.checkEconomy(5);
});

terminalTest("claude at a terminal does so too, with its user's yes at the gate", async (found) => {
  await using stage = await Stage.open(found, {});
  await using terminal = await stage.terminal();
  await terminal.type(`${stage.command([PROMPT]).map((word) => `'${word}'`).join(" ")}\r`);
  for (let screen = ""; !screen.includes(REPORT); screen = await terminal.text()) {
    // The dialog's first choice is yes.
    if (screen.includes("Do you want to proceed?")) await terminal.press("Enter");
    await pause(200);
  }
  stage.checkEconomy(3);
  const [by = ""] = stage.project.events().flatMap((event) =>
    event.type === "gate.opened" && event.gate === "plan_approval" ? [event.by] : []
  );
  assert.match(by, /^a person through claude-code 2\.1\.328 \(toolu_/);
});

terminalTest(
  "an act that takes longer becomes a task, which outlives /exit and wakes claude --continue",
  async (found) => {
    await using stage = await Stage.open(found, {}, 12);
    await using terminal = await stage.terminal();
    const { parent } = stage;
    const patience = AbortSignal.timeout(90_000);
    await terminal.type(`${stage.command([PROMPT]).map((word) => `'${word}'`).join(" ")}\r`);
    await terminal.shows(/I will be told\./, patience);
    assert.deepEqual(parent.calls.map(({ tool }) => tool), ["start_session"]);
    assert.match(parent.heard.join("\n"), /task/);
    await terminal.type("/exit");
    // Its menu of commands needs a moment before it takes the key.
    await pause(500);
    await terminal.press("Enter");
    // It means its own wait for the task, not the session.
    await terminal.shows(/Exit and stop tasks/, patience);
    await terminal.press("Enter");
    // What is typed before the shell is back is lost.
    await terminal.shows(/claude --resume \S+\s+\$\s*$/, patience);
    await terminal.type(`clear; ${stage.command(["--continue"]).map((word) => `'${word}'`).join(" ")}\r`);
    while (!parent.calls.some(({ tool }) => tool === "answer_qa")) {
      if (patience.aborted) assert.fail(`${await terminal.text()}\n${parent.heard.join("\n")}`);
      await pause(200);
    }
    assert.match(parent.heard.at(-1) ?? "", /"needs":"answers"/);
  },
  slowClientTest,
);

/** Registers a test of Claude Code in tmux. */
function terminalTest(name: string, run: (found: FoundClient) => Promise<void>, register = clientTest): void {
  const { program } = programPath("tmux", { env: Deno.env.toObject() });
  if (program !== undefined) register(name, "claude", run);
  else Deno.test({ name: `${name} (skipped: no tmux)`, ignore: true, fn: () => {} });
}

/** A project, a parent, and its client. */
class Stage implements AsyncDisposable {
  readonly project: McpProject;
  readonly parent: FollowingParent;
  readonly #found: FoundClient;
  readonly #model: FakeModel;
  readonly #env: Readonly<Record<string, string>>;

  private constructor(
    { found, project, parent, model, env }: {
      readonly found: FoundClient;
      readonly project: McpProject;
      readonly parent: FollowingParent;
      readonly model: FakeModel;
      readonly env: Readonly<Record<string, string>>;
    },
  ) {
    this.#found = found;
    this.project = project;
    this.parent = parent;
    this.#model = model;
    this.#env = env;
  }

  static async open(found: FoundClient, settings: Readonly<Record<string, string>>, seconds = 0): Promise<Stage> {
    const project = new McpProject();
    const bodies = join(project.root, "bodies");
    for (const folder of [bodies, join(project.root, "tmp"), join(project.root, "codex")]) Deno.mkdirSync(folder);
    const parent = new FollowingParent(bodies, TALK);
    const env = {
      ...project.env,
      TMPDIR: join(project.root, "tmp"),
      ...talkingAgent(project.root, seconds),
      ...settings,
    };
    return new Stage({ found, project, parent, model: await parent.start(found.fakeModel), env });
  }

  /** The command with which a user starts Claude Code. */
  command(args: readonly string[]): readonly [string, ...string[]] {
    const [command, ...rest] = programUnderTest();
    const servers = { samocode: { command, args: [...rest, "mcp"] } };
    const config = join(this.project.root, "mcp.json");
    Deno.writeTextFileSync(config, JSON.stringify({ mcpServers: servers }));
    const allowed = ["--allowedTools", "mcp__samocode"];
    return [this.#found.path, ...args, "--mcp-config", config, "--strict-mcp-config", ...allowed];
  }

  async claude(args: readonly string[]): Promise<void> {
    const [command, ...rest] = this.command(args);
    await this.#run(command, rest, this.#claudeEnvironment());
  }

  async codex(): Promise<void> {
    const [command, ...rest] = programUnderTest();
    // It hands its servers next to nothing of its environment.
    const env = Object.entries(this.#env).map(([name, value]) => `${name}=${JSON.stringify(value)}`).join(",");
    const settings = [
      'model="gpt-5.5-codex"',
      'model_provider="fake"',
      'model_providers.fake.name="fake"',
      `model_providers.fake.base_url=${JSON.stringify(`${this.#model.url}/v1`)}`,
      'model_providers.fake.wire_api="responses"',
      'model_providers.fake.env_key="FAKE_KEY"',
      "analytics.enabled=false",
      "check_for_update_on_startup=false",
      `mcp_servers.samocode.command=${JSON.stringify(command)}`,
      `mcp_servers.samocode.args=${JSON.stringify([...rest, "mcp"])}`,
      `mcp_servers.samocode.env={${env}}`,
      "mcp_servers.samocode.required=true",
      "mcp_servers.samocode.startup_timeout_sec=60",
    ];
    await this.#run(this.#found.path, [
      ...["exec", "--skip-git-repo-check", "--dangerously-bypass-approvals-and-sandbox", "--ephemeral"],
      ...settings.flatMap((setting) => ["-c", setting]),
      PROMPT,
    ], { ...this.#env, CODEX_HOME: join(this.project.root, "codex"), FAKE_KEY: "fake" });
  }

  /** A terminal with all that Claude Code asks at its first start answered. */
  async terminal(): Promise<TmuxTerminal> {
    const { root } = this.project;
    const known = {
      hasCompletedOnboarding: true,
      customApiKeyResponses: { approved: ["fake"], rejected: [] },
      projects: { [root]: { hasTrustDialogAccepted: true } },
    };
    Deno.writeTextFileSync(join(root, "home", ".claude.json"), JSON.stringify(known));
    const env = { ...this.#claudeEnvironment(), TERM: "tmux-256color", PS1: "$ " };
    const terminal = await TmuxTerminal.open(join(root, "tmp"), { env, columns: 120, rows: 40 });
    await terminal.type(`cd '${root}'\r`);
    return terminal;
  }

  checkEconomy(maxCalls: number): void {
    this.checkEnd();
    const { calls, tokens, found } = this.parent;
    assert.ok(calls.length <= maxCalls, JSON.stringify(calls));
    assert.ok(tokens <= MAX_TOKENS, `${tokens} tokens`);
    // Codex loads all tools.
    const missing = [...THREE, "wait_session"].filter((tool) => found.length > 0 && !found.includes(tool));
    assert.deepEqual(missing, [], "a search for samocode finds what the session takes");
  }

  checkEnd(): void {
    const { calls, heard } = this.parent;
    const { outcome } = this.project.events().findLast((event) => event.type === "session.stopped") ?? {};
    assert.equal(outcome?.kind, "done", JSON.stringify(heard));
    assert.deepEqual(calls.map(({ tool }) => tool).filter((tool) => tool !== "wait_session"), THREE);
    const opened = this.project.events().flatMap((event) => event.type === "gate.opened" ? [event.gate] : []);
    assert.deepEqual(opened, ["qa_answers", "plan_approval"]);
  }

  #claudeEnvironment(): Readonly<Record<string, string>> {
    const { CLAUDE_PATH: _, ...own } = claudeEnvironment(this.#found.path, this.#model);
    return { ...this.#env, ...own, DISABLE_AUTOUPDATER: "1" };
  }

  async #run(command: string, args: readonly string[], env: Readonly<Record<string, string>>): Promise<void> {
    const { root } = this.project;
    const { stdout, stderr, code } = await new Deno.Command(command, {
      args: [...args],
      cwd: root,
      clearEnv: true,
      env: { ...env },
      stdin: "null",
    }).output();
    const said = new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
    assert.equal(code, 0, said);
    assert.ok(said.includes(REPORT), said);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#model[Symbol.asyncDispose]();
    this.project[Symbol.dispose]();
  }
}
