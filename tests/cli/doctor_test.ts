import assert from "node:assert/strict";
import { BotApi } from "../helpers/bot_api.ts";
import { Collector } from "../helpers/collector.ts";
import { dirname, join } from "node:path";
import { shellWord } from "../../src/text/terminal_text.ts";
import { CommandLine, START } from "./command_line.ts";

interface Found {
  readonly area: string;
  readonly level: "ok" | "warning" | "problem";
  readonly text: string;
  readonly remedy?: string;
}

const IDENTITY = {
  GIT_AUTHOR_NAME: "me",
  GIT_AUTHOR_EMAIL: "me@localhost",
  GIT_COMMITTER_NAME: "me",
  GIT_COMMITTER_EMAIL: "me@localhost",
  GIT_CONFIG_GLOBAL: "/dev/null",
};

Deno.test("samocode doctor finds a fresh project usable, and changes nothing", async () => {
  using clinic = new Clinic();
  const before = clinic.line.listing();
  const { code, out } = await clinic.line.type(["doctor"], {
    env: { ...IDENTITY, SAMOCODE_KEEP_AWAKE: "off" },
    workingDirectory: clinic.line.project.repo,
  });
  assert.equal(code, 0, out);
  assert.match(out, /\nReady to run\.\n$/);
  const { usable, found } = await clinic.examine();
  const ofMachine = ["guard", "sleep"];
  assert.deepEqual([usable, found.filter(({ level, area }) => level !== "ok" && !ofMachine.includes(area))], [
    true,
    [],
  ]);
  assert.deepEqual([...new Set(found.map(({ area }) => area))], [
    "samocode",
    "settings",
    "Claude Code",
    "Codex",
    "guard",
    "sleep",
    "git",
    "checks",
    "sessions",
    "worktrees",
    "disk",
    "MCP server",
    "listener",
  ]);
  assert.deepEqual(clinic.line.listing(), before);
});

Deno.test("samocode doctor says that there are no notifications only if no channel is set up", async () => {
  using clinic = new Clinic();
  const silent = "No channel is set up, so you get no notifications. See docs/channels.md";
  const isSilent = async (env = {}): Promise<boolean> =>
    (await clinic.examine(env)).found.some(({ text }) => text === silent);
  assert.deepEqual([await isSilent(), await isSilent({ SAMOCODE_NOTIFY_COMMAND: "true" })], [true, false]);
});

Deno.test("samocode doctor looks for the programs of checks, and runs none", async () => {
  using clinic = new Clinic();
  const folders = "MAIN_REPO=repo\nWORKTREES=worktrees\nSESSIONS=sessions\n";
  Deno.writeTextFileSync(
    clinic.at(".samocode"),
    `${folders}CHECK=sh -c 'touch made'\nCHECK=no-such-program\nCHECK=./run\n`,
  );
  clinic.line.project.trust();
  const { found } = await clinic.examine();
  assert.deepEqual(found.filter(({ area }) => area === "checks").map(({ level, text }) => `${level} ${text}`), [
    "ok sh -c 'touch made'",
    "warning no-such-program: there is no program no-such-program",
    "ok ./run",
  ]);
});

Deno.test("samocode doctor reports every problem with the settings and its fix, and exits with 1", async () => {
  using clinic = new Clinic();
  Deno.writeTextFileSync(clinic.at(".samocode"), "MAIN_REPO=repo\nWORKTREES=gone\n");
  clinic.line.project.trust();
  const { code, usable, found } = await clinic.examine({ SAMOCODE_MAX_COST: "much" });
  assert.deepEqual([code, usable], [1, false]);
  const problems = found.filter(({ area }) => area === "settings").map((
    { level, text, remedy },
  ) => [level, text, remedy]);
  assert.deepEqual(problems, [
    [
      "problem",
      `${clinic.at(".samocode")}: WORKTREES: ${clinic.at("gone")} does not exist`,
      `Create it with: mkdir -p ${shellWord(clinic.at("gone"))}`,
    ],
    ["problem", `${clinic.at(".samocode")}: SESSIONS is missing`, "Add a line like SESSIONS=~/project/sessions to it"],
    [
      "problem",
      'the environment: SAMOCODE_MAX_COST: "much" is not an amount in dollars',
      "Use a number, or off for no limit",
    ],
  ]);
  Deno.removeSync(clinic.at(".samocode"));
  const none = await clinic.examine();
  assert.deepEqual(none.found.filter(({ area }) => area === "settings").map(({ remedy }) => remedy), [
    "samocode init, in the repository",
  ]);
});

