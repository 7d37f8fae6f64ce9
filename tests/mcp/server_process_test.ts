/**
 * The server as a process: what it prints, how it ends, and what outlives it.
 *
 * @module
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { FakeTelegram } from "../helpers/fake_telegram.ts";
import { IS_BINARY } from "../helpers/program_under_test.ts";
import { viewTrust } from "../../src/operations/trust_project.ts";
import { TempFolder } from "../helpers/temp_folder.ts";
import { McpClient, McpProject } from "./mcp_client.ts";
import { slowTest } from "../helpers/slow.ts";

/** Prints in every way there is, as soon as the server has taken standard output. */
const NOISE = `
let log = console.log;
Object.defineProperty(console, "log", {
  get: () => log,
  set(value) {
    log = value;
    // The other methods are taken before this runs. A timer may come too late: Deno 2.4.2 lets them wait.
    queueMicrotask(makeNoise);
  },
});
function makeNoise() {
  for (const name of ["log", "info", "debug", "warn", "error", "trace", "table", "dir", "dirxml", "group"]) {
    console[name]([{ noise: name }]);
  }
  console.count("noise"); console.countReset("noise");
  console.time("noise"); console.timeLog("noise"); console.timeEnd("noise");
  console.assert(false, "noise");
}
`;

Deno.test({
  name: "standard output is JSON-RPC and nothing else, whatever the console is used for and the client sends",
  ignore: IS_BINARY,
  async fn(): Promise<void> {
    using project = new McpProject();
    const noise = join(project.root, "noise.js");
    Deno.writeTextFileSync(noise, NOISE);
    Deno.writeTextFileSync(join(project.root, ".env"), "CLAUDE_TIMEOUT=never\n");
    project.trust();

    const client = await McpClient.connect(project, { preload: noise });
    await client.send({ garbage: true });
    await client.sendText("this is no JSON\n\n{}\n[1,2]\n\u0000\n");
    assert.match(await client.refusal("read_status"), /CLAUDE_TIMEOUT: "never" is not a time in seconds/);
    await client.refusal("start_session", { task: "x" });
    const { code } = await client.close();
    assert.equal(code, 0);
    for (const line of client.lines) assert.equal(JSON.parse(line).jsonrpc, "2.0", line);
    const stderr = await client.stderr;
    assert.equal(stderr.match(/noise: "/g)?.length, 10, stderr);
  },
});

Deno.test("a server starts without a project, says how to fix that, and works as soon as there is one", async () => {
  using project = new McpProject();
  using nowhere = new TempFolder();
  await using client = await McpClient.connect(project, { workingDirectory: nowhere.path });
  assert.equal((await client.result("tools/list")).tools.length, 10);
  assert.match(await client.refusal("read_status"), /Cannot find \.samocode in [^]*`samocode init` in a terminal/);
  assert.deepEqual((await client.result("resources/list")).resources, []);
  nowhere.file(
    ".samocode",
    `MAIN_REPO=${project.repo}\nWORKTREES=${project.root}/worktrees\nSESSIONS=${project.root}/sessions\n`,
  );
  assert.match(await client.refusal("read_status"), /not trusted it[^]*`samocode trust --config .+` in a terminal/);
  viewTrust({ env: project.env, workingDirectory: nowhere.path, config: undefined }).trust();
  assert.deepEqual(await client.status("read_status"), { sessions: [] });
  const nobody = await client.refusal("wait_session", { session: "nobody" });
  assert.match(nobody, /\nThere are none yet; start one: start_session$/);
});

Deno.test("the project comes from --project, or else CLAUDE_PROJECT_DIR, or else the working directory", async () => {
  using project = new McpProject();
  using other = new McpProject();
  const below = join(project.root, "repo", "deep");
  Deno.mkdirSync(below);
  Deno.mkdirSync(join(project.root, "sessions", "26-01-01-mine"));
  Deno.writeTextFileSync(join(project.root, "sessions", "26-01-01-mine", "_journal.jsonl"), "");
  const cases = [
    { workingDirectory: below },
    { workingDirectory: other.root, env: { CLAUDE_PROJECT_DIR: below } },
    { workingDirectory: other.root, env: { CLAUDE_PROJECT_DIR: other.root }, args: ["--project", below] },
    { workingDirectory: project.root, env: { CLAUDE_PROJECT_DIR: "" } },
  ];
  for (const options of cases) {
    await using client = await McpClient.connect(project, options);
    const { sessions } = await client.status("read_status");
    assert.deepEqual(sessions.map(({ session }: { session: string }) => session), ["mine"], JSON.stringify(options));
  }
});

Deno.test("a server ends with its client, even during a wait; its sessions go on", async () => {
  using project = new McpProject();
  const env = {
    ...project.endlessAgent(),
    CLAUDECODE: "1",
    CLAUDE_CODE_SESSION_ID: "parent",
    CLAUDE_CODE_MESSAGING_TOKEN: "secret",
    CLAUDE_PROJECT_DIR: project.root,
  };
  const client = await McpClient.connect(project, { era: "legacy", env });
  void client.request("tools/call", { name: "start_session", arguments: { task: "Add --top", session: "top" } });
  await project.untilAtWork();
  const { code, signal } = await client.close();
  assert.deepEqual([code, signal], [0, null], await client.stderr);
  const [worker = 0] = project.workers();
  assert.ok(worker > 0);
  const environment = Deno.readTextFileSync(`/proc/${worker}/environ`);
  assert.doesNotMatch(environment, /CLAUDECODE=|CLAUDE_CODE_|CLAUDE_PROJECT_DIR|secret/);
  assert.equal(
    Deno.readTextFileSync(`/proc/${worker}/stat`).split(") ")[1]?.split(" ")[2],
    String(worker),
    "leads its group",
  );
});

for (const name of ["SIGTERM", "SIGHUP", "SIGINT", "SIGKILL"] as const) {
  Deno.test(`${name} to the server does not reach the session's worker, and no second worker starts`, async () => {
    using project = new McpProject();
    const env = project.endlessAgent();
    const client = await McpClient.connect(project, { env });
    await client.status("start_session", { task: "Add --top", session: "top", wait: false });
    await project.untilAtWork();
    const before = project.workers();
    assert.equal((await client.kill(name)).signal, name);
    await client.stderr;
    await using next = await McpClient.connect(project, { env });
    assert.equal((await next.status("read_status", { session: "top" })).state, "running");
    assert.deepEqual(project.workers(), before);
  });
}

slowTest("two servers at once: one session of a name, one worker, one approval", async () => {
  using project = new McpProject();
  const env = { SAMOCODE_GATE: "agent" };
  await using one = await McpClient.connect(project, { env });
  await using two = await McpClient.connect(project, { era: "legacy", env });
  const both = async (tool: string, args: Readonly<Record<string, unknown>>): Promise<number> => {
    const results = await Promise.all([one.call(tool, args), two.call(tool, args)]);
    return results.filter(({ isError }) => !isError).length;
  };
  assert.equal(await both("start_session", { task: "Add --top", session: "top" }), 1);
  assert.equal(await both("wait_session", { session: "top" }), 2);
  assert.ok(await both("answer_qa", { session: "top", accept_suggestions: true }) >= 1);
  const { plan } = await one.status("wait_session", { session: "top" });
  assert.ok(await both("approve_plan", { session: "top", decision: "approve", sha256: plan.sha256 }) >= 1);
  assert.equal((await two.status("wait_session", { session: "top" })).state, "done");
  const events = project.events();
  assert.deepEqual(events.map(({ seq }) => seq), events.map((_, index) => index + 1));
  assert.equal(events.filter(({ type }) => type === "session.created").length, 1);
  assert.equal(events.filter(({ type }) => type === "session.started").length, 3);
  assert.equal(
    events.filter(({ type }) => type === "iteration.ended").length,
    events.filter(({ type }) => type === "iteration.started").length,
  );
});

Deno.test("a call notices that a worker died, and tells the person once", async () => {
  await using telegram = new FakeTelegram();
  using project = new McpProject();
  await using client = await McpClient.connect(project, { env: { ...telegram.env, ...project.endlessAgent() } });
  await client.call("start_session", { session: "top", task: "Work", wait: false });
  await project.until((events) => events.some(({ type }) => type === "iteration.started"));
  for (const pid of project.workers()) Deno.kill(pid, "SIGKILL");
  while (project.workers().length > 0) await new Promise((wake) => setTimeout(wake, 10));
  for (let call = 0; call < 3; call++) await client.call("read_status", { session: "top" });
  await telegram.until((texts) => texts.length > 0);
  await client.call("read_status", {});
  assert.deepEqual(telegram.texts.map((text) => text.split("\n")[0]), ["<b>💀 top: its worker died</b>"]);
});
