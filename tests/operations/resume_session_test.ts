import assert from "node:assert/strict";
import { join } from "node:path";
import { hintInCommands } from "../../src/text/action.ts";
import { readStatus } from "../../src/operations/read_status.ts";
import { startSession } from "../../src/operations/start_session.ts";
import { Journal } from "../../src/session/journal.ts";
import { openSession } from "../../src/operations/samocode.ts";
import { SamocodeError } from "../../src/text/errors.ts";
import { Background, SLOW } from "../helpers/background.ts";
import { slowTest } from "../helpers/slow.ts";
import { answerQa, approvePlan, resumeSession, stopSession } from "../helpers/verbs.ts";

const START = { session: "top", task: "Add --top", dive: "", provider: undefined, by: "a test" };
const RESUME = { session: "top", guidance: undefined, by: "a test" };
const ACCEPT = { session: "top", answers: {}, acceptSuggestions: true, by: "a test" };
const APPROVE = { session: "top", feedback: undefined, sha256: undefined, by: "a test" };

async function refusal(promise: Promise<unknown>): Promise<readonly [string, string, string]> {
  const error = await promise.then(() => assert.fail("it was not refused"), (thrown: unknown) => thrown);
  if (!(error instanceof SamocodeError)) throw error;
  return [error.code, error.message, hintInCommands(error, { isFleets: false })];
}

slowTest("startSession(), answerQa(), approvePlan() and resumeSession() bring a session to its end", async () => {
  await using stage = new Background();
  const samocode = stage.samocode();
  await startSession(samocode, START);
  await stage.rested("top");
  assert.deepEqual(await refusal(resumeSession(samocode, { ...RESUME, guidance: "not recorded" })), [
    "conflict",
    "Cannot resume top: its questions are not answered",
    "Answer its questions: samocode answer top",
  ]);
  await answerQa(samocode, ACCEPT);
  await resumeSession(samocode, { ...RESUME, guidance: "be brief" });
  await stage.rested("top");
  assert.deepEqual(await refusal(resumeSession(samocode, RESUME)), [
    "conflict",
    "Cannot resume top: its plan is not approved",
    "Decide on its plan: samocode approve top",
  ]);
  await approvePlan(samocode, APPROVE);
  await resumeSession(samocode, RESUME);
  assert.equal((await stage.rested("top")).state, "done");
  assert.deepEqual(await refusal(resumeSession(samocode, { ...RESUME, guidance: "not recorded" })), [
    "conflict",
    "Cannot resume top: it is done",
    'Give it a new task: samocode continue top --task "what to do"',
  ]);
  await stage.quiet();
  const events = stage.project.events();
  const told = events.flatMap((event) => event.type === "guidance.given" ? [[event.text, event.by]] : []);
  assert.deepEqual(told, [["be brief", "a test"]]);
  const given = events.findIndex(({ type }) => type === "guidance.given");
  assert.equal(events[given + 1]?.type, "session.started", "what is to be told stands there before the worker begins");
});

Deno.test("resumeSession() only passes guidance to a running session, and returns its status without any", async () => {
  await using stage = new Background();
  const samocode = stage.samocode(SLOW);
  await startSession(samocode, START);
  const pid = stage.workerPid("top");
  const told = await resumeSession(samocode, { ...RESUME, guidance: "be brief" });
  const again = await resumeSession(samocode, RESUME);
  assert.deepEqual([told, again].map(({ state, workerPid }) => [state, workerPid]), [["running", pid], [
    "running",
    pid,
  ]]);
  const types = stage.project.events().map(({ type }) => type);
  assert.equal(types.filter((type) => type === "guidance.given").length, 1);
  assert.equal(types.filter((type) => type === "session.started").length, 1);
  await stopSession(samocode, { session: "top", now: true, by: "a test" });
  await stage.quiet();
});

