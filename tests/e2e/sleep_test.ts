import assert from "node:assert/strict";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { readTextIfExists } from "../../src/system/files/files.ts";
import { readProcess } from "../../src/system/processes/process_table.ts";
import { hostileProject } from "../helpers/hostile_project.ts";
import { slow } from "../helpers/slow.ts";
import type { TempProject } from "../helpers/temp_project.ts";

/** Needs signals and /proc. */
function linuxTest(name: string, fn: () => Promise<void>): void {
  Deno.test(slow({ name, ignore: Deno.build.os !== "linux", fn }));
}

const RUN = ["run", "--session", "own", "--task", "Work"];

/** Long enough for the machine to be kept awake. */
const BLOCKED = `sleep 1.3; echo '{"status":"blocked","reason":"enough","needs":"clarification"}' > "$SAMOCODE_SIGNAL"`;

/** Waits until the test says that it may go on, in its own group. */
const PATIENT = `echo $$ > "$folder/agent.pid"
touch "$folder/ready"
while [ ! -e "$folder/go" ]; do sleep 0.1; done
echo '{"status":"blocked","reason":"enough","needs":"clarification"}' > "$SAMOCODE_SIGNAL"`;

/** Does what systemd-inhibit does with the command, without the lock. */
const INHIBIT = `#!/bin/sh
echo "$$ $*" >> "$(dirname "$0")/../inhibits"
while case $1 in --*) true ;; *) false ;; esac; do shift; done
"$@"
`;

/** A project in which the machine can be kept awake. */
function projectWith(agent: string, inhibit = INHIBIT): TempProject {
  const project = hostileProject(agent);
  Deno.mkdirSync(join(project.root, "bin"));
  Deno.writeTextFileSync(join(project.root, "bin", "systemd-inhibit"), inhibit, { mode: 0o755 });
  return project;
}

function awakeEnvironment(project: TempProject): Readonly<Record<string, string>> {
  return { PATH: `${join(project.root, "bin")}:${project.env["PATH"]}` };
}

/** What was started to keep the machine awake: its process and its arguments. */
function inhibits(project: TempProject): readonly { readonly pid: number; readonly args: string }[] {
  const text = readTextIfExists(join(project.root, "inhibits")) ?? "";
  return text.trimEnd().split("\n").filter(Boolean).map((line) => {
    const [, pid = "", args = ""] = /^(\d+) (.*)$/.exec(line) ?? [];
    return { pid: Number(pid), args };
  });
}

/** Resolves when a process is gone. */
async function gone(pid: number): Promise<void> {
  while (readProcess(pid) !== undefined && !isZombie(pid)) await delay(10);
}

function isZombie(pid: number): boolean {
  return /^State:\s+Z/m.test(readTextIfExists(`/proc/${pid}/status`) ?? "");
}

async function awake(project: TempProject): Promise<number> {
  while (inhibits(project).length === 0) await delay(10);
  return inhibits(project)[0]?.pid ?? 0;
}

linuxTest("the machine is kept awake while an agent works, and no longer", async () => {
  using project = projectWith(PATIENT);
  const worker = project.start(RUN, awakeEnvironment(project));
  const output = worker.output();
  await project.untilFile("ready");
  const pid = await awake(project);
  assert.ok(readProcess(pid) !== undefined);
  Deno.writeTextFileSync(join(project.sessionFolder(), "go"), "");
  await project.until((events) => events.some(({ type }) => type === "iteration.ended"));
  await gone(pid);
  assert.equal((await output).code, 20);
  assert.deepEqual(inhibits(project).map(({ args }) => args), [
    "--what=sleep:idle --who=samocode --why=An agent is working --mode=block cat",
  ]);
});

for (const signal of ["SIGKILL", "SIGTERM"] as const) {
  linuxTest(`a worker that ends by ${signal} keeps the machine awake no longer`, async () => {
    using project = projectWith(PATIENT);
    const worker = project.start(RUN, awakeEnvironment(project));
    await project.untilFile("ready");
    const pid = await awake(project);
    worker.kill(signal);
    await worker.output();
    await gone(pid);
    // An agent without a guard outlives its killed worker.
    Deno.writeTextFileSync(join(project.sessionFolder(), "go"), "");
    await gone(Number(Deno.readTextFileSync(join(project.sessionFolder(), "agent.pid"))));
    assert.equal(inhibits(project).length, 1);
  });
}

linuxTest("a program that never lends its lock, or cannot, holds up nothing and is not left behind", async () => {
  const silent = `${INHIBIT.replace('"$@"', "")}sleep 300\n`;
  await Promise.all([silent, "#!/bin/sh\nexit 1\n", "no program"].map(async (inhibit) => {
    using project = projectWith(BLOCKED, inhibit);
    const { code, stdout } = await project.run(RUN, awakeEnvironment(project));
    assert.equal(code, 20, stdout);
    assert.equal(inhibits(project).length, inhibit === silent ? 1 : 0);
    for (const { pid } of inhibits(project)) await gone(pid);
  }));
});

linuxTest("SAMOCODE_KEEP_AWAKE=off keeps no machine awake", async () => {
  using project = projectWith(BLOCKED);
  const { code } = await project.run(RUN, { ...awakeEnvironment(project), SAMOCODE_KEEP_AWAKE: "off" });
  assert.deepEqual([code, inhibits(project)], [20, []]);
});

linuxTest("a sleep of worker and agent counts neither as silence nor as the iteration's time", async () => {
  using project = hostileProject(PATIENT, { SAMOCODE_STALL_TIMEOUT: "3", CLAUDE_TIMEOUT: "4" });
  const worker = project.start(RUN);
  const output = worker.output();
  await project.untilFile("ready");
  const folder = project.sessionFolder();
  const agent = Number(Deno.readTextFileSync(join(folder, "agent.pid")));
  worker.kill("SIGSTOP");
  Deno.kill(-agent, "SIGSTOP");
  await delay(5_000);
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
