import assert from "node:assert/strict";
import type { RecordedEvent } from "../../src/workflow/session_event.ts";
import { CommandLine, START } from "../cli/command_line.ts";
import { finished, markedProcesses, type TempProject } from "../helpers/temp_project.ts";

/** Slow enough that an iteration lasts until it is ended from outside, and no test for ever. */
const SLOW = { SAMOCODE_PROVIDER: "demo", SAMOCODE_DEMO_PACE: "20" };
/** Slow enough to be met at work. */
const STEADY = { SAMOCODE_PROVIDER: "demo", SAMOCODE_DEMO_PACE: "3" };

const isAtWork = (events: readonly RecordedEvent[]): boolean => events.some(({ type }) => type === "agent.acted");

function outcomes(project: TempProject): readonly string[] {
  return project.events().flatMap((event) => event.type === "session.stopped" ? [event.outcome.kind] : []);
}

Deno.test("stop lets the current iteration finish; the worker exits with 130, and the next run continues", async () => {
  using line = new CommandLine();
  const { project } = line;
  const worker = finished(line.start(START, STEADY));
  await project.until(isAtWork);
  assert.deepEqual(await line.type(["stop"]), {
    code: 0,
    out: "top stops after its current iteration. To stop it now: samocode stop top --now\n",
    error: "",
  });
  assert.equal((await worker).code, 130);
  const types = project.events().map(({ type }) => type);
  assert.ok(types.indexOf("stop.requested") < types.indexOf("signal.received"), "the iteration came to its end");
  assert.equal(types.filter((type) => type === "iteration.started").length, 1);
  const { state, detail } = await line.status("top");
  assert.deepEqual({ state, detail }, { state: "stopped", detail: "Stopped by samocode stop" });
  assert.equal((await line.type(["run", "top"])).code, 10);
  assert.equal((await line.status("top")).iteration, 2, "no iteration is done twice");
});

Deno.test("stop --now ends the agent at once without leftover processes, and the next run retries the iteration", async () => {
  using line = new CommandLine();
  const { project } = line;
  const worker = finished(line.start(START, SLOW));
  await project.until(isAtWork);
  assert.deepEqual(await line.type(["stop", "top", "--now"]), { code: 0, out: "top has ended: stopped.\n", error: "" });
  assert.equal((await worker).code, 143);
  assert.deepEqual(markedProcesses(project.events()), []);
  assert.deepEqual(await line.type(["stop", "top"]), {
    code: 2,
    out: "",
    error: "samocode: Cannot stop top: it is not running\n  Nothing needs to be done\n",
  });
  const again = await line.type(["run", "top"]);
  assert.equal(again.code, 10);
  assert.doesNotMatch(again.out, / 3 iterations /, "the iteration that was tried again counts once");
  assert.deepEqual(
    project.events().flatMap((event) => event.type === "iteration.started" ? [[event.iteration, event.attempt]] : []),
    [[1, 1], [1, 2], [2, 1]],
  );
});

for (
  const [signal, code, by] of [["SIGINT", 130, /Ctrl-C/], ["SIGTERM", 143, /SIGTERM/], [
    "SIGHUP",
    129,
    /SIGHUP/,
  ]] as const
) {
  Deno.test(`${signal} ends a run in order with exit code ${code}, without leftover processes`, async () => {
    using line = new CommandLine();
    const { project } = line;
    const worker = line.start(START, SLOW);
    const end = finished(worker);
    await project.until(isAtWork);
    worker.kill(signal);
    worker.kill(signal);
    assert.deepEqual({ code: (await end).code, outcomes: outcomes(project) }, { code, outcomes: ["stopped"] });
    assert.deepEqual(markedProcesses(project.events()), []);
    const { state, detail } = await line.status("top");
    assert.equal(state, "stopped");
    assert.match(detail, by);
  });
}

Deno.test("while a worker runs, status says so, guide works, and everything else is refused with a reason", async () => {
  using line = new CommandLine();
  const { project } = line;
  const worker = line.start(START, SLOW);
  const end = finished(worker);
  await project.until(isAtWork);
  const { state, workerPid, next } = await line.status("top");
  assert.deepEqual({ state, workerPid, next }, {
    state: "running",
    workerPid: worker.pid,
    next: [{ verb: "wait", session: "top" }, { verb: "stop", session: "top" }],
  });
  const busy = new RegExp(
    `^samocode: Cannot work on this session: it is locked by process ${worker.pid} since [^\n]+\n {2}Watch it, or stop it: samocode status [^\n]+\n$`,
  );
  const late =
    /^samocode: Cannot (?:answer|approve): top waits for nobody now, it is running in \w+\n {2}Watch it: samocode/;
  const refused: readonly (readonly [args: readonly string[], why: RegExp])[] = [
    [["run", "top"], busy],
    [["answer", "top", "Q1=A"], late],
    [["answer", "top", "--accept-suggestions"], late],
    [["approve", "top"], late],
  ];
  for (const [args, why] of refused) {
    const { code, out, error } = await line.type(args);
    assert.deepEqual({ code, out }, { code: 2, out: "" }, args.join(" "));
    assert.match(error, why);
  }
  assert.equal((await line.type(["guide", "top", "be brief"])).code, 0);
  const watched = line.type(["status", "--watch", "--json"], {
    onWrite: () => worker.kill("SIGINT"),
  });
  const states = (await watched).out.trimEnd().split("\n").map((row) => JSON.parse(row).state);
  assert.deepEqual([states[0], states.at(-1)], ["running", "stopped"], "the watch ends when the session rests");
  assert.equal((await end).code, 130);
});

Deno.test("of two runs of a new session at once, one works and the other exits with 2 and says why", async () => {
  using line = new CommandLine();
  const { project } = line;
  const both = [0, 1].map(() => line.start(START, SLOW));
  const ends = both.map(finished);
  const first = await Promise.race(ends.map(async (end, index) => ({ index, ...await end })));
  assert.equal(first.code, 2);
  // Where the other was so quick that the session exists already, that is said first.
  assert.match(first.stderr, /^samocode: Cannot work on this session: it is locked by process \d+ since /m);
  await project.until(isAtWork);
  both[1 - first.index]?.kill("SIGINT");
  assert.equal((await ends[1 - first.index])?.code, 130);
  const counts = ["session.created", "session.started", "session.stopped"].map((wanted) =>
    project.events().filter(({ type }) => type === wanted).length
  );
  assert.deepEqual(counts, [1, 1, 1]);
});

Deno.test("a killed worker counts as crashed, and run takes over", async () => {
  using line = new CommandLine();
  const { project } = line;
  const worker = line.start(START, SLOW);
  const end = finished(worker);
  await project.until(isAtWork);
  worker.kill("SIGKILL");
  await end;
  const { state, next } = await line.status("top");
  assert.deepEqual({ state, next }, {
    state: "crashed",
    next: [{ verb: "resume", session: "top" }],
  });
  assert.match((await line.type(["status", "--watch"], {})).error, /none is running/);
  assert.equal((await line.type(["run", "top"])).code, 10);
  assert.deepEqual(markedProcesses(project.events()), []);
});
