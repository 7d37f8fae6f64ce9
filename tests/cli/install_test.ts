import assert from "node:assert/strict";
import { join } from "node:path";
import { listingOf } from "../project/install/stage.ts";
import { CommandLine } from "./command_line.ts";

const SKILL = join("skills", "planning", "SKILL.md");

const ROOTS = [
  { target: "claude", scope: "user", root: "home/.claude" },
  { target: "claude", scope: "project", root: "repo/.claude" },
  { target: "codex", scope: "user", root: "home/.codex" },
  { target: "codex", scope: "project", root: "repo/.agents" },
] as const;

for (const { target, scope, root } of ROOTS) {
  const to = ["--target", target, "--scope", scope];

  Deno.test(`samocode install ${to.join(" ")} writes, and uninstall leaves only what the user changed`, async () => {
    using line = new CommandLine();
    const workingDirectory = line.project.repo;
    const type = (...args: readonly string[]) => line.type([...args, ...to], { workingDirectory });
    const before = listingOf(line.project.root);
    const place = line.project.root + "/" + root;

    assert.equal((await type("install", "--yes", "--no-mcp")).code, 0);
    const names = [...Deno.readDirSync(place)].map(({ name }) => name).sort();
    const parts = target === "claude" ? ["commands"] : [];
    assert.deepEqual(names, [...parts, "samocode-install.json", "skills"]);
    const again = await type("install", "--yes", "--no-mcp");
    assert.match(again.out, /Nothing to change/);

    Deno.writeTextFileSync(join(place, SKILL), "mine");
    const kept = await type("uninstall", "--yes");
    assert.match(kept.out, /leave {4}skills\/planning\/SKILL\.md: you changed it/);
    assert.deepEqual(listingOf(place), ["skills/", "skills/planning/", "skills/planning/SKILL.md: mine"]);

    Deno.removeSync(place, { recursive: true });
    await type("install", "--yes", "--no-mcp");
    await type("uninstall", "--yes");
    assert.deepEqual(listingOf(line.project.root), before);
    assert.match((await type("uninstall", "--yes")).out, /samocode is not installed/);
  });
}

Deno.test("samocode install asks at a terminal, and changes nothing without a yes", async () => {
  using line = new CommandLine();
  const before = line.listing();
  for (const answers of [["n"], [""], []]) {
    const said = await line.type(["install"], { answers });
    assert.deepEqual([said.code, said.out.endsWith("Nothing was changed.\n")], [0, true]);
  }
  assert.deepEqual(line.listing(), before);
  assert.match((await line.type(["install"], { answers: ["y"] })).out, /Installed\. .*\/dive/);
  assert.deepEqual((await line.type(["uninstall"], { answers: ["yes"] })).out.endsWith("Removed.\n"), true);
  assert.deepEqual(line.listing(), before);
});

Deno.test("samocode install and uninstall change nothing if they cannot ask, or with --dry-run", async () => {
  using line = new CommandLine();
  const before = line.listing();
  const { code, error } = await line.type(["install"]);
  assert.deepEqual([code, error.includes("--yes")], [2, true]);
  assert.match((await line.type(["install", "--dry-run"])).out, /write {4}skills.*\n[^]*Nothing was changed\.\n$/);
  assert.deepEqual(line.listing(), before);
  await line.type(["install", "--yes", "--no-mcp"]);
  const installed = line.listing();
  assert.equal((await line.type(["uninstall"])).code, 2);
  assert.match((await line.type(["uninstall", "--dry-run"])).out, /remove {3}skills.*\n[^]*Nothing was changed\.\n$/);
  assert.deepEqual(line.listing(), installed);
});

Deno.test("samocode install --plugin writes a plugin folder, upgrades it, and uninstall --plugin removes it", async () => {
  using line = new CommandLine();
  const before = line.listing();
  const { out } = await line.type(["install", "--plugin", "plug in", "--yes"]);
  assert.match(out, /claude --plugin-dir/);
  const plugin = join(line.project.root, "plug in");
  assert.deepEqual([...Deno.readDirSync(plugin)].map(({ name }) => name).sort(), [
    ".claude-plugin",
    ".mcp.json",
    "commands",
    "samocode-install.json",
    "skills",
  ]);
  assert.deepEqual(JSON.parse(Deno.readTextFileSync(join(plugin, ".mcp.json"))), {
    mcpServers: { samocode: { command: "samocode", args: ["mcp"] } },
  });
  await line.type(["install", "--plugin", "plug in", "--yes", "--no-mcp"]);
  assert.deepEqual([...Deno.readDirSync(plugin)].some(({ name }) => name === ".mcp.json"), false);
  await line.type(["uninstall", "--plugin", "plug in", "--yes"]);
  assert.deepEqual(line.listing(), before);
});

