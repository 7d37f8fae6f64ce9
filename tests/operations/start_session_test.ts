import assert from "node:assert/strict";
import { join } from "node:path";
import { hintInCommands } from "../../src/text/action.ts";
import { readStatus } from "../../src/operations/read_status.ts";
import { type StartRequest, startSession } from "../../src/operations/start_session.ts";
import { SamocodeError } from "../../src/text/errors.ts";
import { Background, samocodeIn, SLOW, STEADY } from "../helpers/background.ts";
import { PARENT_PROGRAM } from "../helpers/parent_program.ts";
import { answerQa, resumeSession, stopSession } from "../helpers/verbs.ts";

const START: StartRequest = { session: "top", task: "Add --top", dive: "tally", provider: undefined, by: "a test" };

async function refusal(promise: Promise<unknown>): Promise<readonly [string, string, string]> {
  const error = await promise.then(() => assert.fail("it was not refused"), (thrown: unknown) => thrown);
  if (!(error instanceof SamocodeError)) throw error;
  return [error.code, error.message, hintInCommands(error, { isFleets: false })];
}

async function stopNow(stage: Background, session: string): Promise<void> {
  await stopSession(stage.samocode(), { session, now: true, by: "a test" });
  await stage.quiet();
}

Deno.test("startSession() starts a worker that runs to the first gate, and returns when it has begun", async () => {
  await using stage = new Background();
  const status = await startSession(stage.samocode(), START);
  assert.deepEqual({ session: status.session, task: status.task, provider: status.provider }, {
    session: "top",
    task: "Add --top",
    provider: "demo",
  });
  const types = stage.project.events().slice(0, 2).map(({ type }) => type);
  assert.deepEqual(types, ["session.created", "session.started"]);
  assert.ok(status.cursor >= 2, "the cursor is behind session.started");
  const rested = await stage.rested("top");
  assert.deepEqual({ state: rested.state, needs: rested.needs }, { state: "waiting", needs: "answers" });
  const [created] = stage.project.events();
  assert.ok(created?.type === "session.created");
  const { name, task, dive, by } = created;
  assert.deepEqual({ name, task, dive, by }, { name: "top", task: "Add --top", dive: "tally", by: "a test" });
  await stage.quiet();
  assert.equal(Deno.readTextFileSync(join(rested.folder, "worker.log")), "", "a worker that is well says nothing");
});

Deno.test("startSession() gives the worker its own session and process group, without terminal and input", {
  ignore: Deno.build.os !== "linux",
}, async () => {
  await using stage = new Background();
  await startSession(stage.samocode(SLOW), START);
  const pid = stage.workerPid("top");
  const stat = Deno.readTextFileSync(`/proc/${pid}/stat`);
  const [, , group, session, terminal] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  assert.deepEqual({ group, session, terminal }, { group: String(pid), session: String(pid), terminal: "0" });
  const files = [0, 1, 2].map((number) => Deno.readLinkSync(`/proc/${pid}/fd/${number}`));
  assert.deepEqual(files, ["/dev/null", "/dev/null", join(stage.project.sessionFolder(), "worker.log")]);
  await stopNow(stage, "top");
});

for (
  const [what, signal, toGroup] of [["death", "SIGKILL", false], ["group's SIGHUP", "SIGHUP", true], [
    "group's SIGINT",
    "SIGINT",
    true,
  ], ["group's SIGTERM", "SIGTERM", true]] as const
) {
  Deno.test(`a session that was started survives its parent's ${what} and goes on working`, async () => {
    await using stage = new Background();
    const parent = new Deno.Command(Deno.execPath(), {
      args: ["run", "--allow-all", "--quiet", PARENT_PROGRAM, stage.project.root, "top"],
      clearEnv: true,
      env: stage.env(STEADY),
      stdin: "null",
      stdout: "piped",
      // A group of its own, as a shell's job has.
      detached: true,
    }).spawn();
    const reader = parent.stdout.pipeThrough(new TextDecoderStream()).getReader();
    const { value } = await reader.read();
    assert.equal(JSON.parse(value ?? "").state, "running");
    await stage.until("top", ({ type }) => type === "agent.acted");
    Deno.kill(toGroup ? -parent.pid : parent.pid, signal);
    await parent.status;
    await reader.cancel();
    const { cursor } = readStatus(stage.samocode(), { session: "top" });
    await stage.until("top", ({ seq }) => seq > cursor);
    assert.equal(readStatus(stage.samocode(), { session: "top" }).state, "running");
    await stopNow(stage, "top");
  });
}

Deno.test("only one of two concurrent startSession() with one name creates the session", async () => {
  await using stage = new Background();
  const both = await Promise.allSettled([1, 2].map(() => startSession(stage.samocode(SLOW), START)));
  assert.deepEqual(both.map(({ status }) => status).sort(), ["fulfilled", "rejected"]);
  const refused = both.flatMap((result) => result.status === "rejected" ? [result.reason] : []);
  assert.deepEqual(refused.map(({ code }) => code), ["conflict"]);
  assert.match(refused[0].message, /^Cannot start top: it already exists and is \w+$/);
  assert.deepEqual(stage.names(), ["top"]);
  const count = (wanted: string): number => stage.project.events().filter(({ type }) => type === wanted).length;
  assert.deepEqual([count("session.created"), count("session.started")], [1, 1]);
  await stopNow(stage, "top");
});

