/**
 * The webhook: the channel's row.
 *
 * @module
 */
import type { Channel, ChannelRows } from "../channel.ts";

const WEBHOOK_SETTINGS = {
  url: {
    name: "SAMOCODE_WEBHOOK_URL",
    kind: "url",
    isNeeded: true,
    default: "",
    help: "The URL to post each event to, signed as standardwebhooks.com specifies",
  },
  secret: {
    name: "SAMOCODE_WEBHOOK_SECRET",
    kind: "secret",
    isNeeded: true,
    default: "",
    help: "The signing secret: whsec_ followed by 24 to 64 bytes in base64",
  },
} as const satisfies ChannelRows;

/** The channel. */
export const webhook: Channel<typeof WEBHOOK_SETTINGS> = {
  title: "Webhook",
  settings: WEBHOOK_SETTINGS,
  open: async () => (await import("./open.ts")).openWebhook,
  check: async () => (await import("./open.ts")).examineWebhook,
};
