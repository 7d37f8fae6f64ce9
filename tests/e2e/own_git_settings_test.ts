import assert from "node:assert/strict";
import { join } from "node:path";
import { hostileProject } from "../helpers/hostile_project.ts";
import type { TempProject } from "../helpers/temp_project.ts";

const RUN = ["run", "--session", "own", "--task", "Work"];
const DONE = `echo '{"status":"blocked","reason":"enough","needs":"clarification"}' > "$SAMOCODE_SIGNAL"`;

/** A project whose person has git settings and programs of their own. */
function project(): TempProject {
  const made = hostileProject(DONE);
  for (const name of ["own", "evil"]) {
    Deno.writeTextFileSync(join(made.root, name), `#!/bin/sh\necho "$@" >> ${made.root}/${name}.ran\n`, {
      mode: 0o755,
    });
  }
  return made;
}

function global(made: TempProject, ...pairs: readonly (readonly [string, string])[]): void {
  for (const [key, value] of pairs) made.git("config", "--global", "--add", key, value);
}

function ran(made: TempProject, name: "own" | "evil"): string {
  try {
    return Deno.readTextFileSync(join(made.root, `${name}.ran`));
  } catch {
    return "";
  }
}

async function run(made: TempProject): Promise<string> {
  const { code, stdout, stderr } = await made.run(RUN);
  assert.equal(code, 20, stdout + stderr);
  return stdout;
}

Deno.test("the person's own hooks, filters and ssh serve a session, whatever the repository sets beside them", async () => {
  using made = project();
  const at = (name: string) => join(made.root, name);
  Deno.mkdirSync(at("home/hooks"));
  Deno.copyFileSync(at("own"), at("home/hooks/post-checkout"));
  Deno.writeTextFileSync(at("ssh"), '#!/bin/sh\nfor last; do :; done\nexec sh -c "$last"\n', { mode: 0o755 });
  made.git("init", "--quiet", "--bare", "--initial-branch=main", at("remote.git"));
  made.git("push", "--quiet", at("remote.git"), "main");
  made.git("remote", "add", "origin", `ssh://localhost${at("remote.git")}`);
  Deno.writeTextFileSync(join(made.repo, ".git", "info", "attributes"), "*.md filter=loud\n");
  global(
    made,
    ["core.hooksPath", "~/hooks"],
    ["core.sshCommand", at("ssh")],
    ["filter.loud.smudge", "tr a-z A-Z"],
    ["filter.loud.required", "true"],
  );
  for (const key of ["core.hooksPath", "core.sshCommand", "filter.loud.smudge", "core.fsmonitor"]) {
    made.git("config", key, at("evil"));
  }
  const said = await run(made);
  assert.match(said, /origin\/main/);
  assert.equal(Deno.readTextFileSync(at("worktrees/own/README.md")), "# DEMO\n");
  assert.match(ran(made, "own"), /^0{40} [0-9a-f]{40} 1$/m);
  assert.equal(ran(made, "evil"), "");
});

Deno.test("the person's own keeper of passwords is asked, the repository's is not", async () => {
  using made = project();
  let authorized = "";
  await using server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: () => {} }, ({ headers }) => {
    authorized ||= headers.get("authorization") ?? "";
    return new Response("", { status: 401, headers: { "www-authenticate": "Basic realm=x" } });
  });
  const url = `http://127.0.0.1:${server.addr.port}`;
  made.git("remote", "add", "origin", `${url}/x.git`);
  global(made, ["credential.helper", "!f() { echo username=me; echo password=mine; }; f"]);
  made.git("config", "credential.helper", "");
  made.git("config", "--add", "credential.helper", `!${join(made.root, "evil")}`);
  made.git("config", `credential.${url}.helper`, `!${join(made.root, "evil")}`);
  made.git("config", "core.askPass", join(made.root, "evil"));
  assert.match(
    await run(made),
    /origin could not be fetched \(git may not use the repository's own core\.askpass, cred/,
  );
  assert.match((await made.run(["doctor"])).stdout, /git does not use the repository's own core\.askpass, cred/);
  assert.equal(authorized, `Basic ${btoa("me:mine")}`);
  assert.equal(ran(made, "evil"), "");
});

Deno.test("a filter of the repository's that a checkout needs stops the session, until the person makes it their own", async () => {
  using made = project();
  Deno.writeTextFileSync(join(made.repo, ".git", "info", "attributes"), "*.md filter=loud\n");
  made.git("config", "filter.loud.smudge", "tr a-z A-Z");
  const { code, stdout, stderr } = await made.run(RUN);
  assert.equal(code, 1, stdout + stderr);
  assert.match(stdout, /README\.md: smudge filter loud failed/);
  const [, key = "", ...words] = /(git config --global) (filter\.loud\.smudge) COMMAND/.exec(stdout) ?? [];
  assert.deepEqual([key, ...words], ["git config --global", "filter.loud.smudge"], stdout);
  global(made, ["filter.loud.smudge", "tr a-z A-Z"]);
  await made.run(["run", "own"]);
  assert.equal(Deno.readTextFileSync(join(made.root, "worktrees/own/README.md")), "# DEMO\n");
});

