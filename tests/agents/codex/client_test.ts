import assert from "node:assert/strict";
import { codexArguments, codexClient, gitFoldersOf } from "../../../src/agents/codex/client.ts";
import type { CodexSettings } from "../../../src/agents/codex/settings.ts";
import { join, relative } from "node:path";
import { TempFolder } from "../../helpers/temp_folder.ts";
import { anIteration } from "../../helpers/agent_stage.ts";

const DEVELOPER_INSTRUCTIONS = "--config=developer_instructions=";

const SETTINGS: CodexSettings = { binary: "codex", model: "", sandbox: "workspace-write" };

const ITERATION = anIteration({
  phase: "planning",
  agent: { name: "planning-agent", description: "Plans", tools: ["Read"], prompt: 'Be "good"\nand $PATH \\ \u0007' },
  contextPath: "/cache/context.md",
  workingDirectory: "/worktrees/one",
  sessionFolder: "/sessions/one",
  signalPath: "/sessions/one/_signal.json",
  marker: "8f9e6d2c-0000-4000-8000-000000000000",
});

Deno.test("codexArguments() has the sandbox's folders, the agent's text, and the prompt on stdin", () => {
  const args = codexArguments(ITERATION, SETTINGS, ["/repo/.git/worktrees/one", "/repo/.git/objects"]);
  const at = args.findIndex((arg) => arg.startsWith(DEVELOPER_INSTRUCTIONS));
  assert.deepEqual(args.with(at, "INSTRUCTIONS"), [
    "exec",
    "--json",
    "--color=never",
    '--config=approval_policy="never"',
    '--config=shell_environment_policy.set.SAMOCODE_MARKER="8f9e6d2c-0000-4000-8000-000000000000"',
    '--config=shell_environment_policy.set.RUST_LOG=""',
    "--sandbox=workspace-write",
    "--add-dir=/sessions/one",
    "--add-dir=/repo/.git/worktrees/one",
    "--add-dir=/repo/.git/objects",
    "--skip-git-repo-check",
    "--ephemeral",
    "INSTRUCTIONS",
    "-",
  ]);
});

Deno.test("codexArguments() names a model only if one is set", () => {
  const modelOf = (model: string) =>
    codexArguments(ITERATION, { ...SETTINGS, model }, []).filter((arg) => arg.startsWith("--model"));
  assert.deepEqual(modelOf("gpt-5.5-codex"), ["--model=gpt-5.5-codex"]);
  assert.deepEqual(modelOf(""), []);
});

Deno.test("the developer instructions are the agent's text and name the skills' files", () => {
  const instructions = instructionsOf(codexArguments(ITERATION, SETTINGS, []));
  assert.ok(instructions.startsWith("You are samocode's planning-agent: Plans.\n\n"), instructions);
  assert.ok(instructions.includes(ITERATION.agent.prompt), instructions);
  assert.match(instructions, /piece of work of the planning phase, then leave the signal/);
  assert.doesNotMatch(instructions, /[Ss]kill/);
  const withSkills = instructionsOf(codexArguments({ ...ITERATION, pluginFolder: "/cache/plugin" }, SETTINGS, []));
  assert.match(withSkills, /`samocode:NAME` is the file \/cache\/plugin\/skills\/NAME\/SKILL\.md /);
});

Deno.test("codexClient() passes the context on stdin", () => {
  const client = codexClient(SETTINGS, { gitFolders: () => [] });
  assert.equal(client.inputPathFor?.(ITERATION), "/cache/context.md");
});

Deno.test("codexClient() adds the git folders of the working directory and reports the configured model", () => {
  const asked: string[] = [];
  const gitFolders = (worktree: string): readonly string[] => {
    asked.push(worktree);
    return ["/git"];
  };
  const now = (): Date => new Date(2026, 10, 20);
  const client = codexClient({ ...SETTINGS, binary: "/opt/codex", model: "m" }, { gitFolders, now });
  assert.deepEqual([client.binary, client.environmentFor(ITERATION)], [
    "/opt/codex",
    { RUST_LOG: "error,codex_otel.trace_safe=info" },
  ]);
  assert.ok(client.argumentsFor(ITERATION, { isGuarded: false }).includes("--add-dir=/git"));
  assert.deepEqual(asked, ["/worktrees/one"]);
  const [started] = client.readLine('{"type":"thread.started","thread_id":"t"}');
  assert.deepEqual(started, { type: "agent.started", model: "m", version: "", id: "t" });
  const message = "You’ve hit your usage limit. try again at 4:58 AM.";
  const [limited] = client.readLine(JSON.stringify({ type: "turn.failed", error: { message } }));
  const until = new Date(2026, 10, 20, 4, 59).toISOString();
  assert.deepEqual(limited, { type: "agent.limited", status: "rejected", until });
});

