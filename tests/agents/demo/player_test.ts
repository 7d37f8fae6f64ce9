/**
 * The scripted agent, played through whole sessions on a real disk with real git.
 *
 * @module
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { DemoPlayer } from "../../../src/agents/demo/player.ts";
import { DemoProject } from "../../../src/agents/demo/project.ts";
import type { Observation } from "../../../src/agents/observation.ts";
import { makeDemoProject } from "../../../src/operations/demo.ts";
import { askGit } from "../../../src/session/git.ts";
import { readBytesIfExists, removeIfExists } from "../../../src/system/files/files.ts";
import { runCommand } from "../../../src/system/processes/run_command.ts";
import { TempFolder } from "../../helpers/temp_folder.ts";
import { newNotebook, readStatus } from "../../../src/workflow/notebook.ts";
import { type Phase, PHASES } from "../../../src/workflow/phases.ts";
import { planProgress } from "../../../src/workflow/plan.ts";
import { readQuestions } from "../../../src/workflow/questions.ts";
import type { Signal } from "../../../src/workflow/iteration_events.ts";
import { readSignal } from "../../../src/workflow/signal.ts";
import { slow } from "../../helpers/slow.ts";

const ROOT = fileURLToPath(new URL("../../..", import.meta.url));
const DATA = join(ROOT, "demo");
const NAME = "25-11-20-top";
const inShell = (name: string, fn: () => Promise<void>) => ({ name, fn, ignore: Deno.build.os === "windows" });
const shellTest = (name: string, fn: () => Promise<void>): void => Deno.test(inShell(name, fn));
const slowShellTest = (name: string, fn: () => Promise<void>): void => Deno.test(slow(inShell(name, fn)));

/** A session as the worker would keep it: it plays iterations and follows their signals, gates left to the test. */
class Session implements Disposable {
  readonly #base = Deno.makeTempDirSync();
  readonly folder = join(this.#base, NAME);
  readonly #project: string | undefined;
  readonly worktree: string;
  readonly lines: Observation[] = [];
  iteration = 0;
  hasGit = true;

  /** @param project The demo's own project; without one, the session works in an empty folder. */
  constructor(project?: string) {
    this.#project = project;
    this.worktree = join(project ?? this.#base, "repo");
    Deno.mkdirSync(this.worktree, { recursive: true });
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
    await new DemoPlayer({
      phase,
      guidance,
      sessionFolder: this.folder,
      workingDirectory: this.worktree,
      startedAt: new Date(2025, 10, 20, 14, this.iteration).toISOString(),
      iteration: this.iteration,
      hasGit: this.hasGit,
      pace: 0,
    }, { data: DATA, git: askGit, emit: (line) => this.lines.push(line) }).play();
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
    return this.git("log", "--reverse", `--grep=^Samocode-Session: ${NAME}$`, "--format=%s");
  }

  [Symbol.dispose](): void {
    for (const folder of [this.#base, this.#project ?? []].flat()) Deno.removeSync(folder, { recursive: true });
  }
}

async function sampleSession(): Promise<Session> {
  using home = new TempFolder();
  return new Session(await makeDemoProject({ shippedRoot: ROOT, env: { HOME: home.path } }));
}

const FIX = "Reject a --top that is not a number\n";
const ALL_SUBJECTS = `Read --top N from the command line
Print only the first N words
Test and document --top
${FIX}`;

shellTest("DemoPlayer plays a whole session from the first look to done", async () => {
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
  assert.match((await session.shell("sh test.sh")).stdout, /\n11 passed, 0 failed\n$/);
  assert.deepEqual(planProgress(session.document("-plan-")), { done: 3, total: 3 });
});

Deno.test("DemoPlayer writes each iteration into the notebook, and its signal last", async () => {
  using session = await sampleSession();
  await session.planned("A", "A");
  const notebook = session.read("_overview.md");
  const { "Last Action": did, Next: next } = readStatus(notebook);
  assert.deepEqual({ did, next }, {
    did: "Wrote the plan: 11-20-14:04-plan-tally-top.md",
    next: "Approve the plan, or say what to change",
  });
  assert.deepEqual(notebook.split("## Flow Log\n")[1]?.split("\n\n")[0]?.split("\n"), [
    "- [000 @ 11-20 14:00] Session prepared",
    "- [001 @ 11-20 14:01] Investigated the project: 11-20-14:01-dive-tally.md",
    "- [002 @ 11-20 14:02] Asked 2 questions",
    "- [003 @ 11-20 14:03] Wrote the requirements: 11-20-14:03-requirements-tally-top.md",
    "- [004 @ 11-20 14:04] Wrote the plan: 11-20-14:04-plan-tally-top.md",
  ]);
  assert.deepEqual(session.lines.at(0), { type: "agent.started", model: "scripted", version: "demo", id: "demo-1" });
  assert.deepEqual(session.lines.at(-2), { type: "agent.acted", tool: "Write", about: "_signal.json" });
  assert.equal(session.lines.at(-1)?.type, "verdict");
});

Deno.test("DemoPlayer asks two questions with options and suggestion, and asks none twice", async () => {
  using session = await sampleSession();
  assert.deepEqual(await session.play("requirements"), { status: "waiting", for: "qa_answers", phase: undefined });
  const asked = readQuestions(session.read("_qa.md")).map(({ id, options, suggestion, answer }) => ({
    id,
    letters: options.map(({ letter }) => letter).join(""),
    suggested: suggestion?.letter,
    answer,
  }));
  assert.deepEqual(asked, [
    { id: "Q1", letters: "AB", suggested: "A", answer: undefined },
    { id: "Q2", letters: "AB", suggested: "A", answer: undefined },
  ]);
  session.answer("B");
  const before = session.read("_qa.md");
  assert.equal((await session.play("requirements")).status, "waiting");
  assert.equal(session.read("_qa.md"), before);
  assert.deepEqual(session.documents("-requirements-"), []);
});

for (
  const { answers, limit, tie } of [
    { answers: ["A", "B"], limit: 26, tie: "1 pear" },
    { answers: ["B) The 10 most frequent", "A - as today"], limit: 10, tie: "1 apple" },
    { answers: ["whatever; `rm -rf .` $(exit) '", "you choose"], limit: 26, tie: "1 apple" },
  ]
) {
  shellTest(`DemoPlayer builds what was chosen: ${answers.join(" / ")}`, async () => {
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
        (await session.subjects()).split("\n").length - 1,
      ],
      [limit, `${tie}\n`, 2, "11 passed, 0 failed", 4],
    );
  });
}

shellTest("DemoPlayer takes any feedback into the plan and into the project", async () => {
  using session = await sampleSession();
  await session.planned("A", "A");
  const once = session.document("-plan-");
  const feedback = "- [ ] Phase 5: Make coffee,\nand {{session}} `rm -rf .`";
  const signal = await session.play("planning", feedback);
  assert.deepEqual(signal, { status: "waiting", for: "plan_approval", phase: undefined });
  const twice = session.document("-plan-");
  assert.ok(
    twice.startsWith(once) && twice.includes("> - [ ] Phase 5: Make coffee, and {{session}} `rm -rf .`\n"),
    twice,
  );
  assert.deepEqual(planProgress(twice), { done: 0, total: 4 });
  await session.play("planning", feedback);
  assert.equal(session.document("-plan-"), twice);
  assert.deepEqual(await session.play("planning"), { status: "continue", phase: "implementation" });
  await session.follow("implementation");
  assert.equal(await session.subjects(), ALL_SUBJECTS.replace(FIX, `Keep the feedback on the plan\n${FIX}`));
  const notes = await session.git("show", "HEAD:NOTES.md");
  assert.ok(notes.includes("> - [ ] Phase 5: Make coffee, and {{session}} `rm -rf .`\n"), notes);
});

slowShellTest("DemoPlayer can play each iteration again, as when its signal was lost", async () => {
  using session = await sampleSession();
  const first = await session.follow("investigation", { twice: true });
  assert.deepEqual(first, ["investigation", "requirements", "waiting"]);
  session.answer("B", "A");
  assert.deepEqual((await session.follow("requirements", { twice: true })).slice(0, 2), ["requirements", "planning"]);
  assert.deepEqual((await session.follow("implementation", { twice: true })).slice(-2), ["done", "done"]);
  assert.equal(await session.subjects(), ALL_SUBJECTS);
  assert.match((await session.shell("sh test.sh")).stdout, /\n11 passed, 0 failed\n$/);
  for (const kind of ["-dive-", "-requirements-", "-plan-", "-quality-1", "-summary", "-pull-request"]) {
    session.document(kind);
  }
});

shellTest("DemoPlayer does an interrupted step again without a second commit or edit", async () => {
  using session = await sampleSession();
  await session.planned("A", "A");
  const plan = session.documents("-plan-").join();
  for (let step = 0; step < 3; step++) {
    const before = session.read(plan);
    // As if it had been ended before its commit, and then before it ticked the plan.
    for (const hasGit of [false, true, true]) {
      session.hasGit = hasGit;
      Deno.writeTextFileSync(join(session.folder, plan), before);
      await session.play("implementation");
    }
  }
  await session.play("quality");
  Deno.removeSync(join(session.folder, session.documents("-quality-1").join()));
  assert.deepEqual(await session.play("quality"), { status: "continue", phase: "testing" });
  assert.equal(await session.subjects(), ALL_SUBJECTS);
  assert.equal(await session.git("status", "--porcelain"), "");
  assert.match((await session.shell("sh test.sh")).stdout, /\n11 passed, 0 failed\n$/);
});

shellTest("DemoPlayer blocks on failing tests until they are fixed", async () => {
  using session = await sampleSession();
  await session.planned("A", "A");
  for (let step = 0; step < 3; step++) await session.play("implementation");
  const tests = join(session.worktree, "test.sh");
  const good = Deno.readTextFileSync(tests);
  Deno.writeTextFileSync(tests, good.replace("3 tick", "4 tick"));
  const signal = await session.play("testing");
  assert.ok(signal.status === "blocked" && signal.reason.includes("8 passed, 1 failed"), JSON.stringify(signal));
  assert.match(session.document("-test-report"), /^Result: tests fail \(8 passed, 1 failed\)$/m);
  Deno.writeTextFileSync(tests, good);
  assert.deepEqual(await session.play("testing"), { status: "continue", phase: "quality" });
});

shellTest(
  "DemoPlayer plays a light session to its end, and says plainly that it cannot carry out another plan",
  async () => {
    using session = await sampleSession();
    await session.play("investigation");
    assert.equal((await session.play("planning")).status, "waiting");
    assert.deepEqual(session.documents("_qa"), []);
    assert.deepEqual((await session.follow("implementation")).slice(-2), ["done", "done"]);

    using other = await sampleSession();
    Deno.writeTextFileSync(join(other.folder, "11-20-14:00-plan-given.md"), "# Plan\n\n- [ ] Do it\n");
    const signal = await other.play("implementation");
    assert.ok(signal.status === "blocked");
    assert.match(signal.reason, /cannot carry out your plan\..*samocode run 25-11-20-top --provider claude$/);
  },
);

Deno.test("DemoPlayer blocks on phases, files and plans that were changed by hand", async () => {
  using session = await sampleSession();
  assert.equal((await session.play("done")).status, "blocked");
  await session.planned("A", "A");
  const path = join(session.worktree, "tally.sh");
  Deno.writeTextFileSync(path, Deno.readTextFileSync(path).replace('words "$@" | counts', "counts"));
  const signal = await session.play("implementation");
  assert.ok(signal.status === "blocked" && signal.reason.includes("tally.sh"), JSON.stringify(signal));
  assert.match(session.read("_overview.md"), /Last Action: Blocked: Cannot edit tally\.sh/);
  const plan = join(session.folder, session.documents("-plan-").join());
  Deno.writeTextFileSync(plan, Deno.readTextFileSync(plan).replace("Phase 1: Read", "Phase 1: Rewrite"));
  assert.equal((await session.play("implementation")).status, "blocked");
});

shellTest("DemoPlayer keeps to a folder of its own in somebody's repository", async () => {
  using session = new Session();
  const mine = { "README.md": "mine", ".gitignore": "*\n", "staged.txt": "half done" };
  for (const [name, text] of Object.entries(mine)) Deno.writeTextFileSync(join(session.worktree, name), text);
  await session.git("init", "--quiet");
  await session.git("add", "--force", "README.md", ".gitignore");
  await session.git("-c", "user.name=me", "-c", "user.email=me@localhost", "commit", "--quiet", "-m", "Mine");
  await session.git("add", "--force", "staged.txt");
  await session.planned("B", "B");
  assert.deepEqual((await session.follow("implementation")).slice(-2), ["done", "done"]);
  for (const [name, text] of Object.entries(mine)) {
    assert.equal(Deno.readTextFileSync(join(session.worktree, name)), text);
  }
  const names = [...Deno.readDirSync(session.worktree)].map(({ name }) => name).sort();
  assert.deepEqual(names, [".git", ".gitignore", "README.md", "samocode-demo", "staged.txt"]);
  assert.equal(await session.git("status", "--porcelain"), "A  staged.txt\n");
  const touched = await session.git("log", "--author=demo@localhost", "--format=", "--name-only");
  assert.deepEqual(touched.split("\n").filter((name) => name !== "" && !name.startsWith("samocode-demo/")), []);
  assert.equal((await session.shell("sh test.sh", join(session.worktree, "samocode-demo"))).code, 0);
  assert.match(session.document("-summary"), /Added --top N to tally in samocode-demo in 4 commits/);
});

shellTest("DemoPlayer follows no link out of the project", async () => {
  using session = new Session();
  const outside = join(session.folder, "outside");
  Deno.mkdirSync(outside);
  Deno.symlinkSync(outside, join(session.worktree, "samocode-demo"));
  session.hasGit = false;
  await session.planned("A", "A");
  assert.equal((await session.play("implementation")).status, "blocked");
  assert.deepEqual([...Deno.readDirSync(outside)], []);
});

shellTest("DemoPlayer works without git", async () => {
  using session = new Session();
  session.hasGit = false;
  await session.planned("A", "A");
  assert.deepEqual((await session.follow("implementation")).slice(-2), ["done", "done"]);
  assert.deepEqual([...Deno.readDirSync(session.worktree)].map(({ name }) => name), ["samocode-demo"]);
  assert.match(session.document("-summary"), /without commits/);
});

shellTest("DemoPlayer sums up this session's commits only", async () => {
  using session = await sampleSession();
  await session.planned("A", "A");
  await session.git("commit", "--quiet", "--allow-empty", "-m", `Another\n\nSamocode-Session: ${NAME}-2`);
  await session.follow("implementation");
  const commits = session.document("-summary").split("## Commits\n\n")[1]?.split("\n\n")[0]?.split("\n") ?? [];
  assert.deepEqual(commits.map((line) => line.replace(/^ {4}[0-9a-f]+ /, "")), ALL_SUBJECTS.trim().split("\n"));
});

Deno.test("DemoPlayer repeats what a human wants it to know, and plays no init", async () => {
  using session = await sampleSession();
  await session.play("investigation", "Mind the\nlocale \u001b[31m");
  assert.ok(session.lines.some((line) => line.type === "agent.said" && line.text === "Noted: Mind the locale"));
  await assert.rejects(session.play("init"), /no signal in init/);
});

Deno.test("DemoProject says which program is missing", async () => {
  using session = await sampleSession();
  const project = new DemoProject(session.worktree, { data: DATA, git: askGit });
  const output = "no such-program on this machine";
  assert.deepEqual(await project.run("such-program test.sh"), {
    code: "127",
    lines: "1",
    last: output,
    output: `    ${output}`,
  });
});
