import assert from "node:assert/strict";
import { type Reader, readUpdate, readUpdates } from "../../../src/channels/telegram/update.ts";

const GROUP = -1001;
const ADA = { id: 8, is_bot: false, first_name: "Ada" };
const BOT = { id: 4711, is_bot: true, first_name: "samocode" };
const IN_GROUP: Reader = { chat: GROUP, people: new Set([8]), chatId: "-1001", bot: 4711, username: "samocode_bot" };
const PRIVATE: Reader = { ...IN_GROUP, chat: 8, chatId: "8" };

const post = { message_id: 101, chat: { id: GROUP }, from: BOT, text: "A post" };
const reply = { message_id: 102, date: 1, chat: { id: GROUP }, from: ADA, text: "Q1=A", reply_to_message: post };
const query = { id: "q", from: ADA, chat_instance: "1", data: "ab", message: post };

function read(update: object, reader = IN_GROUP): unknown {
  return readUpdate({ update_id: 1, ...update }, reader);
}

function textOf(update: object, reader = IN_GROUP): unknown {
  const reading = readUpdate({ update_id: 1, ...update }, reader);
  return reading.kind === "said" ? reading.said : reading.kind;
}

Deno.test("readUpdate() reads buttons and replies of those who may decide", () => {
  assert.deepEqual(read({ callback_query: query }), {
    kind: "said",
    user: 8,
    said: { kind: "tap", nonce: "ab" },
    origin: { query: "q", message: 101 },
  });
  assert.deepEqual(read({ message: reply }), {
    kind: "said",
    user: 8,
    said: { kind: "reply", text: "Q1=A", handle: "-1001/101" },
    origin: { query: undefined, message: 102 },
  });
  const toFile = { ...reply, reply_to_message: { ...post, document: { file_id: "f" } } };
  assert.deepEqual(textOf({ message: toFile }), { kind: "reply", text: "Q1=A", handle: "-1001/101/document" });
});

Deno.test("readUpdate() refuses everyone else's buttons", () => {
  const refused = { kind: "refused", query: "q" };
  assert.deepEqual(read({ callback_query: { ...query, from: { ...ADA, id: 9 } } }), refused);
  assert.deepEqual(read({ callback_query: { ...query, from: { ...ADA, is_bot: true } } }), refused);
  assert.deepEqual(read({ callback_query: { ...query, message: { ...post, chat: { id: -1002 } } } }), refused);
  assert.deepEqual(read({ callback_query: { ...query, message: undefined, inline_message_id: "1" } }), refused);
  assert.deepEqual(read({ callback_query: { ...query, message: { message_id: 5, chat: { id: GROUP }, date: 0 } } }), {
    kind: "said",
    user: 8,
    said: { kind: "tap", nonce: "ab" },
    origin: { query: "q", message: 5 },
  }, "an old message comes without its content");
});

Deno.test("readUpdate() ignores messages from others, in other chats, and in another name", () => {
  const changes: readonly object[] = [
    { from: { ...ADA, id: 9 } },
    { from: { ...ADA, is_bot: true } },
    { from: undefined },
    { chat: { id: -1002 } },
    { chat: { id: 8 } },
    { sender_chat: { id: GROUP, type: "supergroup" } },
    { forward_origin: { type: "user" } },
    { forward_date: 1 },
    { via_bot: { ...BOT, id: 5 } },
    { text: undefined, photo: [] },
    { text: 5 },
  ];
  assert.deepEqual(
    changes.map((change) => read({ message: { ...reply, ...change } })),
    changes.map(() => ({ kind: "nothing" })),
  );
});

Deno.test("readUpdate() ignores edits, channel posts and other kinds of updates", () => {
  for (
    const update of [
      { edited_message: reply },
      { channel_post: reply },
      { edited_channel_post: reply },
      { poll: {} },
      {},
    ]
  ) {
    assert.deepEqual(read(update), { kind: "nothing" });
  }
});

Deno.test("readUpdate() reads commands, of this bot only", () => {
  const say = (text: string, reader = IN_GROUP): unknown =>
    textOf({ message: { ...reply, chat: { id: reader.chat }, reply_to_message: undefined, text } }, reader);
  const message = (text: string): unknown => ({ kind: "message", text });
  assert.deepEqual(say("/status"), message("status"));
  assert.deepEqual(say("/status@Samocode_Bot  auth "), message("status auth"));
  assert.deepEqual(say("/guide auth use\nthe cache"), message("guide auth use\nthe cache"));
  assert.deepEqual(say("/status@other_bot"), "nothing");
  assert.deepEqual(say("status"), "nothing", "people of a group talk to one another");
  assert.deepEqual(say("status", PRIVATE), message("status"));
  assert.deepEqual(say("/start", PRIVATE), message("help"));
  assert.deepEqual(textOf({ message: { ...reply, text: "/stop" } }), message("stop"), "also as a reply");
  const toAda = { ...reply, reply_to_message: { ...post, from: ADA } };
  assert.deepEqual(textOf({ message: toAda }), "nothing");
  assert.deepEqual(textOf({ message: { ...toAda, chat: { id: 8 } } }, PRIVATE), message("Q1=A"));
});

Deno.test("readUpdates() takes numbered updates only", () => {
  assert.deepEqual(readUpdates([{ update_id: 5, strange: true }]), [{ update_id: 5, strange: true }]);
  for (const answer of [null, {}, "x", [1], [{}], [{ update_id: "5" }], [{ update_id: 1.5 }]]) {
    assert.throws(() => readUpdates(answer), { name: "ChannelError", retryAfterMs: 0 });
  }
});
