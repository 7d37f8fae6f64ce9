import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { join } from "node:path";
import { planText } from "../../src/workflow/plan.ts";
import { CommandLine, type Said, START, WHOLE_AGENT } from "./command_line.ts";

const PLAN = "# Plan: Limit login attempts\n\n- [ ] Phase 1: Count them\n- [ ] Phase 2: Refuse more\n";

/** Ticks what there is to tick, and notes what it was told. */
const LOGGED_AGENT = `
echo $phase >> "$root/phases"
cat "$HOME"/.cache/samocode/context/*/*.md > "$root/context-$phase"
for plan in "$folder"/*plan*.md; do [ $phase = implementation ] && sed -i 's/- \\[ \\]/- [x]/' "$plan" 2>/dev/null; done
if [ $phase = investigation ] && grep -q 'Route:.* light' "$root/context-$phase"; then
  echo '{"status":"continue","phase":"planning"}' > "$signal"
else
${WHOLE_AGENT}
fi`;

/** Types a command with that agent, unguarded, so that the test sees what it saw. */
async function play(line: CommandLine, args: readonly string[]): Promise<Said> {
  const script = `root=${line.project.root}\n${LOGGED_AGENT}`;
  return await line.typeWithAgent(script, args, { env: { SAMOCODE_GUARD: "off" } });
}

function write(line: CommandLine, name: string, text: string): void {
  Deno.writeTextFileSync(join(line.project.root, name), text);
}

function read(line: CommandLine, name: string): string {
  return Deno.readTextFileSync(join(line.project.root, name));
}

function phasesOf(line: CommandLine): readonly string[] {
  return line.project.events().flatMap((event) => event.type === "phase.entered" ? [event.phase] : []);
}

function namesIn(folder: string): readonly string[] {
  return [...Deno.readDirSync(folder)].map(({ name }) => name).sort();
}

Deno.test("run with a text makes a session and its name, and with that name continues it", async () => {
  using line = new CommandLine();
  const made = await line.typeWithAgent(WHOLE_AGENT, ["run", "Add JWT login, please!"]);
  assert.deepEqual([made.code, made.error], [10, ""]);
  const { task, needs } = await line.status("add-jwt-login-please");
  assert.deepEqual({ task, needs }, { task: "Add JWT login, please!", needs: "answers" });
  const again = await line.typeWithAgent(WHOLE_AGENT, ["run", "add-jwt-login-please"]);
  assert.deepEqual([again.code, again.error], [10, ""]);
  await line.typeWithAgent(WHOLE_AGENT, ["run", "Add JWT login, please!"]);
  assert.equal((await line.status("add-jwt-login-please-2")).task, "Add JWT login, please!");
  const named = await line.typeWithAgent(WHOLE_AGENT, ["run", "--session", "pot", "Größe"]);
  assert.deepEqual([named.code, (await line.status("pot")).task], [10, "Größe"]);
});

Deno.test("run takes no single word for a task, nor two tasks, and nothing is made", async () => {
  using line = new CommandLine();
  const before = line.listing();
  const refused: readonly (readonly [words: readonly string[], problem: RegExp])[] = [
    [
      ["tpo"],
      /Cannot run tpo: there is no session of that name, and no task was given\n.*--task "what to do".*--task tpo/,
    ],
    [["sessions/26-11-20-top/"], /Cannot use "sessions\/26-11-20-top\/" as a session name/],
    [["Add JWT", "--task", "Add it"], /Cannot tell what the task is: there are two/],
    [["Add", "JWT"], /Unexpected argument "JWT"\n {2}Quote text that has spaces/],
    [["top", "--session", "pot"], /Unexpected argument "top": the session is already pot/],
    [[""], /Cannot run a session: the text is empty\n {2}Say what to do: samocode run "what to do"\n$/],
    [["  \n"], /the text is empty/],
    [[" tpo "], /Cannot run tpo: there is no session of that name/],
    [["--plan", ""], /Cannot use '' as a plan: there is no such file\n/],
    [["--plan", "sessions"], /Cannot use sessions as a plan: it is not a regular file\n/],
    [["--plan", "none.md"], /Cannot use none\.md as a plan: there is no such file/],
  ];
  for (const [words, problem] of refused) {
    for (const command of ["run", "start"]) {
      const { code, out, error } = await line.type([command, ...words]);
      assert.deepEqual([code, out], [2, ""]);
      assert.match(error, problem);
    }
  }
  assert.deepEqual(line.listing(), before);
});

