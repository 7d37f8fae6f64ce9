import assert from "node:assert/strict";
import { join } from "node:path";
import { AGENTS } from "../../src/agents/agents.ts";
import { SETTINGS } from "../../src/settings/settings_table.ts";
import { readProcess } from "../../src/system/processes/process_table.ts";
import { hostileProject } from "../helpers/hostile_project.ts";
import type { TempProject } from "../helpers/temp_project.ts";

const KEYS = { claude: AGENTS.claude.keys, codex: AGENTS.codex.keys };
const SECRETS = [...SETTINGS.values()].filter(({ kind }) => kind === "secret").map(({ name }) => name);
const PLANTED = Object.fromEntries(
  [...SECRETS, ...KEYS.claude, ...KEYS.codex].map((name) => [name, `planted-${name}`]),
);

/** The programs that samocode finds by PATH; each records its environment, and does its work if it is there. */
const PROGRAMS = ["git", "bwrap", "unshare", "ssh", "claude", "codex", "sh", "cat", "ps", "tally"];

/** A project in which every program that can be started records its environment. */
function recorded(agent: string): TempProject {
  const project = hostileProject(`env > "$folder/seen.agent.$$"\n${agent}`);
  const bin = join(project.root, "bin");
  Deno.mkdirSync(bin);
  for (const name of PROGRAMS) {
    const real = (project.env["PATH"] ?? "").split(":").map((folder) => join(folder, name)).find(isFile);
    const isClient = name === "claude" || name === "codex";
    const rest = isClient || real === undefined ? "echo 1.0.0" : `exec ${real} "$@"`;
    const text =
      `#!/bin/bash\n/usr/bin/env > ${project.root}/seen.${name}\${SAMOCODE_SIGNAL:+_for_agent}.$$ 2>/dev/null\n${rest}\n`;
    Deno.writeTextFileSync(join(bin, name), text, { mode: 0o755 });
  }
  return project;
}

function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}

/** Which planted secrets each program saw. */
function seen(project: TempProject): Readonly<Record<string, readonly string[]>> {
  const found: Record<string, Set<string>> = {};
  const sessions = [...Deno.readDirSync(join(project.root, "sessions"))].map(({ name }) => `sessions/${name}`);
  const files = [".", ...sessions].flatMap((folder) =>
    [...Deno.readDirSync(join(project.root, folder))].map(({ name }) => join(project.root, folder, name))
  );
  for (const path of files) {
    const [, program] = /\/seen\.(\w+)\.\d+$/.exec(path) ?? [];
    if (program === undefined) continue;
    const text = Deno.readTextFileSync(path);
    const secrets = found[program] ??= new Set();
    for (const [, secret = ""] of text.matchAll(/planted-(\w+)/g)) secrets.add(secret);
  }
  return Object.fromEntries(Object.entries(found).map(([program, secrets]) => [program, [...secrets].sort()]));
}

/** Waits for a worker in the background to be gone. */
async function ended(project: TempProject): Promise<void> {
  await project.until((events) => events.some(({ type }) => type === "session.stopped"));
  const started = project.events().find((event) => event.type === "session.started");
  while (started !== undefined && readProcess(started.pid) !== undefined) {
    await new Promise((wake) => setTimeout(wake, 20));
  }
}

function env(project: TempProject): Readonly<Record<string, string>> {
  return {
    ...PLANTED,
    PATH: `${join(project.root, "bin")}:${project.env["PATH"]}`,
    // Nobody listens there.
    TELEGRAM_CHAT_ID: "1",
    TELEGRAM_API_BASE: "http://127.0.0.1:9",
  };
}

const BLOCKED = `echo '{"status":"blocked","reason":"enough","needs":"clarification"}' > "$SAMOCODE_SIGNAL"`;
const WORK = ["--session", "own", "--task", "Work"];

for (const how of ["run", "start"]) {
  Deno.test(`samocode ${how}: only the agent gets keys, and nobody the token of a channel`, async () => {
    using project = recorded(BLOCKED);
    project.git("remote", "add", "origin", "ssh://localhost/x");
    const { stdout, stderr } = await project.run([how, ...WORK], { ...env(project), SAMOCODE_GUARD: "on" });
    if (how === "start") await ended(project);
    const { agent, bwrap_for_agent: around = [], git, ssh, ...others } = seen(project);
    const both = [...KEYS.claude, ...KEYS.codex].sort();
    // Another agent's keys may be what the project's own program needs.
    assert.deepEqual({ agent, git, ssh }, { agent: both, git: [], ssh: [] }, stdout + stderr);
    assert.deepEqual(around.filter((name) => !both.includes(name)), []);
    assert.deepEqual(Object.values(others).flat(), []);
  });
}

Deno.test("samocode doctor and install hand no secret to git, the guard or the clients that they ask", async () => {
  using project = recorded(BLOCKED);
  const around = env(project);
  await project.run(["doctor"], { ...around, CLAUDE_PATH: "claude", CODEX_PATH: "codex", SAMOCODE_GUARD: "on" });
  await project.run(["install", "--mcp", "--yes"], around);
  const found = seen(project);
  for (const program of ["git", "claude", "codex"]) assert.deepEqual(found[program], [], program);
  assert.deepEqual(Object.values(found).flat(), []);
});
