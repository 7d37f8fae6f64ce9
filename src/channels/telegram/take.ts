/**
 * Passes what people said to the listeners of their chat, with a way to answer.
 *
 * @module
 */
import { cutText } from "../../text/cut_text.ts";
import type { Heard } from "../post.ts";
import type { Bot } from "./bot.ts";
import { MAX_TEXT, MAX_TOAST } from "./message.ts";
import { type NumberedUpdate, type Origin, type Reader, readUpdate } from "./update.ts";

/** A listener to a chat. */
export interface Ear extends Omit<Reader, "bot" | "username"> {
  readonly hear: (heard: Heard) => Promise<void>;
}

/** The bot that received an update. */
export interface Taking {
  readonly bot: Bot;
  readonly username: string;
  readonly abort: AbortSignal;
}

/**
 * Passes an update on and resolves when it is stored.
 *
 * @returns Whether anyone who may decide said something.
 * @throws Whatever `hear` throws.
 */
export async function take(update: NumberedUpdate, ears: readonly Ear[], taking: Taking): Promise<boolean> {
  const { bot, username, abort } = taking;
  const readings = ears.map((ear) => ({ ear, reading: readUpdate(update, { ...ear, bot: bot.id, username }) }));
  for (const { ear: { chatId, hear }, reading } of readings) {
    if (reading.kind !== "said") continue;
    await hear({
      by: `telegram:${reading.user}`,
      key: `telegram:${bot.id}:${update.update_id}`,
      said: reading.said,
      answer: (text) => answer(bot.withoutToken(text), { bot, chatId, origin: reading.origin }),
    });
  }
  if (readings.some(({ reading }) => reading.kind === "said")) return true;
  const query = readings.map(({ reading }) => reading.kind === "refused" ? reading.query : "").find((id) => id !== "");
  if (query === undefined) return false;
  // Not awaited, so that strangers cannot delay decisions.
  bot.call((api) => api.answerCallbackQuery(query, { text: "You cannot decide this" }), { abort }).catch(() => {});
  return false;
}

/**
 * Answers a button with a toast that only its presser sees, or with a message if the text is too long or it is too
 * late.
 */
async function answer(
  text: string,
  { bot, chatId, origin: { query, message } }: {
    readonly bot: Bot;
    readonly chatId: string;
    readonly origin: Origin;
  },
): Promise<void> {
  if (query !== undefined) {
    const isShort = text.length <= MAX_TOAST;
    const toast = bot.call((api) => api.answerCallbackQuery(query, isShort ? { text } : {}));
    const isTaken = await toast.catch(() => false);
    if (isTaken && isShort) return;
  }
  await bot.call((api) =>
    api.sendMessage(chatId, cutText(text, MAX_TEXT), {
      reply_parameters: { message_id: message, allow_sending_without_reply: true },
      link_preview_options: { is_disabled: true },
    })
  );
}
