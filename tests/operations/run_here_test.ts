import assert from "node:assert/strict";
import { join } from "node:path";
import { CommandLine, START, WHOLE_AGENT } from "../cli/command_line.ts";

const AGENT_MOVES_PHASE = `
sed -i 's/^Phase: .*/Phase: done/' "$folder/_overview.md"
${WHOLE_AGENT}`;

for (
  const phase of ["Phase: 7", "Phase:", "Phase: init", "Phase: no such phase", "Phase: \x1b[2J\u202e", "Faze: done"]
) {
  Deno.test(`run continues if the notebook says ${JSON.stringify(phase)}`, async () => {
    using line = new CommandLine();
    await line.typeWithAgent(WHOLE_AGENT, START);
    await line.type(["answer", "top", "Q1=A", "Q2=so"]);
    line.edit("_overview.md", (text) => text.replace(/^Phase: .*$/m, phase));
    const { code, error } = await line.typeWithAgent(WHOLE_AGENT, ["run", "top"]);
    assert.deepEqual({ code, error }, { code: 10, error: "" });
    assert.equal((await line.status("top")).needs, "approval");
    assert.match(Deno.readTextFileSync(line.path("_overview.md")), /^Phase: planning$/m);
  });
}

for (const text of ["", undefined]) {
  Deno.test(`run goes on where the notebook is ${text === "" ? "empty" : "gone"}, and begins it again`, async () => {
    using line = new CommandLine();
    await line.typeWithAgent(WHOLE_AGENT, START);
    await line.type(["answer", "top", "Q1=A", "Q2=so"]);
    Deno.removeSync(line.path("_overview.md"));
    if (text !== undefined) Deno.writeTextFileSync(line.path("_overview.md"), text);
    assert.equal((await line.typeWithAgent(WHOLE_AGENT, ["run", "top"])).code, 10);
    assert.match(Deno.readTextFileSync(line.path("_overview.md")), /^Phase: planning$/m);
  });
}

Deno.test("a person who moves the notebook's phase between runs moves the session and opens the gate by hand", async () => {
  using line = new CommandLine();
  await line.typeWithAgent(WHOLE_AGENT, START);
  line.edit("_overview.md", (text) => text.replace(/^Phase: .*$/m, "Phase: Implementation"));
  assert.equal((await line.typeWithAgent(WHOLE_AGENT, ["run", "top"])).code, 0);
  const moved = line.project.events().flatMap((event) => {
    if (event.type === "gate.opened") return [`${event.gate} by ${event.by}`];
    return event.type === "phase.entered" && event.by === "human" ? [`from ${event.from} to ${event.phase}`] : [];
  });
  assert.deepEqual(moved, [
    "qa_answers by the phase in the notebook, moved by hand",
    "from requirements to implementation",
  ]);
});

for (const way of ["answer", "by hand"] as const) {
  Deno.test(`a session whose questions were answered (${way}) is ready: it waits for nobody`, async () => {
    using line = new CommandLine();
    await line.typeWithAgent(WHOLE_AGENT, START);
    const { state, needs } = await line.status("top");
    assert.deepEqual({ state, needs }, { state: "waiting", needs: "answers" });
    if (way === "answer") {
      assert.match((await line.type(["answer", "top", "Q1=A", "Q2=so"])).out, /ready/);
    } else line.edit("_qa.md", (text) => text.replaceAll("_waiting_", "so"));
    const answered = await line.status("top");
    assert.deepEqual([answered.state, answered.needs, answered.next], ["ready", "none", [
      { verb: "resume", session: "top" },
    ]]);
    assert.equal((await line.typeWithAgent(WHOLE_AGENT, ["run", "top"])).code, 10);
    assert.equal((await line.status("top")).state, "waiting", "for the plan");
    await line.type(["approve", "top"]);
    assert.equal((await line.status("top")).state, "ready");
  });
}

Deno.test("an agent that moves the notebook's phase moves nothing, in this run or the next", async () => {
  using line = new CommandLine();
  for (const args of [START, ["run", "top"], ["run", "top"]]) {
    assert.equal((await line.typeWithAgent(AGENT_MOVES_PHASE, args)).code, 10);
    const { phase, needs } = await line.status("top");
    assert.deepEqual({ phase, needs }, { phase: "requirements", needs: "answers" });
  }
  assert.equal(line.project.events().some(({ type }) => type === "gate.opened"), false);
});

