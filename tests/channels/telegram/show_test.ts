import assert from "node:assert/strict";
import { ChannelError } from "../../../src/channels/open_channel.ts";
import { openTelegram } from "../../../src/channels/telegram/open.ts";
import { POST, TelegramStage } from "../../helpers/telegram_stage.ts";

const PLAN = { name: "plan.md", text: "# Plan\n\n- [ ] one <b>step</b>\n" };

Deno.test("show() sends a post with its buttons, and markup in it as text", async () => {
  await using stage = new TelegramStage();
  const handle = await stage.show();
  assert.equal(handle, "7/101");
  assert.deepEqual(stage.api.messages, [{
    id: 101,
    chat: "7",
    html: "<b>✋ auth-refresh needs your approval</b>\nshop · planning · 12m 04s · $1.20 of $20.00\n\n" +
      "The plan has 3 steps &amp; changes &lt;b&gt;one&lt;/b&gt; file.\n\n" +
      "<i>Reply to send it back with what to change</i>",
    text: "✋ auth-refresh needs your approval\nshop · planning · 12m 04s · $1.20 of $20.00\n\n" +
      "The plan has 3 steps & changes <b>one</b> file.\n\nReply to send it back with what to change",
    keyboard: [[{ label: "Approve", data: "0".repeat(32) }, { label: "Later", data: "1".repeat(32) }]],
    document: undefined,
    isSilent: false,
    replyTo: undefined,
    edits: 0,
  }]);
  assert.deepEqual(stage.api.calls.map(({ payload }) => payload["link_preview_options"]), [{ is_disabled: true }]);
});

Deno.test("show() edits in place, even from another process, and accepts an unchanged message as shown", async () => {
  await using stage = new TelegramStage();
  const handle = await stage.show({ offers: [], isSilent: true });
  await stage.restart();
  assert.equal(await stage.show({ offers: [], text: "4 of 9 done" }, handle), handle);
  assert.equal(await stage.show({ offers: [], text: "4 of 9 done" }, handle), handle);
  assert.deepEqual(stage.api.messages.map(({ edits, isSilent }) => ({ edits, isSilent })), [{
    edits: 1,
    isSilent: true,
  }]);
  assert.match(stage.api.messages[0]?.text ?? "", /4 of 9 done/);
});

Deno.test("show() removes the buttons of a settled post", async () => {
  await using stage = new TelegramStage();
  const handle = await stage.show();
  await stage.show({ isSettled: true, text: "Approved by ada", reply: "" }, handle);
  assert.deepEqual(stage.api.buttons(), []);
  assert.match(stage.api.messages[0]?.text ?? "", /Approved by ada$/);
});

Deno.test("show() sends a document whole, as one message with the beginning of the text, and edits that", async () => {
  await using stage = new TelegramStage();
  const handle = await stage.show({ document: PLAN, text: "word ".repeat(2000) });
  assert.equal(handle, "7/101/document");
  const [message = missing()] = stage.api.messages;
  assert.deepEqual([message.document, message.keyboard.flat().length], [PLAN, 2]);
  assert.ok(message.text.length > 950 && message.text.length <= 1024, `${message.text.length}`);
  assert.match(message.text, /…\n\nReply to send it back with what to change$/);
  assert.equal(await stage.show({ document: PLAN, text: "Short" }, handle), handle);
  assert.equal(await stage.show({ document: undefined, text: "Approved", isSettled: true }, handle), handle);
  assert.deepEqual([message.document, message.keyboard, message.edits], [PLAN, [], 2]);
  assert.match(message.text, /Approved/);
});

Deno.test("show() sends an empty document as a message, and gives a file a plain name", async () => {
  await using stage = new TelegramStage();
  assert.equal(await stage.show({ document: { name: "plan.md", text: "" } }), "7/101");
  await stage.show({ document: { name: '../a"\r\nb: c/plan.md', text: "x" } });
  assert.deepEqual(stage.api.messages.map(({ document }) => document?.name), [undefined, ".._a_b_c_plan.md"]);
});

Deno.test("show() sends a new message if the old one was deleted or is in a chat of older settings", async () => {
  await using stage = new TelegramStage();
  const handle = await stage.show();
  stage.api.remove(stage.api.messages[0] ?? missing());
  assert.equal(await stage.show({}, handle), "7/102");
  assert.equal(await stage.show({}, "8/102"), "7/103");
  assert.equal(await stage.show({}, "not a handle"), "7/104");
  assert.deepEqual(stage.api.messages.map(({ id }) => id), [102, 103, 104]);
});

Deno.test("show() sends a post to the configured chat, and updates a settled one in an older chat", async () => {
  await using stage = new TelegramStage();
  const settings = { token: stage.api.token, apiBase: stage.api.base, chatId: "8", userIds: "" };
  const older = openTelegram(settings, { memory: { get: () => "", set: () => {} }, log: () => {} });
  const handle = await older.show(POST, { handle: undefined, abort: new AbortController().signal });
  assert.equal(await stage.show({}, handle), "7/102");
  assert.equal(await stage.show({ isSettled: true }, handle), handle);
  assert.deepEqual(stage.api.messages.map(({ chat, edits }) => ({ chat, edits })), [
    { chat: "8", edits: 1 },
    { chat: "7", edits: 0 },
  ]);
});

