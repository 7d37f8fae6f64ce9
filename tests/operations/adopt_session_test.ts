import assert from "node:assert/strict";
import { basename, join } from "node:path";
import { CommandLine, WHOLE_AGENT } from "../cli/command_line.ts";
import { makeFolder, makeOriginal, notebook, PLAN, PLAN_FILE } from "../helpers/hand_made.ts";
import { ROOT } from "../helpers/program_under_test.ts";
import { Background, samocodeIn } from "../helpers/background.ts";
import { dieAt } from "../helpers/sudden_death.ts";
import { adoptSession } from "../../src/operations/adopt_session.ts";
import { listSessions } from "../../src/operations/list_sessions.ts";
import { openSession } from "../../src/operations/samocode.ts";
import type { RecordedEvent } from "../../src/workflow/session_event.ts";

const NAME = "26-01-15-login-limit";
const RUN = ["run", "login-limit"] as const;

/** Says which agents ran, and where; in implementation it ticks all of the plan. */
const AGENT = `
echo $phase >> "$folder/ran"
git rev-parse --abbrev-ref HEAD >> "$folder/ran-on"
[ $phase = implementation ] && sed -i 's/- \\[ \\]/- [x]/' "$folder"/*-plan-*.md
${WHOLE_AGENT}`;

function ran(line: CommandLine): readonly string[] {
  return Deno.readTextFileSync(line.path("ran")).trim().split("\n");
}

function adoptionIn(events: readonly RecordedEvent[]): unknown {
  const created = events.filter((event) => event.type === "session.created");
  assert.equal(created.length, 1);
  return created[0]?.adopted;
}

Deno.test("a session of the original is adopted at its plan, and goes on to its end with its own counts", async () => {
  using line = new CommandLine();
  const { worktree } = makeOriginal(line.project, { phase: "implementation" });
  const before = await line.status("login-limit");
  assert.deepEqual([before.state, before.phase, before.iteration, before.next], [
    "stopped",
    "implementation",
    9,
    [{ verb: "resume", session: "login-limit" }],
  ]);
  assert.equal(before.task, "Limit login attempts.\nSomebody tried 40,000 passwords last night.");

  const first = await line.typeWithAgent(AGENT, RUN);
  assert.equal(first.code, 10, first.error);
  assert.match(
    first.out,
    /Session login-limit adopted: in implementation after 9 iterations on login-limit, gates closed\n/,
  );
  assert.match(first.out, /Waiting for you: approve the plan in 01-15-15:02-plan-login-limit\.md/);
  assert.deepEqual(adoptionIn(line.project.events()), {
    phase: "implementation",
    iterations: 9,
    iterationsInVisit: 6,
    qualityIterations: 0,
    workplace: { path: worktree, branch: "login-limit", note: "" },
  });
  const waiting = await line.status("login-limit");
  assert.deepEqual([waiting.needs, waiting.worktree, waiting.branch], ["approval", worktree, "login-limit"]);
  // Running it again is no approval.
  assert.equal((await line.typeWithAgent(AGENT, RUN)).code, 10);

  assert.equal((await line.type(["approve", "login-limit"])).code, 0);
  const last = await line.typeWithAgent(AGENT, RUN);
  assert.equal(last.code, 0, last.out);
  assert.deepEqual(ran(line), ["implementation", "testing", "done"]);
  assert.deepEqual(line.project.attempts(), ["10.1", "11.1", "12.1"]);
  assert.equal(Deno.readTextFileSync(line.path("ran-on")), "login-limit\n".repeat(3));
  assert.match(Deno.readTextFileSync(line.path("_overview.md")), /^Iteration: 1\nTotal Iterations: 12$/m);
  const history = Deno.readTextFileSync(line.path("_signal_history.jsonl")).trim().split("\n");
  assert.deepEqual(history.map((text) => JSON.parse(text).iteration), [1, 2, 3, 4, 10, 11, 12]);
});