for (
  const [what, words] of [
    ["human_action", "The agent is waiting for you to act"],
    ["file_update", "The agent is waiting for you to update a file"],
  ] as const
) {
  Deno.test(`run that waits for ${what} says what the notebook has as Next, and goes on when run again`, async () => {
    using line = new CommandLine();
    const agent = `
if [ $phase = implementation ] && ! grep -q 'Check that it is done' "$HOME"/.cache/samocode/context/*/*.md; then
  sed -i 's/^Next: .*/Next: Start the test database, then run on/' "$folder/_overview.md"
  echo '{"status":"waiting","for":"${what}"}' > "$signal"
  exit
fi
${WHOLE_AGENT}`;
    await line.typeWithAgent(agent, START);
    line.edit("_overview.md", (text) => text.replace(/^Phase: .*$/m, "Phase: implementation"));
    assert.equal((await line.typeWithAgent(agent, ["run", "top"])).code, 10);
    const { state, needs, detail } = await line.status("top");
    assert.deepEqual({ state, needs, detail }, {
      state: "waiting",
      needs: "unblock",
      detail: `${words}: Start the test database, then run on`,
    });
    assert.equal((await line.typeWithAgent(agent, ["run", "top"])).code, 0);
  });
}

Deno.test("a person ends a research-only session by moving it from requirements to done", async () => {
  using line = new CommandLine();
  const agent = `
if [ $phase = requirements ]; then
  echo '{"status":"waiting","for":"human_action"}' > "$signal"
  exit
fi
${WHOLE_AGENT}`;
  await line.typeWithAgent(agent, START);
  line.edit("_overview.md", (text) => text.replace(/^Phase: .*$/m, "Phase: done"));
  assert.equal((await line.typeWithAgent(agent, ["run", "top"])).code, 0);
  const entered = line.project.events().flatMap((event) => event.type === "phase.entered" ? [event.phase] : []);
  assert.deepEqual(entered, ["investigation", "requirements", "done"]);
});

Deno.test("run blocks with exit code 20 and says why; guide tells the next iteration, which goes on", async () => {
  using line = new CommandLine();
  const agent = `
if grep -q 'the key is in the drawer' "$HOME"/.cache/samocode/context/*/*.md; then
  echo '{"status":"continue","phase":"requirements"}' > "$signal"
else
  echo '{"status":"blocked","reason":"The key is missing","needs":"human_decision"}' > "$signal"
fi
[ $phase = investigation ] || { ${WHOLE_AGENT}
}`;
  const first = await line.typeWithAgent(agent, START);
  assert.equal(first.code, 20);
  assert.match(
    first.out,
    /Next: samocode guide top "what the agent should know"\n.*Next: samocode run top\n.*Next: samocode phase top PHASE\n$/,
  );
  const { state, needs, detail } = await line.status("top");
  assert.deepEqual({ state, needs, detail }, { state: "blocked", needs: "unblock", detail: "The key is missing" });
  assert.equal((await line.typeWithAgent(agent, ["run", "top"])).code, 20);
  assert.deepEqual(await line.type(["guide", "top", "the key is in the drawer"]), {
    code: 0,
    out: "The next iteration will be told.\n",
    error: "",
  });
  assert.equal((await line.typeWithAgent(agent, ["run", "top"])).code, 10);
  assert.equal((await line.status("top")).phase, "requirements");
});

Deno.test("run gives every agent the shipped skills, even if the previous one removed them", async () => {
  using line = new CommandLine();
  const agent = `
for plugin in "$@"; do :; done
test -s "$plugin/skills/planning/SKILL.md" && echo $phase >> "$folder/has-skills"
rm -r "$plugin"
${WHOLE_AGENT}`;
  assert.equal((await line.typeWithAgent(agent, START)).code, 10);
  assert.equal(Deno.readTextFileSync(line.path("has-skills")), "investigation\nrequirements\n");
});