Deno.test("a folder of hooks that the person names relative to each repository is the repository's", async () => {
  using made = project();
  Deno.mkdirSync(join(made.repo, "hooks"));
  Deno.copyFileSync(join(made.root, "evil"), join(made.repo, "hooks", "post-checkout"));
  made.git("-c", "core.hooksPath=/dev/null", "add", "--all");
  made.git("-c", "core.hooksPath=/dev/null", "commit", "--quiet", "--message=Hooks");
  global(made, ["core.hooksPath", "hooks"]);
  await run(made);
  assert.equal(ran(made, "evil"), "");
});

Deno.test("a git hook that starts a session does not have its variables send git elsewhere", async () => {
  using made = project();
  const other = join(made.root, "other");
  made.git("init", "--quiet", other);
  const fsmonitor = `'core.fsmonitor'='${join(made.root, "evil")}'`;
  const { code, stdout, stderr } = await made.run(RUN, {
    GIT_DIR: join(other, ".git"),
    GIT_COMMON_DIR: join(other, ".git"),
    GIT_WORK_TREE: other,
    GIT_INDEX_FILE: join(other, "index"),
    GIT_CONFIG_PARAMETERS: fsmonitor,
  });
  assert.equal(code, 20, stdout + stderr);
  assert.equal(made.git("-C", join(made.root, "worktrees/own"), "status", "--porcelain"), "");
  assert.equal(ran(made, "evil"), "");
});

/** Whether a program is there; a test without it is skipped by name. */
function has(program: string): boolean {
  try {
    return new Deno.Command(program, { args: ["version"], stdout: "null", stderr: "null" }).outputSync().success;
  } catch {
    return false;
  }
}

const LFS = { name: "git-lfs", ignore: !has("git-lfs") };

Deno.test({
  ...LFS,
  name:
    "a repository with git-lfs, set up for the person or in it alone, gets its files; its own lfs programs do not run",
  fn: async () => {
    for (const scope of [[], ["--local"]]) {
      using made = project();
      const evil = join(made.root, "evil");
      made.git("lfs", "install", ...scope);
      made.git("lfs", "track", "*.bin");
      Deno.writeTextFileSync(join(made.repo, "a.bin"), "large\n");
      made.git("add", "--all");
      made.git("commit", "--quiet", "--message=Large");
      assert.match(made.git("show", "HEAD:a.bin"), /^version https:\/\/git-lfs/);
      made.git("config", "lfs.extension.x.clean", `${evil} %f`);
      made.git("config", "lfs.extension.x.smudge", `${evil} %f`);
      made.git("config", "lfs.extension.x.priority", "0");
      made.git("config", "lfs.customtransfer.x.path", evil);
      made.git("config", "lfs.standalonetransferagent", "x");
      await run(made);
      assert.equal(Deno.readTextFileSync(join(made.root, "worktrees/own/a.bin")), "large\n", scope.join());
      // One that is missing here has to be fetched.
      Deno.removeSync(join(made.repo, ".git", "lfs"), { recursive: true });
      await made.run(["run", "--session", "second", "--task", "Work"]);
      assert.equal(ran(made, "evil"), "", scope.join());
      made.git("worktree", "prune");
      new Deno.Command("git", { args: ["worktree", "add", "../tried"], cwd: made.repo, env: made.env }).outputSync();
      assert.notEqual(ran(made, "evil"), "", "the trap is none");
    }
  },
});

Deno.test({
  name: "a repository with git-crypt is refused until it is locked, and told how",
  ignore: !has("git-crypt"),
  fn: async () => {
    using made = project();
    const crypt = (...args: readonly string[]) => {
      const { success } = new Deno.Command("git-crypt", { args: [...args], cwd: made.repo, env: made.env })
        .outputSync();
      assert.ok(success);
    };
    crypt("init");
    Deno.writeTextFileSync(join(made.repo, ".gitattributes"), "*.key filter=git-crypt diff=git-crypt\n");
    Deno.writeTextFileSync(join(made.repo, "a.key"), "secret\n");
    made.git("add", "--all");
    made.git("commit", "--quiet", "--message=Key");
    const { code, stdout, stderr } = await made.run(RUN);
    assert.equal(code, 1, stdout + stderr);
    assert.match(stdout, /a\.key: smudge filter git-crypt failed/);
    assert.match(stdout, /git-crypt finds its keys only in the main checkout: run git-crypt lock there/);
    crypt("lock");
    await made.run(["run", "own"]);
    assert.match(Deno.readTextFileSync(join(made.root, "worktrees/own/a.key")), /^\0GITCRYPT\0/);
  },
});