Deno.test("show() says how long Telegram asks to wait", async () => {
  await using stage = new TelegramStage();
  stage.api.fail({ status: 429, retryAfter: 35 });
  assert.deepEqual(await failure(stage.show()), [
    "Telegram answered 429: Too Many Requests: retry after 35",
    35_000,
  ]);
  const handle = await stage.show();
  stage.api.fail({ status: 429, retryAfter: 3, method: "editMessageText" });
  assert.deepEqual((await failure(stage.show({ text: "x" }, handle)))[1], 3_000);
  // A timer takes 24 days at most.
  stage.api.fail({ status: 429, retryAfter: 1e9 });
  assert.deepEqual((await failure(stage.show()))[1], 3_600_000);
});

Deno.test("show() tells temporary from permanent failures", async () => {
  await using stage = new TelegramStage();
  stage.api.fail({ status: 502, description: "Bad Gateway" });
  assert.deepEqual(await failure(stage.show()), ["Telegram answered 502: Bad Gateway", 0]);
  stage.api.fail({ status: 403, description: "Forbidden: bot was blocked by the user" });
  assert.deepEqual(await failure(stage.show()), [
    "Telegram answered 403: Forbidden: bot was blocked by the user",
    undefined,
  ]);
  await stage.api.goDown();
  const [message, retryAfterMs] = await failure(stage.show());
  assert.match(message, /^Cannot reach Telegram: .*(refused|closed|reset)/);
  assert.equal(retryAfterMs, 0);
});

Deno.test("show() names the new chat of a group that was upgraded", async () => {
  const description = "Bad Request: group chat was upgraded to a supergroup chat";
  const answer = { ok: false, error_code: 400, description, parameters: { migrate_to_chat_id: -1005 } };
  await using stage = new TelegramStage({ chat: -5, fetch: () => Promise.resolve(Response.json(answer)) });
  const words = `Telegram answered 400: ${description}; set TELEGRAM_CHAT_ID=-1005`;
  assert.deepEqual(await failure(stage.show()), [words, undefined]);
});

Deno.test("show() ends when it is aborted", async () => {
  const fetch = (_: unknown, { signal }: RequestInit = {}): Promise<Response> =>
    new Promise((_, reject) => signal?.addEventListener("abort", () => reject(signal.reason)));
  await using stage = new TelegramStage({ fetch });
  const abort = new AbortController();
  const showing = stage.channel.show(POST, { handle: undefined, abort: abort.signal });
  abort.abort();
  await assert.rejects(showing, ChannelError);
});

Deno.test("show() never reveals the token: not in messages, in files, or in errors", async () => {
  const bodies: string[] = [];
  const fetch = async (url: unknown, init?: RequestInit): Promise<Response> => {
    bodies.push(await new Response(init?.body ?? null).text());
    throw new TypeError(`error sending request for url (${url}): refused`, {
      cause: new Error(`client error (${url}) stand-in_Token`),
    });
  };
  await using stage = new TelegramStage({ fetch });
  const { token } = stage.api;
  const said = `The token is ${token}`;
  for (const document of [undefined, { name: "plan.md", text: said }]) {
    const thrown = await stage.show({ text: said, document }).catch((error: unknown) => error);
    assert.ok(thrown instanceof ChannelError);
    assert.doesNotMatch(Deno.inspect(thrown, { depth: 9 }), /stand-in_Token/);
    assert.equal(thrown.cause, undefined);
  }
  assert.equal(bodies.length, 2);
  for (const body of bodies) assert.ok(body.includes("The token is …") && !body.includes("stand-in_Token"));
});

Deno.test("show() does not take a proxy's answer for Telegram's", async () => {
  const answers = [
    new Response("<html>log in</html>", { status: 401 }),
    new Response("oops", { status: 503 }),
    Response.json({ error: "no" }),
    new Response(null, { status: 302, headers: { location: "http://127.0.0.1:1/" } }),
  ];
  await using stage = new TelegramStage({ fetch: () => Promise.resolve(answers.shift() ?? missing()) });
  assert.deepEqual(await failure(stage.show()), [
    "Telegram answered 502: status 401, not an answer from Telegram's API",
    0,
  ]);
  assert.deepEqual(await failure(stage.show()), ["Telegram answered 503", 0]);
  assert.deepEqual(await failure(stage.show()), [
    "Telegram answered 502: status 200, not an answer from Telegram's API",
    0,
  ]);
  assert.deepEqual(await failure(stage.show()), [
    "Telegram answered 502: status 302, not an answer from Telegram's API",
    0,
  ]);
});

async function failure(showing: Promise<string>): Promise<readonly [string, number | undefined]> {
  const thrown = await showing.catch((error: unknown) => error);
  assert.ok(thrown instanceof ChannelError, Deno.inspect(thrown));
  assert.doesNotMatch(thrown.message, /stand-in_Token/);
  return [thrown.message, thrown.retryAfterMs];
}

function missing(): never {
  return assert.fail("not there");
}