Deno.test("samocode doctor says who pays for Claude Code, and prints no secret", async () => {
  using clinic = new Clinic();
  const secret = "sk-ant-secret-4711";
  const client = { SAMOCODE_PROVIDER: "claude", CLAUDE_PATH: clinic.program("claude", "echo '2.1.999 (Claude Code)'") };
  const login = clinic.at("home/.claude/.credentials.json");
  Deno.mkdirSync(clinic.at("home/.claude"));
  const billing = async (env: Readonly<Record<string, string>>) => {
    const { found, out } = await clinic.examine({ ...client, ...env });
    assert.ok(!out.includes(secret));
    const [version, billed] = found.filter(({ area }) => area === "Claude Code");
    assert.match(version?.text ?? "", /^Version 2\.1\.999: /);
    return [billed?.level, billed?.text];
  };
  assert.deepEqual(await billing({}), ["problem", "No login found"]);
  assert.deepEqual(await billing({ ANTHROPIC_API_KEY: secret }), ["ok", "Billed by use: ANTHROPIC_API_KEY is set"]);
  const oauth = { accessToken: secret, refreshToken: secret, expiresAt: 0, subscriptionType: "max" };
  Deno.writeTextFileSync(login, JSON.stringify({ claudeAiOauth: oauth }));
  assert.deepEqual(await billing({}), ["ok", "Billed to a subscription: you are logged in (max)"]);
  assert.equal((await billing({ ANTHROPIC_API_KEY: secret }))[0], "warning");
  Deno.writeTextFileSync(login, JSON.stringify({ claudeAiOauth: { ...oauth, refreshToken: "" } }));
  assert.equal((await billing({}))[0], "problem", "an expired login does not count");
  assert.match(String((await billing({ CLAUDE_CODE_USE_BEDROCK: "1" }))[1]), /Amazon Bedrock/);
});

Deno.test("samocode doctor finds programs that are missing, hang or fail", async () => {
  using clinic = new Clinic();
  const versionOf = async (path: string) => {
    const { found } = await clinic.examine({ SAMOCODE_PROVIDER: "claude", CLAUDE_PATH: path, ANTHROPIC_API_KEY: "k" });
    const [first] = found.filter(({ area }) => area === "Claude Code");
    return [first?.level, first?.text.replaceAll(path, "PATH")];
  };
  assert.deepEqual(await versionOf("/no/such"), ["problem", "Cannot find PATH"]);
  const hanging = clinic.program("hanging", "exec sleep 60");
  assert.deepEqual(await versionOf(hanging), ["warning", "Cannot get the version of PATH: it did not answer"]);
  const codex = await clinic.examine({ SAMOCODE_PROVIDER: "codex", CODEX_PATH: "/no/such" });
  assert.deepEqual(codex.found.filter(({ level }) => level === "problem").map(({ area, text }) => [area, text]), [
    ["Codex", "Cannot find /no/such"],
  ]);
  const failing = clinic.program("failing", "echo 'no \x1b[31mlibrary' >&2; exit 3");
  assert.deepEqual(await versionOf(failing), ["warning", "Cannot get the version of PATH: no library"]);
});

