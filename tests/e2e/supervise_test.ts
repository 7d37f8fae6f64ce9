/**
 * `samocode supervise` with real workers that are killed, terminated and queued; where it waits, on a clock on which an
 * hour takes a second.
 *
 * @module
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { lockFolder } from "../../src/system/files/folder_lock.ts";
import { FAST_PROGRAM } from "../helpers/fast_program.ts";
import { FakeTelegram } from "../helpers/fake_telegram.ts";
import { programUnderTest } from "../helpers/program_under_test.ts";
import { finished, TempProject } from "../helpers/temp_project.ts";
import { slowTest } from "../helpers/slow.ts";

const START = ["start", "--session", "work", "--task", "Work"];

const BLOCKED = `echo '{"status":"blocked","reason":"Done","needs":"human_decision"}' > "$SAMOCODE_SIGNAL"
echo '{"type":"result","subtype":"success","is_error":false,"result":""}'`;

/** Kills its own worker as often as a file says, then comes to its end. */
const KILLER = `#!/bin/sh
echo $$ >> changed
cd "$(dirname "$0")"
if [ $(wc -l < deaths) -lt $(cat kills) ]; then echo >> deaths; kill -9 $PPID; sleep 60; fi
${BLOCKED}
`;

Deno.test("supervise continues a session whose worker dies, until it comes to its end, and tells of each death once", async () => {
  await using telegram = new FakeTelegram();
  using project = projectWith(KILLER, { ...telegram.env }, FAST_PROGRAM);
  Deno.writeTextFileSync(join(project.root, "kills"), "3");
  Deno.writeTextFileSync(join(project.root, "deaths"), "");
  await using supervisor = new Supervisor(project);
  await project.run(START);
  await telegram.until((texts) => texts.some((text) => text.includes("blocked")));
  await supervisor.end();
  assert.deepEqual(project.attempts(), ["1.1", "1.2", "1.3", "1.4"]);
  assert.deepEqual(telegram.texts.map((text) => /its worker died|blocked/.exec(text)?.[0]), [
    ...Array(3).fill("its worker died"),
    "blocked",
  ]);
  assert.match(telegram.texts[2] ?? "", /The supervisor continues it in 20s$/);
});

slowTest("supervise leaves a session alone whose workers die again and again, and says so", async () => {
  await using telegram = new FakeTelegram();
  using project = projectWith(KILLER, { ...telegram.env }, FAST_PROGRAM);
  Deno.writeTextFileSync(join(project.root, "kills"), "100");
  Deno.writeTextFileSync(join(project.root, "deaths"), "");
  await using supervisor = new Supervisor(project);
  await project.run(START);
  await telegram.until((texts) => texts.some((text) => text.includes("left to you")));
  await supervisor.end();
  assert.equal(telegram.texts.length, 6);
  assert.match(telegram.texts.at(-1) ?? "", /Workers died 6 times in a row, so it is left to you: samocode run work$/);
  assert.equal(project.attempts().length, 6);
});

slowTest("supervise says so where it cannot start a worker, too", async () => {
  await using telegram = new FakeTelegram();
  using project = projectWith(PATIENT, { ...telegram.env }, FAST_PROGRAM);
  const worker = project.start(["run", ...START.slice(1)]);
  await project.untilFile("at-work");
  worker.kill("SIGKILL");
  await finished(worker);
  Deno.writeTextFileSync(join(project.root, ".env"), "SAMOCODE_GUARD_WRITABLE=relative\n", { append: true });
  project.trust();
  await using supervisor = new Supervisor(project);
  await telegram.until((texts) => texts.length === 2);
  await supervisor.end();
  assert.match(telegram.texts[0] ?? "", /its worker died/);
  assert.match(
    telegram.texts[1] ?? "",
    /the supervisor cannot continue it<.b>\n\n.*"relative" is not an absolute path/,
  );
});

slowTest("supervise goes on with a limit that a shutdown interrupted, when it is over and not before", async () => {
  const reset = Math.ceil(Date.now() / 1000) + 5 * 3600;
  using project = projectWith(
    `#!/bin/sh
echo $$ >> changed
cd "$(dirname "$0")"
ahead=$(cat ahead 2>/dev/null || echo 0)
echo $(( $(date +%s%3N) + \${ahead%.*} )) >> calls
if [ $(wc -l < calls) -eq 1 ]; then
echo '{"type":"rate_limit_event","rate_limit_info":{"status":"rejected","resetsAt":${reset}}}'
echo '{"type":"result","is_error":true,"api_error":"usage_limit_reached","result":"full"}'
exit
fi
${BLOCKED}
`,
    {},
    FAST_PROGRAM,
  );
  const worker = project.start(["run", ...START.slice(1)]);
  await project.until((events) => events.some(({ type }) => type === "iteration.retried"));
  worker.kill("SIGTERM");
  assert.equal((await finished(worker)).code, 143);
  await using supervisor = new Supervisor(project);
  await project.until((events) => events.filter(({ type }) => type === "session.stopped").length === 2);
  await supervisor.end();
  const calls = Deno.readTextFileSync(join(project.root, "calls")).trim().split("\n").map(Number);
  assert.equal(calls.length, 2);
  assert.ok((calls[1] ?? 0) >= reset * 1000 && (calls[1] ?? 0) < reset * 1000 + 900_000, `${calls} ${reset}`);
});

