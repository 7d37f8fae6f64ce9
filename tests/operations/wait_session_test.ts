import assert from "node:assert/strict";
import { join } from "node:path";
import { readStatus } from "../../src/operations/read_status.ts";
import type { Status } from "../../src/operations/status.ts";
import { startSession } from "../../src/operations/start_session.ts";
import { followEvents, readWait, type WaitRequest, waitSession } from "../../src/operations/wait_session.ts";
import { SessionFolder } from "../../src/session/session_folder.ts";
import { NO_USAGE } from "../../src/workflow/usage.ts";
import { eventLine } from "../../src/workflow/event_line.ts";
import type { SessionEvent } from "../../src/workflow/session_event.ts";
import { Background, samocodeIn, SLOW, STEADY } from "../helpers/background.ts";
import { TempProject } from "../helpers/temp_project.ts";
import { answerQa, approvePlan, resumeSession, stopSession } from "../helpers/verbs.ts";
import { slowTest } from "../helpers/slow.ts";

const START = { session: "top", task: "Add --top", dive: "", provider: undefined, by: "a test" };
const RESUME = { session: "top", guidance: undefined, by: "a test" };

function waiting(after: number, changes: Partial<WaitRequest> = {}): WaitRequest {
  return {
    session: "top",
    after,
    timeoutMs: 60_000,
    abort: new AbortController().signal,
    untilPhaseChange: false,
    onProgress: () => {},
    ...changes,
  };
}

async function stopNow(stage: Background): Promise<void> {
  await stopSession(stage.samocode(), { session: "top", now: true, by: "a test" });
  await stage.quiet();
}

Deno.test("waitSession() returns at each gate and at the end, when the next step can be done at once", async () => {
  await using stage = new Background();
  const samocode = stage.samocode();
  const seen: string[] = [];
  const wait = async (after: number): Promise<void> => {
    const { status, timedOut } = await waitSession(samocode, waiting(after));
    seen.push(`${status.state} ${status.needs} ${timedOut} ${status.workerPid}`);
  };
  await wait((await startSession(samocode, START)).cursor);
  await answerQa(samocode, { session: "top", answers: {}, acceptSuggestions: true, by: "a test" });
  await wait((await resumeSession(samocode, RESUME)).cursor);
  await approvePlan(samocode, { session: "top", feedback: undefined, sha256: undefined, by: "a test" });
  await wait((await resumeSession(samocode, RESUME)).cursor);
  assert.deepEqual(seen, [
    "waiting answers false undefined",
    "waiting approval false undefined",
    "done none false undefined",
  ]);
  await stage.quiet();
});

Deno.test("waitSession() returns at once if the session is at rest, whatever the caller knew", async () => {
  await using stage = new Background();
  await startSession(stage.samocode(), START);
  const { cursor } = await stage.rested("top");
  for (const after of [0, cursor, cursor + 100]) {
    const { status, timedOut } = await waitSession(stage.samocode(), waiting(after));
    assert.deepEqual([status.state, timedOut], ["waiting", false]);
  }
  await assert.rejects(
    waitSession(stage.samocode(), waiting(0, { session: "pot" })),
    /Cannot find a session called pot/,
  );
  await stage.quiet();
});

slowTest("waitSession() reports a rest that the caller missed, even if the session runs again", async () => {
  await using stage = new Background();
  const { cursor } = await startSession(stage.samocode(), START);
  await stage.rested("top");
  await answerQa(stage.samocode(), { session: "top", answers: {}, acceptSuggestions: true, by: "a test" });
  const again = await resumeSession(stage.samocode(SLOW), RESUME);
  const { status, timedOut } = await waitSession(stage.samocode(), waiting(cursor));
  assert.deepEqual([status.state, timedOut], ["running", false]);
  const late = await waitSession(stage.samocode(), waiting(again.cursor, { timeoutMs: 1_500 }));
  assert.deepEqual([late.status.state, late.timedOut], ["running", true]);
  assert.ok(late.status.elapsedMs - again.elapsedMs >= 1_500, "the time of the wait counts");
  await stopNow(stage);
});

Deno.test("readWait() takes a start for the end of a crashed run, and not one from the queue", () => {
  const endOf = (before: SessionEvent): string | undefined => {
    using project = new TempProject();
    const folder = join(project.root, "sessions", "26-01-02-top");
    Deno.mkdirSync(folder);
    const events: readonly SessionEvent[] = [
      { type: "session.created", name: "top", task: "Add --top", dive: "" },
      before,
      { type: "session.started", provider: "demo", version: "1", pid: 1 },
    ];
    const at = new Date().toISOString();
    Deno.writeTextFileSync(
      join(folder, "_journal.jsonl"),
      events.map((event, index) => eventLine({ ...event, seq: index + 1, at })).join(""),
    );
    project.own(folder);
    const wait = { id: "x", session: "top", after: 2, untilPhaseChange: false, until: undefined };
    return readWait(samocodeIn(project.root, project.env), wait).endedAt;
  };
  assert.equal(endOf({ type: "session.queued", by: "a test", running: 1, most: 1 }), undefined);
  assert.notEqual(endOf({ type: "session.started", provider: "demo", version: "1", pid: 1 }), undefined);
});