Deno.test("run fails with exit code 1 if the agent's program is missing since, and names it", async () => {
  using line = new CommandLine();
  const env = { SAMOCODE_PROVIDER: "claude", CLAUDE_PATH: "/nonexistent" };
  assert.equal((await line.typeWithAgent(WHOLE_AGENT, START)).code, 10);
  await line.type(["answer", "top", "Q1=A", "Q2=so"]);
  const { code, out } = await line.type(["run", "top"], { env });
  assert.equal(code, 1);
  assert.match(out, /\/nonexistent/);
  const { state, detail } = await line.status("top");
  assert.equal(state, "failed");
  assert.match(detail, /\/nonexistent/);
  assert.equal((await line.typeWithAgent(WHOLE_AGENT, ["run", "top"])).code, 10, "and goes on once it is there");
});

Deno.test("run waits at the budget with exit code 10, and continues with a larger one", async () => {
  using line = new CommandLine();
  const poor = await line.typeWithAgent(WHOLE_AGENT, START, { env: { SAMOCODE_MAX_COST: "0.4" } });
  assert.equal(poor.code, 10);
  assert.match(poor.out, /Next: samocode raise top\n/);
  assert.equal((await line.status("top")).needs, "budget");
  const rich = await line.typeWithAgent(WHOLE_AGENT, ["run", "top"], { env: { SAMOCODE_MAX_COST: "4" } });
  assert.equal(rich.code, 10);
});

Deno.test("run --max-cost is the session's own budget, whatever the settings say later, until a person raises it", async () => {
  using line = new CommandLine();
  const agent = `echo "$*" | grep -o -e '--max-budget-usd [0-9.]*' >> "$folder/told"\n${WHOLE_AGENT}`;
  const poor = await line.typeWithAgent(agent, [...START, "--max-cost", "0.4"]);
  assert.deepEqual([poor.code, poor.error], [10, ""]);
  assert.equal(Deno.readTextFileSync(line.path("told")), "--max-budget-usd 0.4000\n");
  const env = { SAMOCODE_MAX_COST: "off" };
  assert.equal((await line.typeWithAgent(WHOLE_AGENT, ["run", "top"], { env })).code, 10);
  const { needs, detail, budget } = await line.status("top");
  assert.equal(needs, "budget");
  assert.match(detail, /of \$0\.40 for this session$/);
  assert.equal(budget.find(({ measure }) => measure === "cost")?.limit, 0.4);
  assert.equal(line.project.events().filter(({ type }) => type === "iteration.started").length, 1);
  assert.match((await line.type(["logs", "top"])).out, /Session top created, for at most \$0\.40: Add --top/);
  const raised = await line.type(["raise", "top"], { env });
  assert.match(raised.out, /^Raised to \$0\.\d\d for this session\./, "by as much again");
  assert.equal((await line.typeWithAgent(WHOLE_AGENT, ["run", "top"], { env })).code, 10);
  assert.ok(line.project.events().filter(({ type }) => type === "iteration.started").length > 1);
});

Deno.test("--max-cost takes a positive number for a new session; above the settings, only from a person", async () => {
  using line = new CommandLine();
  const before = line.listing();
  const agent = { env: { CLAUDECODE: "1", TMPDIR: "/nowhere" } };
  for (const amount of ["0", "much", "1e9"]) {
    const { code, error } = await line.type([...START, "--max-cost", amount]);
    assert.deepEqual([code, error.includes("is no positive number")], [2, true], error);
  }
  assert.match((await line.type([...START, "--max-cost", "51"], agent)).error, /Cannot raise a budget: only a person/);
  assert.deepEqual(line.listing(), before);
  assert.match((await line.type([...START, "--max-cost", "51", "--dry-run"])).out, /Cost limit +\$51\.00/);
  await line.typeWithAgent(WHOLE_AGENT, [...START, "--max-cost", "5"], agent);
  const again = await line.type([...START, "--max-cost", "6"]);
  assert.equal(again.code, 2);
  assert.match(again.error, /it exists and has a budget\n.*samocode raise top/);
});

