/**
 * A whole session from the phone: nothing is typed after `samocode start`.
 *
 * @module
 */
import assert from "node:assert/strict";
import { Background } from "../helpers/background.ts";
import { BotApi, type BotMessage } from "../helpers/bot_api.ts";
import { slowTest } from "../helpers/slow.ts";

const START = ["start", "--session", "tally", "--task", "Add a --top N option to tally"];

/** A project whose person has a phone. */
class PhoneStage implements AsyncDisposable {
  readonly background = new Background();
  readonly phone = new BotApi();

  get env(): Readonly<Record<string, string>> {
    return this.background.env(this.phone.env);
  }

  async run(args: readonly string[]): Promise<string> {
    const { code, stdout, stderr } = await this.background.project.run(args, this.env);
    assert.equal(code, 0, stderr);
    return stdout;
  }

  /** The bot's newest message that shows such words, once it has a button. */
  async asked(words: RegExp): Promise<BotMessage> {
    return await this.phone.until(() =>
      this.phone.messages.findLast(({ text, keyboard }) => words.test(text) && keyboard.length > 0)
    );
  }

  async press(message: BotMessage, label: string): Promise<string> {
    const button = this.phone.buttons([message]).find((each) => each.label.includes(label));
    return await this.phone.press(button ?? assert.fail(`${message.text} has no button ${label}`));
  }

  /** Who decided what. */
  decisions(): readonly string[] {
    return this.background.project.events().flatMap((event) =>
      event.type === "answers.given" || event.type === "gate.opened" ? [`${event.type} ${event.by}`] : []
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.background[Symbol.asyncDispose]();
    await this.phone[Symbol.asyncDispose]();
  }
}

slowTest("a session goes from its first question to its end by phone alone", async () => {
  await using stage = new PhoneStage();
  const { phone, background } = stage;
  await stage.run(START);

  const first = await stage.asked(/asks Q1/);
  assert.match(await phone.press(phone.buttons([first])[0] ?? assert.fail("no button"), { from: 666 }), /not|only/i);
  await stage.press(first, "A");
  phone.replyTo(await stage.asked(/asks Q2/), "The one that is shorter");

  const plan = await stage.asked(/plan\b/i);
  await stage.press(plan, "Approve");
  const report = await phone.until(() => phone.messages.findLast(({ text }) => /tally is done/.test(text)));
  assert.match(report.text, /\nNext: samocode finish tally, in a terminal\n/);

  await background.quiet();
  assert.deepEqual(phone.buttons(), []);
  assert.deepEqual(
    stage.decisions(),
    ["answers.given", "answers.given", "gate.opened", "gate.opened"].map((each) => `${each} telegram:7`),
  );
  assert.equal((await background.rested("tally")).state, "done");
});
