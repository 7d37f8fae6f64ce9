import assert from "node:assert/strict";
import type { Heard } from "../../../src/channels/post.ts";
import { openTelegram } from "../../../src/channels/telegram/open.ts";
import { BotApi } from "../../helpers/bot_api.ts";
import { TelegramStage } from "../../helpers/telegram_stage.ts";

const NONCE = "0".repeat(32);

Deno.test("listen() receives a tap with its sender, and answers only them", async () => {
  await using stage = new TelegramStage();
  await stage.show();
  await stage.restart();
  const toast = stage.api.press(stage.api.button("Approve") ?? missing());
  const [heard = missing()] = await stage.hears();
  assert.deepEqual(plain(heard), {
    by: "telegram:7",
    key: "telegram:4711:1001",
    said: { kind: "tap", nonce: NONCE },
  });
  await heard.answer("Approved");
  assert.equal(await toast, "Approved");
  assert.equal(stage.api.messages.length, 1);
});

Deno.test("listen() receives a reply with the handle from show(), for messages and files", async () => {
  await using stage = new TelegramStage();
  const handles = [await stage.show(), await stage.show({ document: { name: "plan.md", text: "# Plan" } })];
  await stage.restart();
  for (const message of stage.api.messages) stage.api.replyTo(message, "Use the <cache>");
  const heard = await stage.hears(2);
  assert.deepEqual(
    heard.map(({ said }) => said),
    handles.map((handle) => ({ kind: "reply", text: "Use the <cache>", handle })),
  );
  await heard[0]?.answer(`Passed on, <b>all</b>, ${stage.api.token}`);
  const [answer = missing()] = stage.api.messages.slice(-1);
  assert.deepEqual([answer.text, answer.replyTo], ["Passed on, <b>all</b>, …", 103]);
});

Deno.test("answer() of a tap is a message if it is long, or if it is too late for a toast", async () => {
  await using stage = new TelegramStage();
  await stage.show();
  await stage.restart();
  const button = stage.api.button("Approve") ?? missing();
  const toast = stage.api.press(button);
  void stage.api.press(button);
  const [first, second] = await stage.hears(2);
  await first?.answer("w".repeat(5000));
  assert.equal(await toast, "", "the button stops turning");
  stage.api.expireQueries();
  await second?.answer("Approved");
  const answers = stage.api.messages.slice(1);
  assert.deepEqual(answers.map(({ text, replyTo }) => [text.length, replyTo]), [[4096, 101], [8, 101]]);
});

Deno.test("listen() refuses a stranger's tap in a group, and ignores their messages", async () => {
  await using stage = new TelegramStage({ chat: -100, userIds: "8, 9" });
  await stage.show();
  await stage.restart();
  const [button, message] = [stage.api.button("Approve") ?? missing(), stage.api.messages[0] ?? missing()];
  assert.equal(await stage.api.press(button, { from: 66 }), "You cannot decide this");
  assert.equal(await stage.api.press(button, { from: 8, chat: -200 }), "You cannot decide this");
  stage.api.replyTo(message, "Approve it", { from: 66 });
  stage.api.replyTo(message, "Approve it", { from: 1087968824, more: { sender_chat: { id: -100 } } });
  stage.api.say("/stop", { from: 66 });
  void stage.api.press(button, { from: 9 });
  stage.api.replyTo(message, "Approve it", { from: 8 });
  const heard = await stage.hears(2);
  assert.deepEqual(heard.map(({ by, said }) => [by, said.kind]), [["telegram:9", "tap"], ["telegram:8", "reply"]]);
  await stage.settled();
  assert.equal(stage.heard.length, 2);
});

Deno.test("listen() confirms only stored updates: nothing is lost, and redelivered ones keep their keys", async () => {
  await using stage = new TelegramStage();
  await stage.show();
  const seen: string[] = [];
  const dead = Promise.withResolvers<void>();
  stage.take = ({ key }) => {
    seen.push(key);
    if (seen.length !== 2) return Promise.resolve();
    dead.resolve(stage.stop());
    return Promise.reject(new Error("The process dies here"));
  };
  await stage.restart();
  const button = stage.api.button("Approve") ?? missing();
  for (let count = 0; count < 3; count++) void stage.api.press(button);
  await dead.promise;
  assert.match(stage.memory, /^1001 4711 http/);
  await stage.restart();
  await stage.hears(3);
  await stage.settled();
  const keys = [1001, 1002, 1003].map((id) => `telegram:4711:${id}`);
  assert.deepEqual(seen, [keys[0], keys[1], keys[1], keys[2]]);
  assert.match(stage.memory, /^1003 /);
  await stage.restart();
  await stage.settled();
  assert.equal(seen.length, 4, "nothing comes twice after that");
});

