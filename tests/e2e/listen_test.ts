/**
 * The listener as a process: started by workers, ended by itself, killed and replaced.
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { livingListener } from "../../src/session/listener_record.ts";
import { readSubscriptions } from "../../src/session/subscriptions.ts";
import { stateFolder } from "../../src/system/user_folders.ts";
import { BotApi } from "../helpers/bot_api.ts";
import { finished, TempProject } from "../helpers/temp_project.ts";
import { slowTest } from "../helpers/slow.ts";

const ENV = { SAMOCODE_PROVIDER: "demo", SAMOCODE_DEMO_PACE: "0", SAMOCODE_NOTIFY: "gate,blocked,done,limit" };

Deno.test("two workers that start at once share one listener; a killed one is restarted and repeats no message", async () => {
  await using telegram = new BotApi();
  using project = new TempProject({ ...ENV, ...telegram.env });
  const run = (name: string) => project.run(["run", "--session", name, "--task", "Work"]);
  await Promise.all([run("a"), run("b")]);
  const asked = () => new Set(telegram.messages.flatMap(({ text }) => /^✋ (\S+) asks Q\d/.exec(text)?.[1] ?? []));
  await telegram.until(() => asked().size === 2 && telegram.messages.length === 6);
  await untilNoted(project, 6);
  const first = pidOf(project);
  Deno.kill(first, "SIGKILL");
  const before = telegram.messages.length;
  await run("c");
  await telegram.until(() => asked().size === 3);
  assert.notEqual(pidOf(project), first);
  assert.equal(logOf(project).match(/^Listening/gm)?.length, 2);
  const again = telegram.messages.slice(before).filter(({ text }) => !/^✋ c /.test(text));
  assert.deepEqual(again.map(({ text }) => text), []);
  await endListener(project);
});

slowTest("a listener keeps running while a session waits, and exits once all are done", async () => {
  await using telegram = new BotApi();
  using project = new TempProject({ ...ENV, ...telegram.env });
  await project.run(["run", "--session", "a", "--task", "Work"]);
  await telegram.until(() => telegram.button("A) All of them") !== undefined);
  const pid = pidOf(project);
  // What somebody decides elsewhere clears the buttons.
  await project.run(["answer", "a", "--accept-suggestions"]);
  await project.run(["run", "a"]);
  await telegram.until(() => telegram.button("Approve") !== undefined);
  assert.deepEqual(telegram.buttons().map(({ label }) => label), ["Approve", "Change", "Later"]);
  assert.equal(pidOf(project), pid);
  await project.approve("a");
  await project.run(["run", "a"]);
  await telegram.until(() => telegram.messages.some(({ text }) => text.includes("a is done")));
  while (livingListener(stateFolder(project.env)) !== undefined) await new Promise((wake) => setTimeout(wake, 50));
  assert.deepEqual(readSubscriptions(stateFolder(project.env)), []);
  assert.deepEqual(telegram.buttons(), []);
});

Deno.test("samocode listen --keep replaces a listener without --keep, and one of another version", async () => {
  await using telegram = new BotApi();
  using project = new TempProject({ ...ENV, ...telegram.env });
  await project.run(["run", "--session", "a", "--task", "Work"]);
  await telegram.until(() => telegram.button("A) All of them") !== undefined);
  const kept = project.start(["listen", "--keep"]);
  await untilPid(project, kept.pid);
  const { code, stderr } = await project.run(["listen"]);
  assert.equal(code, 2);
  assert.match(stderr, /Cannot listen: process \d+ has been listening since/);
  const record = join(stateFolder(project.env), "listener", "listener.json");
  Deno.writeTextFileSync(record, Deno.readTextFileSync(record).replace(/"version":"[^"]*"/, '"version":"0.0.0"'));
  const next = project.start(["listener"]);
  assert.equal((await finished(kept)).code, 0);
  await untilPid(project, next.pid);
  next.kill("SIGTERM");
  assert.equal((await finished(next)).code, 0);
  assert.equal(telegram.messages.filter(({ text }) => text.includes("asks Q1")).length, 1);
});

Deno.test("a listener that cannot be started is a warning, and the run continues", async () => {
  await using telegram = new BotApi();
  using project = new TempProject({ ...ENV, ...telegram.env });
  const state = join(stateFolder(project.env));
  Deno.mkdirSync(state, { recursive: true });
  Deno.writeTextFileSync(join(state, "listener"), "in the way");
  const { code, stderr } = await project.run(["run", "--session", "a", "--task", "Work"]);
  assert.equal(code, 10);
  assert.match(stderr, /^Warning: nothing is sent to your channels: cannot start the listener: /m);
});

function pidOf(project: TempProject): number {
  return livingListener(stateFolder(project.env))?.holder.pid ?? assert.fail(`no listener: ${logOf(project)}`);
}

/** Resolves when it is on the disk where so many messages are. */
async function untilNoted(project: TempProject, count: number): Promise<void> {
  const folder = join(stateFolder(project.env), "listener", "shown");
  const noted = () =>
    // Others are being written, and are gone the next moment.
    [...Deno.readDirSync(folder)].filter(({ name }) => name.endsWith(".json"))
      .map(({ name }) => Deno.readTextFileSync(join(folder, name))).join();
  while (noted().match(/"handle":/g)?.length !== count) await new Promise((wake) => setTimeout(wake, 20));
}

async function untilPid(project: TempProject, pid: number): Promise<void> {
  for (;;) {
    const living = livingListener(stateFolder(project.env));
    if (living?.said !== undefined && living.holder.pid === pid) return;
    await new Promise((wake) => setTimeout(wake, 20));
  }
}

function logOf(project: TempProject): string {
  return Deno.readTextFileSync(join(stateFolder(project.env), "listener", "listener.log"));
}

/** Others must not be told of the end of a process of this test. */
async function endListener(project: TempProject): Promise<void> {
  Deno.kill(pidOf(project), "SIGTERM");
  while (livingListener(stateFolder(project.env)) !== undefined) await new Promise((wake) => setTimeout(wake, 20));
}
