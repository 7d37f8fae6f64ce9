/**
 * Telegram, as an open channel.
 *
 * @module
 */
import { pause as pauseFor } from "../../system/pause.ts";
import type { ChannelContext, OpenChannel } from "../open_channel.ts";
import { Bot, type BotOptions } from "./bot.ts";
import { Cursor } from "./cursor.ts";
import { type ChatSettings, readDeciders } from "./deciders.ts";
import { listenToChat, type PollerOptions } from "./listen.ts";
import { showPost } from "./show.ts";

/** What tests replace. */
export type TelegramParts = Partial<Pick<PollerOptions, "pause"> & Pick<Required<BotOptions>, "fetch" | "timeoutMs">>;

/** Opens the channel. It makes no request yet. */
export function openTelegram(
  { token, apiBase, chatId, userIds }: ChatSettings & Pick<BotOptions, "token" | "apiBase">,
  { memory, log }: Pick<ChannelContext, "memory" | "log">,
  { pause = pauseFor, ...parts }: TelegramParts = {},
): OpenChannel {
  const bot = new Bot({ token, apiBase, ...parts });
  const chat = chatId.trim();
  const deciders = readDeciders({ chatId: chat, userIds });
  let deafness: string | undefined;
  const deaf = (why: string | undefined): void => void (deafness = why);
  return {
    edits: true,
    refusal: () => Promise.resolve(typeof deciders === "string" ? deciders : deafness),
    show: (post, options) => showPost(post, { ...options, bot, chat }),
    listen: typeof deciders === "string" ? undefined : async (hear, abort) => {
      const cursor = new Cursor(memory, `${bot.id} ${apiBase}`);
      await listenToChat({ ...deciders, chatId: chat, hear, cursor, deaf, log }, { bot, pause, abort });
    },
  };
}