Deno.test("listen() receives again what could not be stored", async () => {
  await using stage = new TelegramStage();
  let tries = 0;
  stage.take = () => tries++ < 2 ? Promise.reject(new Error("No space left on device")) : Promise.resolve();
  await stage.restart();
  stage.api.say("status");
  await stage.hears();
  assert.deepEqual([tries, stage.pauses], [3, [1000, 2000]]);
  assert.deepEqual(stage.log, ["Cannot store an update: No space left on device", "Connected to Telegram again"]);
});

Deno.test("listen() starts with what Telegram has kept, and ignores another bot's or server's offset", async () => {
  await using stage = new TelegramStage();
  for (
    const memory of ["1003 666 http://127.0.0.1:1", `1003 666 ${stage.api.base}`, "1003 4711 http://127.0.0.1:1", "x"]
  ) {
    stage.memory = memory;
    stage.api.say("status");
    const before = stage.heard.length;
    await stage.restart();
    await stage.hears(before + 1);
    await stage.settled();
  }
  assert.equal(stage.heard.length, 4);
});

Deno.test("listen() follows Telegram's update numbers when they go back", async () => {
  await using stage = new TelegramStage();
  stage.memory = `999999 4711 ${stage.api.base}`;
  await stage.restart();
  stage.api.say("status");
  stage.api.say("list");
  await stage.hears(2);
  await stage.settled();
  assert.match(stage.memory, /^1002 /);
  const polls = stage.api.calls.filter(({ method }) => method === "getUpdates");
  assert.ok(polls.length <= 4, `${polls.length} polls`);
});

Deno.test("listen() outlasts an outage with growing pauses, logs it once, and loses nothing", async () => {
  await using stage = new TelegramStage();
  await stage.show();
  await stage.restart();
  await stage.settled();
  const enough = Promise.withResolvers<void>();
  void stage.api.press(stage.api.button("Approve") ?? missing());
  await stage.hears();
  await stage.settled();
  const down = stage.api.goDown();
  stage.resting = async () => {
    if (stage.pauses.length !== 8) return;
    await down;
    stage.api.comeUp();
    enough.resolve();
  };
  await enough.promise;
  stage.api.say("status");
  await stage.hears(2);
  assert.deepEqual(stage.pauses, [1000, 2000, 4000, 8000, 16000, 30000, 30000, 30000]);
  await stage.settled();
  assert.match(stage.log[0] ?? "", /^Cannot reach Telegram: /);
  assert.deepEqual(stage.log.slice(1), ["Connected to Telegram again"]);
  assert.doesNotMatch(stage.log.join("\n"), /stand-in_Token|bot4711/);
});

Deno.test("listen() receives taps made during an outage as soon as it ends", async () => {
  await using stage = new TelegramStage();
  stage.api.say("status");
  const refusals: unknown[] = [];
  stage.resting = async () => void refusals.push(await stage.channel.refusal());
  stage.api.fail({ status: 502, times: 3 });
  await stage.restart();
  await stage.hears();
  await stage.settled();
  stage.api.fail({ status: 502, method: "getUpdates" });
  stage.api.say("list");
  await stage.hears(2);
  await stage.settled();
  assert.deepEqual(stage.pauses, [1000, 2000, 4000, 1000]);
  assert.deepEqual(refusals, Array(4).fill(undefined), "what passes takes no buttons away");
});

Deno.test("listen() gives up on a silent connection", async () => {
  const hanging = Promise.withResolvers<void>();
  let count = 0;
  const fetch = async (url: string | URL | Request, init?: RequestInit): Promise<Response> => {
    if (count++ > 0) return await globalThis.fetch(url, init);
    return await new Promise((_, reject) => init?.signal?.addEventListener("abort", () => reject(init.signal?.reason)));
  };
  await using stage = new TelegramStage({ fetch, timeoutMs: 20 });
  stage.resting = () => Promise.resolve(hanging.resolve());
  await stage.restart();
  await hanging.promise;
  assert.deepEqual(stage.log, ["Cannot reach Telegram: no answer within 0.02 s"]);
  await stage.settled();
});

