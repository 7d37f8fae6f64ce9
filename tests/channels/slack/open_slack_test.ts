import assert from "node:assert/strict";
import { ChannelError, type OpenChannel } from "../../../src/channels/open_channel.ts";
import type { Heard } from "../../../src/channels/post.ts";
import { openSlack, type SlackSettings } from "../../../src/channels/slack/open_slack.ts";
import { SYSTEM_CLOCK } from "../../../src/system/clock.ts";
import { contextWith, offersOf, samplePost } from "../../helpers/sample_post.ts";
import { ANNA, CHANNEL, DIRECT, EVE, SlackApi } from "../../helpers/slack_api.ts";

const { signal: never } = new AbortController();

Deno.test("openSlack() shows a post with its facts, text and buttons, and edits it in place", async () => {
  await using stage = new Stage();
  const { slack, open } = stage;
  const handle = await open().show(samplePost(), { handle: undefined, abort: never });
  const [posted = assert.fail()] = slack.messages;
  assert.equal(handle, `${CHANNEL}:${posted.ts}`);
  assert.equal(
    posted.text,
    "✋ *auth-refresh: the plan is ready*\nshop · planning · 12m 04s · $1.20 of $50.00\n" +
      `${samplePost().text}\nSay what to change (in the thread)`,
  );
  assert.equal(posted.notification, `✋ auth-refresh: the plan is ready\n${samplePost().text}`);
  assert.deepEqual(posted.buttons.map(({ label, style }) => [label, style]), [["Approve", "primary"], [
    "Later",
    undefined,
  ]]);
  const settled = samplePost({ offers: [], reply: "", text: "Approved by telegram:42", isSettled: true });
  assert.equal(await open().show(settled, { handle, abort: never }), handle);
  assert.deepEqual([posted.buttons, posted.edits, slack.messages.length], [[], 1, 1]);
});

Deno.test("openSlack() shows hostile and huge texts within Slack's limits, and as text", async () => {
  await using stage = new Stage();
  for (
    const piece of ["<!channel> <https://evil.example|Approve> & ", "a\n", "&", "😀", "<", "\n", "x".repeat(7000), " "]
  ) {
    const long = piece.repeat(20_000 / piece.length + 1);
    const text = `>>> ${long}`;
    const offers = offersOf(...Array.from({ length: 30 }, (_, index) => `${index} ${long}`));
    const document = { name: "plan.md", text };
    const post = samplePost({ title: long, facts: [long, long], text, reply: long, offers, document });
    await stage.open().show(post, { handle: undefined, abort: never });
  }
  const { messages, files } = stage.slack;
  assert.deepEqual([messages.length, files.length], [8, 8]);
  assert.match(messages[0]?.text ?? "", /^✋ \*<!channel> <https:\/\/evil\.example\|Approve> & </);
  assert.ok(messages.every(({ buttons }) => buttons.length === 25));
  assert.equal(messages.filter(({ text }) => text.includes("… and more")).length, 6);
});

Deno.test("openSlack() sends a document into the message's thread, and again only if it has changed", async () => {
  await using stage = new Stage();
  const { slack } = stage;
  const channel = stage.open();
  const show = (text: string, handle?: string) =>
    channel.show(samplePost({ document: { name: "plan.md", text } }), { handle, abort: never });
  const handle = await show("# Plan <1>");
  await show("# Plan <1>", handle);
  await show("# Plan 2", handle);
  const thread = slack.messages[0]?.ts ?? "";
  const place = { name: "plan.md", channel: CHANNEL, thread };
  assert.deepEqual(slack.files, [{ ...place, text: "# Plan <1>" }, { ...place, text: "# Plan 2" }]);
  slack.errors.set("files.getUploadURLExternal", "missing_scope");
  assert.equal(await show("# Plan 3", handle), handle);
  const said = slack.messages.at(-1);
  assert.deepEqual([said?.thread, slack.files.length], [thread, 2]);
  assert.match(
    said?.text ?? "",
    /^Cannot send plan\.md in full\. Slack refused .*: missing_scope files:write\. Update the app/,
  );
});

