import assert from "node:assert/strict";
import { join } from "node:path";
import { giveTo, guardedProject, guardTest, staged, type User, USERS } from "../helpers/guarded_project.ts";
import {
  addVictims,
  daemons,
  HOSTILE_WAYS,
  leftOutside,
  listen,
  owned,
  SECRETS,
  waySettings,
} from "../helpers/hostile_ways.ts";
import type { TempProject } from "../helpers/temp_project.ts";

/** What an agent says at its end. */
const END = `echo '{"type":"result","is_error":false,"total_cost_usd":0.01}'
printf '{"status":"blocked","reason":"enough","needs":"clarification"}' > "$SAMOCODE_SIGNAL"`;

/** The last ones end the agent itself, so each way has a shell of its own. */
function script(): string {
  const each = Object.entries(HOSTILE_WAYS).map(([name, { act }]) =>
    `echo "## ${name}"; (${act}) 2>&1 | head -c 500; echo`
  );
  return [
    waySettings(),
    // kill -1 would end the script; it comes in a session of its own, where it ends only itself and the others.
    ...each.filter((line) => !line.includes("kill -9 -1")),
    END,
    ...each.filter((line) => line.includes("kill -9 -1")),
  ].join("\n");
}

for (const user of USERS) {
  guardTest(`${Object.keys(HOSTILE_WAYS).length} ways out of the guard lead nowhere, as ${user}`, async () => {
    using project = await hostileProject(user);
    using sockets = listen(project);
    const before = Deno.readTextFileSync("/proc/sys/kernel/core_pattern");
    const { code, stdout, stderr } = await project.run(["run", "--session", "x", "--task", "Anything"], {
      TELEGRAM_SECRET: "hidden-in-the-worker",
    });
    assert.equal(code, 20, stdout + stderr);
    assert.match(stdout, /guarded by bubblewrap/);
    const core = Deno.readTextFileSync("/proc/sys/kernel/core_pattern");
    if (core !== before) Deno.writeTextFileSync("/proc/sys/kernel/core_pattern", before);
    assert.equal(core, before);
    assert.deepEqual([...owned(project), ...leftOutside()], []);
    assert.deepEqual(daemons(), []);
    assert.deepEqual(sockets.heard, []);
    const log = rawLog(project);
    for (const name of Object.keys(HOSTILE_WAYS)) assert.ok(log.includes(`## ${name}\n`), `not tried: ${name}`);
    const notebook = Deno.readTextFileSync(join(project.sessionFolder(), "_overview.md"));
    assert.doesNotMatch(log + notebook, SECRETS);
    const events = project.events();
    assert.deepEqual(events.map(({ seq }) => seq), events.map((_, index) => index + 1));
    assert.deepEqual(project.attempts(), ["1.1"]);
  });
}

guardTest("an agent in the guard that cuts its own raw log is noticed", async () => {
  const agent = `seq 1000; sleep 1; perl -e 'truncate(STDOUT, 0)'\n${END}`;
  using project = await guardedProject({ agent, user: "root" });
  await project.run(["run", "--session", "x", "--task", "Anything"]);
  assert.equal(project.events().filter(({ type }) => type === "log.cut").length, 1);
});

async function hostileProject(user: User): Promise<TempProject> {
  const project = await guardedProject({ agent: script(), user });
  new Deno.Command("cp", { args: ["-R", await staged(), join(project.root, "program")] }).outputSync();
  addVictims(project);
  if (user === "user") giveTo(project.root);
  return project;
}

function rawLog(project: TempProject): string {
  const logs = join(project.sessionFolder(), "_logs");
  return [...Deno.readDirSync(logs)].map(({ name }) => Deno.readTextFileSync(join(logs, name))).join("\n");
}