Deno.test("listen() gives up on an answer that does not end", async () => {
  const flooding = Promise.withResolvers<void>();
  let chunks = 0;
  let isFlooded = false;
  const fetch: typeof globalThis.fetch = (url, init) => {
    if (isFlooded) return globalThis.fetch(url, init);
    isFlooded = true;
    const chunk = new Uint8Array(65_536).fill(32);
    return Promise.resolve(new Response(new ReadableStream({ pull: (to) => void (chunks++, to.enqueue(chunk)) })));
  };
  await using stage = new TelegramStage({ fetch });
  stage.resting = () => Promise.resolve(flooding.resolve());
  await stage.restart();
  await flooding.promise;
  assert.deepEqual(stage.log, ["Cannot reach Telegram: the answer is too long"]);
  assert.ok(chunks < 200, `${chunks}`);
  await stage.settled();
});

Deno.test("listen() does not poll in a busy loop when empty answers come at once", async () => {
  const again = {
    update_id: 5,
    message: { message_id: 1, from: { id: 66, is_bot: false }, chat: { id: 7 }, text: "x" },
  };
  for (const result of [[], [again]]) {
    let polls = 0;
    const fetch: typeof globalThis.fetch = (url, init) => {
      if (!String(url).endsWith("/getUpdates")) return globalThis.fetch(url, init);
      polls++;
      return Promise.resolve(Response.json({ ok: true, result }));
    };
    await using stage = new TelegramStage({ fetch });
    const rested = Promise.withResolvers<void>();
    stage.resting = () => new Promise(() => rested.resolve());
    await stage.restart();
    await rested.promise;
    assert.deepEqual([polls, stage.pauses], [result.length + 2, [1000]]);
  }
});

Deno.test("listen() is not delayed by strangers: their updates are confirmed together", async () => {
  await using stage = new TelegramStage();
  let memory = "";
  let writes = 0;
  Object.defineProperty(stage, "memory", {
    get: () => memory,
    set: (text: string) => {
      memory = text;
      writes++;
    },
  });
  for (let count = 0; count < 250; count++) stage.api.say("hello", { from: 66 });
  stage.api.say("status");
  stage.api.say("hello", { from: 66 });
  await stage.restart();
  await stage.hears();
  await stage.settled();
  assert.ok(writes <= 5, `${writes}`);
  assert.match(memory, /^1252 /);
});

Deno.test("listen() respects Telegram's retry_after", async () => {
  await using stage = new TelegramStage();
  stage.api.fail({ status: 429, retryAfter: 17, method: "getUpdates" });
  await stage.restart();
  await stage.settled();
  assert.deepEqual(stage.pauses, [17_000]);
});

Deno.test("listen() reports another poller and retries, and posts are still shown", async () => {
  await using stage = new TelegramStage();
  await stage.restart();
  await stage.settled();
  assert.equal(await stage.channel.refusal(), undefined);
  const [resting, rested] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  stage.resting = () => {
    resting.resolve();
    return rested.promise;
  };
  const polling = fetch(`${stage.api.base}/bot${stage.api.token}/getUpdates`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ timeout: 50 }),
  });
  await resting.promise;
  assert.match(await stage.channel.refusal() ?? "", /^Another program or machine receives the bot's messages/);
  assert.match(await stage.show(), /^7\//);
  rested.resolve();
  const other = await polling;
  assert.equal(other.status, 409);
  await other.body?.cancel();
  stage.api.say("status");
  await stage.hears();
  await stage.settled();
  assert.equal(await stage.channel.refusal(), undefined);
  assert.equal(stage.log.length, 2);
});

