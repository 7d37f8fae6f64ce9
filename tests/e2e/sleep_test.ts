import assert from "node:assert/strict";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { hostileProject } from "../helpers/hostile_project.ts";

const RUN = ["run", "--session", "own", "--task", "Work"];

/** Waits until the test says that it may go on, in its own group. */
const PATIENT = `echo $$ > "$folder/agent.pid"
touch "$folder/ready"
while [ ! -e "$folder/go" ]; do sleep 0.1; done
echo '{"status":"blocked","reason":"enough","needs":"clarification"}' > "$SAMOCODE_SIGNAL"`;

Deno.test("a sleep of worker and agent counts neither as silence nor as the iteration's time", async () => {
  using project = hostileProject(PATIENT, { SAMOCODE_STALL_TIMEOUT: "3", CLAUDE_TIMEOUT: "4" });
  const worker = project.start(RUN);
  const output = worker.output();
  await project.untilFile("ready");
  const folder = project.sessionFolder();
  const agent = Number(Deno.readTextFileSync(join(folder, "agent.pid")));
  worker.kill("SIGSTOP");
  Deno.kill(-agent, "SIGSTOP");
  await delay(6_000);
  Deno.kill(-agent, "SIGCONT");
  worker.kill("SIGCONT");
  // Timers that were due meanwhile fire at once.
  await delay(300);
  Deno.writeTextFileSync(join(folder, "go"), "");
  assert.equal((await output).code, 20);
  const ended = project.events().find((event) => event.type === "iteration.ended");
  assert.deepEqual(ended?.end, { kind: "finished" });
  assert.ok((ended?.durationMs ?? Infinity) < 4_000, `${ended?.durationMs} ms`);
});