Deno.test("a session of the skill is adopted in its phase, gets its own worktree, and comes to its gate", async () => {
  using line = new CommandLine();
  const shown = Deno.readTextFileSync(join(ROOT, "skills", "session-management", "folder.md"));
  const [, example = ""] = /```markdown\n(# Session: login-limit\n[^]*?)```/.exec(shown) ?? [];
  makeFolder(line.project, NAME, { "_overview.md": example.replace("/home/ann/shop", line.project.repo) });
  const listed = await line.type(["list"]);
  assert.match(listed.out, /stopped {2}login-limit {2}planning +0 .*Started by hand; running it adopts it/);
  const preview = await line.type([...RUN, "--dry-run"]);
  assert.match(preview.out, /Would +adopt it in planning after iteration 0, .* in a new branch and worktree\n/);
  const { code, out } = await line.typeWithAgent(AGENT, RUN);
  assert.equal(code, 10, out);
  assert.deepEqual(ran(line), ["planning"]);
  assert.equal(Deno.readTextFileSync(line.path("ran-on")), "login-limit\n");
  const { needs, task } = await line.status("login-limit");
  assert.deepEqual({ needs, task }, {
    needs: "approval",
    task: "Limit login attempts. Somebody tried 40,000 passwords last night.",
  });
});

Deno.test("run adopts a session from the person's checkout, leaves its branch alone, and says that its task stays", async () => {
  using line = new CommandLine();
  makeFolder(line.project, NAME, {
    "_overview.md": notebook({ head: `Working Dir: ${line.project.repo}\nBranch: main` }),
  });
  const { error } = await line.typeWithAgent(AGENT, [...RUN, "--task", "Something else"]);
  assert.equal(
    error,
    'The session login-limit exists and keeps its task. To give it another: samocode continue login-limit --task "…"\n',
  );
  assert.equal(line.project.git("rev-parse", "--abbrev-ref", "HEAD"), "main");
  assert.equal(Deno.readTextFileSync(line.path("ran-on")), "login-limit\n");
});

for (
  const [phase, files, expected] of [
    ["init", {}, { ran: ["investigation", "requirements"], needs: "answers" }],
    ["Investigation", {}, { ran: ["investigation", "requirements"], needs: "answers" }],
    [
      "requirements",
      { "_qa.md": "### Q1: Which?\nA) One\nB) Two\n**Suggestion:** A - usual\n**Answer:** _waiting_\n" },
      { ran: [], needs: "answers" },
    ],
    ["planning", { [PLAN_FILE]: PLAN }, { ran: [], needs: "approval" }],
    ["planning", {}, { ran: ["planning"], needs: "approval" }],
    ["implementation", {}, { ran: ["planning"], needs: "approval" }],
    ["testing", { [PLAN_FILE]: PLAN }, { ran: [], needs: "approval" }],
    ["quality", { [PLAN_FILE]: PLAN }, { ran: [], needs: "approval" }],
  ] as const
) {
  const what = Object.keys(files).length === 0 ? "nothing to show" : "something to show";
  Deno.test(`a session adopted in ${phase} with ${what} comes to its own gate, and no further`, async () => {
    using line = new CommandLine();
    line.project.git("branch", "login-limit");
    makeFolder(line.project, NAME, {
      "_overview.md": notebook({ phase, head: "Branch: login-limit" }),
      ran: "",
      ...files,
    });
    assert.equal((await line.typeWithAgent(AGENT, RUN)).code, 10);
    const { state, needs } = await line.status("login-limit");
    assert.deepEqual({ ran: ran(line).filter(Boolean), state, needs }, { state: "waiting", ...expected });
    assert.equal(line.project.events().some(({ type }) => type === "gate.opened"), false);
  });
}

Deno.test("a session adopted in testing goes on there once its plan is approved, if every step is ticked", async () => {
  for (const [plan, expected] of [[PLAN.replace("[ ]", "[x]"), "testing"], [PLAN, "implementation"]] as const) {
    using line = new CommandLine();
    makeOriginal(line.project, { phase: "testing", files: { [PLAN_FILE]: plan } });
    await line.typeWithAgent(AGENT, RUN);
    assert.equal((await line.type(["approve", "login-limit"])).code, 0);
    const { code, out } = await line.typeWithAgent(AGENT, RUN);
    assert.equal(code, 0, out);
    assert.equal(ran(line)[0], expected);
  }
});