Deno.test("listen() reports that the bot has a webhook", async () => {
  await using stage = new TelegramStage();
  stage.api.webhook = "https://example.org/secret";
  stage.resting = () => {
    stage.resting = () => Promise.resolve();
    stage.api.webhook = "";
    return Promise.resolve();
  };
  await stage.restart();
  await stage.settled();
  assert.match(stage.log[0] ?? "", /^A webhook receives the bot's messages/);
});

Deno.test("listen() reports an unknown token once, takes no decisions, and rarely retries", async () => {
  await using stage = new TelegramStage({ token: "4711:wrong_Token" });
  const often = Promise.withResolvers<void>();
  stage.resting = () => {
    if (stage.pauses.length < 3) return Promise.resolve();
    often.resolve();
    return new Promise(() => {});
  };
  await stage.restart();
  await often.promise;
  const words = "Telegram does not recognize the bot: get its token from @BotFather and set TELEGRAM_BOT_TOKEN";
  const halfAnHour = 1_800_000;
  assert.deepEqual([stage.log, stage.pauses, await stage.channel.refusal()], [
    [words],
    Array(3).fill(halfAnHour),
    words,
  ]);
});

Deno.test("listen() shares one poll between a bot's chats, delivers to each its own, and continues when one leaves", async () => {
  await using stage = new TelegramStage();
  await stage.restart();
  await stage.settled();
  const settings = { token: stage.api.token, apiBase: stage.api.base, chatId: "-100", userIds: "8" };
  let memory = "";
  const context = { memory: { get: () => memory, set: (text: string) => void (memory = text) }, log: () => {} };
  const group: Heard[] = [];
  const abort = new AbortController();
  const hear = (heard: Heard): Promise<void> => Promise.resolve(void group.push(heard));
  const over = openTelegram(settings, context).listen?.(hear, abort.signal);
  stage.api.say("/list", { chat: -100, from: 8 });
  stage.api.say("status");
  await stage.hears();
  await stage.settled();
  assert.deepEqual([group, stage.heard].map((all) => all.map(({ said }) => said)), [
    [{ kind: "message", text: "list" }],
    [{ kind: "message", text: "status" }],
  ]);
  assert.deepEqual([stage.memory, stage.log, stage.pauses], [memory, [], []]);
  assert.equal(await stage.api.press("x", { from: 9 }), "You cannot decide this");
  await stage.stop();
  stage.api.say("/stop", { chat: -100, from: 8 });
  await stage.api.until(() => group.length === 2);
  await stage.settled();
  abort.abort();
  await over;
  assert.match(memory, /^1004 /);
});

Deno.test("listen() ends at once when it is aborted, in a poll and in a pause", async () => {
  await using stage = new TelegramStage();
  await stage.restart();
  await stage.settled();
  await stage.stop();
  assert.deepEqual(stage.log, []);
  await stage.api.goDown();
  const settings = { token: stage.api.token, apiBase: stage.api.base, chatId: "7", userIds: "" };
  const failed = Promise.withResolvers<string>();
  const channel = openTelegram(settings, { memory: { get: () => "", set: () => {} }, log: failed.resolve });
  const abort = new AbortController();
  const over = channel.listen?.(() => Promise.resolve(), abort.signal);
  assert.match(await failed.promise, /^Cannot reach Telegram/);
  const start = performance.now();
  abort.abort();
  await over;
  assert.ok(performance.now() - start < 900, "the pause takes a second");
});

Deno.test("a group without TELEGRAM_USER_IDS only gets notifications", async () => {
  await using stage = new TelegramStage({ chat: -100 });
  assert.match(await stage.channel.refusal() ?? "", /TELEGRAM_USER_IDS/);
  assert.equal(stage.channel.listen, undefined);
  assert.equal(await stage.show({ offers: [] }), "-100/101");
});

Deno.test("listen() asks only for what it reads", async () => {
  await using stage = new TelegramStage();
  await stage.restart();
  await stage.settled();
  const polls = stage.api.calls.filter(({ method }) => method === "getUpdates").map(({ payload }) => payload);
  assert.deepEqual(polls, [{ timeout: 20, allowed_updates: ["message", "callback_query"] }]);
});

Deno.test("BotApi refuses what Telegram refuses", async () => {
  await using api = new BotApi();
  const call = async (method: string, payload: object): Promise<string> => {
    const response = await fetch(`${api.base}/bot${api.token}/${method}`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ chat_id: 7, ...payload }),
    });
    return (await response.json()).description ?? "taken";
  };
  const keyboard = (data: string): object => ({ inline_keyboard: [[{ text: "Yes", callback_data: data }]] });
  const send = (payload: object): Promise<string> => call("sendMessage", payload);
  assert.equal(await send({ text: "<b>", parse_mode: "HTML" }), "Bad Request: can't parse entities");
  assert.equal(await send({ text: "<x>a</x>", parse_mode: "HTML" }), "Bad Request: can't parse entities");
  assert.equal(await send({ text: "a & b", parse_mode: "HTML" }), "Bad Request: can't parse entities");
  assert.equal(await send({ text: " " }), "Bad Request: message text is empty");
  assert.equal(await send({ text: "x".repeat(4097) }), "Bad Request: message is too long");
  assert.equal(await send({ text: "&lt;".repeat(4096), parse_mode: "HTML" }), "taken");
  assert.equal(await send({ text: "x", reply_markup: keyboard("é".repeat(33)) }), "Bad Request: BUTTON_DATA_INVALID");
  assert.equal(await send({ text: "x", reply_markup: keyboard("é".repeat(32)) }), "taken");
  assert.equal(await call("getUpdates", { offset: 1 }), "taken");
});

function plain({ by, key, said }: Heard): Omit<Heard, "answer"> {
  return { by, key, said };
}

function missing(): never {
  return assert.fail("not there");
}
