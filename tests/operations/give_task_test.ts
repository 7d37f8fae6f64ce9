import assert from "node:assert/strict";
import type { RecordedEvent } from "../../src/workflow/session_event.ts";
import { CommandLine, START } from "../cli/command_line.ts";
import { finished, markedProcesses } from "../helpers/temp_project.ts";

/** Slow enough that an iteration lasts until it is ended from outside. */
const SLOW = { SAMOCODE_PROVIDER: "demo", SAMOCODE_DEMO_PACE: "20" };

const isAtWork = (events: readonly RecordedEvent[]): boolean => events.some(({ type }) => type === "agent.acted");

Deno.test("a session that works takes no new task and is moved nowhere; after kill -9 it takes both", async () => {
  using line = new CommandLine();
  const { project } = line;
  const child = line.start(START, SLOW);
  const worker = finished(child);
  await project.until(isAtWork);
  for (const words of [["continue", "top", "--task", "Remove it"], ["phase", "top", "done"]]) {
    const { code, error } = await line.type(words);
    assert.equal(code, 2);
    assert.match(error, /locked by process \d+/);
  }
  assert.equal(project.events().some(({ type }) => type === "task.given" || type === "gate.opened"), false);
  child.kill("SIGKILL");
  await worker;
  assert.equal((await line.type(["continue", "top", "--task", "Remove it"])).code, 10);
  assert.deepEqual(markedProcesses(project.events()), [], "nothing is left of the dead worker's agent");
  const types = project.events().map(({ type }) => type);
  assert.ok(types.indexOf("task.given") < types.indexOf("session.recovered"));
  // The attempt that was cut off was of another task: this one has its own iterations, from the first phase on.
  assert.deepEqual(project.attempts(), ["1.1", "2.1", "3.1"]);
  const { task, phase, needs } = await line.status("top");
  assert.deepEqual({ task, phase, needs }, { task: "Remove it", phase: "requirements", needs: "answers" });
});
