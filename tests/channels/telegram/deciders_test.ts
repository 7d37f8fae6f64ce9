import assert from "node:assert/strict";
import { readDeciders } from "../../../src/channels/telegram/deciders.ts";

Deno.test("readDeciders() accepts the owner of a private chat, and the named users in a group", () => {
  const read = (chatId: string, userIds: string): unknown => readDeciders({ chatId, userIds });
  assert.deepEqual(read("7", ""), { chat: 7, people: new Set([7]) });
  assert.deepEqual(read(" 7 ", "8"), { chat: 7, people: new Set([8, 7]) });
  assert.deepEqual(read("-1001234567890", "8, 9\n10"), { chat: -1001234567890, people: new Set([8, 9, 10]) });
  for (
    const [chatId, userIds, word] of [
      ["-100", "", /TELEGRAM_USER_IDS/],
      ["-100", " , ", /TELEGRAM_USER_IDS/],
      ["@builds", "8", /TELEGRAM_CHAT_ID/],
      ["7", "@ada", /TELEGRAM_USER_IDS/],
      ["-100", "8 -100", /TELEGRAM_USER_IDS/],
      ["1e3", "", /TELEGRAM_CHAT_ID/],
    ] as const
  ) assert.match(String(read(chatId, userIds)), word);
});