Deno.test("samocode install rejects contradictory flags and missing folders, and writes nothing", async () => {
  using line = new CommandLine();
  const before = line.listing();
  for (
    const [args, hint] of [
      [["--target", "cursor"], "claude, codex"],
      [["--scope", "world"], "user, project"],
      [["--plugin", "p", "--target", "codex"], "Leave them out"],
      [["--plugin", "p", "--mcp"], "Leave --mcp out"],
      [["--mcp", "--no-mcp"], "Choose one"],
      [["--target", "codex", "--scope", "project", "--mcp"], "without --scope project"],
      [["--plugin", "no/such/p"], "mkdir -p"],
    ] as const
  ) {
    const { code, error } = await line.type(["install", "--yes", ...args]);
    assert.deepEqual([code === 0, error.includes(hint)], [false, true], `${args}: ${error}`);
  }
  const noHome = await line.type(["install", "--yes"], { env: { HOME: "", USERPROFILE: "" } });
  assert.match(noHome.error, /Cannot find your home folder/);
  assert.deepEqual(line.listing(), before);
});

Deno.test("samocode install registers the MCP server if the user agrees, and uninstall removes it", async () => {
  using line = new CommandLine();
  const home = join(line.project.root, "home");
  const env = { CLAUDE_PATH: clientAt(join(line.project.root, "client.sh")) };
  assert.match((await line.type(["install", "--yes"], { env })).out, /not registered\. To register it: claude mcp add/);
  const { out } = await line.type(["install"], { env, answers: ["y"] });
  assert.match(out, /Registered the MCP server: claude mcp add --scope user samocode -- .* mcp\n$/);
  assert.match((await line.type(["install", "--mcp"], { env })).out, /The MCP server is registered: /);
  assert.equal(Deno.readTextFileSync(join(home, "calls")).trim().split("\n").length, 1);
  await line.type(["uninstall", "--yes"], { env });
  assert.deepEqual(
    Deno.readTextFileSync(join(home, "calls")).trim().split("\n").at(-1),
    "mcp remove --scope user samocode",
  );
  assert.deepEqual([...Deno.readDirSync(home)].map(({ name }) => name).sort(), [".config", "calls"]);
});

Deno.test("samocode install run by npx registers npx, because its samocode is on PATH for one run only", async () => {
  using line = new CommandLine();
  const env = { CLAUDE_PATH: clientAt(join(line.project.root, "client.sh")), npm_command: "exec" };
  const { out } = await line.type(["install", "--yes", "--mcp"], { env });
  assert.match(out, /Registered the MCP server: claude mcp add --scope user samocode -- npx -y samocode mcp\n$/);
});

Deno.test("samocode uninstall leaves an MCP server that was registered or changed by someone else", async () => {
  using line = new CommandLine();
  const state = join(line.project.root, "home", ".claude.json");
  const env = { CLAUDE_PATH: clientAt(join(line.project.root, "client.sh")) };
  const foreign = '{"mcpServers":{"samocode":{"command":"other","args":[]}}}';
  Deno.writeTextFileSync(state, foreign);
  await line.type(["install", "--yes", "--mcp"], { env });
  await line.type(["uninstall", "--yes"], { env });
  assert.equal(Deno.readTextFileSync(state), foreign);

  Deno.removeSync(state);
  const onWrite = () => Deno.writeTextFileSync(state, foreign);
  const late = await line.type(["install", "--yes", "--mcp"], { env, onWrite });
  assert.match(late.out, /already registered/);
  assert.equal(Deno.readTextFileSync(state), foreign, "registered by someone else meanwhile");

  Deno.removeSync(state);
  await line.type(["install", "--yes", "--mcp"], { env });
  Deno.writeTextFileSync(state, foreign);
  assert.match((await line.type(["uninstall", "--yes"], { env })).out, /was left: it was changed since/);
  assert.equal(Deno.readTextFileSync(state), foreign);
});

Deno.test("samocode install --mcp says how to continue if the client refuses or is missing", async () => {
  using line = new CommandLine();
  const refusing = join(line.project.root, "refusing.sh");
  Deno.writeTextFileSync(refusing, "#!/bin/sh\necho 'no way' >&2\nexit 1\n", { mode: 0o755 });
  for (const [path, said] of [["/no/such/claude", "Install it"], [refusing, "no way"]] as const) {
    const { code, error } = await line.type(["install", "--yes", "--mcp"], { env: { CLAUDE_PATH: path } });
    assert.deepEqual([code, error.includes(said)], [1, true], error);
  }
  const manifest = Deno.readTextFileSync(join(line.project.root, "home", ".claude", "samocode-install.json"));
  assert.equal(JSON.parse(manifest).mcp, undefined);
});

/** A client that stores its one server as Claude Code does. */
function clientAt(path: string): string {
  const script = `#!/bin/sh
echo "$@" >> "$HOME/calls"
if [ "$2" = add ]; then
  shift 6
  command=$1
  shift
  args=$(printf '"%s",' "$@")
  printf '{"mcpServers":{"samocode":{"command":"%s","args":[%s]}}}' "$command" "\${args%,}" > "$HOME/.claude.json"
else
  printf '{"mcpServers": {}}' > "$HOME/.claude.json"
fi
`;
  Deno.writeTextFileSync(path, script, { mode: 0o755 });
  return path;
}