Deno.test("a plan of a session that was adopted can be sent back, and its next version waits, too", async () => {
  using line = new CommandLine();
  makeOriginal(line.project, { phase: "quality" });
  await line.typeWithAgent(AGENT, RUN);
  await line.type(["approve", "login-limit", "--reject", "Too long"]);
  assert.equal((await line.typeWithAgent(AGENT, RUN)).code, 10);
  assert.deepEqual([ran(line), (await line.status("login-limit")).needs], [["planning"], "approval"]);
});

Deno.test("the first agent of a session that was adopted is told so, and no later one", async () => {
  using line = new CommandLine();
  makeFolder(line.project, NAME, { "_overview.md": notebook({ phase: "investigation" }) });
  const agent = `
grep -q 'had come to the phase investigation' "$HOME"/.cache/samocode/context/*/*.md && echo $phase >> "$folder/told"
${AGENT}`;
  await line.typeWithAgent(agent, RUN);
  assert.deepEqual([ran(line), Deno.readTextFileSync(line.path("told"))], [
    ["investigation", "requirements"],
    "investigation\n",
  ]);
});

Deno.test("a branch without a worktree gets one, and a worktree that was deleted comes back", async () => {
  for (const phase of ["planning", "implementation"]) {
    using line = new CommandLine();
    const { worktree } = makeOriginal(line.project, { phase });
    Deno.removeSync(worktree, { recursive: true });
    const { code, error } = await line.typeWithAgent(AGENT, RUN);
    assert.deepEqual([code, error], [10, ""]);
    assert.equal(line.project.git("-C", worktree, "rev-parse", "--abbrev-ref", "HEAD"), "login-limit");
  }
});

type Refused = readonly [
  what: string,
  make: (line: CommandLine) => void,
  error: RegExp,
];

/** Makes a folder with this notebook. */
function withNotebook(about: Parameters<typeof notebook>[0]): (line: CommandLine) => void {
  return ({ project }) => void makeFolder(project, NAME, { "_overview.md": notebook(about) });
}

const REFUSED: readonly Refused[] = [
  ["no phase", withNotebook({ phase: "" }), /names no phase\n {2}Write "Phase: investigation" below "## Status" in .*/],
  ["a phase that is none", withNotebook({ phase: "7" }), /names no phase/],
  ["two words for a phase", withNotebook({ phase: "planning implementation" }), /names no phase/],
  ["no notes at all", ({ project }) => void makeFolder(project, NAME, { "_overview.md": "" }), /names no phase/],
  [
    "the phase done",
    withNotebook({ phase: "done" }),
    /says that it is done\n {2}Start a new session, or write the phase/,
  ],
  ["a link for a notebook", ({ project }) => {
    const folder = makeFolder(project, NAME, { elsewhere: notebook() });
    Deno.symlinkSync(join(folder, "elsewhere"), join(folder, "_overview.md"));
  }, /_overview\.md: it is a link\n {2}Move it away/],
  ["a pipe for a notebook", ({ project }) => {
    const folder = makeFolder(project, NAME, {});
    new Deno.Command("mkfifo", { args: [join(folder, "_overview.md")] }).outputSync();
  }, /_overview\.md: not a regular file/],
  [
    "a folder outside",
    withNotebook({ head: "Working Dir: /etc" }),
    /\/etc is no worktree of .*repo\n {2}Correct Working/,
  ],
  ["a path that is not whole", withNotebook({ head: "Worktree: ../../.." }), /\.\.\/\.\.\/\.\. is not a whole path/],
  ["another repository", (line) => {
    const other = join(line.project.root, "other");
    new Deno.Command("git", { args: ["init", "-q", other], env: line.project.env }).outputSync();
    withNotebook({ head: `Worktree: ${other}` })(line);
  }, /other is no worktree of/],
  [
    "somebody's branch",
    (line) => {
      line.project.git("branch", "release");
      withNotebook({ head: "Branch: release" })(line);
    },
    /release is not named after it\n {2}If it is its own: git -C \S+ branch -m release login-limit; and correct Branch/,
  ],
  ["somebody's worktree", (line) => {
    const path = join(line.project.root, "worktrees", "release");
    line.project.git("worktree", "add", "-q", "-b", "release", path);
    withNotebook({ head: `Worktree: ${path}` })(line);
  }, /release is not named after it/],
  ["a worktree on another branch", (line) => {
    const path = join(line.project.root, "worktrees", "mine");
    line.project.git("worktree", "add", "-q", "-b", "login-limit", path);
    withNotebook({ head: `Worktree: ${path}\nBranch: me/login-limit` })(line);
  }, /mine has login-limit checked out, not me\/login-limit/],
  ["a worktree on no branch", (line) => {
    const path = join(line.project.root, "worktrees", "mine");
    line.project.git("worktree", "add", "-q", "--detach", path);
    withNotebook({ head: `Worktree: ${path}` })(line);
  }, /mine is on no branch\n {2}Give it one: git -C \S+ switch -c login-limit;/],
  [
    "work on the branch main",
    withNotebook({ phase: "implementation", head: "Branch: main" }),
    /on no branch of its own\n {2}Commit it, then: git -C \S+ branch login-limit; and write "Branch: login-limit" below/,
  ],
  ...["planning", "implementation"].map((phase): Refused => [
    `a person's branch of its name, in ${phase}`,
    (line) => {
      line.project.git("branch", "login-limit");
      withNotebook({ phase, head: `Working Dir: ${line.project.repo}\nBranch: main` })(line);
    },
    /there is a branch login-limit, which its notebook does not name\n {2}If it is its own, write "Branch: login-limit" below the title of its notebook, else rename it; see \S+_overview\.md\n/,
  ]),
  ["a name that is the default branch's", ({ project }) => {
    project.git("branch", "login-limit");
    project.git("update-ref", "refs/remotes/origin/login-limit", "main");
    project.git("symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/login-limit");
    makeFolder(project, NAME, { "_overview.md": notebook({ phase: "implementation" }) });
  }, /its work is on no branch of its own/],
  ["its branch in the person's checkout", (line) => {
    line.project.git("switch", "-q", "-c", "login-limit");
    withNotebook({ head: `Working Dir: ${line.project.repo}\nBranch: login-limit` })(line);
  }, /login-limit is checked out in \S+repo\n {2}Commit what is there, then: git -C \S+ switch main;/],
  ["something where its worktree belongs", (line) => {
    line.project.git("branch", "login-limit");
    Deno.mkdirSync(join(line.project.root, "worktrees", "login-limit"));
    withNotebook({ head: "Branch: login-limit" })(line);
  }, /worktrees\/login-limit is in the way of a worktree for login-limit/],
];