Deno.test("samocode doctor says whether the machine is kept awake, and why not", async () => {
  using clinic = new Clinic();
  const sleepOf = async (env: Readonly<Record<string, string>>) => {
    const { found } = await clinic.examine(env);
    return found.filter(({ area }) => area === "sleep").map(({ level, text }) => `${level}: ${text}`);
  };
  const inhibit = clinic.program("systemd-inhibit", "echo 'Failed to inhibit: Access denied' >&2; exit 1");
  const path = (...before: readonly string[]) => ({ PATH: [...before, Deno.env.get("PATH") ?? ""].join(":") });
  const nothing = "warning: Nothing keeps this machine awake while agents work: ";
  assert.deepEqual(await sleepOf(path(dirname(inhibit))), [`${nothing}Failed to inhibit: Access denied`]);
  clinic.program("systemd-inhibit", "exit 0");
  assert.deepEqual(await sleepOf(path(dirname(inhibit))), [
    "ok: The machine stays awake while agents work, by systemd-inhibit",
  ]);
  assert.deepEqual(await sleepOf({ SAMOCODE_KEEP_AWAKE: "off" }), [
    "ok: The machine may sleep while agents work: SAMOCODE_KEEP_AWAKE=off",
  ]);
  assert.deepEqual(await sleepOf({ PATH: clinic.at("home") }), [`${nothing}systemd-inhibit is not installed`]);
});

Deno.test("samocode doctor finds a missing git identity", async () => {
  using clinic = new Clinic();
  const nobody = { GIT_AUTHOR_NAME: "", GIT_COMMITTER_EMAIL: "", GIT_CONFIG_NOSYSTEM: "1", SAMOCODE_PROVIDER: "demo" };
  const { code, stdout } = await clinic.line.project.run(["doctor", "--json"], nobody);
  assert.equal(code, 1);
  const findings: readonly Found[] = JSON.parse(stdout).findings;
  assert.deepEqual(findings.filter(({ level }) => level === "problem").map(({ text, remedy }) => [text, remedy]), [
    [
      "git cannot commit: user.name and user.email are not set",
      'git config --global user.name "…"; git config --global user.email "…"',
    ],
  ]);
});

Deno.test("samocode doctor finds orphaned and lost worktrees, and work that exists in one place only", async () => {
  using clinic = new Clinic();
  const { project } = clinic.line;
  await clinic.line.type(START);
  project.git("worktree", "add", "--quiet", clinic.at("worktrees/orphan"));
  Deno.writeTextFileSync(clinic.at("worktrees/orphan/new"), "");
  Deno.mkdirSync(clinic.at("worktrees/stranger"));
  project.git("worktree", "add", "--quiet", clinic.at("worktrees/gone"));
  Deno.removeSync(clinic.at("worktrees/gone"), { recursive: true });
  const about = async () => {
    const { found } = await clinic.examine();
    return found.filter(({ area, level }) => area === "worktrees" && level === "warning").map(({ text }) => text)
      .sort();
  };
  assert.deepEqual(
    await about(),
    [
      `${clinic.at("worktrees/gone")} was deleted, but git still lists it`,
      `${clinic.at("worktrees/stranger")} is not a worktree of the repository`,
      "orphan belongs to no session, but has 1 uncommitted file",
    ].sort(),
  );
  Deno.removeSync(clinic.at("worktrees/top"), { recursive: true });
  assert.ok((await about()).includes("top has lost its worktree"));
  project.git("worktree", "prune");
  project.git("branch", "-D", "top");
  assert.ok((await about()).includes("top has lost its worktree and its branch top"));
});

Deno.test("samocode doctor reports unpushed commits", async () => {
  using clinic = new Clinic();
  const { project } = clinic.line;
  project.git("clone", "--quiet", "--bare", ".", clinic.at("remote.git"));
  project.git("remote", "add", "origin", clinic.at("remote.git"));
  project.git("fetch", "--quiet", "origin");
  await clinic.line.type(START);
  project.git("-C", clinic.at("worktrees/top"), "commit", "--quiet", "--allow-empty", "--message=Work");
  const { found } = await clinic.examine();
  assert.deepEqual(found.filter(({ text }) => text.startsWith("top ")).map(({ level, text }) => [level, text]), [
    ["ok", "top has 1 unpushed commit"],
  ]);
});