slowTest(
  "supervise continues on the next day a session for which the day's budget was used up, as no death",
  async () => {
    const ahead = 22 - new Date().getUTCHours();
    const zone = ahead > 14 ? ahead - 24 : ahead;
    await using telegram = new FakeTelegram();
    using project = projectWith(
      `#!/bin/sh
cd "$(dirname "$0")"
echo >> calls
if [ $(wc -l < calls) -eq 1 ]; then echo '{"status":"continue"}' > "$SAMOCODE_SIGNAL"
echo '{"type":"result","subtype":"success","is_error":false,"result":""}'; exit; fi
${BLOCKED}
`,
      // Where it is ten in the evening now.
      { ...telegram.env, SAMOCODE_MAX_STARTS_PER_DAY: "1", TZ: `Etc/GMT${zone > 0 ? "-" : "+"}${Math.abs(zone)}` },
      FAST_PROGRAM,
    );
    assert.equal((await project.run(["run", ...START.slice(1)])).code, 10);
    assert.equal((await project.run(["list"])).stderr, "", "no death");
    await using supervisor = new Supervisor(project);
    await telegram.until((texts) => texts.length === 2);
    await supervisor.end();
    assert.deepEqual(project.attempts(), ["1.1", "2.1"]);
    const days = project.events().flatMap(({ type, at }) =>
      type === "iteration.started" ? [new Date(Date.parse(at) + zone * 3_600_000).toISOString().slice(0, 10)] : []
    );
    assert.notEqual(days[0], days[1]);
    assert.deepEqual(telegram.texts.map((text) => /died|budget is used up|blocked/.exec(text)?.[0]), [
      "budget is used up",
      "blocked",
    ]);
  },
);

/** Works until its session is let go. */
const PATIENT = `#!/bin/sh
folder=$(dirname "$SAMOCODE_SIGNAL")
touch "$folder/at-work"
while [ ! -e "$folder/go" ]; do sleep 0.05; done
${BLOCKED}
`;

slowTest("start queues what is more than SAMOCODE_MAX_PARALLEL; supervise starts it in its turn", async () => {
  using project = projectWith(PATIENT, { SAMOCODE_MAX_PARALLEL: "1" });
  const stateOf = async (name: string) => JSON.parse((await project.run(["status", name, "--json"])).stdout).state;
  for (const name of ["a", "b", "c", "d"]) {
    const { code, stdout } = await project.run(["start", "--session", name, "--task", "Work", "--json"]);
    assert.equal(code, 0);
    const { state, detail } = JSON.parse(stdout);
    assert.equal(state, name === "a" ? "running" : "queued");
    if (name !== "a") {
      assert.equal(detail, "It waits for its turn (1 running, at most 1); samocode supervise starts it");
    }
  }
  // Nobody takes anything out of the queue but a supervisor, and whoever is asked to.
  assert.match((await project.run(["stop", "c"])).stdout, /^c is stopped; no supervisor starts it any more/);
  assert.equal((await project.run(["start", "b", "--json"])).code, 0);
  await using supervisor = new Supervisor(project);
  for (const [name, next] of [["a", "b"], ["b", "d"], ["d", undefined]] as const) {
    const watch = project.run(["status", name, "--watch"]);
    await project.until((events) => events.length > 0);
    letGo(project, name);
    await watch;
    if (next === undefined) continue;
    await supervisor.said(`${next}: started (queued)`);
    assert.equal(await stateOf(next), "running");
    assert.equal(await stateOf("c"), "stopped");
  }
  await supervisor.end();
  assert.deepEqual([...Deno.readDirSync(join(project.root, "home/.local/state/samocode/roster"))], []);
});