slowTest("resumeSession() resumes after a stop and a crash, and two at once start one worker", async () => {
  await using stage = new Background();
  await startSession(stage.samocode(SLOW), START);
  await stage.until("top", ({ type }) => type === "agent.acted");
  await stopSession(stage.samocode(), { session: "top", now: true, by: "a test" });
  assert.equal((await resumeSession(stage.samocode(SLOW), RESUME)).state, "running");
  const { cursor } = readStatus(stage.samocode(), { session: "top" });
  await stage.until("top", ({ type, seq }) => type === "agent.acted" && seq > cursor);
  Deno.kill(stage.workerPid("top"), "SIGKILL");
  assert.equal((await stage.rested("top")).state, "crashed");
  const both = await Promise.all([1, 2].map(() => resumeSession(stage.samocode(SLOW), RESUME)));
  const pid = stage.workerPid("top");
  assert.deepEqual(both.map(({ state, workerPid }) => [state, workerPid]), [["running", pid], ["running", pid]]);
  await stage.until("top", ({ type }) => type === "session.recovered");
  await stopSession(stage.samocode(), { session: "top", now: true, by: "a test" });
  await stage.quiet();
});

Deno.test("resumeSession() returns only when its own worker can no longer begin", async () => {
  await using stage = new Background();
  await startSession(stage.samocode(), START);
  await stage.rested("top");
  await answerQa(stage.samocode(), ACCEPT);
  const { self } = stage.samocode();
  const late = { ...stage.samocode(SLOW), self: ["/bin/sh", "-c", 'sleep 0.5; exec "$0" "$@"', ...self] };
  await Promise.all([resumeSession(late, RESUME), resumeSession(stage.samocode(SLOW), RESUME)]);
  await stopSession(stage.samocode(), { session: "top", now: true, by: "a test" });
  await stage.quiet();
  assert.equal(stage.project.events().filter(({ type }) => type === "session.started").length, 2);
});

Deno.test("resumeSession() waits for a worker that has just come to rest", async () => {
  await using stage = new Background();
  await startSession(stage.samocode(), START);
  await stage.rested("top");
  await answerQa(stage.samocode(), ACCEPT);
  using opened = openSession(stage.samocode(), "top");
  const lock = await opened.lock();
  // Longer than a worker takes to find the session locked.
  setTimeout(() => lock[Symbol.dispose](), 1_000);
  await resumeSession(stage.samocode(), RESUME);
  assert.equal((await stage.rested("top")).needs, "approval");
  await stage.quiet();
});

Deno.test("resumeSession() resumes the named folder, not a newer one of the same name", async () => {
  await using stage = new Background();
  const session = "26-01-02-top";
  await startSession(stage.samocode(), { ...START, session });
  await stage.rested(session);
  await answerQa(stage.samocode(), { ...ACCEPT, session });
  const newer = join(stage.sessions, "26-01-03-top");
  Deno.mkdirSync(newer);
  const { stateFolder } = stage.samocode();
  using journal = Journal.open(join(newer, "_journal.jsonl"), { stateFolder });
  journal.append({ type: "session.created", name: "top", task: "Another one", dive: "" });
  await resumeSession(stage.samocode(), { ...RESUME, session });
  assert.equal((await stage.rested(session)).needs, "approval");
  assert.deepEqual(journal.refresh(), []);
  await stage.quiet();
});