Deno.test("openSlack() says what Slack refused, how to fix it and whether to retry, and never reveals a token", async () => {
  await using stage = new Stage();
  const { slack, open } = stage;
  const failure = async (changes: Partial<SlackSettings> = {}) => {
    const error = await open(changes).show(samplePost(), { handle: undefined, abort: never }).catch((error) => error);
    assert.ok(error instanceof ChannelError);
    assert.doesNotMatch(`${error.message} ${error.stack} ${Deno.inspect(error)}`, /xox|xapp|127\.0\.0\.1/);
    return [error.message, error.retryAfterMs];
  };
  assert.deepEqual(await failure({ botToken: "xoxb-wrong" }), [
    "Slack refused chat.postMessage: invalid_auth. Copy the token from https://api.slack.com/apps again and set SLACK_BOT_TOKEN",
    undefined,
  ]);
  assert.deepEqual(await failure({ channelId: "C0OTHER" }), [
    "Slack refused chat.postMessage: channel_not_found. Check SLACK_CHANNEL_ID; if it is a private channel, type /invite and the app's name there",
    undefined,
  ]);
  slack.errors.set("chat.postMessage", "not_in_channel");
  const gone = open().show(samplePost(), { handle: `${CHANNEL}:1.0`, abort: never });
  await assert.rejects(gone, { message: /^Slack refused chat\.update: message_not_found/, retryAfterMs: undefined });
  assert.match(String(await failure()), /not_in_channel\. Type \/invite and the app's name in the channel/);
  slack.errors.set("chat.postMessage", "<script>xoxb-1-bot");
  assert.deepEqual(await failure(), ["Slack refused chat.postMessage: 200. See docs/channels.md", undefined]);
  slack.errors.set("chat.postMessage", "internal_error");
  assert.deepEqual(await failure(), ["Slack did not accept chat.postMessage: internal_error", 0]);
  slack.limits.set("chat.postMessage", 30);
  assert.deepEqual(await failure(), ["Slack did not accept chat.postMessage: ratelimited", 30_000]);
  assert.deepEqual(await failure({ apiBase: "http://127.0.0.1:1/api" }), ["Cannot reach Slack: no connection", 0]);
});

Deno.test("openSlack() takes decisions only with an app token and from allowed members", async () => {
  await using stage = new Stage();
  const { slack, open } = stage;
  const cases: readonly (readonly [Partial<SlackSettings>, RegExp | undefined])[] = [
    [{}, undefined],
    [{ userIds: "" }, /^Slack only notifies: set SLACK_USER_IDS/],
    [{ userIds: `${ANNA}, @eve` }, /^Slack only notifies: set SLACK_USER_IDS/],
    [{ userIds: "", channelId: ANNA }, undefined],
    [{ userIds: ` ${ANNA}, ${EVE} ` }, undefined],
    [{ appToken: "" }, /^Slack only notifies: set SLACK_APP_TOKEN/],
  ];
  for (const [changes, wanted] of cases) {
    const channel = open(changes);
    const refusal = await channel.refusal();
    assert.equal(channel.listen === undefined, wanted !== undefined);
    if (wanted === undefined) assert.equal(refusal, undefined);
    else assert.match(refusal ?? "", wanted);
  }
  const handle = await open({ channelId: ANNA }).show(samplePost(), { handle: undefined, abort: never });
  assert.equal(handle, `${DIRECT}:${slack.messages[0]?.ts}`);
});

Deno.test("openSlack() receives taps, replies and messages from allowed members, answers privately, and ignores others", async () => {
  await using stage = new Stage();
  const { slack, heard } = stage;
  const channel = await stage.listen();
  const handle = await channel.show(samplePost(), { handle: undefined, abort: never });
  const [, thread = ""] = handle.split(":");
  const approve = slack.button("Approve") ?? assert.fail();

  assert.equal(await slack.press(approve, { actionTs: "5.1" }), true);
  assert.equal(await slack.say("keep <old> & new, see <@U1>", { thread }), 1);
  assert.equal(await slack.say("<@U0SAMOCODE>  status"), 1);
  assert.equal(await slack.say("list", { channel: DIRECT }), 1);
  assert.deepEqual(heard.map(({ by, said }) => [by, said]), [
    [`slack:${ANNA}`, { kind: "tap", nonce: approve.value }],
    [`slack:${ANNA}`, { kind: "reply", text: "keep <old> & new, see @U1", handle }],
    [`slack:${ANNA}`, { kind: "message", text: "status" }],
    [`slack:${ANNA}`, { kind: "message", text: "list" }],
  ]);
  assert.equal(heard[0]?.key, `${handle}:${ANNA}:5.1`);
  assert.equal(new Set(heard.map(({ key }) => key)).size, 4);

  for (const each of heard) await each.answer("Done & <dusted>");
  const answers = slack.messages.slice(1).map((each) => [each.text, each.channel, each.onlyFor, each.thread]);
  const ts = slack.messages.at(-1)?.thread;
  assert.deepEqual(answers, [
    ["Done & <dusted>", CHANNEL, ANNA, undefined],
    ["Done & <dusted>", CHANNEL, ANNA, thread],
    ["Done & <dusted>", CHANNEL, ANNA, undefined],
    ["Done & <dusted>", DIRECT, undefined, ts],
  ]);

  // Others, other places, other things: acknowledged, so that Slack does not come again, and not heard.
  await slack.say("approve it", { user: EVE, thread });
  await slack.say("<@U0SAMOCODE> stop", { user: EVE });
  await slack.say("lunch?");
  await slack.say("<@U0SAMOCODE> stop", { channel: "C0OTHER" });
  await slack.say("no", { thread, subtype: "message_changed" });
  await slack.say("no", { thread, bot_id: "B1" });
  await slack.say("no", { thread: "1.5", parent: EVE });
  await slack.say("<@U0SAMOCODE>  ", {});
  await slack.press({ ...approve, value: "approve everything" });
  await slack.press({ ...approve, message: { ...approve.message, channel: "C0OTHER" } });
  slack.sendRaw("no JSON");
  slack.sendRaw('{"envelope_id":7}');
  assert.equal(await slack.press(approve, { user: EVE }), true);
  const word = await slack.until(() => slack.messages.find(({ onlyFor }) => onlyFor === EVE));
  assert.equal(word.text, "You may not decide this: U0EVE is not in SLACK_USER_IDS.");
  assert.equal(heard.length, 4);
});

Deno.test("openSlack() acknowledges nothing before it is stored, and recognizes redeliveries", async () => {
  await using stage = new Stage();
  const { slack, heard } = stage;
  let failures = 1;
  const keeping = Promise.withResolvers<void>();
  const channel = await stage.listen(async () => {
    if (failures-- > 0) throw new Error("the disk is full");
    await keeping.promise;
  });
  const [, thread = ""] = (await channel.show(samplePost(), { handle: undefined, abort: never })).split(":");
  const saying = slack.say("again", { thread, withinMs: 60 });
  while (heard.length < 3) await turn();
  keeping.resolve();
  assert.equal(await saying, 3);
  assert.equal(new Set(heard.map(({ key }) => key)).size, 1);
});

Deno.test("openSlack() opens its next connection before it closes one that Slack ends", async () => {
  await using stage = new Stage();
  const { slack, heard } = stage;
  const channel = await stage.listen();
  await channel.show(samplePost(), { handle: undefined, abort: never });
  const approve = slack.button("Approve") ?? assert.fail();
  for (const reason of ["warning", "refresh_requested"] as const) {
    const before = slack.calls.length;
    slack.disconnect(reason);
    await slack.until(() => slack.calls.length > before && slack.connections === 1);
    assert.equal(await slack.press(approve), true);
  }
  slack.disconnect();
  await slack.until(() => slack.connections === 1);
  assert.equal(await slack.press(approve), true);
  assert.equal(heard.length, 3);
  // Without a word from Slack, too.
  const calls = slack.calls.length;
  await slack.until(() => slack.calls.length > calls + 1);
  assert.equal(await slack.press(approve), true);
});

Deno.test("openSlack() reconnects after an outage, and takes no decisions while Socket Mode is off", async () => {
  await using stage = new Stage();
  const { slack, context } = stage;
  const channel = await stage.listen();
  await channel.show(samplePost(), { handle: undefined, abort: never });
  await slack.goAway();
  while (context.lines.at(-1) !== "Cannot reach Slack: no connection") await turn();
  assert.equal(await channel.refusal(), undefined);
  slack.comeBack();
  await slack.until(() => slack.connections === 1);
  assert.equal(await slack.press(slack.button("Approve") ?? assert.fail()), true);
  slack.refuseSockets("link_disabled");
  slack.disconnect("link_disabled");
  while (!(await channel.refusal())?.startsWith("Socket Mode is off.")) await turn();
  slack.refuseSockets(undefined);
  await slack.until(() => slack.connections === 1);
  while (context.lines.at(-1) !== "Listening") await turn();
  const lines = context.lines.filter((line) => !line.includes("closed the connection"));
  assert.deepEqual(lines.slice(0, 4), [
    "Cannot reach Slack: no connection",
    "Listening",
    "Socket Mode is off. Turn it on for the app at https://api.slack.com/apps",
    "Listening",
  ]);
});

const turn = () => new Promise((resolve) => setTimeout(resolve, 5));

/** A Slack, a channel, and what it heard. Its pauses are short: a minute takes 60 ms. */
class Stage implements AsyncDisposable {
  readonly slack = new SlackApi();
  readonly heard: Heard[] = [];
  readonly context = contextWith();
  readonly #stop = new AbortController();
  #listening: Promise<void> | undefined;

  readonly open = (changes: Partial<SlackSettings> = {}): OpenChannel => {
    const { env } = this.slack;
    const settings = {
      botToken: env["SLACK_BOT_TOKEN"] ?? "",
      appToken: env["SLACK_APP_TOKEN"] ?? "",
      channelId: env["SLACK_CHANNEL_ID"] ?? "",
      userIds: env["SLACK_USER_IDS"] ?? "",
      apiBase: env["SLACK_API_BASE"] ?? "",
    };
    const clock = { ...SYSTEM_CLOCK, steady: () => performance.now() * 1000, timer: (ms: number) => ms / 1000 };
    return openSlack({ ...settings, ...changes }, this.context, { clock });
  };

  async listen(keep: (heard: Heard) => Promise<void> = () => Promise.resolve()): Promise<OpenChannel> {
    const channel = this.open();
    assert.ok(channel.listen);
    this.#listening = channel.listen(async (heard) => {
      this.heard.push(heard);
      await keep(heard);
    }, this.#stop.signal);
    await this.slack.until(() => this.slack.connections === 1);
    return channel;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#listening;
    await this.slack[Symbol.asyncDispose]();
  }
}
