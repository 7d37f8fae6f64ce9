import assert from "node:assert/strict";
import { join } from "node:path";
import { CommandLine, START, WHOLE_AGENT } from "./command_line.ts";

/** A program that notes what it was given. */
function opener(line: CommandLine, script = 'printf "%s|" "$@" > "$HOME/opened"'): Readonly<Record<string, string>> {
  const folder = join(line.project.root, "bin");
  Deno.mkdirSync(folder, { recursive: true });
  Deno.writeTextFileSync(join(folder, "xdg-open"), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  return { PATH: `${folder}:${Deno.env.get("PATH")}`, DISPLAY: ":7", ANTHROPIC_API_KEY: "secret" };
}

Deno.test({
  name: "open opens folder, worktree or report on a terminal, and prints the path everywhere",
  ignore: Deno.build.os !== "linux",
  async fn(): Promise<void> {
    using line = new CommandLine();
    await line.typeWithAgent(WHOLE_AGENT, START);
    const env = opener(line);
    const opened = join(line.project.root, "home", "opened");
    const worktree = join(line.project.root, "worktrees", "top");
    const report = line.path("11-22-0300-summary.md");
    Deno.writeTextFileSync(line.path("11-22-0200-test-report.md"), "pass");
    Deno.writeTextFileSync(report, "All of it");
    for (
      const [flags, path] of [
        [[], line.project.sessionFolder()],
        [["--worktree"], worktree],
        [["--report"], report],
      ] as const
    ) {
      const typed = await line.type(["open", "top", ...flags], { env, isOutputTerminal: true });
      assert.deepEqual(typed, { code: 0, out: `${path}\n`, error: "" });
      assert.equal(Deno.readTextFileSync(opened), `${path}|`);
      Deno.removeSync(opened);
      // Nobody looks: a script wants the path.
      assert.equal((await line.type(["open", "top", ...flags], { env })).out, `${path}\n`);
      assert.throws(() => Deno.statSync(opened));
    }
    const json = await line.type(["open", "top", "--json"], { env, isOutputTerminal: true });
    assert.deepEqual(JSON.parse(json.out), { kind: "folder", path: line.project.sessionFolder(), isOpened: true });
  },
});

Deno.test({
  name: "open says by isOpened where nothing can open it: no display, no program, a program that fails",
  ignore: Deno.build.os !== "linux",
  async fn(): Promise<void> {
    using line = new CommandLine();
    await line.typeWithAgent(WHOLE_AGENT, START);
    const env = opener(line, "exit 3");
    for (const places of [env, { ...env, DISPLAY: "" }, { ...env, PATH: "/nowhere" }]) {
      const { code, out } = await line.type(["open", "top", "--json"], { env: places, isOutputTerminal: true });
      assert.equal(code, 0);
      assert.deepEqual(JSON.parse(out), { kind: "folder", path: line.project.sessionFolder(), isOpened: false });
    }
  },
});

Deno.test("open refuses what is not there, and a report that is a link", async () => {
  using line = new CommandLine();
  await line.typeWithAgent(WHOLE_AGENT, START);
  assert.match((await line.type(["open", "top", "--report"])).error, /no agent has written one\n.*samocode status top/);
  Deno.symlinkSync("/etc/passwd", line.path("11-22-0300-summary.md"));
  assert.equal((await line.type(["open", "top", "--report"])).code, 2);
  Deno.removeSync(join(line.project.root, "worktrees", "top"), { recursive: true });
  assert.match(
    (await line.type(["open", "top", "--worktree"])).error,
    /Cannot open the worktree of top: there is none/,
  );
  for (const args of [["open"], ["open", "top", "--report", "--worktree"]]) {
    assert.equal((await line.type(args)).code, 2);
  }
});