Deno.test("run --dry-run says what run would do and changes nothing", async () => {
  using line = new CommandLine();
  const dryRun = async (words: readonly string[]): Promise<string> => {
    const before = line.listing();
    const { code, out, error } = await line.type(["run", ...words, "--dry-run"]);
    assert.deepEqual({ code, error }, { code: 0, error: "" });
    assert.deepEqual(line.listing(), before);
    return out;
  };
  assert.match(
    (await line.type(["run", "top", "--dry-run"])).error,
    /Cannot run top: there is no session of that name/,
  );
  assert.match(
    await dryRun(["top", "--dive", "tally"]),
    /\nTask +tally\nWould make +the branch top and the worktree .+\/top\n/,
  );
  await line.typeWithAgent(WHOLE_AGENT, START);
  assert.match(await dryRun(["top"]), /\nTask +Add --top\nWould +wait: the agent's questions need your answers\n/);
  await line.type(["answer", "top", "Q1=A", "Q2=so"]);
  assert.match(await dryRun(["top"]), /\nWould +continue in requirements, after iteration 2\n/);
  line.edit("_overview.md", (text) => text.replace(/^Phase: .*$/m, "Phase: done"));
  await line.typeWithAgent(WHOLE_AGENT, ["run", "top"]);
  assert.match(await dryRun(["top"]), /\nWould +do nothing: the session is done\n/);
});

Deno.test("run --dry-run respects a done session that a person moved", async () => {
  using line = new CommandLine();
  await line.typeWithAgent(WHOLE_AGENT, START);
  line.edit("_overview.md", (text) => text.replace(/^Phase: .*$/m, "Phase: done"));
  assert.equal((await line.typeWithAgent(WHOLE_AGENT, ["run", "top"])).code, 0);
  line.edit("_overview.md", (text) => text.replace(/^Phase: .*$/m, "Phase: testing"));
  assert.match((await line.type(["run", "top", "--dry-run"])).out, /\nWould +continue in testing, after iteration 3\n/);
  const { state, movedTo, next, obstacle } = await line.status("top");
  assert.deepEqual({ state, movedTo, next, obstacle }, {
    state: "ready",
    movedTo: "testing",
    next: [{ verb: "resume", session: "top" }],
    obstacle: undefined,
  });
  assert.equal((await line.typeWithAgent(WHOLE_AGENT, ["run", "top"])).code, 0);
  assert.equal((await line.status("top")).iteration, 5);
});

Deno.test("run --dry-run sees answers that a person wrote into the file", async () => {
  using line = new CommandLine();
  await line.typeWithAgent(WHOLE_AGENT, START);
  line.edit("_qa.md", (text) => text.replaceAll("_waiting_", "A"));
  assert.match(
    (await line.type(["run", "top", "--dry-run"])).out,
    /\nWould +continue in requirements, after iteration 2\n/,
  );
});

const MIXED = {
  SAMOCODE_PROVIDER: "demo",
  SAMOCODE_PROVIDER_REQUIREMENTS: "claude",
  SAMOCODE_MODEL_REQUIREMENTS: "haiku",
};

Deno.test("run uses each phase's own agent and model, and status and journal name them", async () => {
  using line = new CommandLine();
  const script = `printf '%s\n' "$@" > "$folder/called"\n${WHOLE_AGENT}`;
  const { code, out, error } = await line.typeWithAgent(script, START, { env: MIXED });
  assert.deepEqual({ code, error }, { code: 10, error: "" }, out);
  assert.match(out, /Iteration 1 · investigation · demo\n[^]*Iteration 2 · requirements · claude haiku\n/);
  assert.deepEqual(workersOf(line), ["investigation: demo", "requirements: claude haiku"]);
  assert.match(Deno.readTextFileSync(line.path("called")), /^--model\nhaiku$/m);
  const { provider, model } = await line.status("top");
  assert.deepEqual({ provider, model }, { provider: "claude", model: "haiku" });
  assert.match((await line.type(["status", "top"])).out, /\n {2}Agent {3}claude haiku\n/);
  assert.equal(line.project.events().find((event) => event.type === "session.started")?.provider, "demo");
  await line.type(["answer", "top", "Q1=A", "Q2=so"]);
  // Named on the command line, one agent does all of it.
  await line.type(["run", "top", "--provider", "demo"], { env: MIXED });
  assert.deepEqual(workersOf(line).slice(2, 3), ["requirements: demo"]);
});

Deno.test("run --dry-run names the phases with another agent or model", async () => {
  using line = new CommandLine();
  const env = { ...MIXED, SAMOCODE_MODEL_DONE: "m", CLAUDE_PATH: "/bin/sh" };
  const { out } = await line.type(["run", "Add it now", "--dry-run"], { env });
  assert.match(
    out,
    /\nProvider +demo, 1800 s an iteration\n {2}requirements +claude haiku\n {2}done +demo m\nCost limit +\$50\.00\nChecks +none\nSession/,
  );
});

Deno.test("run --dry-run fails as run would if the branch or worktree already exists", async () => {
  using line = new CommandLine();
  line.project.git("branch", "taken");
  for (const words of [["run", "taken", "--task", "x"], ["run", "taken", "--task", "x", "--dry-run"]]) {
    const { code, out, error } = await line.type(words);
    assert.deepEqual({ code, out }, { code: 2, out: "" });
    assert.match(error, /^samocode: Cannot create the branch taken: it already exists\n/);
  }
});

Deno.test("run --dry-run names the fallback and the cost limit, and says that there is no branch without git", async () => {
  using line = new CommandLine();
  Deno.removeSync(join(line.project.repo, ".git"), { recursive: true });
  const env = { SAMOCODE_FALLBACK_PROVIDER: "codex", SAMOCODE_MAX_COST: "25" };
  const { out } = await line.type(["run", "top", "--task", "x", "--dry-run"], { env });
  assert.match(out, /\nFallback +codex\nCost limit +\$25\.00\nChecks +none\nSession/);
  assert.match(out, /\nWould make +no branch\. The project is not a git repository: /);
});

/** Who did each iteration. */
function workersOf(line: CommandLine): readonly string[] {
  return line.project.events().flatMap((event) =>
    event.type === "iteration.started"
      ? [`${event.phase}: ${[event.provider, event.model].filter((name) => name !== undefined).join(" ")}`]
      : []
  );
}

Deno.test("run works directly in a repository without commits, and its status says so", async () => {
  using line = new CommandLine();
  Deno.removeSync(join(line.project.repo, ".git"), { recursive: true });
  line.project.git("init", "--quiet");
  assert.equal((await line.typeWithAgent(WHOLE_AGENT, START)).code, 10);
  const { worktree, branch, note } = await line.status("top");
  assert.deepEqual({ worktree, branch }, { worktree: line.project.repo, branch: undefined });
  assert.match(note, /^The repository has no commit yet/);
});

Deno.test("run uses a folder that an interrupted start left", async () => {
  using line = new CommandLine();
  const folder = join(line.project.root, "sessions", "26-01-02-top");
  Deno.mkdirSync(join(folder, "_logs"), { recursive: true });
  Deno.writeTextFileSync(join(folder, "_journal.jsonl"), '{"seq":1,"at":"2026-01-02T');
  assert.equal((await line.typeWithAgent(WHOLE_AGENT, START)).code, 10);
  const { folder: found, task } = await line.status("top");
  assert.deepEqual({ found, task }, { found: folder, task: "Add --top" });
});

Deno.test("raise lets a session go on that used up its budget, says what it did, and raises nothing by chance", async () => {
  using line = new CommandLine();
  const env = { SAMOCODE_MAX_COST: "0.4", SAMOCODE_MAX_STARTS: "5", SAMOCODE_MAX_TOKENS: "off" };
  const type = (...words: readonly string[]) => line.type(["raise", "top", ...words], { env });
  assert.equal((await line.typeWithAgent(WHOLE_AGENT, START, { env })).code, 10);
  const refused: readonly (readonly [words: readonly string[], problem: RegExp])[] = [
    [
      ["--cost", "0.3"],
      /Cannot raise the budget of top to \$0\.30\n {2}Name more than \$0\.40, the limit now: samocode raise top --cost 1\n/,
    ],
    [
      ["--tokens", "9"],
      /Cannot raise the budget of top to 9 tokens: it has no such limit\n {2}See what it has used: samocode status top\n/,
    ],
    [["--day", "--cost", "99"], /Name more than \$100\.00, the limit now: samocode raise top --day --cost 200\n/],
    [["--cost", "much"], /--cost "much" is no positive number/],
    [["--starts", "-1"], /Write it as --starts=-1|is no positive number|needs a value/],
  ];
  for (const [words, problem] of refused) {
    const { code, error } = await type(...words);
    assert.equal(code, 2);
    assert.match(error, problem);
  }
  const raised = await type();
  assert.match(
    raised.out,
    /^Raised to \$\d\.\d\d for this session\.\n\n◇ ready[^]*You raised the budget; it can continue/,
  );
  assert.deepEqual((await line.status("top")).next, [{ verb: "resume", session: "top" }]);
  assert.match(
    (await type()).error,
    /none of its limits is used up\n {2}Name the new limit: samocode raise top --cost \d+\n$/,
  );
  assert.equal((await type("--day", "--cost", "120")).code, 0);
  assert.equal((await line.typeWithAgent(WHOLE_AGENT, ["run", "top"], { env })).code, 10);
  assert.deepEqual(
    line.project.events().flatMap((event) =>
      event.type === "budget.raised" ? event.raised.map(({ span }) => span) : []
    ),
    ["session", "day"],
  );
});

Deno.test("run starts no agent more often than it may, and warns before", async () => {
  using line = new CommandLine();
  const agent = `date +%N >> "$folder/_overview.md"; echo '{"status":"continue"}' > "$signal"`;
  const env = { SAMOCODE_MAX_STARTS: "4" };
  const { code, out } = await line.typeWithAgent(agent, START, { env });
  assert.equal(code, 10, out);
  assert.match(out, /Most of the budget is used up: 3 of 4 agent starts for this session/);
  assert.match(out, /The budget is used up: 4 of 4 agent starts for this session/);
  assert.equal(line.project.events().filter(({ type }) => type === "iteration.started").length, 4);
});

Deno.test("run ends an agent when no time is left, and starts none", async () => {
  using line = new CommandLine();
  const agent = `sleep 20`;
  const env = { SAMOCODE_MAX_TIME: "1" };
  const begun = performance.now();
  const { code, out } = await line.typeWithAgent(agent, START, { env });
  assert.equal(code, 10, out);
  assert.ok(performance.now() - begun < 10_000);
  assert.match(out, /was ended: the budget is used up \(no time is left\)/);
  assert.match(out, /The budget is used up: 1s of 1s of work for this session/);
});

Deno.test("run goes on when its agent is ended at a limit that was raised meanwhile", async () => {
  using line = new CommandLine();
  const agent =
    `if [ -e "$folder/again" ]; then echo '{"status":"blocked","reason":"Done","needs":"human_decision"}' > "$signal"
else touch "$folder/again"; sleep 20; fi`;
  const env = { SAMOCODE_MAX_TIME: "2" };
  const run = line.typeWithAgent(agent, START, { env });
  await line.project.until((events) => events.some(({ type }) => type === "iteration.started"));
  assert.equal((await line.type(["raise", "top", "--time", "60"], { env })).code, 0);
  const { code, out } = await run;
  assert.equal(code, 20, out);
  assert.match(out, /was ended: the budget is used up \(no time is left\)/);
});

Deno.test("an agent that asks nothing goes on to its plan; one that answered its own questions meets the gate", async () => {
  for (const [qa, needs] of [["", "approval"], ["### Q1: Which?\\n\\n**Answer:** mine\\n", "answers"]] as const) {
    using line = new CommandLine();
    const agent = `
if [ $phase = requirements ]; then
  ${qa === "" ? ":" : `printf '${qa}' > "$folder/_qa.md"`}
  echo '{"status":"continue","phase":"planning"}' > "$signal"
  exit
fi
${WHOLE_AGENT}`;
    const { code, out } = await line.typeWithAgent(agent, START);
    assert.equal(code, 10, out);
    const status = await line.status("top");
    assert.equal(status.needs, needs);
    assert.doesNotMatch(`${out} ${status.detail}`, /questions need your answers/);
  }
});

Deno.test("run without a login leads to the doctor, not to a note for an agent that cannot work", async () => {
  using line = new CommandLine();
  const agent = `
echo '{"type":"result","subtype":"success","is_error":true,"api_error_status":401,"result":"Not logged in"}'
exit 1`;
  const { code, out } = await line.typeWithAgent(agent, START);
  assert.equal(code, 20);
  assert.deepEqual(out.match(/(?<=Next: ).*/g), ["samocode doctor", "samocode run top"]);
});