for (const [what, make, expected] of REFUSED) {
  Deno.test(`a session with ${what} is refused with the way out, and nothing is changed`, async () => {
    using line = new CommandLine();
    make(line);
    const before = [line.project.git("for-each-ref"), line.project.git("worktree", "list"), ...namesIn(line)];
    const { code, error } = await line.typeWithAgent("touch $folder/ran", RUN);
    assert.equal(code, 2, error);
    assert.match(error, expected);
    assert.deepEqual(
      [line.project.git("for-each-ref"), line.project.git("worktree", "list"), ...namesIn(line)],
      before,
    );
    // A list shows all of them, and says why.
    const listed = await line.type(["list"]);
    assert.equal(listed.code, 0);
    assert.match(listed.out, / login-limit /);
  });
}

function namesIn(line: CommandLine): readonly string[] {
  return [...Deno.readDirSync(line.project.sessionFolder())].map(({ name }) => name).sort();
}

Deno.test("counts that are none count as nothing, and text that a terminal obeys reaches none", async () => {
  using line = new CommandLine();
  const text = notebook({ phase: "investigation", task: "> \x1b[2JLimit\u202e logins" })
    .replace("Iteration: 0\nTotal Iterations: 0", "Iteration: 999999999999999999999\nTotal Iterations: -3")
    .replace("Quality Iteration: 0", "Quality Iteration: 1e9");
  makeFolder(line.project, NAME, { "_overview.md": text });
  const { out } = await line.typeWithAgent(AGENT, RUN);
  // deno-lint-ignore no-control-regex -- these are what must not be there
  assert.doesNotMatch(out, /[\x1b\u202e]/);
  assert.deepEqual(adoptionIn(line.project.events()), {
    phase: "investigation",
    iterations: 0,
    iterationsInVisit: 0,
    qualityIterations: 0,
  });
  assert.deepEqual(line.project.attempts(), ["1.1", "2.1"]);
});

