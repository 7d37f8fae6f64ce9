/**
 * The listener is killed while nobody works, or has nothing to follow for a moment: whoever decides is heard all the same.
 *
 * @module
 */
import assert from "node:assert/strict";
import { livingListener } from "../../src/session/listener_record.ts";
import { stateFolder } from "../../src/system/user_folders.ts";
import { Background, SLOW } from "../helpers/background.ts";
import { BotApi } from "../helpers/bot_api.ts";
import { slowTest } from "../helpers/slow.ts";

const START = ["start", "--session", "tally", "--task", "Add a --top N option to tally"];

for (const signal of ["SIGKILL", "SIGTERM"] as const) {
  slowTest(
    `a listener that ${signal} ended while a session waits is started again by a command, but by no agent's`,
    async () => {
      await using phone = new BotApi();
      await using background = new Background();
      const env = background.env(phone.env);
      const state = stateFolder(env);
      await background.project.run(START, env);
      await background.rested("tally");
      const button = await phone.until(() => phone.buttons().find(({ label }) => label.includes("A")));
      const { pid } = livingListener(state)?.holder ?? assert.fail("nobody listens");
      Deno.kill(pid, signal);
      while (livingListener(state) !== undefined) await new Promise((wake) => setTimeout(wake, 10));
      const toast = phone.press(button);
      await background.project.run(["list"], { ...env, SAMOCODE_MARKER: "an attempt" });
      assert.equal(livingListener(state), undefined);
      const { stderr } = await background.project.run(["list"], env);
      assert.equal(stderr, "");
      assert.match(await toast, /^Answered Q1/);
      const given = background.project.events().filter(({ type }) => type === "answers.given");
      assert.equal(given.length, 1);
    },
  );
}

Deno.test("after a worker and a listener are killed at once, the phone offers to continue", async () => {
  await using phone = new BotApi();
  await using background = new Background();
  const env = background.env({ ...phone.env, ...SLOW });
  await background.project.run(START, env);
  await background.until("tally", ({ type }) => type === "agent.started");
  const { pid } = livingListener(stateFolder(env))?.holder ?? assert.fail("nobody listens");
  for (const each of [pid, background.workerPid("tally")]) Deno.kill(each, "SIGKILL");
  while (livingListener(stateFolder(env)) !== undefined) await new Promise((wake) => setTimeout(wake, 10));
  const { stderr } = await background.project.run(["list"], env);
  assert.match(stderr, /its worker died/);
  const button = await phone.until(() => phone.button("Continue"));
  assert.equal(phone.messages.filter(({ text }) => /its worker died/.test(text)).length, 1);
  assert.match(await phone.press(button), /tally continues/);
  await background.project.run(["stop", "tally", "--now"], env);
});

slowTest("a waiting session stays reachable when it is renamed", async () => {
  await using phone = new BotApi();
  await using background = new Background();
  const env = background.env(phone.env);
  await background.project.run(START, env);
  await phone.until(() => phone.buttons().length > 0);
  let name = "tally";
  for (const to of ["one", "two", "three", "four", "five", "six"]) {
    assert.equal((await background.project.run(["rename", name, to], env)).code, 0);
    name = to;
    await phone.until(() => phone.buttons().some(({ message }) => message.text.includes(to)));
  }
});
