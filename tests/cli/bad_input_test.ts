import assert from "node:assert/strict";
import { join } from "node:path";
import { COMMANDS } from "../helpers/all_commands.ts";
import { CommandLine, START } from "./command_line.ts";

/** Types what cannot be done: exit code 2, a message with a way out, and nothing on the disk has changed. */
async function refuses(line: CommandLine, args: readonly string[], expected: RegExp): Promise<void> {
  const before = line.listing();
  const { code, out, error } = await line.type(args);
  assert.deepEqual({ code, out }, { code: 2, out: "" }, error);
  assert.match(error, expected);
  assert.match(error, /^samocode: [A-Z][^\n]*[^.\n]\n(?: {2}[^\n]+\n)+$/);
  assert.deepEqual(line.listing(), before);
}

/** These work without a project, or say what is wrong with it in their own way. */
const ELSEWHERE = [
  "view",
  "demo",
  "demo-agent",
  "guard-bridge",
  "session-worker",
  "mcp",
  "supervise",
  "listen",
  "listener",
  "notify",
  "init",
  "trust",
  "install",
  "uninstall",
  "doctor",
  "fleet",
  "worker",
  "cost",
  "completions",
  "complete",
];

/** What a command wants beside the session. */
const SECOND: Readonly<Record<string, readonly string[]>> = { guide: ["x"], phase: ["done"], rename: ["other"] };
const NAMELESS = ["list", "prune"];

/** Every command that looks at a session of a project. */
const IN_A_PROJECT = COMMANDS.filter(({ name }) => !ELSEWHERE.includes(name)).map(({ name }) => ({
  name,
  words: ["top", ...SECOND[name] ?? []].slice(NAMELESS.includes(name) ? 1 : 0),
}));

for (const { name, words } of IN_A_PROJECT) {
  Deno.test(`${name} without a .samocode says how to create one`, async () => {
    using line = new CommandLine();
    Deno.removeSync(join(line.project.root, ".samocode"));
    await refuses(line, [name, ...words], /Cannot find \.samocode in [^]*samocode init/);
    await refuses(line, [name, ...words, "--config", "none"], /Cannot read .+\/none: there is no such file/);
  });

  if (!NAMELESS.includes(name)) {
    Deno.test(`${name} refuses invalid session names`, async () => {
      using line = new CommandLine();
      for (
        const session of [
          "..",
          "../repo",
          "/etc",
          "a/b",
          "a\\b",
          "*",
          "to?",
          "a b",
          "",
          "-x=",
          ".git",
          "x\ny",
          "x\x1b[2J",
        ]
      ) {
        const named = name === "rename" ? ["--", session] : [`--session=${session}`];
        await refuses(line, [name, ...named, ...words.slice(1)], /Cannot use ".*" as a session name: /);
      }
    });

    Deno.test(`${name} refuses a folder that is not a session, and writes nothing to it`, async () => {
      using line = new CommandLine();
      Deno.mkdirSync(join(line.project.root, "sessions", "top"));
      Deno.writeTextFileSync(join(line.project.root, "sessions", "top", "notes.md"), "mine");
      const flags = name === "run" || name === "start" ? ["--task", "x"] : [];
      await refuses(line, [name, ...words, ...flags], /not a session folder; it contains notes\.md|has no journal/);
    });
  }

  if (!["run", "start", ...NAMELESS].includes(name)) {
    Deno.test(`${name} lists the newest sessions if the named one does not exist`, async () => {
      using line = new CommandLine();
      await refuses(line, [name, ...words], /Cannot find a session called top in .+\n {2}There are none yet/);
      Deno.mkdirSync(join(line.project.root, "sessions", "26-01-02-other"));
      await refuses(line, [name, ...words], /\n {2}The newest are other\n/);
    });
  }
}

Deno.test("run refuses a new session without a task or a dive", async () => {
  using line = new CommandLine();
  for (
    const args of [["run", "top"], ["--session", "top"], ["run", "top", "--task="], [
      "run",
      "top",
      "--task",
      " ",
      "--dive= ",
    ]]
  ) {
    await refuses(
      line,
      args,
      /Cannot run top: there is no session of that name, and no task was given\n.*samocode run --session top --task "what to do", or, if that word is the task: samocode run --task top\n/,
    );
  }
  await refuses(
    line,
    ["run"],
    /Cannot start a session: no task was given\n {2}Say what to do: samocode run "what to do"/,
  );
});

