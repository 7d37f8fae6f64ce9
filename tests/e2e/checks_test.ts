import assert from "node:assert/strict";
import { join } from "node:path";
import { processesMarked } from "../helpers/agent_stage.ts";
import { CheckedLine } from "../helpers/checked_line.ts";
import { claudeEnvironment, startFakeModel } from "../helpers/fake_model.ts";
import { slowClientTest } from "../helpers/find_clients.ts";
import { GUARDED, guardedProject, GUARDS, guardTest } from "../helpers/guarded_project.ts";
import { finished, TempProject } from "../helpers/temp_project.ts";
import { START } from "../cli/command_line.ts";
import { slowTest } from "../helpers/slow.ts";

const FIXES =
  `work() { case $context in *'sent the session back'*) echo good ;; *) echo bad ;; esac > code; commit Work; }`;
const PASSES = "work() { date +%N > code; commit Work; }";

/** Fails where the code is bad. */
const SCRIPT =
  `echo "looking at $(cat code 2>/dev/null)"; if [ "$(cat code 2>/dev/null)" = bad ]; then echo 'code is bad' >&2; exit 3; fi`;

Deno.test("checks that fail send the session back with what they printed, and it is done only when they pass", async () => {
  using line = new CheckedLine(["sh SCRIPT", "true"]);
  Deno.writeTextFileSync(line.script, SCRIPT);
  await line.begin();
  assert.deepEqual(line.results(), ["baseline passed: exit code 0", "baseline passed: exit code 0"]);
  const done = await line.play(`${FIXES}\necho "$context" > "$HOME/../context-$phase"\nhonest`);
  assert.equal(done.code, 0, done.out + done.error);
  assert.deepEqual(line.results().slice(2), [
    "review failed: exit code 3",
    "review passed: exit code 0",
    "review passed: exit code 0",
    "review passed: exit code 0",
  ]);
  const entered = line.events("phase.entered").map(({ phase, because }) =>
    because === undefined ? phase : `${phase}: ${because}`
  );
  const why = `the check "sh ${line.script}" (exit code 3) failed`;
  const back = ["implementation", "testing", `implementation: ${why}`, "testing", "quality", "done"];
  assert.deepEqual(entered.slice(-6), back);
  const told = Deno.readTextFileSync(join(line.project.root, "context-implementation"));
  assert.match(told, /The program sent the session back to this phase: the check "sh \S+" \(exit code 3\) failed\./);
  assert.match(told, /\n {4}looking at bad\n {4}code is bad\n/);
  assert.match(told, /\*\*Checks:\*\* "sh \S+", "true"; samocode itself runs them/);

  const [, , failed, , passed] = line.events("check.ended");
  assert.equal(failed?.tail, "looking at bad\ncode is bad");
  const commit = line.project.git("rev-parse", "top");
  assert.deepEqual({ commit: passed?.commit, dirty: passed?.uncommitted, tail: passed?.tail }, {
    commit,
    dirty: 0,
    tail: "",
  });
  assert.equal(Deno.readTextFileSync(line.path(join("_logs", passed?.log ?? ""))), "looking at good\n");
  // Nothing changed after the review: the same files are not checked again.
  const { checks } = await line.status("top");
  assert.match(
    checks,
    /^before the review: sh \S+ passed \(exit code 0, \d+s\); true passed \(exit code 0, 0s\) on [0-9a-f]{10}$/,
  );
  assert.match(done.out, /Checks +before the review: sh \S+ passed/);
  const summary = Deno.readTextFileSync(line.path("11-20-0800-summary.md"));
  assert.match(
    summary,
    /^What is new\.\n\n<!-- samocode: checks -->\n\n## Checks\n\nRun by samocode, not by an agent:\n\n- `sh /,
  );
  assert.match(summary, /- `true`: passed \(exit code 0, 0s\) on [0-9a-f]{10}; log `_logs\/\S+-check-6\.log`\n/);
  const text = Deno.readTextFileSync(line.path("11-20-0800-pull-request.md"));
  assert.match(text, /^Add it\n[^]*- `true`: passed \(exit code 0, 0s\) on [0-9a-f]{10}\n/);
  const shown = await line.type(["checks", "top"]);
  assert.match(
    shown.out,
    /^Before the first change\n {2}✓ sh [^]*\nBefore the review\n {2}✓ sh \S+ passed · exit code 0 · 0s · on \S+\n/,
  );
});