Deno.test("supervise does not start what somebody stopped while it told the person", async () => {
  await using telegram = new FakeTelegram();
  using project = projectWith(PATIENT, { ...telegram.env });
  const worker = project.start(["run", ...START.slice(1)]);
  await project.untilFile("at-work");
  worker.kill("SIGTERM");
  await finished(worker);
  const answer = Promise.withResolvers<void>();
  telegram.answering = answer.promise;
  await using supervisor = new Supervisor(project);
  await telegram.until((texts) => texts.length > 0);
  assert.match((await project.run(["stop", "work"])).stdout, /^work is stopped/);
  // Nobody but the supervisor could take it off the roster: this wakes it for another look.
  const roster = join(project.root, "home/.local/state/samocode/roster");
  Deno.writeTextFileSync(join(roster, "x"), "");
  answer.resolve();
  const over = async () => {
    while ([...Deno.readDirSync(roster)].length > 1) await new Promise((wake) => setTimeout(wake, 10));
  };
  await Promise.race([over(), supervisor.said("work: started")]);
  await supervisor.end();
  assert.equal(project.events().filter(({ type }) => type === "session.started").length, 1);
});

slowTest("supervise and start count in turn", async () => {
  using project = projectWith(PATIENT, { SAMOCODE_MAX_PARALLEL: "1" });
  for (const name of ["a", "b"]) await project.run(["start", "--session", name, "--task", "Work"]);
  await using supervisor = new Supervisor(project);
  await supervisor.said("Supervising");
  const turn = await lockFolder(join(project.root, "home/.local/state/samocode/roster"));
  const watch = project.run(["status", "a", "--watch"]);
  letGo(project, "a");
  await watch;
  const started = supervisor.said("b: started").then(() => "started");
  const later = new Promise((wake) => setTimeout(() => wake("waits"), 1_000));
  assert.equal(await Promise.race([started, later]), "waits", "somebody else is counting");
  turn[Symbol.dispose]();
  await started;
  await supervisor.end();
  const last = project.run(["status", "b", "--watch"]);
  letGo(project, "b");
  await last;
});

Deno.test("there is one supervisor; it costs nothing when idle, and workers go on without it", async () => {
  using project = projectWith(PATIENT, {});
  await using supervisor = new Supervisor(project);
  await supervisor.said("Supervising");
  const { code, stderr } = await project.run(["supervise"]);
  assert.deepEqual([code, /Cannot supervise: process \d+ has been supervising since/.test(stderr)], [2, true], stderr);
  await project.run(START);
  await project.untilFile("at-work");
  const before = supervisor.ticks();
  await new Promise((wake) => setTimeout(wake, 1_500));
  assert.ok(supervisor.ticks() - before <= 1, "a hundredth of a second at most");
  await supervisor.end();
  letGo(project, "work");
  await project.until((events) => events.at(-1)?.type === "session.stopped");
  const after = await project.run(["supervise", "--install", "--uninstall"]);
  assert.equal(after.code, 2);
});

function letGo(project: TempProject, name: string): void {
  const sessions = join(project.root, "sessions");
  const folder = [...Deno.readDirSync(sessions)].find((entry) => entry.name.endsWith(`-${name}`));
  Deno.writeTextFileSync(join(sessions, folder?.name ?? "", "go"), "");
}

function projectWith(
  agent: string,
  env: Readonly<Record<string, string>>,
  program: readonly [string, ...string[]] = programUnderTest(),
): TempProject {
  const project = new TempProject({ SAMOCODE_MAX_RETRIES: "0", ...env }, program);
  const path = join(project.root, "agent.sh");
  Deno.writeTextFileSync(path, agent, { mode: 0o755 });
  Deno.writeTextFileSync(join(project.root, ".env"), `CLAUDE_PATH=${path}\n`);
  project.trust();
  return project;
}

/** A running supervisor. */
class Supervisor implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #reading: Promise<void>;
  #text = "";
  #wake = () => {};
  #isEnded = false;

  constructor(project: TempProject) {
    this.#child = project.start(["supervise"]);
    this.#reading = this.#read();
  }

  /** Resolves when it said something. */
  async said(text: string): Promise<void> {
    while (!this.#text.includes(text)) await new Promise<void>((resolve) => this.#wake = resolve);
  }

  /** The processor time that it took, in hundredths of a second. */
  ticks(): number {
    const fields = Deno.readTextFileSync(`/proc/${this.#child.pid}/stat`).split(") ")[1]?.split(" ") ?? [];
    return Number(fields[11]) + Number(fields[12]);
  }

  /** Ends it as a service manager does. */
  async end(): Promise<void> {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.#child.kill("SIGTERM");
    await this.#reading;
    await this.#child.stderr.cancel();
    assert.equal((await this.#child.status).code, 0, this.#text);
  }

  async #read(): Promise<void> {
    for await (const text of this.#child.stdout.pipeThrough(new TextDecoderStream())) {
      this.#text += text;
      this.#wake();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.end();
  }
}