Deno.test("waitSession() returns when the worker is killed", async () => {
  await using stage = new Background();
  const { cursor } = await startSession(stage.samocode(SLOW), START);
  const wait = waitSession(stage.samocode(), waiting(cursor));
  await stage.until("top", ({ type }) => type === "agent.acted");
  Deno.kill(stage.workerPid("top"), "SIGKILL");
  const { status, timedOut } = await wait;
  assert.deepEqual([status.state, timedOut, status.next[0]?.verb], ["crashed", false, "resume"]);
});

Deno.test("waitSession() returns when time is up or it is aborted, and the session goes on", async () => {
  await using stage = new Background();
  const { cursor } = await startSession(stage.samocode(SLOW), START);
  const late = await waitSession(stage.samocode(), waiting(cursor, { timeoutMs: 50 }));
  assert.deepEqual([late.status.state, late.timedOut], ["running", true]);
  const controller = new AbortController();
  const wait = waitSession(stage.samocode(), waiting(cursor, { abort: controller.signal, timeoutMs: Infinity }));
  controller.abort();
  for (
    const { status, timedOut } of [
      await wait,
      await waitSession(stage.samocode(), waiting(cursor, { abort: controller.signal })),
    ]
  ) {
    assert.deepEqual([status.state, timedOut], ["running", false]);
  }
  assert.equal(readStatus(stage.samocode(), { session: "top" }).state, "running");
  await stopNow(stage);
});

slowTest("waitSession() returns at a new phase only if asked to", async () => {
  await using stage = new Background();
  const { cursor } = await startSession(stage.samocode(STEADY), START);
  const first = await waitSession(stage.samocode(), waiting(cursor, { untilPhaseChange: true }));
  assert.equal(first.status.state, "running");
  assert.notEqual(first.status.phase, "init");
  const second = await waitSession(stage.samocode(), waiting(first.status.cursor, { untilPhaseChange: true }));
  assert.deepEqual([second.status.state, second.status.phase], ["running", "requirements"]);
  await stopNow(stage);
});

slowTest("waitSession() reports progress at most once a second, and rejects if the callback throws", async () => {
  await using stage = new Background();
  const { cursor } = await startSession(stage.samocode(STEADY), START);
  const told: { readonly at: number; readonly status: Status }[] = [];
  const onProgress = (status: Status): void => void told.push({ at: performance.now(), status });
  const { status } = await waitSession(stage.samocode(), waiting(cursor, { onProgress }));
  assert.equal(status.state, "waiting");
  const pauses = told.slice(1).map(({ at }, index) => at - (told[index]?.at ?? 0));
  assert.ok(pauses.length >= 2, `told ${told.length} times`);
  assert.deepEqual(pauses.filter((pause) => pause < 900), []);
  assert.ok(told.every(({ status }) => status.state === "running"));
  const broken = () => {
    throw new Error("the client is gone");
  };
  await answerQa(stage.samocode(), { session: "top", answers: {}, acceptSuggestions: true, by: "a test" });
  const again = await resumeSession(stage.samocode(SLOW), RESUME);
  await assert.rejects(
    waitSession(stage.samocode(), waiting(again.cursor, { onProgress: broken })),
    /the client is gone/,
  );
  await stopNow(stage);
});

Deno.test("waitSession() returns only after the worker has released its lock", async () => {
  await using stage = new Background();
  const folder = join(stage.sessions, "26-01-02-top");
  Deno.mkdirSync(join(folder, "_logs"), { recursive: true });
  using session = SessionFolder.create(folder, stage.samocode());
  const { journal } = session;
  journal.append({ type: "session.created", name: "top", task: "Add --top", dive: "" });
  const lock = await session.lock();
  journal.append({ type: "session.started", provider: "demo", version: "0.0.0", pid: Deno.pid });
  let isReleased = false;
  const wait = waitSession(stage.samocode(), waiting(0));
  journal.append({ type: "session.stopped", outcome: { kind: "done", summary: "All" } });
  // Long enough for the news to be heard.
  setTimeout(() => {
    isReleased = true;
    lock[Symbol.dispose]();
  }, 200);
  assert.deepEqual([(await wait).status.workerPid, isReleased], [undefined, true]);
});

Deno.test("followEvents() is not woken by the events of each model call, and brings them with the next other one", async () => {
  await using stage = new Background();
  const folder = join(stage.sessions, "26-01-02-top");
  Deno.mkdirSync(join(folder, "_logs"), { recursive: true });
  using session = SessionFolder.create(folder, stage.samocode());
  const { journal } = session;
  journal.append({ type: "session.created", name: "top", task: "Add --top", dive: "" });
  using _lock = await session.lock();
  journal.append({ type: "session.started", provider: "demo", version: "0.0.0", pid: Deno.pid });
  const abort = new AbortController();
  const seen: (readonly string[])[] = [];
  for await (const { events } of followEvents(stage.samocode(), { session: "top", after: 0, abort: abort.signal })) {
    seen.push(events.map(({ type }) => type));
    if (seen.length === 2) abort.abort();
    if (seen.length > 1) continue;
    for (let call = 0; call < 3; call++) {
      setTimeout(() => journal.append({ type: "agent.used", usage: NO_USAGE }), 30 * call);
    }
    setTimeout(() => journal.append({ type: "agent.acted", tool: "Bash", about: "ls" }), 120);
  }
  assert.deepEqual(seen, [
    ["session.created", "session.started"],
    ["agent.used", "agent.used", "agent.used", "agent.acted"],
  ]);
});
