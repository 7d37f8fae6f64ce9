import assert from "node:assert/strict";
import { join } from "node:path";
import { CommandLine } from "./command_line.ts";

Deno.test("samocode trust shows what the files set, and no secret, and trusts them where the person says yes", async () => {
  using line = new CommandLine();
  const { root } = line.project;
  Deno.writeTextFileSync(
    join(root, ".env"),
    "CLAUDE_PATH=./tool.sh\nNTFY_TOKEN=geheim\nNTFY_REPLY_TOPIC=mine\nOTHER=x\n",
  );
  Deno.mkdirSync(join(root, "repo", ".claude", "hooks"), { recursive: true });
  Deno.writeTextFileSync(join(root, "repo", "lint.sh"), "true\n");
  Deno.writeTextFileSync(
    join(root, "repo", ".claude", "settings.json"),
    JSON.stringify({
      env: { ANTHROPIC_BASE_URL: "http://x" },
      hooks: { Stop: [{ hooks: [{ command: "sh ./lint.sh" }] }] },
    }),
  );
  const shown = await line.type(["trust", "--show"]);
  assert.equal(
    shown.out,
    `${root}/.samocode: trusted
  MAIN_REPO=repo
  WORKTREES=worktrees
  SESSIONS=sessions
${root}/.env: you have not trusted it
  CLAUDE_PATH=./tool.sh
  NTFY_TOKEN (a secret)
  NTFY_REPLY_TOPIC=mine
${root}/repo/.claude/settings.json: you have not trusted it
  runs sh ./lint.sh
  sets ANTHROPIC_BASE_URL
${root}/repo/lint.sh: you have not trusted it
`,
  );
  assert.match(
    (await line.type(["list"])).error,
    /Cannot use .+\/\.env: you have not trusted it\n.*: samocode trust --config /,
  );
  assert.equal((await line.type(["trust"], { answers: ["n"] })).code, 1);
  assert.equal((await line.type(["list"])).code, 2);
  assert.match((await line.type(["trust"])).error, /stdin is not a terminal\n.*samocode trust --yes/);
  // Any command asks at a terminal, once, and then does its work.
  const asked = await line.type(["list"], { answers: ["y"] });
  assert.equal(asked.code, 0);
  assert.match(asked.out, /Trust them\? \[y\/N\] Trusted: .+\n\nNo session yet/);
  assert.equal((await line.type(["list"])).code, 0);
  // A program that settings name counts like the settings.
  Deno.writeTextFileSync(join(root, "repo", "lint.sh"), "evil\n");
  const env = { SAMOCODE_PROVIDER: "claude", CLAUDE_PATH: "/bin/false" };
  const run = ["run", "--session", "x", "--task", "x"];
  assert.match(
    (await line.type(run, { env })).error,
    /it would obey .+\/lint\.sh; it has changed since you trusted it/,
  );
  const without = await line.type(run, { env: { ...env, CLAUDE_SETTING_SOURCES: "user" } });
  assert.doesNotMatch(without.error, /trust/);
  assert.equal((await line.type(["trust", "--revoke"])).code, 0);
  assert.match((await line.type(["list"])).error, /\.samocode: you have not trusted it/);
});

Deno.test("what samocode init writes is trusted, and nothing that lay there before", async () => {
  using line = new CommandLine();
  const { repo } = line.project;
  Deno.writeTextFileSync(join(repo, ".env"), "CLAUDE_PATH=./tool.sh\n");
  assert.equal((await line.type(["init", "--yes"], { workingDirectory: repo })).code, 0);
  assert.match(
    (await line.type(["list"], { workingDirectory: repo })).error,
    /Cannot use .+\/\.env: you have not trusted/,
  );
  Deno.removeSync(join(repo, ".env"));
  assert.equal((await line.type(["list"], { workingDirectory: repo })).code, 0);
});

Deno.test("the records of trust are the user's alone, whatever the umask, and another user's count for nothing", async () => {
  using line = new CommandLine();
  const folder = join(line.project.root, "home", ".config", "samocode", "trust");
  const [{ name } = { name: "" }] = [...Deno.readDirSync(folder)];
  const record = join(folder, name);
  assert.deepEqual([folder, record].map((path) => (Deno.statSync(path).mode ?? 0) & 0o777), [0o700, 0o600]);
  if (Deno.uid() !== 0) return;
  Deno.chownSync(record, 12_345, 12_345);
  assert.match((await line.type(["list"])).error, /you have not trusted it/);
});

Deno.test("a link to a trusted folder leads nowhere else", async () => {
  using line = new CommandLine();
  const { root } = line.project;
  for (const name of ["repo", "worktrees", "sessions"]) Deno.mkdirSync(join(root, "evil", name), { recursive: true });
  Deno.symlinkSync(root, join(root, "evil", "link"));
  const { out } = await line.type(["run", "--session", "x", "--task", "x", "--dry-run", "--config", "evil/link"]);
  assert.ok(out.includes(`${join(root, "sessions")}/`), out);
});