Deno.test("run and start take the same flags and operands, and preview the same", async () => {
  using line = new CommandLine();
  const flagsOf = async (command: string) => (await line.type([command, "--help"])).out.match(/^ {6}--[a-z-]+/gm);
  // A session of the fleet runs on a worker.
  assert.deepEqual(await flagsOf("run"), (await flagsOf("start"))?.filter((flag) => !flag.endsWith("--fleet")));
  write(line, "plan.md", PLAN);
  for (const words of [["Add it, too"], ["--plan", "plan.md"], ["top", "--task", "x", "--light"]]) {
    const [run, start] = [
      await line.type(["run", ...words, "--dry-run"]),
      await line.type(["start", ...words, "--dry-run"]),
    ];
    assert.deepEqual([run.code, run.error], [0, ""]);
    assert.deepEqual(run, start);
  }
  const taken = await line.type(["run", "Add it, too", "--dry-run"]);
  line.project.git("branch", "add-it-too");
  const { out } = await line.type(["run", "Add it, too", "--dry-run"]);
  assert.match(taken.out, /Would make +the branch add-it-too and/);
  assert.match(out, /Would make +the branch add-it-too-2 and/);
});

Deno.test("run --json prints the status at the end and nothing else", async () => {
  using line = new CommandLine();
  const { code, out } = await line.typeWithAgent(WHOLE_AGENT, ["run", "Add it, too", "--json"]);
  const { session, needs } = JSON.parse(out);
  assert.deepEqual({ code, session, needs }, { code: 10, session: "add-it-too", needs: "answers" });
});

Deno.test("run --plan carries out that text at once: the person who named the file has approved it", async () => {
  using line = new CommandLine();
  write(line, "my-plan.md", PLAN);
  const { code, error } = await play(line, ["run", "--plan", "my-plan.md"]);
  assert.deepEqual({ code, error }, { code: 0, error: "" });
  assert.deepEqual(phasesOf(line), ["implementation", "testing", "done"]);
  const document = line.nameOf(/-plan-given\.md$/);
  const sha256 = createHash("sha256").update(planText(PLAN)).digest("hex");
  const [created] = line.project.events();
  assert.ok(created?.type === "session.created");
  assert.deepEqual([created.task, created.plan], ["Carry out the plan: Limit login attempts", { document, sha256 }]);
  assert.equal(Deno.readTextFileSync(line.path(document)), PLAN.replaceAll("[ ]", "[x]"));
  assert.equal(read(line, "my-plan.md"), PLAN, "the person's own file is left alone");
  assert.match(
    Deno.readTextFileSync(line.path("_overview.md")),
    new RegExp(`^Route: plan: ${document} was given`, "m"),
  );
  const told = read(line, "context-implementation");
  assert.match(told, new RegExp(`\\*\\*Route:\\*\\* plan: ${document} was given with the task; no dive`));
  assert.match(told, new RegExp(`\\*\\*Approved plan:\\*\\* ${document}, and no other`));
  assert.match(
    (await line.type(["status", "limit-login-attempts"])).out,
    /\n {2}Route {3}plan: .+ was given with the task/,
  );
});

Deno.test("run --plan goes back to the person if an agent changes the plan", async () => {
  using line = new CommandLine();
  write(line, "plan.md", PLAN);
  const agent = `for plan in "$folder"/*plan-given.md; do echo '- [ ] Phase 3: Send it all away' >> "$plan"; done
echo '{"status":"continue","phase":"implementation"}' > "$signal"`;
  assert.equal((await line.typeWithAgent(agent, ["run", "top", "--plan", "plan.md"])).code, 10);
  const { phase, needs, detail, iteration } = await line.status("top");
  assert.deepEqual({ phase, needs, iteration }, { phase: "planning", needs: "approval", iteration: 1 });
  assert.equal(detail, "The plan was changed after it was approved and needs your approval again");
});