Deno.test("only one of several programs that start a session at once creates it", async () => {
  await using stage = new Background();
  const start = ["start", "--session", "top", "--task", "Add --top"];
  const ends = await Promise.all([1, 2, 3].map(() => stage.project.run(start, stage.env(SLOW))));
  const running = ends.filter(({ stdout }) => stdout !== "");
  assert.ok(running.length >= 1);
  const count = (wanted: string): number => stage.project.events().filter(({ type }) => type === wanted).length;
  assert.deepEqual([count("session.created"), count("session.started")], [1, 1]);
  await stopNow(stage, "top");
});

Deno.test("startSession() makes a name from the task, with a number if it is taken", async () => {
  await using stage = new Background();
  const request = { ...START, session: undefined, task: "Add the --top flag, please: soon" };
  stage.project.git("branch", "add-the-top-flag-please");
  const one = await startSession(stage.samocode(SLOW), request);
  const both = await Promise.all([1, 2].map(() => startSession(stage.samocode(SLOW), request)));
  const names = [one, ...both].map(({ session }) => session).sort();
  assert.deepEqual(names, [2, 3, 4].map((number) => `add-the-top-flag-please-${number}`));
  for (const name of names) await stopSession(stage.samocode(), { session: name, now: true, by: "a test" });
  await stage.quiet();
});

Deno.test("startSession() refuses a name that is taken, with the session's state and next action", async () => {
  await using stage = new Background();
  await startSession(stage.samocode(), START);
  await stage.rested("top");
  assert.deepEqual(await refusal(startSession(stage.samocode(), START)), [
    "conflict",
    "Cannot start top: it already exists and is waiting",
    "Choose another name, or continue that session: samocode answer top",
  ]);
  await stage.quiet();
  assert.equal(stage.project.events().filter(({ type }) => type === "session.created").length, 1);
  await startSession(stage.samocode(SLOW), { ...START, session: "pot" });
  assert.deepEqual(await refusal(startSession(stage.samocode(), { ...START, session: "pot", task: "", dive: "" })), [
    "conflict",
    "Cannot start pot: it already exists and is running",
    "Choose another name, or continue that session: samocode status pot --watch",
  ]);
  await stopNow(stage, "pot");
});

Deno.test("startSession() of one name, four times at once, creates one session", async () => {
  await using stage = new Background();
  const starts = Array.from({ length: 4 }, () => startSession(stage.samocode(), START));
  const ends = (await Promise.allSettled(starts)).map(({ status }) => status).sort();
  assert.deepEqual(ends, ["fulfilled", "rejected", "rejected", "rejected"]);
  await stage.rested("top");
  assert.equal(stage.project.events().filter(({ type }) => type === "session.created").length, 1);
  await stage.quiet();
});

Deno.test("startSession() refuses invalid requests before it creates anything", async () => {
  await using stage = new Background();
  stage.project.git("branch", "taken");
  const codes: string[] = [];
  for (
    const wrong of [
      { session: "taken" },
      { session: "../top" },
      { session: "" },
      { task: " ", dive: "" },
      { session: undefined, task: "", dive: "\n" },
      { task: "x".repeat(600_000) },
    ]
  ) codes.push((await refusal(startSession(stage.samocode(), { ...START, ...wrong })))[0]);
  assert.deepEqual(codes, ["conflict", "usage", "usage", "usage", "usage", "usage"]);
  assert.deepEqual(stage.names(), []);
  assert.equal(stage.project.git("branch", "--format=%(refname:short)"), "main\ntaken");
});

Deno.test("startSession() passes on the worker's own error if it does not begin, and leaves nothing behind", async () => {
  await using stage = new Background();
  const samocode = stage.samocode();
  // The settings changed after they were read.
  Deno.removeSync(join(stage.project.root, "worktrees"), { recursive: true });
  const [code, message, hint] = await refusal(startSession(samocode, START));
  assert.equal(code, "system");
  assert.match(
    message,
    /^Cannot use the settings:\n.*WORKTREES: [^\n]+\/worktrees does not exist\. Create it with: mkdir -p /s,
  );
  assert.equal(hint, "Fix it and run the command again");
  assert.deepEqual(stage.names(), []);
  await stage.quiet();
});