Deno.test("samocode doctor finds a crashed session, leftover processes, and a journal that somebody changed", async () => {
  using clinic = new Clinic();
  await clinic.line.type(START);
  const journal = clinic.line.path("_journal.jsonl");
  const lines = Deno.readTextFileSync(journal).trim().split("\n");
  const started = lines.findIndex((text) => text.includes('"iteration.started"'));
  Deno.writeTextFileSync(journal, lines.slice(0, started + 1).join("\n") + "\n");
  clinic.line.project.own();
  const { marker } = JSON.parse(lines[started] ?? "");
  const left = new Deno.Command("sleep", { args: ["600"], env: { SAMOCODE_MARKER: marker } }).spawn();
  try {
    const { code, found } = await clinic.examine();
    assert.equal(code, 0, "the next run repairs it");
    const said = found.filter(({ area, level }) => area === "sessions" && level === "warning");
    assert.deepEqual(said.map(({ text, remedy }) => [text, remedy]), [
      ["top: its worker died in investigation", "samocode run top continues from there"],
      ["top: its agent left processes running", `samocode run top ends them; or kill ${left.pid}`],
    ]);
  } finally {
    left.kill();
    await left.status;
  }
  Deno.writeTextFileSync(journal, lines.slice(0, started).join("\n") + "\n");
  const { found } = await clinic.examine();
  const [changed] = found.filter(({ area, level }) => area === "sessions" && level === "warning");
  assert.match(changed?.text ?? "", /^top: its journal cannot be trusted: \d+ bytes are missing at its end$/);
  assert.equal(changed?.remedy, "Restore it, or samocode trust top");
  Deno.writeTextFileSync(journal, "not a journal\n");
  assert.equal((await clinic.examine()).code, 0, "one broken folder hides nothing");
});

Deno.test("samocode doctor warns of a half-set Telegram, and calls the project usable", async () => {
  using clinic = new Clinic();
  const { found } = await clinic.examine({ TELEGRAM_CHAT_ID: "1" });
  const about = found.filter(({ text }) => /Telegram stays silent/.test(text));
  assert.deepEqual(about.map(({ area, level, text, remedy }) => ({ area, level, text, remedy })), [{
    area: "settings",
    level: "warning",
    text: "Telegram stays silent: TELEGRAM_BOT_TOKEN is missing",
    remedy: "Set both, or neither",
  }]);
});

Deno.test("samocode doctor checks the token with Telegram, and never prints it", async () => {
  using clinic = new Clinic();
  const token = "4711:secret";
  const asked: string[] = [];
  let answer = Response.json({ ok: true, result: { username: "my_bot" } });
  await using server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: () => {} }, (request) => {
    asked.push(`${request.method} ${new URL(request.url).pathname}`);
    return answer.clone();
  });
  const base = `http://127.0.0.1:${server.addr.port}`;
  const say = async (apiBase: string) => {
    const env = { TELEGRAM_BOT_TOKEN: token, TELEGRAM_CHAT_ID: "1", TELEGRAM_API_BASE: apiBase };
    const { found, out } = await clinic.examine(env);
    assert.ok(!out.includes(token));
    return found.filter(({ area }) => area === "Telegram").map(({ level, text }) => [level, text]);
  };
  assert.deepEqual(await say(base), [["ok", "Telegram knows the bot @my_bot"]]);
  assert.deepEqual(asked, [`GET /bot${token}/getMe`, `GET /bot${token}/getWebhookInfo`]);
  answer = Response.json({ ok: true, result: { username: token } });
  assert.deepEqual(await say(base), [["ok", "Telegram knows the bot @…"]]);
  answer = Response.json({ ok: false, description: `no ${token}` }, { status: 401 });
  assert.deepEqual(await say(base), [["problem", "Telegram does not recognize the bot's token"]]);
  answer = new Response("busy", { status: 503 });
  assert.deepEqual(await say(base), [["warning", "Telegram answered 503"]]);
  const closed = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = closed.addr;
  closed.close();
  assert.deepEqual(await say(`http://127.0.0.1:${port}`), [
    ["warning", "Cannot reach Telegram: no connection"],
  ]);
});