Deno.test("run --plan refuses what nobody could carry out, and what does not go with a plan", async () => {
  using line = new CommandLine();
  const before = line.listing();
  const texts: readonly (readonly [text: string, problem: RegExp])[] = [
    ["", /it is empty/],
    ["# Plan\n\n1. Do it\n", /it has no step with a checkbox, such as - \[ \] Phase 1/],
    ["# Plan\n\n```\n- [ ] an example\n```\n", /it has no step/],
    ["- [x] done\n", /all of its steps are ticked/],
    ["- [ ] a\0b\n", /it is not a text/],
    [`- [ ] ${"x".repeat(500_000)}\n`, /it has more than 500000 characters/],
  ];
  for (const [text, problem] of texts) {
    write(line, "plan.md", text);
    const { code, error } = await line.type(["run", "top", "--plan", "plan.md"]);
    assert.equal(code, 2);
    assert.match(error, problem);
    assert.match(error, /^samocode: Cannot use plan\.md as a plan: /);
  }
  write(line, "plan.md", PLAN);
  for (const flags of [["--light"], ["--dive", "x"]]) {
    const { code, error } = await line.type(["run", "top", "--plan", "plan.md", ...flags]);
    assert.equal(code, 2);
    assert.match(error, new RegExp(`Cannot use ${flags[0]} with --plan`));
  }
  Deno.removeSync(join(line.project.root, "plan.md"));
  assert.deepEqual(line.listing(), before);
  const folder = await line.type(["run", "top", "--plan", "repo"]);
  assert.match(folder.error, /Cannot use repo as a plan: it is not a regular file/);
});

Deno.test("run --light asks nothing and plans after investigation, but the plan waits for the person", async () => {
  using line = new CommandLine();
  const { code } = await play(line, ["run", "--light", "Fix the typo"]);
  assert.equal(code, 10);
  const { needs, route } = await line.status("fix-the-typo");
  assert.deepEqual([needs, route.split(":")[0]], ["approval", "light"]);
  assert.deepEqual(phasesOf(line), ["investigation", "planning"]);
  assert.match(read(line, "context-planning"), /\*\*Route:\*\* light: a small change; no questions/);
  assert.equal((await line.type(["approve", "fix-the-typo"])).code, 0);
  assert.equal((await play(line, ["run", "fix-the-typo"])).code, 0);
  assert.deepEqual(phasesOf(line), ["investigation", "planning", "implementation", "testing", "done"]);
});

Deno.test("only a light session goes from investigation to planning", async () => {
  using line = new CommandLine();
  const agent = `echo '{"status":"continue","phase":"planning"}' > "$signal"`;
  assert.equal((await line.typeWithAgent(agent, START)).code, 20);
  assert.match((await line.status("top")).detail, /investigation leads to requirements$/);
});