Deno.test("run refuses an unquoted task instead of running with half of it", async () => {
  using line = new CommandLine();
  await refuses(
    line,
    ["run", "--session", "top", "--task", "Add", "JWT"],
    /Unexpected argument "JWT": the session is already top/,
  );
  await refuses(
    line,
    ["guide", "--session", "top", "use", "keys"],
    /Unexpected argument "use": the session is already top/,
  );
  await refuses(line, ["run", "top", "--task", "Add", "JWT"], /Unexpected argument "JWT"/);
});

Deno.test("run refuses an empty folder without a task", async () => {
  using line = new CommandLine();
  Deno.mkdirSync(join(line.project.root, "sessions", "top"));
  await refuses(line, ["run", "top"], /it is new, and no task was given\n {2}Say what to do/);
});

Deno.test("run reports every problem in the settings at once", async () => {
  using line = new CommandLine();
  Deno.writeTextFileSync(join(line.project.root, ".samocode"), "MAIN_REPO=README\nSESSIONS=nowhere\n");
  line.project.trust();
  Deno.writeTextFileSync(join(line.project.root, "README"), "");
  await refuses(
    line,
    [...START, "--provider", "nobody", "--timeout", "soon"],
    /README is a file[^]*WORKTREES is missing[^]*nowhere does not exist[^]*--provider: "nobody"[^]*--timeout: "soon"/,
  );
});

Deno.test("run and start look for every phase's program before they make a folder, branch or worktree", async () => {
  using line = new CommandLine();
  const missing = [
    { SAMOCODE_PROVIDER: "claude", CLAUDE_PATH: "/nonexistent" },
    { SAMOCODE_PROVIDER: "claude", CLAUDE_PATH: "no-such-claude" },
    { SAMOCODE_PROVIDER_QUALITY: "codex", CODEX_PATH: "/nonexistent" },
  ];
  for (const env of missing) {
    for (
      const args of [START, [...START, "--dry-run"], ["start", ...START.slice(1)], ["start", "--task", "Add --top"]]
    ) {
      const before = line.listing();
      const { code, out, error } = await line.type(args, { env });
      assert.deepEqual({ code, out }, { code: 2, out: "" });
      assert.match(
        error,
        /^samocode: Cannot start \S+: there is no such program\n {2}Install [^\n]+: samocode doctor\n$/,
      );
      assert.deepEqual(line.listing(), before);
    }
  }
  assert.equal(line.project.git("branch", "--list", "top"), "");
  const fallback = { SAMOCODE_FALLBACK_PROVIDER: "codex", CODEX_PATH: "/nonexistent" };
  assert.equal((await line.type(START, { env: fallback })).code, 10, "a fallback may be missing");
});

Deno.test("run goes on with a half-set Telegram, and says so", async () => {
  using line = new CommandLine();
  const { code, error } = await line.type(START, { env: { TELEGRAM_CHAT_ID: "7" } });
  const warning = "Warning: Telegram stays silent: TELEGRAM_BOT_TOKEN is missing. Set both, or neither\n";
  assert.deepEqual({ code, error }, { code: 10, error: warning });
});

Deno.test("run refuses if a file, branch or worktree already has the session's name", async () => {
  using line = new CommandLine();
  const file = join(line.project.root, "sessions", "top");
  Deno.writeTextFileSync(file, "");
  await refuses(line, START, /Cannot use .+\/top as a session folder: it is not a folder/);
  Deno.removeSync(file);
  line.project.git("branch", "top");
  await refuses(line, START, /Cannot create the branch top: it already exists/);
  line.project.git("branch", "-D", "top");
  Deno.mkdirSync(join(line.project.root, "worktrees", "top"));
  await refuses(line, START, /Cannot create a worktree at .+\/top: it already exists/);
});

Deno.test("commands refuse a session whose journal is a folder or a pipe, without blocking", async () => {
  for (const make of ["mkdir", "mkfifo"]) {
    using line = new CommandLine();
    const folder = join(line.project.root, "sessions", "26-01-02-top");
    Deno.mkdirSync(folder);
    new Deno.Command(make, { args: [join(folder, "_journal.jsonl")] }).outputSync();
    for (const { name, words } of IN_A_PROJECT) {
      if (NAMELESS.includes(name)) continue;
      await refuses(line, [name, ...words], /Cannot read the journal .+: not a regular file/);
    }
  }
});

Deno.test("stop, answer and approve without a name say that no session matches", async () => {
  using line = new CommandLine();
  await refuses(line, ["stop"], /Cannot tell which session is meant: none is running\n/);
  await refuses(line, ["answer", "Q1=A"], /Cannot tell which session is meant: none is waiting\n/);
  await refuses(line, ["approve"], /Cannot tell which session is meant: none is waiting\n/);
});
