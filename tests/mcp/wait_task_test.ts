/**
 * Waiting as a task, for clients that follow tasks: answered from the disk by whichever server is asked.
 *
 * @module
 */
import assert from "node:assert/strict";
import { type ClientOptions, McpClient, McpProject, type Wire } from "./mcp_client.ts";

const TASKS: ClientOptions = { capabilities: { extensions: { "io.modelcontextprotocol/tasks": {} } } };

async function endlessTask(project: McpProject, client: McpClient, session = "top"): Promise<Wire> {
  await client.status("start_session", { task: "Add --top", session, wait: false });
  await project.untilAtWork();
  return await client.call("wait_session", { session });
}

Deno.test("wait_session gives a client that follows tasks a task, which completes when the session needs somebody", async () => {
  using project = new McpProject();
  await using client = await McpClient.connect(project, {
    ...TASKS,
    env: { SAMOCODE_DEMO_PACE: "1", SAMOCODE_GATE: "agent" },
  });
  await client.status("start_session", { task: "Add --top", session: "top", wait: false });
  const task = await client.call("wait_session", { session: "top" });
  assert.equal(task.resultType, "task");
  assert.deepEqual([task.status, task.ttlMs, task.pollIntervalMs], ["working", null, 2000]);
  assert.match(task.taskId, /^w\.\d\d-\d\d-\d\d-top\.\d+\.0\.[0-9a-f-]{36}$/);
  const working = await client.result("tasks/get", { taskId: task.taskId });
  assert.equal(working.status, "working");
  assert.match(working.statusMessage, /^top: /);
  await project.until((events) => events.some(({ type }) => type === "session.stopped"));
  const done = await client.result("tasks/get", { taskId: task.taskId });
  assert.equal(done.status, "completed");
  assert.equal(done.result.structuredContent.needs, "answers");
  assert.equal(done.result.structuredContent.questions.length, 2);
  const at = await client.call("wait_session", { session: "top" });
  assert.equal(at.structuredContent.needs, "answers", "a session that rests is no task");
  const planned = await client.status("answer_qa", { session: "top", answers: { Q1: "A", Q2: "B" } });
  assert.match(planned.plan.text, /^# Plan/, "what comes soon is the act's own answer");
  const first = await client.result("tasks/get", { taskId: task.taskId });
  assert.equal(first.result.structuredContent.needs, "approval", "what stands now is told");
});

Deno.test("a task is over at its time, for every server and for good, and the session goes on", async () => {
  using project = new McpProject();
  const env = project.endlessAgent();
  await using client = await McpClient.connect(project, { ...TASKS, env });
  await client.status("start_session", { task: "Add --top", session: "top", wait: false });
  await project.untilAtWork();
  const task = await client.call("wait_session", { session: "top", max_seconds: 1 });
  const later = await client.call("wait_session", { session: "top", max_seconds: 600 });
  await using other = await McpClient.connect(project, { ...TASKS, env });
  let late: Wire;
  do late = await other.result("tasks/get", { taskId: task.taskId }); while (late.status === "working");
  const { elapsed: _, ...status } = late.result.structuredContent;
  assert.deepEqual([late.status, status], ["completed", {
    ...{ session: "top", state: "running", phase: "investigation" },
    next: { tool: "wait_session", arguments: { session: "top" } },
  }]);
  const until = new Date(Number(task.taskId.split(".").at(-2))).toISOString();
  assert.equal(late.lastUpdatedAt, until);
  assert.equal((await client.result("tasks/get", { taskId: later.taskId })).status, "working");
  await client.result("tasks/cancel", { taskId: task.taskId });
  await client.status("stop_session", { session: "top", now: true });
  const after = await client.result("tasks/get", { taskId: task.taskId });
  assert.deepEqual([after.status, after.lastUpdatedAt], ["completed", until]);
  assert.equal((await client.result("tasks/get", { taskId: later.taskId })).result.structuredContent.state, "stopped");
});

Deno.test("tasks/get is answered by another server after the first was killed, and a completed task stays so", async () => {
  using project = new McpProject();
  const env = project.endlessAgent();
  const first = await McpClient.connect(project, { ...TASKS, env });
  const { taskId, createdAt } = await endlessTask(project, first);
  await first.kill("SIGKILL");
  await first.stderr;
  assert.equal(project.workers().length, 1, "the worker lives on");

  await using second = await McpClient.connect(project, { ...TASKS, env });
  assert.equal((await second.result("tasks/get", { taskId })).status, "working");
  await second.status("stop_session", { session: "top", now: true });
  const ended = await second.result("tasks/get", { taskId });
  assert.deepEqual([ended.status, ended.result.structuredContent.state], ["completed", "stopped"]);
  assert.ok(ended.createdAt <= createdAt);
  await second.status("resume_session", { session: "top", wait: false });
  const later = await second.result("tasks/get", { taskId });
  assert.deepEqual([later.status, later.lastUpdatedAt], ["completed", ended.lastUpdatedAt]);
  assert.equal(later.result.structuredContent.state, "running", "what stands now is told");
});

Deno.test("a task ends when the worker is killed, and stays so when another takes over", async () => {
  using project = new McpProject();
  await using client = await McpClient.connect(project, { ...TASKS, env: project.endlessAgent() });
  const { taskId } = await endlessTask(project, client);
  for (const pid of project.workers()) Deno.kill(pid, "SIGKILL");
  let task: Wire;
  do task = await client.result("tasks/get", { taskId }); while (task.status === "working");
  assert.deepEqual([task.status, task.result.structuredContent.state], ["completed", "crashed"]);
  await client.status("resume_session", { session: "top", wait: false });
  assert.equal((await client.result("tasks/get", { taskId })).status, "completed");
});

Deno.test("tasks/cancel ends the wait for every server, and never the session", async () => {
  using project = new McpProject();
  const env = project.endlessAgent();
  await using client = await McpClient.connect(project, { ...TASKS, env });
  const { taskId } = await endlessTask(project, client);
  const other = await client.call("wait_session", { session: "top", until_phase: true });
  assert.match(other.taskId, /^p\./);
  const { resultType: _, ...acknowledged } = await client.result("tasks/cancel", { taskId });
  delete acknowledged._meta;
  assert.deepEqual(acknowledged, {});
  assert.equal((await client.result("tasks/get", { taskId })).status, "cancelled");
  assert.equal((await client.result("tasks/get", { taskId: other.taskId })).status, "working");
  assert.equal((await client.status("read_status", { session: "top" })).state, "running");
  await using later = await McpClient.connect(project, { ...TASKS, env });
  assert.equal((await later.result("tasks/get", { taskId })).status, "cancelled");
  await later.status("stop_session", { session: "top", now: true });
  await later.result("tasks/cancel", { taskId: other.taskId });
  assert.equal((await later.result("tasks/get", { taskId: other.taskId })).status, "completed", "too late to cancel");
  assert.equal((await later.result("tasks/get", { taskId })).status, "cancelled", "as it was");
});

Deno.test("tasks methods refuse unknown tasks, hostile ids, and clients that do not declare tasks", async () => {
  using project = new McpProject();
  await using client = await McpClient.connect(project, TASKS);
  const id = crypto.randomUUID();
  const hostile = [
    "",
    "w",
    `w.nobody.0.0.${id}`,
    `w.../../etc.0.0.${id}`,
    `w.a/b.0.0.${id}`,
    `w.top.-1.0.${id}`,
    `w.top.1.-1.${id}`,
    `w.top.1.${id}`,
    "w.top.1.0.x/../y",
  ];
  for (const method of ["tasks/get", "tasks/cancel", "tasks/update"]) {
    for (const taskId of [...hostile, "x".repeat(301), 7, undefined]) {
      assert.equal((await client.request(method, { taskId })).error?.code, -32602, `${method} ${taskId}`);
    }
  }
  await using plain = await McpClient.connect(project);
  const { error } = await plain.request("tasks/get", { taskId: `w.top.1.0.${id}` });
  assert.deepEqual([error.code, error.data.requiredCapabilities], [-32021, {
    extensions: { "io.modelcontextprotocol/tasks": {} },
  }]);
});
