/**
 * Passes on what people said to whoever listens to their chat, with a way to answer them.
 *
 * @module
 */
import { cutText } from "../../text/cut_text.ts";
import type { Heard } from "../post.ts";
import type { Bot } from "./bot.ts";
import { MAX_TEXT, MAX_TOAST } from "./message.ts";
import { type NumberedUpdate, type Origin, type Reader, readUpdate } from "./update.ts";

/** Who listens to a chat. */
export interface Ear extends Omit<Reader, "bot" | "username"> {
  readonly hear: (heard: Heard) => Promise<void>;
}

/** The bot by which an update came. */
export interface Taking {
  readonly bot: Bot;
  readonly username: string;
  readonly abort: AbortSignal;
}

/**
 * Has an update heard; resolves when that is done.
 *
 * @returns Whether it was anybody's word.
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
  // Not awaited: strangers must not delay those who decide.
  bot.call((api) => api.answerCallbackQuery(query, { text: "You cannot decide this" }), { abort }).catch(() => {});
  return false;
}

/** Answers a button for the eyes of whoever pressed it, unless the text is too long or it is too late for that. */
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