Deno.test("a session whose journal was removed is not adopted where it was, and a copy has its gates closed", async () => {
  using line = new CommandLine();
  makeOriginal(line.project, { phase: "implementation" });
  await line.typeWithAgent(AGENT, RUN);
  await line.type(["approve", "login-limit"]);
  Deno.removeSync(line.path("_journal.jsonl"));
  const { code, error } = await line.typeWithAgent(AGENT, RUN);
  assert.equal(code, 2);
  const [, copy = ""] = /adopt a copy, with its gates closed: (cp -r .*)\n/.exec(error) ?? [];
  await new Deno.Command("sh", { args: ["-c", copy] }).output();
  Deno.removeSync(join(line.project.root, "sessions", NAME), { recursive: true });
  Deno.renameSync(line.project.sessionFolder(), join(line.project.root, "sessions", "26-01-16-login-limit"));
  assert.equal((await line.typeWithAgent(AGENT, RUN)).code, 10);
  assert.equal((await line.status("login-limit")).needs, "approval");
});

Deno.test("the branch of another session of that name is not taken", async () => {
  using line = new CommandLine();
  makeOriginal(line.project, { phase: "implementation" });
  await line.typeWithAgent(AGENT, RUN);
  makeFolder(line.project, "26-02-20-login-limit", { "_overview.md": notebook({ head: "Branch: login-limit" }) });
  const { code, error } = await line.typeWithAgent(AGENT, RUN);
  assert.equal(code, 2);
  assert.match(error, /26-02-20-login-limit: the branch login-limit belongs to the session 26-01-15-login-limit/);
});

Deno.test("start adopts a session in the background and says so in one line", async () => {
  await using stage = new Background();
  makeOriginal(stage.project, { phase: "testing" });
  const start = ["start", "login-limit"];
  const { code, stderr } = await stage.project.run(start, stage.env());
  assert.deepEqual([code, stderr], [
    0,
    "Session login-limit adopted: in testing after 9 iterations on login-limit, gates closed\n",
  ]);
  assert.equal((await stage.rested("login-limit")).needs, "approval");
  await stage.quiet();
});

Deno.test("no agent of a session adopts another one", async () => {
  using line = new CommandLine();
  const folder = makeFolder(line.project, NAME, { "_overview.md": notebook() });
  for (const command of ["run", "start"]) {
    const env = { SAMOCODE_MARKER: "an agent's", TMPDIR: "/nowhere" };
    const { code, error } = await line.type([command, "login-limit"], { env });
    assert.equal(code, 2);
    assert.match(error, /^samocode: Cannot (?:run|adopt) a session: only a person may/);
    assert.deepEqual([...Deno.readDirSync(folder)].map(({ name }) => name).sort(), ["_logs", "_overview.md"]);
  }
});

Deno.test("a task whose name is taken by a session started by hand becomes a session of another name", async () => {
  using line = new CommandLine();
  const folder = makeFolder(line.project, "26-11-20-limit-logins", { "_overview.md": notebook() });
  const { code, out } = await line.type(["start", "--task", "Limit logins", "--json"]);
  assert.equal(code, 0);
  assert.equal(JSON.parse(out).session, "limit-logins-2");
  assert.deepEqual([...Deno.readDirSync(folder)].map(({ name }) => name).sort(), ["_logs", "_overview.md"]);
  await line.type(["stop", "limit-logins-2", "--now"]);
});

Deno.test("every other command says that a session started by hand must run first", async () => {
  using line = new CommandLine();
  makeFolder(line.project, NAME, { "_overview.md": notebook() });
  for (const words of [["approve"], ["answer", "Q1=A"], ["logs"], ["stop"], ["raise"]]) {
    const [name = "", ...more] = words;
    const { code, error } = await line.type([name, "login-limit", ...more]);
    assert.equal(code, 2);
    assert.match(error, /started by hand and has no journal yet\n {2}Run it, and samocode adopts it: samocode run /);
  }
});