function instructionsOf(args: readonly string[]): string {
  const found = args.find((arg) => arg.startsWith(DEVELOPER_INSTRUCTIONS)) ?? "";
  return JSON.parse(found.slice(DEVELOPER_INSTRUCTIONS.length));
}

/** A repository with a worktree beside it. */
class Repository extends TempFolder {
  readonly common: string = this.at("main repo", ".git");
  readonly own: string;
  readonly worktree: string = this.at("wörk tree");

  constructor() {
    super();
    this.folder("main repo");
    this.git("init", "--quiet");
    this.git("-c", "user.name=me", "-c", "user.email=me@localhost", "commit", "--quiet", "--allow-empty", "-m", "x");
    this.git("worktree", "add", "--quiet", "-b", "one", this.worktree);
    const [admin] = [...Deno.readDirSync(join(this.common, "worktrees"))];
    this.own = join(this.common, "worktrees", admin?.name ?? assert.fail("no worktree"));
  }

  git(...args: readonly string[]): void {
    const { success } = new Deno.Command("git", { args: [...args], cwd: this.at("main repo") }).outputSync();
    assert.ok(success, args.join(" "));
  }

  /** What a commit needs. */
  needed(): readonly string[] {
    return [this.own, ...["objects", "refs", "logs"].map((name) => join(this.common, name))];
  }
}

Deno.test("gitFoldersOf() names what a commit in a worktree writes, without hooks and configuration", () => {
  using repository = new Repository();
  assert.deepEqual(gitFoldersOf(repository.worktree), repository.needed());
});

Deno.test("gitFoldersOf() follows a worktree's relative path", () => {
  using repository = new Repository();
  const gitdir = relative(repository.worktree, repository.own);
  Deno.writeTextFileSync(join(repository.worktree, ".git"), `gitdir: ${gitdir}\n`);
  assert.deepEqual(gitFoldersOf(repository.worktree), repository.needed());
});

Deno.test("gitFoldersOf() leaves out missing folders", () => {
  using repository = new Repository();
  Deno.removeSync(join(repository.common, "logs"), { recursive: true });
  assert.deepEqual(gitFoldersOf(repository.worktree), repository.needed().slice(0, -1));
});

Deno.test("gitFoldersOf() is empty for a folder that is not a worktree", () => {
  using repository = new Repository();
  const folders = [repository.at("main repo"), repository.folder("plain"), repository.at("missing")];
  assert.deepEqual(folders.flatMap(gitFoldersOf), []);
});

Deno.test("gitFoldersOf() follows no pointer that an agent has changed", () => {
  using repository = new Repository();
  const home = repository.folder("home", "objects");
  const point = (gitdir: string) => Deno.writeTextFileSync(join(repository.worktree, ".git"), gitdir);
  for (const gitdir of [repository.at("home"), "..", "", "/", repository.common, `${repository.own}/../..`]) {
    point(`gitdir: ${gitdir}\n`);
    assert.deepEqual(gitFoldersOf(repository.worktree), [], gitdir);
  }
  point(`gitdir: ${repository.own}\n`);
  for (const common of [join(home, ".."), "..", "", "/", "../../.."]) {
    Deno.writeTextFileSync(join(repository.own, "commondir"), common);
    assert.deepEqual(gitFoldersOf(repository.worktree), [], common);
  }
});

Deno.test({
  name: "gitFoldersOf() does not block on a pipe or an endless file",
  ignore: Deno.build.os === "windows",
  fn: () => {
    using repository = new Repository();
    Deno.removeSync(join(repository.own, "commondir"));
    repository.pipe(relative(repository.path, join(repository.own, "commondir")));
    assert.deepEqual(gitFoldersOf(repository.worktree), []);
    Deno.removeSync(join(repository.worktree, ".git"));
    Deno.symlinkSync("/dev/zero", join(repository.worktree, ".git"));
    assert.deepEqual(gitFoldersOf(repository.worktree), []);
  },
});
