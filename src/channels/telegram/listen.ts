/**
 * Hears the chat by long polling: no port is opened, and Telegram keeps what it has not passed on for a day.
 *
 * @module
 */
import { messageOf } from "../../text/errors.ts";
import { plainText } from "../../text/terminal_text.ts";
import { type ChannelContext, ChannelError } from "../open_channel.ts";
import type { Heard } from "../post.ts";
import { type Bot, BotError } from "./bot.ts";
import { Cursor } from "./cursor.ts";
import type { Deciders } from "./deciders.ts";
import { cut, MAX_TEXT, MAX_TOAST } from "./message.ts";
import { type NumberedUpdate, type Origin, readUpdate, readUpdates } from "./update.ts";

/**
 * How long Telegram keeps a poll that has nothing to say, in seconds. A connection that broke without a word, as when a
 * laptop sleeps, is noticed after that and the time for a request.
 */
const POLL_S = 20;

/** The longest pause after failures in a row, in milliseconds. */
const MAX_PAUSE_MS = 30_000;

/** What listening needs. */
export interface ListenOptions extends Pick<ChannelContext, "memory" | "log"> {
  readonly bot: Bot;
  /** The value of TELEGRAM_CHAT_ID. */
  readonly chat: string;
  readonly apiBase: string;
  readonly deciders: Deciders;
  /** Is told why nothing can be heard; `undefined` as soon as it can. */
  readonly deaf: (why: string | undefined) => void;
  /** Waits, or until it is aborted. */
  readonly pause: (ms: number, abort: AbortSignal) => Promise<void>;
}

type Hear = (heard: Heard) => Promise<void>;

/**
 * Hears people until it is aborted. It outlasts every failure but one: a bot that Telegram does not know stays unknown,
 * and the listening is over.
 */
export async function listenToChat(options: ListenOptions, { hear, abort }: {
  readonly hear: Hear;
  readonly abort: AbortSignal;
}): Promise<void> {
  const { bot, memory, apiBase, log, deaf, pause } = options;
  const cursor = new Cursor(memory, `${bot.id} ${apiBase}`);
  let username: string | undefined;
  let failures = 0;
  let lastFailure: string | undefined;
  const tell = (failure: string | undefined, words = "Telegram is heard again"): void => {
    if (failure !== lastFailure) log(words);
    lastFailure = failure;
  };
  while (!abort.aborted) {
    try {
      username ??= (await bot.call((api) => api.getMe(), { abort })).username;
      const { offset } = cursor;
      const answer = await bot.call(
        (api) => api.getUpdates({ ...offset, timeout: POLL_S, allowed_updates: ["message", "callback_query"] }),
        { abort, pollS: POLL_S },
      );
      deaf(undefined);
      for (const update of readUpdates(answer)) {
        await take(update, { ...options, username, hear, abort });
        cursor.pass(update.update_id);
        if (abort.aborted) return;
      }
      tell(undefined);
      failures = 0;
    } catch (error) {
      if (abort.aborted) return;
      const words = reasonOf(error);
      const status = error instanceof BotError ? error.status : 0;
      // Words on a network differ each time.
      tell(error instanceof BotError ? String(status) : words, words);
      if (LASTING.includes(status)) deaf(words);
      if (UNKNOWN.includes(status)) return;
      const asked = error instanceof ChannelError ? error.retryAfterMs ?? 0 : 0;
      await pause(Math.max(asked, Math.min(MAX_PAUSE_MS, 1000 * 2 ** failures++)), abort);
    }
  }
}

/** Telegram's answers to a token that it does not know. */
const UNKNOWN: readonly number[] = [401, 404];

/** What a person has to see to; 409 is another poller, or a webhook. */
const LASTING: readonly number[] = [...UNKNOWN, 409];

function reasonOf(error: unknown): string {
  if (!(error instanceof ChannelError)) return `Cannot keep what was heard: ${plainText(messageOf(error), 300)}`;
  if (!(error instanceof BotError)) return error.message;
  const { status, description, message } = error;
  if (UNKNOWN.includes(status)) {
    return "Telegram does not know the bot: get its token from @BotFather and set TELEGRAM_BOT_TOKEN";
  }
  if (status !== 409) return message;
  const reader = description.includes("webhook") ? "A webhook" : "Another program or machine";
  return `${reader} takes the bot's messages: make a bot for samocode on this machine alone, with @BotFather`;
}

type Taking = ListenOptions & {
  readonly username: string | undefined;
  readonly hear: Hear;
  readonly abort: AbortSignal;
};

async function take(
  update: NumberedUpdate,
  { bot, chat, deciders, username = "", hear, abort }: Taking,
): Promise<void> {
  const reading = readUpdate(update, { ...deciders, chatId: chat, bot: bot.id, username });
  if (reading.kind === "refused") {
    // Not awaited: strangers must not delay those who decide.
    const text = "You cannot decide this";
    bot.call((api) => api.answerCallbackQuery(reading.query, { text }), { abort }).catch(() => {});
  }
  if (reading.kind !== "said") return;
  await hear({
    by: `telegram:${reading.user}`,
    key: `telegram:${bot.id}:${update.update_id}`,
    said: reading.said,
    answer: (text) => answer(bot.withoutToken(text), { bot, chat, origin: reading.origin }),
  });
}

/** Answers a button for the eyes of whoever pressed it, unless the text is too long or it is too late for that. */
async function answer(
  text: string,
  { bot, chat, origin: { query, message } }: { readonly bot: Bot; readonly chat: string; readonly origin: Origin },
): Promise<void> {
  if (query !== undefined) {
    const isShort = text.length <= MAX_TOAST;
    const toast = bot.call((api) => api.answerCallbackQuery(query, isShort ? { text } : {}));
    const isTaken = await toast.catch(() => false);
    if (isTaken && isShort) return;
  }
  await bot.call((api) =>
    api.sendMessage(chat, cut(text, MAX_TEXT), {
      reply_parameters: { message_id: message, allow_sending_without_reply: true },
      link_preview_options: { is_disabled: true },
    })
  );
}