Deno.test("samocode doctor warns about a Telegram group without deciders and about a webhook", async () => {
  using clinic = new Clinic();
  await using telegram = new BotApi({ chat: -100 });
  const say = async (env = {}): Promise<unknown> => {
    const { found, out } = await clinic.examine({ ...telegram.env, ...env });
    assert.doesNotMatch(out, /secret-path|stand-in_Token/);
    return found.filter(({ area }) => area === "Telegram").map(({ level, text, remedy }) => [level, text, remedy]);
  };
  const known = ["ok", "Telegram knows the bot @samocode_bot", undefined];
  assert.deepEqual(await say(), [known, [
    "warning",
    "Nobody can decide on Telegram; it only notifies",
    "The chat is a group: set TELEGRAM_USER_IDS to the ids of those who may decide there",
  ]]);
  assert.deepEqual(await say({ TELEGRAM_USER_IDS: "8" }), [known]);
  telegram.webhook = "https://hooks.example.org/secret-path";
  assert.deepEqual(await say({ TELEGRAM_USER_IDS: "8" }), [known, [
    "warning",
    "The bot's messages go to a webhook (hooks.example.org), so nobody can decide on Telegram",
    "Create a bot for samocode on this machine only, with @BotFather",
  ]]);
});

Deno.test("samocode doctor reads the MCP registrations and starts no server", async () => {
  using clinic = new Clinic();
  const trap = clinic.program("trap", `touch ${clinic.at("started")}`);
  Deno.writeTextFileSync(
    clinic.at("home/.claude.json"),
    JSON.stringify({ mcpServers: { samocode: { command: trap } } }),
  );
  Deno.mkdirSync(clinic.at("home/.codex"));
  Deno.writeTextFileSync(
    clinic.at("home/.codex/config.toml"),
    'model = "x"\n[mcp_servers.other]\ncommand = "y"\n[mcp_servers.samocode]\ncommand = "gone"\nargs = ["mcp", "a b"]\n[z]\n',
  );
  const { found } = await clinic.examine();
  assert.deepEqual(found.filter(({ area }) => area === "MCP server").map(({ level, text }) => [level, text]), [
    ["ok", `Registered with Claude Code, in ${clinic.at("home/.claude.json")}: ${trap}`],
    [
      "warning",
      `Registered with Codex, in ${clinic.at("home/.codex/config.toml")}: gone mcp a b; there is no such program`,
    ],
  ]);
  assert.throws(() => Deno.statSync(clinic.at("started")), Deno.errors.NotFound);
});

Deno.test("samocode doctor asks what receives telemetry, and prints no header", async () => {
  using clinic = new Clinic();
  const key = "0f9d3k2l5m8n7b6v";
  await using collector = new Collector(({ headers, path }) =>
    new Response("", { status: headers.get("x-key") !== key ? 401 : path === "/v1/traces" ? 200 : 404 })
  );
  const say = async (env: Readonly<Record<string, string>>) => {
    const { found, out } = await clinic.examine({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, ...env });
    assert.equal(out.includes(key), false);
    return found.filter(({ area }) => area === "telemetry").map(({ level, text }) => [level, text]);
  };
  assert.deepEqual(await say({ OTEL_EXPORTER_OTLP_HEADERS: `x-key=${key}` }), [
    ["ok", `Traces are accepted by ${collector.url}`],
    ["warning", `Metrics are lost: ${collector.url}: HTTP 404`],
  ]);
  const refused = ["warning", `Traces are lost: ${collector.url}: HTTP 401`];
  const json = { OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: "http/json", OTEL_EXPORTER_OTLP_METRICS_PROTOCOL: "grpc" };
  assert.deepEqual(await say(json), [refused]);
  assert.equal(collector.requests.at(-1)?.headers.get("content-type"), "application/json");
  assert.deepEqual(await say({ OTEL_SDK_DISABLED: "true" }), []);
});

/** A project to examine. */
class Clinic implements Disposable {
  readonly line = new CommandLine();

  at(path: string): string {
    return join(this.line.project.root, path);
  }

  program(name: string, script: string): string {
    Deno.writeTextFileSync(this.at(name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
    return this.at(name);
  }

  async examine(
    env: Readonly<Record<string, string>> = {},
  ): Promise<{ code: number; usable: boolean; found: readonly Found[]; out: string }> {
    const { code, out, error } = await this.line.type(["doctor", "--json"], {
      env: { ...IDENTITY, ...env },
      workingDirectory: this.line.project.repo,
    });
    assert.equal(error, "");
    const { usable, findings } = JSON.parse(out);
    return { code, usable, found: findings, out };
  }

  [Symbol.dispose](): void {
    this.line[Symbol.dispose]();
  }
}
