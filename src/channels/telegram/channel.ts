/**
 * Telegram: the channel's row.
 *
 * @module
 */
import type { Channel, ChannelRows } from "../channel.ts";

const TELEGRAM_SETTINGS = {
  token: {
    name: "TELEGRAM_BOT_TOKEN",
    kind: "secret",
    isNeeded: true,
    default: "",
    help: "The token of the Telegram bot that notifies you and takes your decisions",
  },
  chatId: {
    name: "TELEGRAM_CHAT_ID",
    kind: "text",
    isNeeded: true,
    default: "",
    help: "The ID of the chat that the bot writes to",
  },
  userIds: {
    name: "TELEGRAM_USER_IDS",
    kind: "text",
    default: "",
    help: "The user IDs of those who may decide there, separated by commas; required in groups",
  },
  apiBase: {
    name: "TELEGRAM_API_BASE",
    kind: "url",
    default: "https://api.telegram.org",
    help: "Another host for Telegram's bot API",
  },
} as const satisfies ChannelRows;

/** The channel. */
export const telegram: Channel<typeof TELEGRAM_SETTINGS> = {
  title: "Telegram",
  settings: TELEGRAM_SETTINGS,
  open: async () => (await import("./open.ts")).openTelegram,
  check: async () => (await import("./check.ts")).examineTelegram,
};