Deno.test("a notebook in a folder of its own is refused with the command that moves it up, after which it is adopted", async () => {
  using line = new CommandLine();
  const folder = makeFolder(line.project, NAME, {});
  Deno.removeSync(join(folder, "_logs"));
  Deno.mkdirSync(join(folder, "_samocode", "_logs"), { recursive: true });
  Deno.writeTextFileSync(join(folder, "_samocode", "_overview.md"), notebook());
  for (const words of [RUN, ["status", "login-limit"], ["start", "login-limit"]]) {
    const { code, error } = await line.type(words);
    assert.equal(code, 2);
    assert.match(error, /Cannot open the session 26-01-15-login-limit: its notebook is in _samocode\n {2}Move it up, /);
  }
  const [, command = ""] = /adopts the session: (mv .*)\n/.exec((await line.type(RUN)).error) ?? [];
  await new Deno.Command("sh", { args: ["-c", command] }).output();
  assert.match((await line.type([...RUN, "--dry-run"])).out, /adopt it in planning/);
});

Deno.test("list shows a finished session of the original as done, and doctor leaves all worktrees to their sessions", async () => {
  using line = new CommandLine();
  makeOriginal(line.project, { phase: "done" });
  const { worktree } = makeOriginal(line.project, { phase: "testing", name: "26-01-16-other" });
  const { out } = await line.type(["list"]);
  assert.match(out, /done +login-limit .*Plan created\n/);
  const doctor = await line.type(["doctor"]);
  assert.match(doctor.out, /1 started by hand: other; samocode run adopts them/);
  assert.doesNotMatch(doctor.out, new RegExp(`${basename(worktree)} belongs to no session|login-limit belongs to no`));
});

Deno.test("adoptSession() killed before any of its operations, or in the middle of a write, is done by the next one", {
  // What dies leaves its files open.
  sanitizeResources: false,
}, async () => {
  using line = new CommandLine();
  const env = { ...line.project.env, SAMOCODE_PROVIDER: "demo" };
  const samocode = samocodeIn(line.project.root, env);
  const deaths = [];
  for (let number = 0;; number++) {
    const session = `made-${number}`;
    line.project.git("branch", session);
    makeFolder(line.project, `26-01-15-${session}`, {
      "_overview.md": notebook({ phase: "testing", head: `Branch: ${session}` }),
      [PLAN_FILE]: PLAN,
    });
    const moment = { before: number >> 1, half: number % 2 === 1 };
    const died = await dieAt(moment, () => adoptSession(samocode, { session, by: "a test" }));
    if (!died) break;
    const listed = listSessions(samocode).find((row) => row.session === session);
    const wasKept = listed?.phase === "planning";
    assert.deepEqual([listed?.state, listed?.iteration], ["stopped", 0], JSON.stringify(moment));
    const both = await Promise.all([1, 2].map(() => adoptSession(samocode, { session, by: "a test" })));
    assert.equal(both.filter((event) => event !== undefined).length, wasKept ? 0 : 1, JSON.stringify(moment));
    using folder = openSession(samocode, session);
    folder.journal.check();
    assert.deepEqual([folder.history.phase, folder.history.workplace?.branch, folder.history.lastSeq], [
      "planning",
      session,
      1,
    ]);
    deaths.push(moment);
  }
  assert.ok(deaths.length >= 20, `${deaths.length} moments`);
});

Deno.test("rm names a worktree that a person made, and prune leaves it to them", async () => {
  using line = new CommandLine();
  const own = join(line.project.root, "own");
  line.project.git("worktree", "add", "--quiet", "-b", "login-limit", own);
  makeFolder(line.project, NAME, {
    "_overview.md": notebook({ phase: "investigation", head: `Working Dir: ${own}` }),
  });
  const agent = `echo '{"status":"blocked","reason":"No","needs":"error"}' > "$signal"`;
  await line.typeWithAgent(agent, RUN);
  assert.equal((await line.type(["phase", "login-limit", "done"])).code, 0);
  await line.typeWithAgent(WHOLE_AGENT, RUN);
  assert.equal((await line.status("login-limit")).state, "done");
  const { out } = await line.type(["prune", "--older-than", "0", "--yes"]);
  assert.match(out, /its worktree is not in WORKTREES\nNothing was removed\./);
  const asked = await line.type(["rm", "login-limit"], { answers: [""] });
  assert.ok(asked.out.includes(`login-limit, the worktree ${own}, the branch login-limit\n`), asked.out);
  assert.equal(Deno.statSync(own).isDirectory, true);
});