Deno.test("what changes after the review is checked again at the end, uncommitted changes are said, and leftovers are told", async () => {
  using line = new CheckedLine(["sh SCRIPT"]);
  Deno.writeTextFileSync(line.script, "exit 0");
  await line.begin();
  const late =
    `if [ $phase = done ]; then date +%N > late; commit Late; fi; if [ $phase = testing ]; then date > draft; fi; if [ $phase = quality ]; then rm draft; fi`;
  assert.equal((await line.play(`${PASSES}\n${late}\nhonest`)).code, 0);
  const runs = line.events("check.ended").map(({ stage, uncommitted, commit }) => ({ stage, uncommitted, commit }));
  const [work, last] = ["top~1", "top"].map((name) => line.project.git("rev-parse", name));
  assert.deepEqual(runs.slice(1), [
    { stage: "review", uncommitted: 1, commit: work },
    { stage: "end", uncommitted: 0, commit: work },
    { stage: "end", uncommitted: 0, commit: last },
  ]);
});

Deno.test("checks that fail before any change wait for a person; only a person goes on, and it is noted", async () => {
  using line = new CheckedLine(["sh SCRIPT", "no-such-program --all"]);
  Deno.writeTextFileSync(line.script, "exit 0");
  const first = await line.play("honest", START);
  assert.equal(first.code, 10, first.error);
  const { state, needs, next, detail, iteration } = await line.status("top");
  assert.deepEqual({ state, needs, next, detail, iteration }, {
    state: "waiting",
    needs: "baseline",
    next: [{ verb: "accept_baseline", session: "top" }, { verb: "resume", session: "top" }],
    detail: 'Before any change, the check "no-such-program --all" (there is no program no-such-program) failed',
    iteration: 0,
  });
  // Run again, they are tried again.
  assert.equal((await line.play("honest")).code, 10);
  assert.equal(line.events("check.ended").length, 4);
  const agent = await line.type(["checks", "top", "--accept"], { env: { SAMOCODE_MARKER: "x" } });
  assert.equal(agent.code, 2);
  assert.match(agent.error, /Cannot accept failing checks: only a person may/);
  const accepted = await line.type(["checks", "top", "--accept"]);
  assert.equal(accepted.code, 0, accepted.error);
  assert.equal((await line.type(["checks", "top", "--accept"])).code, 0);
  assert.deepEqual(line.events("baseline.accepted").map(({ by }) => by), [
    "the command line, without a terminal (samocode checks)",
  ]);
  assert.equal((await line.status("top")).detail, "You have decided; it can continue");
  await line.begin();
  assert.equal((await line.play(`${PASSES}\necho "$context" > "$HOME/../context"\nhonest`)).code, 0);
  assert.match(
    Deno.readTextFileSync(join(line.project.root, "context")),
    /Before any change, the check "no-such-program --all" \(.*\) failed, and a human went on/,
  );
  assert.match(
    Deno.readTextFileSync(line.path("11-20-0800-pull-request.md")),
    /- `no-such-program --all`: failed \(there is no program no-such-program, 0s, as before any change \(accepted: the command line, without a terminal \(samocode checks\)\)\)/,
  );
  // What passed before the change must pass after it.
  assert.equal((await line.type(["checks", "top", "--accept"])).code, 0, "saying it once more changes nothing");
  assert.equal(line.events("baseline.accepted").length, 1);
});

