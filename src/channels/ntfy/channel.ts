/**
 * ntfy: its settings and parts.
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
    help: "Tells you on ntfy when it is your turn: the topic that your phone follows",
  },
  url: { name: "NTFY_URL", kind: "url", default: "https://ntfy.sh", help: "The ntfy server" },
  replyTopic: {
    name: "NTFY_REPLY_TOPIC",
    kind: "text",
    default: "",
    help: "The topic that buttons and your replies go to; NTFY_TOPIC with -reply by default",
  },
  token: {
    name: "NTFY_TOKEN",
    kind: "secret",
    default: "",
    help: "An access token that may read and write both topics; without one, ntfy only notifies",
  },
  replyToken: {
    name: "NTFY_REPLY_TOKEN",
    kind: "secret",
    default: "",
    help: "A token that may only write the reply topic, for the buttons; NTFY_TOKEN by default",
  },
} as const satisfies ChannelRows;

/** The channel. */
export const ntfy: Channel<typeof NTFY_SETTINGS> = {
  title: "ntfy",
  settings: NTFY_SETTINGS,
  open: async () => (await import("./open.ts")).openNtfy,
  check: async () => (await import("./check.ts")).examineNtfy,
};