Deno.test("continue gives a session that is done new work: same branch, closed gates, limits that go on", async () => {
  using line = new CommandLine();
  write(line, "plan.md", PLAN);
  assert.equal((await play(line, ["run", "top", "--plan", "plan.md"])).code, 0);
  const first = await line.status("top");
  assert.deepEqual(first.next.map(({ verb }) => verb), ["finish", "review", "continue"]);
  const given = line.nameOf(/-plan-given\.md$/);
  const next = await play(line, ["continue", "top", "--task", "Refresh the tokens, too", "--light"]);
  assert.deepEqual([next.code, next.error], [10, ""]);
  const second = await line.status("top");
  assert.deepEqual(
    [second.task, second.needs, second.phase, second.branch, second.worktree],
    ["Refresh the tokens, too", "approval", "planning", first.branch, first.worktree],
  );
  assert.equal(second.iteration, first.iteration + 2);
  assert.equal(second.costUsd, (first.costUsd ?? 0) + 1);
  // The first plan was approved, and every step of it is ticked: it must not pass for the new one.
  assert.notEqual(second.plan?.path, given);
  const aside = namesIn(line.path("earlier-1"));
  assert.deepEqual([given, "_overview.md", "11-20-0520-summary.md"].filter((name) => !aside.includes(name)), []);
  const told = read(line, "context-investigation");
  assert.match(
    told,
    /\*\*Earlier:\*\* documents of earlier work are in earlier-1\/ and no longer count; this task begins after commit \w{10}\n/,
  );
  assert.match(told, /## Task\n\nRefresh the tokens, too\n/);
  assert.match(Deno.readTextFileSync(line.path("_overview.md")), /^> Refresh the tokens, too$/m);
  await line.type(["approve", "top"]);
  assert.equal((await play(line, ["run", "top"])).code, 0);
  // And once more, with a plan.
  const third = await play(line, ["continue", "top", "--plan", "plan.md", "--json"]);
  assert.deepEqual([third.code, JSON.parse(third.out).task], [0, "Carry out the plan: Limit login attempts"]);
  assert.deepEqual(phasesOf(line).slice(-3), ["implementation", "testing", "done"]);
  assert.ok(namesIn(line.path("earlier-2")).includes("_overview.md"));
  assert.ok(namesIn(line.path("earlier-1")).includes(given), "what was set aside before stays");
});

Deno.test("continue gives a finished session a branch and a worktree of its own again, also where it was finished by hand", async () => {
  for (const byHand of [false, true]) {
    using line = new CommandLine();
    write(line, "plan.md", PLAN);
    assert.equal((await play(line, ["run", "top", "--plan", "plan.md"])).code, 0);
    const { branch = "", worktree = "" } = await line.status("top");
    if (byHand) {
      line.project.git("merge", "--quiet", "--ff-only", branch);
      line.project.git("worktree", "remove", worktree);
      line.project.git("branch", "--quiet", "-d", branch);
    } else assert.equal((await line.type(["finish", "top", "--ff-only"])).code, 0);
    let shown: string | undefined;
    const onAttach = ({ command }: { readonly command: readonly string[] }) => (shown = command.at(-1), { code: 0 });
    assert.equal((await line.type(["diff", "top"], { onAttach })).error, "");
    assert.match(shown ?? "", /^[0-9a-f]{40}\.\.\.[0-9a-f]{40}$/, "what it did is still shown");
    line.project.git("diff", shown ?? "");
    const next = await play(line, ["continue", "top", "--plan", "plan.md"]);
    assert.deepEqual([next.code, next.error], [0, ""]);
    const again = await line.status("top");
    assert.deepEqual([again.state, again.finish], ["done", undefined]);
    assert.ok(again.branch !== undefined && again.worktree !== undefined);
    assert.deepEqual(again.next[0], { verb: "finish", session: "top" });
  }
});

Deno.test("continue asks again what was answered for the earlier task, and in the middle of it, too", async () => {
  using line = new CommandLine();
  await line.typeWithAgent(WHOLE_AGENT, START);
  await line.type(["answer", "top", "Q1=A", "Q2=so"]);
  assert.equal((await line.typeWithAgent(WHOLE_AGENT, ["continue", "top", "--task", "Something else"])).code, 10);
  const { needs, task, questions } = await line.status("top");
  assert.deepEqual([needs, task, questions.length], ["answers", "Something else", 2]);
  assert.match(Deno.readTextFileSync(line.path("earlier-1/_qa.md")), /\*\*Answer:\*\* A/);
});

Deno.test("continue refuses a session without anything new, that has not begun, and none", async () => {
  using line = new CommandLine();
  await line.typeWithAgent(WHOLE_AGENT, START);
  const before = line.listing();
  const refused: readonly (readonly [words: readonly string[], problem: RegExp])[] = [
    [["top"], /Cannot continue top with a new task: none was given\n {2}To go on .*: samocode run top\n/],
    [["top", "--task", " "], /none was given/],
    [["pot", "--task", "x"], /Cannot find a session called pot/],
    [[], /Cannot continue: no session was named/],
    [["top", "--plan", "README"], /there is no such file/],
  ];
  for (const [words, problem] of refused) {
    const { code, error } = await line.type(["continue", ...words]);
    assert.equal(code, 2);
    assert.match(error, problem);
  }
  assert.deepEqual(line.listing(), before);
});

Deno.test("phase moves a session at rest as a person's recorded act, and the next run goes on there", async () => {
  using line = new CommandLine();
  await play(line, START);
  const moved = await line.type(["phase", "top", "Planning"]);
  assert.deepEqual([moved.code, moved.error], [0, ""]);
  assert.match(
    moved.out,
    /^Moved to planning\.\n[^]*You moved it to planning; it can continue\n[^]*next {2}samocode run top\n/,
  );
  const [opened, entered] = line.project.events().slice(-2);
  assert.ok(opened?.type === "gate.opened" && entered?.type === "phase.entered");
  assert.deepEqual([opened.gate, opened.by, entered.phase, entered.by], [
    "qa_answers",
    "the command line, without a terminal (samocode phase)",
    "planning",
    "human",
  ]);
  assert.equal((await play(line, ["run", "top"])).code, 10);
  assert.equal((await line.status("top")).needs, "approval", "the next gate is as closed as ever");
  assert.equal((await line.type(["phase", "top", "testing"], SEATED)).code, 0);
  const { waived } = line.project.events().findLast((event) => event.type === "phase.entered") ?? {};
  assert.deepEqual(waived, ["Phase 1: do it"]);
  assert.equal((await play(line, ["run", "top"])).code, 0);
  // Back from the end: it comes through the gates again.
  assert.equal((await line.type(["phase", "top", "planning", "--json"])).code, 0);
  assert.equal((await play(line, ["run", "top"])).code, 10);
  const { phase, needs } = await line.status("top");
  assert.deepEqual({ phase, needs }, { phase: "planning", needs: "approval" });
});

const SEATED = { answers: ["y"], isOutputTerminal: true };

Deno.test("phase passes the plan's gate only with the plan that the person was shown, and binds the work to it", async () => {
  using line = new CommandLine();
  await play(line, START);
  await line.type(["answer", "top", "Q1=A", "Q2=so"]);
  await play(line, ["run", "top"]);
  const move = ["phase", "top", "implementation"];
  const { sha256 } = JSON.parse((await line.type(["plan", "top", "--json"])).out);
  for (
    const [flags, problem] of [
      [[], /without a terminal, its plan must be named by its hash\n {2}.*samocode plan top --json/],
      [["--sha256", "f".repeat(64)], /plan-top\.md changed since it was shown\n/],
    ] as const
  ) {
    const { code, error } = await line.type([...move, ...flags]);
    assert.equal(code, 2);
    assert.match(error, problem);
    assert.ok(!error.includes(sha256));
  }
  const left = await line.type(move, { ...SEATED, answers: ["n"] });
  assert.match(left.out, /Phase 1: do it[^]*Move top on with this plan\? \[y\/N\] Nothing was moved\.\n$/);
  assert.deepEqual([left.code, (await line.status("top")).phase], [10, "planning"]);
  assert.equal((await line.type([...move, "--sha256", sha256])).code, 0);
  const opened = line.project.events().findLast((event) => event.type === "gate.opened");
  assert.deepEqual([opened?.gate, opened?.sha256], ["plan_approval", sha256]);
  line.edit(line.nameOf(/plan-top/), (text) => `${text}- [ ] Phase 2: something else\n`);
  assert.equal((await play(line, ["run", "top"])).code, 10);
  const { phase, needs } = await line.status("top");
  assert.deepEqual({ phase, needs }, { phase: "planning", needs: "approval" });
});

Deno.test("a phase changed in the notebook opens the plan's gate for the plan that was shown there, and no other", async () => {
  using line = new CommandLine();
  await play(line, START);
  await line.type(["answer", "top", "Q1=A", "Q2=so"]);
  await play(line, ["run", "top"]);
  line.edit("_overview.md", (text) => text.replace(/^Phase: planning$/m, "Phase: implementation"));
  line.edit(line.nameOf(/plan-top/), (text) => `${text}- [ ] Phase 2: something else\n`);
  assert.equal((await play(line, ["run", "top"])).code, 10);
  const { phase, needs } = await line.status("top");
  assert.deepEqual({ phase, needs }, { phase: "planning", needs: "approval" });
});

Deno.test("phase refuses a phase that is none, and the one that the session is in", async () => {
  using line = new CommandLine();
  await line.typeWithAgent(WHOLE_AGENT, START);
  const refused: readonly (readonly [words: readonly string[], problem: RegExp])[] = [
    [["top", "tests"], /no such phase\n {2}Name one of investigation, requirements, /],
    [["top", "init"], /no such phase/],
    [["top", "requirements"], /it is there already\n {2}Continue it there: samocode run top\n/],
    [["top"], /a session and a phase are needed/],
    [[], /a session and a phase are needed/],
  ];
  for (const [words, problem] of refused) {
    const { code, error } = await line.type(["phase", ...words]);
    assert.equal(code, 2);
    assert.match(error, problem);
  }
});

Deno.test("run --plan says that some of the plan cannot be seen", async () => {
  using line = new CommandLine();
  const path = join(line.project.root, "plan.md");
  for (
    const [text, error] of [["Do it", ""], ["Do \u200b\u{e0041}it", "! 2 characters of the plan cannot be seen\n"]]
  ) {
    Deno.writeTextFileSync(path, `# Plan\n\n- [ ] ${text}\n`);
    assert.equal((await line.type(["run", "--plan", path, "--dry-run"])).error, error);
  }
});