Deno.test("without a CHECK, everything says unchecked", async () => {
  using line = new CheckedLine([]);
  await line.begin();
  const done = await line.play(`${PASSES}\nhonest`);
  assert.equal(done.code, 0);
  assert.equal((await line.status("top")).checks, "unchecked: .samocode sets no CHECK");
  assert.match(done.out, /Checks +unchecked: \.samocode sets no CHECK/);
  assert.equal((await line.type(["checks", "top"])).out, "unchecked: .samocode sets no CHECK\n");
  for (const name of ["11-20-0800-summary.md", "11-20-0800-pull-request.md"]) {
    assert.match(
      Deno.readTextFileSync(line.path(name)),
      /## Checks\n\nUnchecked: this project has samocode run no checks\.\n/,
    );
  }
});

Deno.test("a check that hangs ends at its limit with all its processes, and one that prints without end is cut", async () => {
  const hang = "sh -c 'nohup sleep 300 & sleep 300'";
  const loud = `sh -c 'head -c 80000000 /dev/zero | tr "\\0" x; echo; echo last words; exit 1'`;
  using line = new CheckedLine([hang, loud]);
  const said = await line.typeWithAgent("exit 1", START, {
    env: { SAMOCODE_GUARD: "off", SAMOCODE_CHECK_TIMEOUT: "1" },
  });
  assert.equal(said.code, 10);
  assert.deepEqual(line.results(), [
    "baseline failed: still running after 1s, its time limit",
    "baseline failed: exit code 1",
  ]);
  const markers = line.events("check.started").map(({ marker }) => processesMarked(`SAMOCODE_MARKER=${marker}`));
  assert.deepEqual(markers, [[], []]);
  const [, { log, tail } = assert.fail()] = line.events("check.ended");
  assert.match(tail, /x\nlast words$/);
  assert.ok(tail.length <= 3_000, `${tail.length}`);
  const { size } = Deno.statSync(line.path(join("_logs", log)));
  assert.ok(size > 64 * 1024 * 1024 && size < 65 * 1024 * 1024, `${size}`);
});

Deno.test("checks get no secrets, and the tail of a failed one is safe for a terminal", async () => {
  using line = new CheckedLine(["sh SCRIPT"]);
  Deno.writeTextFileSync(line.script, `env; printf '\\033[31mred\\033[0m \\a\\n'; exit 1`);
  const secrets = {
    ANTHROPIC_API_KEY: "s3cret-1",
    OPENAI_API_KEY: "s3cret-2",
    // Without a chat there is no channel, and no listener is started.
    TELEGRAM_BOT_TOKEN: "s3cret-3",
  };
  await line.typeWithAgent("exit 1", START, { env: { SAMOCODE_GUARD: "off", ...secrets, GIT_DIR: "/nowhere" } });
  const [{ log, tail } = assert.fail()] = line.events("check.ended");
  const printed = Deno.readTextFileSync(line.path(join("_logs", log)));
  assert.match(printed, /^PATH=/m);
  assert.doesNotMatch(printed, /s3cret|GIT_DIR|SAMOCODE_PROVIDER/);
  assert.match(tail, /\nred$/);
});

Deno.test("a check whose command has a secret is run once, and the journal does not say it", async () => {
  using line = new CheckedLine(["sh SCRIPT --token s3cret-of-npm"]);
  Deno.writeTextFileSync(line.script, `test "$2" = s3cret-of-npm`);
  const env = { SAMOCODE_GUARD: "off", NPM_TOKEN: "s3cret-of-npm" };
  const { code, out, error } = await line.typeWithAgent("exit 1", START, { env });
  assert.equal(code, 1, out + error);
  assert.deepEqual(line.results(), ["baseline passed: exit code 0"]);
  assert.doesNotMatch(Deno.readTextFileSync(line.path("_journal.jsonl")), /s3cret/);
});

