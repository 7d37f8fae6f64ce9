import assert from "node:assert/strict";
import { join } from "node:path";
import { finished, markedProcesses, TempProject } from "../helpers/temp_project.ts";
import { FileWatch } from "../../src/system/files/file_watch.ts";
import { lstatIfExists } from "../../src/system/files/files.ts";
import { isAlive, readProcess } from "../../src/system/processes/process_table.ts";
import type { RecordedEvent } from "../../src/workflow/session_event.ts";
import { slow } from "../helpers/slow.ts";

const RUN = ["run", "--session", "tally", "--provider", "demo", "--task", "Count", "--dive", "How"];

/** Each worker may record so many events before it is killed; small numbers hit the starts, large ones the middles. */
const LIVES = [1, 2, 3, 4, 5, 6, 8, 11, 15, 7, 9, 13, 19, 4, 10, 14, 17, 23, 31, 12];

/** Fewer would prove little. */
const KILLS = 15;

Deno.test(slow({
  name: "kill -9 at any moment: the next run goes on, nothing is counted twice, lost or left running",
  async fn(): Promise<void> {
    let kills = 0;
    // On a busy machine a worker gets further before it is seen: then it takes more sessions for as many kills.
    for (let session = 0; kills < KILLS; session++) {
      assert.ok(session < 5, `workers were killed ${kills} times`);
      kills += await playWithKills();
    }
  },
}));

/** Plays a session to its end, kills its workers meanwhile, and returns how often. */
async function playWithKills(): Promise<number> {
  using project = new TempProject({ SAMOCODE_DEMO_PACE: "0" });
  let kills = 0;
  let code = 0;
  // Bounded: a session that makes no progress fails the test instead of holding it.
  for (let round = 0; round < 120; round++) {
    const result = await runAndKill(project, LIVES[round] ?? 40);
    code = result.code;
    if (result.killed) kills++;
    else if (code === 10) await passGate(project);
    else break;
  }
  assert.equal(code, 0, Deno.readTextFileSync(join(project.sessionFolder(), "session.log")).slice(-2000));

  const events = project.events();
  assert.deepEqual(events.map(({ seq }) => seq), events.map((_, index) => index + 1), "no event is lost");
  assert.deepEqual(markedProcesses(events), []);
  checkIterations(events);
  assert.deepEqual(
    events.flatMap((event) => event.type === "gate.opened" ? [event.gate] : []),
    ["qa_answers", "plan_approval"],
  );
  // One line for each worker that died in its work; one that died while it took over had no time to say so.
  const unfinished = events.filter(({ type }) => type === "session.started").length -
    events.filter(({ type }) => type === "session.stopped").length;
  const recovered = events.filter(({ type }) => type === "session.recovered").length;
  assert.ok(recovered > 0 && recovered <= unfinished, `${recovered} of ${unfinished} deaths are told`);
  const subjects = project.git("log", "--format=%s", "tally").split("\n");
  assert.equal(new Set(subjects).size, subjects.length, `no commit is made twice: ${subjects.join(", ")}`);
  return kills;
}

Deno.test("kill -9 while the worktree is filled: the git that was left is ended before another one begins", async () => {
  using project = new TempProject({ SAMOCODE_DEMO_PACE: "0" });
  const pidFile = join(project.root, "git-is-at-work");
  Deno.writeTextFileSync(join(project.repo, ".gitattributes"), "README.md filter=held\n");
  project.git("add", "--all");
  project.git("commit", "--quiet", "--message=Hold");
  // Git fills a worktree through this, and is held there.
  project.git(
    "config",
    "--global",
    "filter.held.smudge",
    `echo $PPID > '${pidFile}.new'; mv '${pidFile}.new' '${pidFile}'; sleep 300`,
  );
  const worker = project.start(RUN);
  const end = finished(worker);
  using watch = new FileWatch(project.root);
  while (lstatIfExists(pidFile) === undefined) await watch.changed(1000);
  const git = readProcess(Number(Deno.readTextFileSync(pidFile))) ?? assert.fail("git is not there");
  worker.kill("SIGKILL");
  await end;
  project.git("config", "--global", "filter.held.smudge", "cat");
  const { code, stdout } = await project.run(RUN);
  assert.equal(code, 10, stdout);
  assert.ok(!isAlive(git), "git is gone");
  assert.match(
    stdout,
    /Recovered: The last worker died: no iteration was under way, \d+ leftover processes ended;/,
  );
  assert.match(Deno.readTextFileSync(join(project.root, "worktrees", "tally", "README.md")), /^# demo$/m);
});

/** Runs the session and kills the worker as soon as it recorded so many events, if it lives that long. */
async function runAndKill(
  project: TempProject,
  life: number,
): Promise<{ readonly code: number; readonly killed: boolean }> {
  const before = hasSession(project) ? project.events().length : 0;
  const worker = project.start(RUN);
  const end = finished(worker);
  const ended = end.then(() => true);
  await Promise.race([ended, project.until((events) => events.length >= before + life)]);
  try {
    worker.kill("SIGKILL");
  } catch (error) {
    // It was faster.
    if (!(error instanceof TypeError || error instanceof Deno.errors.NotFound)) throw error;
  }
  const { code, signal } = await end;
  return { code, killed: signal === "SIGKILL" };
}

function hasSession(project: TempProject): boolean {
  return [...Deno.readDirSync(join(project.root, "sessions"))].length > 0 &&
    [...Deno.readDirSync(project.sessionFolder())].some(({ name }) => name === "_journal.jsonl");
}

async function passGate(project: TempProject): Promise<void> {
  const { needs } = JSON.parse((await project.run(["status", "tally", "--json"])).stdout);
  const passed = needs === "answers"
    ? await project.run(["answer", "tally", "--accept-suggestions"])
    : await project.approve("tally");
  assert.equal(passed.code, 0, passed.stderr);
}

/** Iterations are numbered without a gap, attempts too, and each has exactly one signal that was acted upon. */
function checkIterations(events: readonly RecordedEvent[]): void {
  let last = { iteration: 0, attempt: 0 };
  const signals = new Map<number, number>();
  const ends = new Map<string, number>();
  for (const event of events) {
    if (event.type === "iteration.started") {
      const { iteration, attempt } = event;
      const follows = (iteration === last.iteration && attempt === last.attempt + 1) ||
        (iteration === last.iteration + 1 && attempt === 1);
      assert.ok(follows, `iteration ${iteration}.${attempt} follows ${last.iteration}.${last.attempt}`);
      last = { iteration, attempt };
    }
    if (event.type === "signal.received") signals.set(last.iteration, (signals.get(last.iteration) ?? 0) + 1);
    if (event.type === "iteration.ended") {
      const key = `${event.iteration}.${event.attempt}`;
      ends.set(key, (ends.get(key) ?? 0) + 1);
    }
  }
  for (const [iteration, count] of signals) assert.equal(count, 1, `iteration ${iteration} has one signal`);
  assert.equal(signals.size, last.iteration);
  for (const [attempt, count] of ends) assert.equal(count, 1, `attempt ${attempt} ended once`);
}
