/**
 * The scripted agent, played through whole sessions on a real disk with real git.
 *
 * @module
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { playDemoIteration } from "../../../src/agents/demo/player.ts";
import { makeSampleRepository } from "../../../src/agents/demo/project.ts";
import { readBytesIfExists, removeIfExists } from "../../../src/system/files/files.ts";
import { runCommand } from "../../../src/system/processes/run_command.ts";
import { newNotebook, readStatus } from "../../../src/workflow/notebook.ts";
import { type Phase, PHASES } from "../../../src/workflow/phases.ts";
import { planProgress } from "../../../src/workflow/plan.ts";
import { readQuestions } from "../../../src/workflow/questions.ts";
import type { AgentEvent } from "../../../src/workflow/session_event.ts";
import { readSignal, type Signal } from "../../../src/workflow/signal.ts";

const DATA = fileURLToPath(new URL("../../../demo", import.meta.url));
const NAME = "25-11-20-top";
const shellTest = (name: string, fn: () => Promise<void>): void =>
  Deno.test({ name, fn, ignore: Deno.build.os === "windows" });

/** A session as the worker would keep it: it plays iterations and follows their signals, gates left to the test. */
class Session implements Disposable {
  readonly #base = Deno.makeTempDirSync();
  readonly folder = join(this.#base, NAME);
  readonly worktree = join(this.#base, "tree");
  readonly lines: AgentEvent[] = [];
  pausedMs = 0;
  iteration = 0;
  hasGit = true;

  constructor() {
    Deno.mkdirSync(this.folder);
    Deno.writeTextFileSync(
      join(this.folder, "_overview.md"),
      newNotebook({
        name: NAME,
        task: "Add --top",
        dive: "",
        workplacePath: this.worktree,
        branch: "main",
        note: "",
        stamp: "[000 @ 11-20 14:00]",
        phase: "investigation",
      }),
    );
  }

  /** Plays one iteration and gives its signal, which must be one that the phase may give. */
  async play(phase: Phase, guidance = ""): Promise<Signal> {
    this.iteration++;
    removeIfExists(join(this.folder, "_signal.json"));
    await playDemoIteration({
      phase,
      guidance,
      sessionFolder: this.folder,
      workingDirectory: this.worktree,
      startedAt: new Date(2025, 10, 20, 14, this.iteration),
      iteration: this.iteration,
      hasGit: this.hasGit,
    }, {
      data: DATA,
      emit: (line) => this.lines.push(line),
      pause: (ms) => {
        this.pausedMs += ms;
        return Promise.resolve();
      },
    });
    const bytes = readBytesIfExists(join(this.folder, "_signal.json"), 100_000);
    assert.ok(bytes !== "not-a-file");
    const reading = readSignal(bytes);
    assert.ok(reading.kind === "signal", JSON.stringify(reading));
    const { maySignal, next } = PHASES[phase];
    assert.ok(maySignal.includes(reading.signal.status), `${phase}: ${reading.signal.status}`);
    const target = reading.signal.phase ?? phase;
    assert.ok(target === phase || next.includes(target), `${phase} to ${target}`);
    return reading.signal;
  }

  /** Follows the signals until one is no `continue`; `twice` plays each iteration again, as after a lost signal. */
  async follow(from: Phase, { twice = false }: { readonly twice?: boolean } = {}): Promise<readonly string[]> {
    const way: string[] = [];
    let phase = from;
    for (let count = 0; count < 40; count++) {
      way.push(phase);
      let signal = await this.play(phase);
      if (twice) signal = await this.play(phase);
      if (signal.status !== "continue") return [...way, signal.status];
      phase = signal.phase ?? phase;
    }
    assert.fail(`no end: ${way.join(", ")}`);
  }

  answer(...answers: readonly string[]): void {
    let text = this.read("_qa.md");
    for (const answer of answers) text = text.replace("_waiting_", () => answer);
    Deno.writeTextFileSync(join(this.folder, "_qa.md"), text);
  }

  /** Everything up to an approved plan. */
  async planned(...answers: readonly string[]): Promise<void> {
    await this.play("investigation");
    await this.play("requirements");
    this.answer(...answers);
    await this.play("requirements");
    await this.play("planning");
  }

  read(name: string): string {
    return Deno.readTextFileSync(join(this.folder, name));
  }

  documents(part: string): readonly string[] {
    return [...Deno.readDirSync(this.folder)].map(({ name }) => name).filter((name) => name.includes(part)).sort();
  }

  document(part: string): string {
    const names = this.documents(part);
    assert.equal(names.length, 1, names.join(", "));
    return this.read(names.join());
  }

  async git(...args: readonly string[]): Promise<string> {
    const { code, stdout, stderr } = await runCommand("git", args, { cwd: this.worktree });
    assert.equal(code, 0, stderr);
    return stdout;
  }

  /** Runs a shell line in the project's folder. */
  async shell(line: string, cwd = this.worktree): Promise<{ readonly code: number; readonly stdout: string }> {
    const { code, stdout } = await runCommand("sh", ["-c", line], { cwd });
    return { code, stdout };
  }

  subjects(): Promise<string> {
    return this.git("log", "--reverse", "--author=demo@localhost", "--format=%s");
  }

  [Symbol.dispose](): void {
    Deno.removeSync(this.#base, { recursive: true });
  }
}

async function sampleSession(): Promise<Session> {
  const session = new Session();
  await makeSampleRepository(session.worktree, DATA);
  return session;
}

const ALL_SUBJECTS = `Read --top N from the command line
Print only the first N words
Test and document --top
Reject a --top that is not a number
`;

shellTest("playDemoIteration() plays a whole session from the first look to done", async () => {
  using session = await sampleSession();
  assert.deepEqual(await session.follow("investigation"), ["investigation", "requirements", "waiting"]);
  session.answer("A", "A");
  assert.deepEqual(await session.follow("requirements"), ["requirements", "planning", "waiting"]);
  assert.deepEqual(await session.follow("implementation"), [
    "implementation",
    "implementation",
    "implementation",
    "testing",
    "quality",
    "testing",
    "done",
    "done",
  ]);
  assert.equal(await session.subjects(), ALL_SUBJECTS);
  assert.equal(await session.git("status", "--porcelain"), "");
  const tests = await session.shell("sh test.sh");
  assert.equal(tests.code, 0, tests.stdout);
  assert.match(tests.stdout, /\n11 passed, 0 failed\n$/);
  assert.deepEqual(planProgress(session.document("-plan-")), { done: 3, total: 3 });
});

shellTest("playDemoIteration() takes six to eight seconds for a whole session", async () => {
  using session = await sampleSession();
  await session.planned("A", "A");
  await session.follow("implementation");
  assert.ok(session.pausedMs >= 6000 && session.pausedMs <= 8000, `${session.pausedMs} ms`);
});

Deno.test("playDemoIteration() notes down each iteration in the notebook", async () => {
  using session = await sampleSession();
  await session.planned("A", "A");
  const notebook = session.read("_overview.md");
  assert.deepEqual(readStatus(notebook), {
    Phase: "investigation",
    Iteration: "0",
    "Total Iterations": "0",
    Blocked: "no",
    "Quality Iteration": "0",
    "Last Action": "Wrote the plan: 11-20-14:04-plan-tally-top.md",
    Next: "Approve the plan, or say what to change",
  });
  assert.deepEqual(notebook.split("## Flow Log\n")[1]?.split("\n\n")[0]?.split("\n"), [
    "- [000 @ 11-20 14:00] Session prepared",
    "- [001 @ 11-20 14:01] Investigated the project: 11-20-14:01-dive-tally.md",
    "- [002 @ 11-20 14:02] Asked 2 questions",
    "- [003 @ 11-20 14:03] Wrote the requirements: 11-20-14:03-requirements-tally-top.md",
    "- [004 @ 11-20 14:04] Wrote the plan: 11-20-14:04-plan-tally-top.md",
  ]);
});

Deno.test("playDemoIteration() begins with agent.started and writes its signal last", async () => {
  using session = await sampleSession();
  await session.play("investigation");
  assert.deepEqual(session.lines.at(0), {
    type: "agent.started",
    model: "scripted",
    version: "demo",
    id: "demo-001",
  });
  assert.deepEqual(session.lines.at(-1), { type: "agent.acted", tool: "Write", about: "_signal.json" });
});

Deno.test("playDemoIteration() counts what is really there", async () => {
  using session = await sampleSession();
  await session.play("investigation");
  const dive = session.document("-dive-");
  const lines = Deno.readTextFileSync(join(session.worktree, "test.sh")).split("\n").length - 1;
  for (
    const fact of ["- Text files: 4\n", "- Commits: 3\n", `| test.sh | ${lines} |`, "- Tests: 5,", "(tally.sh:19)"]
  ) {
    assert.ok(dive.includes(fact), `${fact} in ${dive}`);
  }
});

Deno.test("playDemoIteration() asks two questions with options, suggestion and no answer", async () => {
  using session = await sampleSession();
  const signal = await session.play("requirements");
  assert.deepEqual(signal, { status: "waiting", for: "qa_answers", phase: undefined });
  assert.deepEqual(
    readQuestions(session.read("_qa.md")).map(({ id, options, suggestion, answer }) => ({
      id,
      letters: options.map(({ letter }) => letter).join(""),
      suggested: suggestion?.letter,
      answer,
    })),
    [
      { id: "Q1", letters: "AB", suggested: "A", answer: undefined },
      { id: "Q2", letters: "AB", suggested: "A", answer: undefined },
    ],
  );
});

Deno.test("playDemoIteration() goes on waiting while a question is open, and asks none twice", async () => {
  using session = await sampleSession();
  await session.play("requirements");
  session.answer("B");
  const before = session.read("_qa.md");
  assert.equal((await session.play("requirements")).status, "waiting");
  assert.equal(session.read("_qa.md"), before);
  assert.deepEqual(session.documents("-requirements-"), []);
});

for (
  const { answers, limit, tie } of [
    { answers: ["A", "A"], limit: 26, tie: "1 apple" },
    { answers: ["B", "B"], limit: 10, tie: "1 pear" },
    { answers: ["b) The 10 most frequent", "A - as today"], limit: 10, tie: "1 apple" },
    { answers: ["A few, say 7", "in the order of the text, please"], limit: 7, tie: "1 pear" },
    { answers: ["1", "alphabetically"], limit: 1, tie: "1 apple" },
    { answers: ["B please", "B please"], limit: 10, tie: "1 pear" },
    { answers: ["whatever; `rm -rf .` $(exit) '", "you choose"], limit: 26, tie: "1 apple" },
  ]
) {
  shellTest(`playDemoIteration() builds what was answered: ${answers.join(" / ")}`, async () => {
    using session = await sampleSession();
    await session.planned(...answers);
    assert.deepEqual((await session.follow("implementation")).slice(-2), ["done", "done"]);
    const alphabet = "echo a b c d e f g h i j k l m n o p q r s t u v w x y z";
    assert.deepEqual(
      [
        (await session.shell(`${alphabet} | sh tally.sh`)).stdout.split("\n").length - 1,
        (await session.shell("echo pear apple | sh tally.sh --top 1")).stdout,
        (await session.shell("sh tally.sh --top many README.md")).code,
        (await session.shell("sh test.sh")).stdout.split("\n").at(-2),
        await session.subjects(),
      ],
      [limit, `${tie}\n`, 2, "11 passed, 0 failed", ALL_SUBJECTS],
    );
  });
}

shellTest("playDemoIteration() takes a rejection into the plan and into the code", async () => {
  using session = await sampleSession();
  await session.planned("A", "A");
  const first = session.document("-plan-");
  const signal = await session.play("planning", "Please make the default 5,\nand write the tests first");
  assert.deepEqual(signal, { status: "waiting", for: "plan_approval", phase: undefined });
  const second = session.document("-plan-");
  assert.notEqual(second, first);
  assert.ok(second.includes("> Please make the default 5, and write the tests first\n"), second);
  await session.play("planning", "- [ ] Phase 4: Make coffee");
  const third = session.document("-plan-");
  assert.ok(third.includes("> - [ ] Phase 4: Make coffee\n") && third.includes("make the default 5"), third);
  assert.deepEqual(planProgress(third), { done: 0, total: 3 });
  await session.follow("implementation");
  assert.match(await session.subjects(), /^Test and document --top\n/);
  assert.equal((await session.shell("echo a b c d e f g | sh tally.sh")).stdout.split("\n").length - 1, 5);
  assert.equal((await session.shell("sh test.sh")).code, 0);
  assert.ok((await session.git("show", "HEAD:NOTES.md")).includes("> - [ ] Phase 4: Make coffee\n"));
});

Deno.test("playDemoIteration() takes the same remark in once, and a plan that stands leads on", async () => {
  using session = await sampleSession();
  await session.planned("A", "A");
  await session.play("planning", "Smaller steps");
  const once = session.document("-plan-");
  await session.play("planning", "Smaller steps");
  assert.equal(session.document("-plan-"), once);
  assert.deepEqual(await session.play("planning"), { status: "continue", phase: "implementation" });
  assert.equal(session.document("-plan-"), once);
});

shellTest("playDemoIteration() can be played again after each iteration, as when its signal was lost", async () => {
  using session = await sampleSession();
  assert.deepEqual(await session.follow("investigation", { twice: true }), [
    "investigation",
    "requirements",
    "waiting",
  ]);
  session.answer("B", "B");
  assert.deepEqual((await session.follow("requirements", { twice: true })).slice(0, 2), ["requirements", "planning"]);
  assert.deepEqual((await session.follow("implementation", { twice: true })).slice(-2), ["done", "done"]);
  assert.equal(await session.subjects(), ALL_SUBJECTS);
  assert.match((await session.shell("sh test.sh")).stdout, /\n11 passed, 0 failed\n$/);
  for (const kind of ["-dive-", "-requirements-", "-plan-", "-quality-report", "-summary"]) session.document(kind);
});

shellTest("playDemoIteration() does an interrupted step again without a second commit or edit", async () => {
  using session = await sampleSession();
  await session.planned("A", "B");
  const plan = session.documents("-plan-").join();
  const untouched = session.read(plan);
  for (let step = 0; step < 3; step++) {
    const before = session.read(plan);
    await session.play("implementation");
    // As if it had been ended after its commit, before it ticked the plan.
    Deno.writeTextFileSync(join(session.folder, plan), before);
    await session.play("implementation");
  }
  assert.notEqual(session.read(plan), untouched);
  await session.play("quality");
  Deno.removeSync(join(session.folder, session.documents("-quality-report").join()));
  assert.deepEqual(await session.play("quality"), { status: "continue", phase: "testing" });
  assert.equal(await session.subjects(), ALL_SUBJECTS);
  assert.match((await session.shell("sh test.sh")).stdout, /\n11 passed, 0 failed\n$/);
});

shellTest("playDemoIteration() commits an edit that an interrupted iteration left behind", async () => {
  using session = await sampleSession();
  await session.planned("A", "A");
  session.hasGit = false;
  const plan = session.documents("-plan-").join();
  const before = session.read(plan);
  await session.play("implementation");
  Deno.writeTextFileSync(join(session.folder, plan), before);
  session.hasGit = true;
  await session.play("implementation");
  assert.equal(await session.subjects(), "Read --top N from the command line\n");
  assert.equal(await session.git("status", "--porcelain"), "");
});

shellTest(
  "playDemoIteration() reports failing tests as they are, and blocks rather than going round for ever",
  async () => {
    using session = await sampleSession();
    await session.planned("A", "A");
    for (let step = 0; step < 3; step++) await session.play("implementation");
    const tests = join(session.worktree, "test.sh");
    const good = Deno.readTextFileSync(tests);
    Deno.writeTextFileSync(tests, good.replace("3 tick", "4 tick"));
    assert.deepEqual(await session.play("testing"), { status: "continue", phase: "implementation" });
    assert.match(session.document("-test-report"), /^Result: tests fail \(8 passed, 1 failed\)$/m);
    const signal = await session.play("implementation");
    assert.ok(signal.status === "blocked" && signal.reason.includes("8 passed, 1 failed"), JSON.stringify(signal));
    Deno.writeTextFileSync(tests, good);
    assert.deepEqual(await session.play("implementation"), { status: "continue", phase: "testing" });
  },
);

Deno.test("playDemoIteration() blocks with a way out where a file is not as it knows it", async () => {
  using session = await sampleSession();
  await session.planned("A", "A");
  const path = join(session.worktree, "tally.sh");
  Deno.writeTextFileSync(path, Deno.readTextFileSync(path).replace('words "$@" | counts', "counts"));
  const signal = await session.play("implementation");
  assert.ok(signal.status === "blocked" && signal.reason.includes("tally.sh"), JSON.stringify(signal));
  assert.match(session.read("_overview.md"), /Last Action: Blocked: Cannot edit tally\.sh/);
});

Deno.test("playDemoIteration() blocks on a plan's phase that it has no script for", async () => {
  using session = await sampleSession();
  await session.planned("A", "A");
  const plan = join(session.folder, session.documents("-plan-").join());
  Deno.writeTextFileSync(plan, Deno.readTextFileSync(plan).replace("Phase 1: Read", "Phase 1: Rewrite"));
  assert.equal((await session.play("implementation")).status, "blocked");
});

shellTest("playDemoIteration() keeps to a folder of its own in somebody's project", async () => {
  using session = new Session();
  Deno.mkdirSync(session.worktree);
  const mine = { "README.md": "mine", "tally.sh": "mine too", ".gitignore": "*\n", "staged.txt": "half done" };
  for (const [name, text] of Object.entries(mine)) Deno.writeTextFileSync(join(session.worktree, name), text);
  await session.git("init", "--quiet");
  await session.git("add", "--force", "README.md", "tally.sh", ".gitignore");
  await session.git("-c", "user.name=me", "-c", "user.email=me@localhost", "commit", "--quiet", "-m", "Mine");
  await session.git("add", "--force", "staged.txt");
  await session.planned("B", "B");
  assert.deepEqual((await session.follow("implementation")).slice(-2), ["done", "done"]);
  for (const [name, text] of Object.entries(mine)) {
    assert.equal(Deno.readTextFileSync(join(session.worktree, name)), text);
  }
  assert.deepEqual([...Deno.readDirSync(session.worktree)].map(({ name }) => name).sort(), [
    ".git",
    ".gitignore",
    "README.md",
    "samocode-demo",
    "staged.txt",
    "tally.sh",
  ]);
  assert.equal(await session.git("status", "--porcelain"), "A  staged.txt\n");
  const touched = await session.git("log", "--author=demo@localhost", "--format=", "--name-only");
  assert.deepEqual(touched.split("\n").filter((name) => name !== "" && !name.startsWith("samocode-demo/")), []);
  assert.equal((await session.shell("sh test.sh", join(session.worktree, "samocode-demo"))).code, 0);
  assert.match(session.document("-dive-"), /not the demo's sample/);
  assert.match(session.document("-summary"), /as a demo in samocode-demo\/ in 4 commits/);
});

shellTest("playDemoIteration() follows no link out of the project", async () => {
  using session = new Session();
  const outside = join(session.folder, "outside");
  Deno.mkdirSync(outside);
  Deno.mkdirSync(session.worktree);
  Deno.symlinkSync(outside, join(session.worktree, "samocode-demo"));
  session.hasGit = false;
  await session.planned("A", "A");
  assert.equal((await session.play("implementation")).status, "blocked");
  assert.deepEqual([...Deno.readDirSync(outside)], []);
});

shellTest("playDemoIteration() works without git", async () => {
  using session = new Session();
  session.hasGit = false;
  Deno.mkdirSync(session.worktree);
  await session.planned("A", "A");
  assert.deepEqual((await session.follow("implementation")).slice(-2), ["done", "done"]);
  assert.deepEqual([...Deno.readDirSync(session.worktree)].map(({ name }) => name), ["samocode-demo"]);
  assert.match(session.document("-summary"), /without commits as there is no git/);
});

Deno.test("playDemoIteration() says that the tests were not run where there is no sh", async () => {
  using session = await sampleSession();
  const agent = new URL("../../../src/agents/demo/player.ts", import.meta.url).href;
  const iteration = {
    phase: "testing",
    sessionFolder: session.folder,
    workingDirectory: session.worktree,
    guidance: "",
    iteration: 1,
    hasGit: false,
  };
  const script = `import { playDemoIteration } from ${JSON.stringify(agent)};
    await playDemoIteration({ ...${JSON.stringify(iteration)}, startedAt: new Date() }, {
      data: ${JSON.stringify(DATA)}, emit: () => {}, pause: () => Promise.resolve() });`;
  const cwd = new URL("../../..", import.meta.url);
  const run = await runCommand(Deno.execPath(), ["eval", script], {
    cwd: fileURLToPath(cwd),
    env: { PATH: session.folder },
  });
  assert.equal(run.code, 0, run.stderr);
  assert.match(session.document("-test-report"), /^Result: tests were not run \(no sh on this machine\)$/m);
  assert.deepEqual(JSON.parse(session.read("_signal.json")), { status: "continue", phase: "quality" });
});

shellTest("playDemoIteration() sums up this session's commits only", async () => {
  using session = await sampleSession();
  await session.planned("A", "A");
  await session.git(
    ...["-c", "user.name=demo", "-c", "user.email=demo@localhost", "commit", "--quiet", "--allow-empty"],
    ...["-m", "Of another session", "-m", `Samocode-Session: ${NAME}-2`],
  );
  await session.follow("implementation");
  const commits = session.document("-summary").split("## Commits\n\n")[1]?.split("\n\n")[0]?.split("\n") ?? [];
  assert.deepEqual(commits.map((line) => line.replace(/^- [0-9a-f]+ /, "")), ALL_SUBJECTS.trim().split("\n"));
});

Deno.test("playDemoIteration() notes what a human wanted it to know", async () => {
  using session = await sampleSession();
  await session.play("investigation", "Mind the\nlocale \u001b[31m");
  assert.match(session.read("_overview.md"), /Investigated the project: \S+ \(noted: Mind the locale\)\n/);
});

Deno.test("playDemoIteration() refuses init, which no agent plays", async () => {
  using session = await sampleSession();
  await assert.rejects(session.play("init"), /no scene for init/);
});