for (
  const [what, script, expected] of [
    [
      "dies of a signal",
      "echo 'no memory \x1b[2J' >&2; kill -9 $$",
      /it ended \((?:SIGKILL|code 137)\):\nno memory$/,
    ],
    ["says nothing", "exit 3", /it ended \(code 3\) and printed nothing$/],
    ["prints a flood", "head -c 1000000 /dev/zero | tr '\\0' x >&2; exit 1", /:\nx{8192}$/],
  ] as const
) {
  Deno.test(`startSession() reports a worker that ${what} before it begins, and leaves nothing behind`, async () => {
    await using stage = new Background();
    const self = ["/bin/sh", "-c", script];
    const [code, message, hint] = await refusal(startSession({ ...stage.samocode(), self }, START));
    assert.deepEqual([code, hint], ["system", "Run it in a terminal to see more: samocode run top"]);
    assert.match(message, expected);
    assert.deepEqual(stage.names(), []);
  });
}

Deno.test("startSession() keeps the folder of a worker that did not begin if something else is in it", async () => {
  await using stage = new Background();
  const sessions = join(stage.project.root, "sessions");
  const self = ["/bin/sh", "-c", `for folder in '${sessions}'/*; do echo mine > "$folder/notes.md"; done; exit 3`];
  await refusal(startSession({ ...stage.samocode(), self }, START));
  assert.equal(Deno.readTextFileSync(join(stage.project.sessionFolder(), "notes.md")), "mine\n");
});

Deno.test("startSession() passes on a worker's own error with its actions", async () => {
  await using stage = new Background();
  const failure = { message: "Cannot \x1b[2Jbegin", hint: "See why", actions: [{ verb: "logs", session: "top" }] };
  const self = ["/bin/sh", "-c", `printf '%s\\n' warning '${JSON.stringify(failure)}' >&2; exit 2`];
  assert.deepEqual(await refusal(startSession({ ...stage.samocode(), self }, START)), [
    "system",
    "Cannot begin",
    "See why: samocode logs top",
  ]);
});

Deno.test("startSession() reports a missing program, and leaves nothing behind", async () => {
  await using stage = new Background();
  const self = [join(stage.project.root, "gone")];
  const [code, message] = await refusal(startSession({ ...stage.samocode(), self }, START));
  assert.equal(code, "system");
  assert.match(message, /^Cannot start a worker for top: Cannot start .+gone: /);
  assert.deepEqual(stage.names(), []);
});

Deno.test("startSession() accepts a task that is too long for a command line", async () => {
  await using stage = new Background();
  const task = `Add --top ${"ä€😀\n".repeat(20_000)}`;
  await startSession(stage.samocode(SLOW), { ...START, task });
  assert.equal(readStatus(stage.samocode(), { session: "top" }).task, task);
  await stopNow(stage, "top");
});

Deno.test("startSession() accepts the longest allowed name", async () => {
  await using stage = new Background();
  const session = "x".repeat(100);
  assert.equal((await startSession(stage.samocode(), { ...START, session })).session, session);
  assert.equal((await stage.rested(session)).needs, "answers");
  await stage.quiet();
});

Deno.test("startSession() uses a named provider for every phase, whatever the settings, and in later runs too", async () => {
  await using stage = new Background();
  const settings = { SAMOCODE_PROVIDER_PLANNING: "claude", CLAUDE_PATH: "/nonexistent" };
  await startSession(stage.samocode(settings), { ...START, provider: "demo" });
  assert.equal((await stage.rested("top")).needs, "answers");
  const again = { session: "top", by: "a test" };
  await answerQa(stage.samocode(settings), { ...again, answers: {}, acceptSuggestions: true });
  await resumeSession(stage.samocode(settings), { ...again, guidance: undefined });
  assert.equal((await stage.rested("top")).needs, "approval");
  await stage.quiet();
});

Deno.test("the worker gets the settings and the user's own variables, and none of a parent agent's", {
  ignore: Deno.build.os !== "linux",
}, async () => {
  await using stage = new Background();
  const env = {
    CLAUDECODE: "1",
    CLAUDE_CODE_MESSAGING_TOKEN: "secret",
    SAMOCODE_SIGNAL: "/x",
    GIT_DIR: "/x",
    TELEGRAM_API_BASE: "http://127.0.0.1:9",
    CLAUDE_MODEL: "haiku",
    MINE: "two words\nand lines",
  };
  // A path in the environment counts from where the person is.
  const more = stage.env({ ...SLOW, ...env, CLAUDE_PATH: "./my-claude" });
  await startSession(samocodeIn(stage.project.repo, more), { ...START, provider: "demo" });
  const text = Deno.readTextFileSync(`/proc/${stage.workerPid("top")}/environ`);
  const found = new Map(
    text.split("\0").map((row) => [row.slice(0, row.indexOf("=")), row.slice(row.indexOf("=") + 1)]),
  );
  assert.deepEqual(
    Object.keys(env).flatMap((name) => found.has(name) ? [[name, found.get(name)]] : []),
    [["TELEGRAM_API_BASE", env.TELEGRAM_API_BASE], ["CLAUDE_MODEL", "haiku"], ["MINE", env.MINE]],
  );
  assert.equal(found.get("SAMOCODE_DEMO_PACE"), "20");
  assert.equal(found.get("CLAUDE_PATH"), join(stage.project.repo, "my-claude"));
  await stopNow(stage, "top");
});
