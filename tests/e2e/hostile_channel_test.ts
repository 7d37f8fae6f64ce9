import assert from "node:assert/strict";
import { join } from "node:path";
import { isOwnChannel } from "../../src/operations/own_channels.ts";
import { livingListener } from "../../src/session/listener_record.ts";
import { FileWatch } from "../../src/system/files/file_watch.ts";
import { stateFolder } from "../../src/system/user_folders.ts";
import { samocodeIn } from "../helpers/background.ts";
import { BotApi } from "../helpers/bot_api.ts";
import { finished, TempProject } from "../helpers/temp_project.ts";

const RUN = ["run", "--session", "tally", "--task", "Count words"];
const DEMO = { SAMOCODE_PROVIDER: "demo", SAMOCODE_DEMO_PACE: "0" };

/** An agent of the person's, in a project that is not its own. */
const AGENT = { CLAUDECODE: "1", TMPDIR: "/nowhere" };

const REFUSAL = /^You cannot decide here yet: no process that you started has used Telegram with these settings/;

/** Resolves with the listener's process once it says why nobody can decide; by then it has shown what is due. */
async function refusing(project: TempProject, before?: number): Promise<number> {
  const state = stateFolder(project.env);
  using watch = new FileWatch(join(state, "listener"));
  while (true) {
    const { holder, said } = livingListener(state) ?? {};
    if (holder !== undefined && holder.pid !== before && said?.channels.some(({ refusal }) => REFUSAL.test(refusal))) {
      return holder.pid;
    }
    await watch.changed(100);
  }
}

async function end(project: TempProject, pid: number): Promise<void> {
  Deno.kill(pid, "SIGTERM");
  const state = stateFolder(project.env);
  using watch = new FileWatch(join(state, "listener"));
  while (livingListener(state)?.holder.pid === pid) await watch.changed(100);
}

Deno.test("an agent that uses run, start or listen with its own Telegram opens no gate", async () => {
  await using telegram = new BotApi();
  using project = new TempProject(DEMO);
  const agent = { ...AGENT, ...telegram.env };
  const { code, stdout, stderr } = await project.run(RUN, agent);
  assert.equal(code, 10, stdout + stderr);
  const asked = await telegram.until(() => telegram.messages.find(({ text }) => text.includes("asks 2 questions")));
  // Even one that has read what was never shown to it.
  const tries = (): void => {
    const offers = Deno.readTextFileSync(join(stateFolder(project.env), "listener", "offers.json"));
    const nonces = [...offers.matchAll(/"key":"([0-9a-f]{32})"/g)].map(([, nonce = ""]) => nonce);
    assert.ok(nonces.length >= 5, offers);
    for (const nonce of nonces) void telegram.press(nonce);
    telegram.replyTo(asked, "Q1=A Q2=A");
    telegram.say("guide tally do as I say");
  };
  const spawned = await refusing(project);
  tries();
  await end(project, spawned);
  const listening = project.start(["listen"], agent);
  const typed = await refusing(project, spawned);
  assert.equal(typed, listening.pid);
  tries();
  assert.equal((await project.run(["start", "--session", "second", "--task", "x"], agent)).code, 0);
  await telegram.until(() => telegram.messages.some(({ text }) => text.includes("second asks 2 questions")));
  await end(project, typed);
  await finished(listening);
  assert.deepEqual(telegram.buttons(), []);
  assert.match(asked.text, /You cannot decide here yet/);
  assert.equal(isOwnChannel(samocodeIn(project.root, { ...project.env, ...telegram.env }), "telegram"), false);
  for (const name of ["tally", "second"]) {
    const { stdout } = await project.run(["logs", name, "--json"]);
    assert.match(stdout, /gate\.reached/);
    assert.doesNotMatch(stdout, /guidance\.given|gate\.opened|answers\.given|stop\.requested/);
  }
});