slowTest("resumeSession() takes answers in the file and a phase moved in the notebook from a person only", async () => {
  await using stage = new Background();
  const samocode = stage.samocode();
  const persons = { ...samocode, isPersons: true };
  await startSession(samocode, START);
  const { folder } = await stage.rested("top");
  const edit = (name: string, change: (text: string) => string): void =>
    Deno.writeTextFileSync(join(folder, name), change(Deno.readTextFileSync(join(folder, name))));
  edit("_qa.md", (text) => text.replaceAll("_waiting_", "A"));
  await assert.rejects(resumeSession(samocode, RESUME), {
    message: "Cannot resume top: nobody said that the answers in _qa.md are theirs",
  });
  await resumeSession(persons, RESUME);
  assert.equal((await stage.rested("top")).needs, "approval");
  const move = () => edit("_overview.md", (text) => text.replace(/^Phase: .*$/m, "Phase: implementation"));
  move();
  await resumeSession(samocode, RESUME);
  const { needs, phase, movedTo } = await stage.rested("top");
  assert.deepEqual([needs, phase, movedTo], ["approval", "planning", undefined]);
  move();
  await resumeSession(persons, RESUME);
  assert.equal((await stage.rested("top")).state, "done");
  await stage.quiet();
});

Deno.test("resumeSession() uses the agent that worked last, whatever the settings say now", async () => {
  await using stage = new Background();
  const settings = { SAMOCODE_PROVIDER: "claude", CLAUDE_PATH: "/nonexistent" };
  await startSession(stage.samocode(settings), { ...START, provider: "demo" });
  await stage.rested("top");
  await answerQa(stage.samocode(settings), ACCEPT);
  await resumeSession(stage.samocode(settings), RESUME);
  assert.deepEqual([(await stage.rested("top")).needs], ["approval"]);
  await approvePlan(stage.samocode(settings), APPROVE);
  const [, message] = await refusal(resumeSession(stage.samocode(settings), { ...RESUME, provider: "claude" }));
  assert.equal(message, "Cannot start /nonexistent: there is no such program");
  assert.equal(readStatus(stage.samocode(), { session: "top" }).state, "ready");
  await stage.quiet();
});

Deno.test("a background session uses each phase's own agent, even when resumed", async () => {
  await using stage = new Background();
  const binary = join(stage.project.root, "claude");
  Deno.writeTextFileSync(binary, "", { mode: 0o755 });
  const settings = { SAMOCODE_PROVIDER_PLANNING: "claude", CLAUDE_PATH: binary, CODEX_TIMEOUT: "7" };
  await startSession(stage.samocode(settings), START);
  Deno.removeSync(binary);
  assert.equal((await stage.rested("top")).needs, "answers");
  await answerQa(stage.samocode(settings), ACCEPT);
  assert.match((await refusal(resumeSession(stage.samocode(settings), RESUME)))[1], /claude: there is no such program/);
  Deno.writeTextFileSync(binary, "#!/bin/sh\nexit 1\n", { mode: 0o755 });
  await resumeSession(stage.samocode({ ...settings, SAMOCODE_MAX_RETRIES: "0" }), RESUME);
  const { phase, provider } = await stage.rested("top");
  assert.deepEqual({ phase, provider }, { phase: "planning", provider: "claude" });
  await stage.quiet();
});

Deno.test("resumeSession() reports why a worker did not begin, and leaves the session unchanged", async () => {
  await using stage = new Background();
  await startSession(stage.samocode(), START);
  const { folder } = await stage.rested("top");
  await answerQa(stage.samocode(), ACCEPT);
  await stage.quiet();
  const before = readStatus(stage.samocode(), { session: "top" });
  const self = ["/bin/sh", "-c", "echo broken >&2; exit 1"];
  assert.match((await refusal(resumeSession({ ...stage.samocode(), self }, RESUME)))[1], /:\nbroken$/);
  assert.deepEqual(readStatus(stage.samocode(), { session: "top" }), before);
  Deno.removeSync(join(folder, "worker.log"));
  Deno.symlinkSync(join(stage.project.root, "victim"), join(folder, "worker.log"));
  assert.match((await refusal(resumeSession(stage.samocode(), RESUME)))[1], /worker\.log is not a regular file$/);
  assert.equal([...Deno.readDirSync(stage.project.root)].some(({ name }) => name === "victim"), false);
  assert.deepEqual(
    await refusal(resumeSession(stage.samocode(), { ...RESUME, session: "pot" })).then(([code]) => code),
    "usage",
  );
});