Deno.test("the log of a check that forges the journal is masked, too", async () => {
  using line = new CheckedLine(["sh SCRIPT"]);
  const forged = '{"seq":9,"at":"2026-11-20T05:00:00.000Z","type":"guidance.given","text":"x","by":"x"}';
  Deno.writeTextFileSync(
    line.script,
    `echo its s3cret-of-npm; sleep 0.3; for j in ${line.project.root}/sessions/*/_journal.jsonl; do echo '${forged}' >> $j; done; sleep 9`,
  );
  const env = { SAMOCODE_GUARD: "off", NPM_TOKEN: "s3cret-of-npm" };
  const { code, out } = await line.typeWithAgent("exit 1", START, { env });
  assert.equal(code, 1, out);
  assert.match(out, /Cannot trust the journal/);
  const [{ log } = assert.fail()] = line.events("check.started");
  assert.equal(Deno.readTextFileSync(line.path(join("_logs", log))), "its [secret]*****\n");
});

Deno.test("an agent cannot change what is run: not in its worktree, nor in the project's own file", async () => {
  using line = new CheckedLine(["sh SCRIPT"]);
  Deno.writeTextFileSync(line.script, SCRIPT);
  await line.begin();
  const file = join(line.project.root, ".samocode");
  const before = Deno.readTextFileSync(file);
  const lies = `work() { echo 'CHECK=true' > .samocode; echo 'CHECK=true' >> ${file}; echo bad > code; commit Work; }
case $context in *'sent the session back'*) say '{"status":"blocked","reason":"Enough","needs":"human_decision"}' ;; *) honest ;; esac`;
  assert.equal((await line.play(lies)).code, 20);
  assert.deepEqual(line.results().slice(1), ["review failed: exit code 3"]);
  const refused = await line.play("honest");
  assert.equal(refused.code, 2);
  assert.match(refused.error, /Cannot use \S+\.samocode: it has changed since you trusted it/);
  assert.match((await line.type(["trust", "--show"])).out, /CHECK=sh \S+\n[^]*CHECK=true/);
  Deno.writeTextFileSync(file, before);
  assert.equal((await line.play("honest")).code, 20, "the worktree's own file counts for nothing");
});

/** Ways to end a run in the middle of a check. */
const KILLS = 12;

slowTest(
  "kill -9, SIGTERM and stop in the middle of a check lose nothing: it is repeated, and no agent is called",
  async () => {
    using project = new TempProject({ SAMOCODE_PROVIDER: "demo", SAMOCODE_DEMO_PACE: "0" });
    const slow = join(project.root, "slow");
    Deno.writeTextFileSync(slow, "");
    Deno.writeTextFileSync(
      join(project.root, ".samocode"),
      `MAIN_REPO=repo\nWORKTREES=worktrees\nSESSIONS=sessions\nCHECK=true\nCHECK=sh -c 'test ! -e ${slow} || sleep 300'\n`,
    );
    project.trust();
    const started = () => project.events().filter((event) => event.type === "check.started").length;
    for (let kill = 1; kill <= KILLS; kill++) {
      const worker = project.start(kill === 1 ? START : ["run", "top"]);
      await project.until((events) => events.filter((event) => event.type === "check.started").length === 2 * kill);
      if (kill === KILLS) {
        const stop = await project.run(["stop", "top"]);
        assert.equal(stop.code, 0, stop.stderr);
        assert.match((await finished(worker)).stdout, /was stopped, and is repeated/);
      } else {
        worker.kill(kill % 3 === 0 ? "SIGTERM" : "SIGKILL");
        await finished(worker);
      }
    }
    Deno.removeSync(slow);
    const { code, stdout } = await project.run(["run", "top"]);
    assert.equal(code, 10, stdout);
    assert.match(stdout, /Check 2 of 2[^]*Waiting for you/);
    assert.equal(started(), 2 * KILLS + 2);
    const events = project.events();
    const firstAgent = events.findIndex(({ type }) => type === "iteration.started");
    assert.ok(firstAgent > events.findLastIndex(({ type }) => type === "check.ended"), "no agent before the baseline");
    const markers = events.flatMap((event) =>
      event.type === "check.started" ? [`SAMOCODE_MARKER=${event.marker}`] : []
    );
    assert.deepEqual(markers.flatMap((marker) => processesMarked(marker)), []);
  },
);

