/**
 * Installations as the real clients see them.
 *
 * @module
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { listingOf } from "../project/install/stage.ts";
import { clientTest } from "../helpers/find_clients.ts";
import { claudeEnvironment, type FakeModel, startFakeModel } from "../helpers/fake_model.ts";
import { TempProject } from "../helpers/temp_project.ts";

const ROOT = join(import.meta.dirname ?? ".", "..", "..");
const SKILLS = [...Deno.readDirSync(join(ROOT, "skills"))].map(({ name }) => name).sort();
const COMMANDS = [...Deno.readDirSync(join(ROOT, "commands"))].map(({ name }) => name.replace(/\.md$/, "")).sort();

const LOADS_A_SKILL = {
  rules: [{ steps: [{ tools: [{ name: "Skill", input: { skill: "investigation" } }] }], end: "Done." }],
};

for (const scope of ["user", "project"]) {
  clientTest(
    `claude loads the skills and commands installed for the ${scope}, and can use them`,
    "claude",
    async (found) => {
      await using model = await startFakeModel(found.fakeModel, LOADS_A_SKILL);
      using project = new TempProject(claudeEnvironment(found.path, model));
      const installed = await project.run(["install", "--scope", scope, "--yes", "--no-mcp"]);
      assert.equal(installed.code, 0, installed.stderr);
      const { init, said } = await askClaude(project, { model, path: found.path, prompt: "/dive how it works" });
      assert.deepEqual([...SKILLS, ...COMMANDS].filter((name) => !init.slash_commands.includes(name)), []);
      assert.match(said, /Launching skill: investigation/);
      assert.match(said, /# Investigation/);
      const [first] = model.requests;
      assert.equal(first?.toolError, false);
      assert.equal((await project.run(["uninstall", "--scope", scope, "--yes"])).code, 0);
      const after = await askClaude(project, { model, path: found.path, prompt: "hello" });
      assert.deepEqual([...SKILLS, ...COMMANDS].filter((name) => after.init.slash_commands.includes(name)), []);
    },
  );
}

clientTest("claude plugin validate --strict accepts the plugin, and claude loads it", "claude", async (found) => {
  await using model = await startFakeModel(found.fakeModel, {
    rules: [{ steps: [{ tools: [{ name: "Skill", input: { skill: "samocode:quality" } }] }], end: "Done." }],
  });
  using project = new TempProject(claudeEnvironment(found.path, model));
  await project.run(["install", "--plugin", "plugin", "--yes", "--no-mcp"]);
  const plugin = join(project.root, "plugin");
  for (const mcp of ["--no-mcp", "--yes"]) {
    await project.run(["install", "--plugin", "plugin", "--yes", ...(mcp === "--no-mcp" ? [mcp] : [])]);
    const checked = await client(project, { path: found.path, args: ["plugin", "validate", "--strict", plugin] });
    assert.equal(checked.code, 0, checked.out);
  }
  await project.run(["install", "--plugin", "plugin", "--yes", "--no-mcp"]);
  const { init, said } = await askClaude(project, {
    model,
    path: found.path,
    prompt: "/samocode:cleanup it",
    args: ["--plugin-dir", plugin],
  });
  assert.deepEqual(
    [...SKILLS, ...COMMANDS].filter((name) => !init.slash_commands.includes(`samocode:${name}`)),
    [],
  );
  assert.match(said, /Launching skill: samocode:quality/);
});

for (const scope of ["user", "project"]) {
  clientTest(`claude registers the MCP server for the ${scope} once, and removes it`, "claude", async (found) => {
    using project = new TempProject({ CLAUDE_PATH: found.path });
    const file = join(project.root, scope === "user" ? "home/.claude.json" : ".mcp.json");
    const servers = () => JSON.parse(Deno.readTextFileSync(file)).mcpServers;
    for (const said of [/Registered the MCP server/, /The MCP server is registered: /]) {
      const { code, stdout, stderr } = await project.run(["install", "--scope", scope, "--yes", "--mcp"]);
      assert.equal(code, 0, stderr);
      assert.match(stdout, said);
      assert.equal(servers().samocode.args.at(-1), "mcp");
    }
    assert.equal(servers().samocode.command === "samocode", scope === "project");
    const { code, stderr } = await project.run(["uninstall", "--scope", scope, "--yes"]);
    assert.equal(code, 0, stderr);
    if (scope === "user") assert.deepEqual(servers(), {});
    else assert.throws(() => Deno.statSync(file), Deno.errors.NotFound);
    assert.throws(() => Deno.statSync(join(project.root, "home", ".claude", "skills")), Deno.errors.NotFound);
  });
}

clientTest("codex registers the MCP server and removes it", "codex", async (found) => {
  using project = new TempProject({ CODEX_PATH: found.path });
  const installed = await project.run(["install", "--target", "codex", "--yes", "--mcp"]);
  assert.equal(installed.code, 0, installed.stderr);
  const get = () => client(project, { path: found.path, args: ["mcp", "get", "samocode", "--json"] });
  assert.equal(JSON.parse((await get()).out).transport.args.at(-1), "mcp");
  const doctor = await project.run(["doctor", "--json"]);
  assert.match(doctor.stdout, /Registered with Codex, in /);
  assert.equal((await project.run(["uninstall", "--target", "codex", "--yes"])).code, 0);
  assert.notEqual((await get()).code, 0);
  const left = listingOf(join(project.root, "home")).filter((line) =>
    /skills|samocode|config\.toml/.test(line) && !line.startsWith(".config/samocode/")
  );
  assert.deepEqual(left, []);
});

for (const scope of ["user", "project"]) {
  clientTest(
    `codex announces the skills installed for the ${scope}, and none after their removal`,
    "codex",
    async (found) => {
      using project = new TempProject({});
      const announced = async () => {
        let seen = "";
        await using model = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, async (request) => {
          seen += await request.text();
          return Response.json({ error: { message: "enough", type: "invalid_request_error" } }, { status: 400 });
        });
        await client(project, {
          path: found.path,
          args: codexArguments(project, `http://127.0.0.1:${model.addr.port}`),
        });
        assert.ok(seen.length > 1000, "codex has asked");
        return SKILLS.filter((name) => seen.includes(`/${name}/SKILL.md`));
      };
      Deno.mkdirSync(join(project.root, "home", ".codex"));
      await project.run(["install", "--target", "codex", "--scope", scope, "--yes"]);
      assert.deepEqual(await announced(), SKILLS);
      await project.run(["uninstall", "--target", "codex", "--scope", scope, "--yes"]);
      assert.deepEqual(await announced(), []);
    },
  );
}

function codexArguments(project: TempProject, url: string): readonly string[] {
  const settings = {
    model_provider: "fake",
    "model_providers.fake.name": "fake",
    "model_providers.fake.base_url": `${url}/v1`,
    "model_providers.fake.wire_api": "responses",
    "model_providers.fake.env_key": "FAKE_KEY",
    model: "gpt-5.5-codex",
  };
  return [
    "exec",
    "--json",
    "--skip-git-repo-check",
    "--ephemeral",
    "-C",
    project.root,
    ...Object.entries(settings).flatMap(([key, value]) => ["-c", `${key}=${JSON.stringify(value)}`]),
    "-c",
    "analytics.enabled=false",
    "-c",
    "check_for_update_on_startup=false",
    "Start",
  ];
}

async function askClaude(
  project: TempProject,
  { model, path, prompt, args = [] }: {
    readonly model: FakeModel;
    readonly path: string;
    readonly prompt: string;
    readonly args?: readonly string[];
  },
): Promise<{ readonly init: { readonly slash_commands: readonly string[] }; readonly said: string }> {
  const { out } = await client(project, {
    path,
    args: ["-p", prompt, "--output-format", "stream-json", "--verbose", "--no-session-persistence", ...args],
    env: claudeEnvironment(path, model),
  });
  const [first = ""] = out.split("\n");
  return { init: JSON.parse(first), said: out };
}

async function client(
  project: TempProject,
  { path, args, env = {} }: {
    readonly path: string;
    readonly args: readonly string[];
    readonly env?: Readonly<Record<string, string>>;
  },
): Promise<{ readonly code: number; readonly out: string }> {
  const { code, stdout, stderr } = await new Deno.Command(path, {
    args: [...args],
    cwd: project.root,
    clearEnv: true,
    env: {
      PATH: Deno.env.get("PATH") ?? "",
      HOME: join(project.root, "home"),
      LANG: "C.UTF-8",
      TERM: "dumb",
      FAKE_KEY: "fake",
      CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: "1",
      DISABLE_AUTOUPDATER: "1",
      ...env,
    },
    stdin: "null",
  }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, out: code === 0 ? text(stdout) : text(stdout) + text(stderr) };
}
