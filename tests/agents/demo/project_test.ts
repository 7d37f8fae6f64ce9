/**
 * The demo's sample project, made and tried for real.
 *
 * @module
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { makeSampleRepository, projectIn } from "../../../src/agents/demo/project.ts";
import { SamocodeError } from "../../../src/text/errors.ts";
import { runCommand } from "../../../src/system/processes/run_command.ts";

const DATA = fileURLToPath(new URL("../../../demo", import.meta.url));

async function inFolder(use: (folder: string) => Promise<void>): Promise<void> {
  const folder = Deno.makeTempDirSync();
  try {
    await use(folder);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}

async function output(binary: string, args: readonly string[], cwd: string): Promise<string> {
  const { code, stdout, stderr } = await runCommand(binary, args, { cwd });
  assert.equal(code, 0, stderr);
  return stdout;
}

const hasShell = Deno.build.os !== "windows";

Deno.test("makeSampleRepository() makes a clean repository with a short history on main", async () => {
  await inFolder(async (folder) => {
    await makeSampleRepository(join(folder, "tally"), DATA);
    const cwd = join(folder, "tally");
    assert.equal(
      await output("git", ["log", "--reverse", "--format=%an %s"], cwd),
      [
        "tally Count words",
        "tally Add tests",
        "tally Ignore case",
        "",
      ].join("\n"),
    );
    assert.equal(await output("git", ["symbolic-ref", "HEAD"], cwd), "refs/heads/main\n");
    assert.equal(await output("git", ["status", "--porcelain"], cwd), "");
    assert.deepEqual([...Deno.readDirSync(join(cwd, ".git"))].filter(({ name }) => name === "hooks"), []);
  });
});

Deno.test({
  name: "makeSampleRepository() makes a tool whose tests pass at each commit that has them",
  ignore: !hasShell,
  fn: () =>
    inFolder(async (folder) => {
      await makeSampleRepository(folder, DATA);
      assert.match(await output("sh", ["test.sh"], folder), /\n5 passed, 0 failed\n$/);
      await output("git", ["checkout", "--quiet", "HEAD~1"], folder);
      assert.match(await output("sh", ["test.sh"], folder), /\n4 passed, 0 failed\n$/);
    }),
});

Deno.test({
  name: "makeSampleRepository() makes a tool that does what its README shows",
  ignore: !hasShell,
  fn: () =>
    inFolder(async (folder) => {
      await makeSampleRepository(folder, DATA);
      Deno.writeTextFileSync(join(folder, "clock.txt"), "tick tock tick");
      assert.equal(await output("sh", ["tally.sh", "clock.txt"], folder), "2 tick\n1 tock\n");
      const readme = Deno.readTextFileSync(join(folder, "README.md"));
      assert.ok(readme.includes("    2 tick\n    1 tock\n"), readme);
    }),
});

Deno.test({
  name: "makeSampleRepository() is not disturbed by a person's git settings",
  ignore: !hasShell,
  fn: () =>
    inFolder(async (folder) => {
      const hooks = join(folder, "hooks");
      const template = join(folder, "template");
      Deno.mkdirSync(hooks);
      Deno.mkdirSync(join(template, "hooks"), { recursive: true });
      for (const hook of [join(hooks, "pre-commit"), join(template, "hooks", "pre-commit")]) {
        Deno.writeTextFileSync(hook, "#!/bin/sh\nexit 1\n", { mode: 0o755 });
      }
      const ignored = join(folder, "ignored");
      Deno.writeTextFileSync(ignored, "*.sh\n*.md\n");
      const config = join(folder, "config");
      Deno.writeTextFileSync(
        config,
        `[init]\n defaultBranch = trunk\n templateDir = ${template}\n[commit]\n gpgSign = true\n[gpg]\n program = false
[core]\n hooksPath = ${hooks}\n excludesFile = ${ignored}\n autocrlf = true\n safecrlf = true
[user]\n useConfigOnly = true\n[color]\n ui = always\n`,
      );
      const main = new URL("../../../src/agents/demo/project.ts", import.meta.url).href;
      const script = `import { makeSampleRepository } from ${JSON.stringify(main)};
        await makeSampleRepository(${JSON.stringify(join(folder, "tally"))}, ${JSON.stringify(DATA)});`;
      const run = await runCommand(Deno.execPath(), ["eval", script], {
        cwd: fileURLToPath(new URL("../../..", import.meta.url)),
        env: { GIT_CONFIG_GLOBAL: config, GIT_CONFIG_NOSYSTEM: "1" },
      });
      assert.equal(run.code, 0, run.stderr);
      const log = await output("git", ["log", "--format=%D %an <%ae>", "-1"], join(folder, "tally"));
      assert.equal(log, "HEAD -> main tally <tally@localhost>\n");
      assert.equal((await output("git", ["ls-files"], join(folder, "tally"))).split("\n").length, 5);
    }),
});

Deno.test("makeSampleRepository() refuses a folder in which something lies", async () => {
  await inFolder(async (folder) => {
    Deno.writeTextFileSync(join(folder, "README.md"), "mine");
    await assert.rejects(makeSampleRepository(folder, DATA), SamocodeError);
    assert.deepEqual([...Deno.readDirSync(folder)].map(({ name }) => name), ["README.md"]);
    assert.equal(Deno.readTextFileSync(join(folder, "README.md")), "mine");
  });
});

Deno.test("projectIn() knows the sample, and takes a folder of its own in anything else", async () => {
  await inFolder(async (folder) => {
    assert.deepEqual(projectIn(folder, DATA), own(folder));
    Deno.writeTextFileSync(join(folder, "tally.sh"), "#!/bin/sh\necho mine\n");
    Deno.mkdirSync(join(folder, "test.sh"));
    assert.deepEqual(projectIn(folder, DATA), own(folder));
    await makeSampleRepository(join(folder, "tally"), DATA);
    assert.deepEqual(projectIn(join(folder, "tally"), DATA), { root: join(folder, "tally"), prefix: "" });
  });
});

function own(folder: string): unknown {
  return { root: join(folder, "samocode-demo"), prefix: "samocode-demo/" };
}