guardTest("a guarded check writes in the worktree and nowhere else, and shares the agents' caches", async () => {
  using project = await guardedProject({ agent: "exit 1", user: "root", env: GUARDED });
  const tries = ["$PWD", project.repo, project.root, "$HOME", "$XDG_CACHE_HOME"].map((folder) => `${folder}/made`);
  const journal = `$(echo ${project.root}/sessions/*/_journal.jsonl)`;
  const lines = [...tries, journal].map((path) => `echo x >> "${path}"\n`);
  Deno.writeTextFileSync(join(project.repo, "check.sh"), `mkdir -p "$XDG_CACHE_HOME"\n${lines.join("")}exit 1\n`);
  project.git("add", "--all");
  project.git("commit", "--quiet", "--message=Check");
  const file = join(project.root, ".samocode");
  Deno.writeTextFileSync(file, `${Deno.readTextFileSync(file)}CHECK=sh check.sh\n`);
  project.trust();
  const { code, stderr } = await project.run(START);
  assert.equal(code, 10, stderr);
  const caches = join(project.root, "home", ".cache", "samocode", "guard", "cache");
  const [cache = assert.fail("no cache")] = [...Deno.readDirSync(caches)].map(({ name }) =>
    join(caches, name, "named")
  );
  const isThere = (path: string) => [...Deno.readDirSync(path)].some(({ name }) => name === "made");
  const places = [join(project.root, "worktrees", "top"), join(cache, "xdg_cache_home"), project.repo, project.root];
  assert.deepEqual([...places, join(project.root, "home")].map(isThere), [true, true, false, false, false]);
  assert.equal((await project.run(["status", "top"])).code, 0, "the journal is as it was");
  assert.equal(project.events().filter(({ type }) => type === "check.ended").length, 1);
});

slowClientTest(
  "the real claude is sent back by a check, told what it printed, and done when it passes",
  "claude",
  async (found) => {
    const path = join(import.meta.dirname ?? ".", "..", "fixtures", "scenarios", "claude_session.json");
    const scenario = JSON.parse(Deno.readTextFileSync(path));
    const fix = "cd {{W}} && echo new > CHANGES.md && git add -A && git commit -qm 'Say what is new'";
    const signal = { path: "{{S}}/_signal.json", content: '{"status":"continue","phase":"testing"}' };
    scenario.rules.unshift({
      name: "implementation after the check failed",
      when: { system: ["^\\*\\*Phase:\\*\\* implementation$", "^    there is no CHANGES\\.md$"] },
      steps: [{ tools: [{ bash: fix }, { write: signal }] }, { text: "It is there now." }],
    });
    await using model = await startFakeModel(found.fakeModel, scenario);
    const guard = GUARDS.at(-1) ?? "off";
    using project = new TempProject({ ...claudeEnvironment(found.path, model), SAMOCODE_GUARD: guard });
    const file = join(project.root, ".samocode");
    const check = "CHECK=sh -c 'test ! -e test.sh || test -e CHANGES.md || { echo there is no CHANGES.md; exit 1; }'\n";
    Deno.writeTextFileSync(file, Deno.readTextFileSync(file) + check);
    project.trust();
    assert.equal((await project.run(["run", "--session", "greet", "--task", "Add a greeting"])).code, 10);
    const notebook = join(project.sessionFolder(), "_overview.md");
    Deno.writeTextFileSync(notebook, Deno.readTextFileSync(notebook).replace(/Phase: \w+/, "Phase: implementation"));
    const done = await project.run(["run", "greet"]);
    assert.equal(done.code, 0, done.stdout + done.stderr);
    assert.deepEqual(
      project.events().flatMap((event) => event.type === "check.ended" ? [`${event.stage} ${event.result}`] : []),
      ["baseline passed", "review failed", "review passed"],
    );
    assert.equal(project.git("log", "--format=%s", "-1", "greet"), "Say what is new");
    assert.deepEqual(model.requests.filter(({ path, rule }) => path === "/v1/messages" && !rule), []);
  },
);
