/**
 * ntfy: the channel's row.
 *
 * @module
 */
import type { Channel, ChannelRows } from "../channel.ts";

const NTFY_SETTINGS = {
  topic: {
    name: "NTFY_TOPIC",
    kind: "text",
    isNeeded: true,
    default: "",
    help: "The ntfy topic to notify you on; subscribe to it on your phone",
  },
  url: { name: "NTFY_URL", kind: "url", default: "https://ntfy.sh", help: "The ntfy server" },
  replyTopic: {
    name: "NTFY_REPLY_TOPIC",
    kind: "text",
    default: "",
    help: "The topic that receives button presses and your replies; by default NTFY_TOPIC plus -reply",
  },
  token: {
    name: "NTFY_TOKEN",
    kind: "secret",
    default: "",
    help: "An access token that can read and write both topics; without one, ntfy only notifies",
  },
  replyToken: {
    name: "NTFY_REPLY_TOKEN",
    kind: "secret",
    default: "",
    help: "A token for the buttons that can only write to the reply topic; by default NTFY_TOKEN",
  },
} as const satisfies ChannelRows;

/** The channel. */
export const ntfy: Channel<typeof NTFY_SETTINGS> = {
  title: "ntfy",
  settings: NTFY_SETTINGS,
  open: async () => (await import("./open.ts")).openNtfy,
  check: async () => (await import("./check.ts")).examineNtfy,
};
