/**
 * Slack: the channel's row.
 *
 * @module
 */
import type { Channel, ChannelRows } from "../channel.ts";

const SLACK_SETTINGS = {
  botToken: {
    name: "SLACK_BOT_TOKEN",
    kind: "secret",
    isNeeded: true,
    default: "",
    help: "The Slack app's bot token, xoxb-…, to notify you on Slack",
  },
  channelId: {
    name: "SLACK_CHANNEL_ID",
    kind: "text",
    isNeeded: true,
    default: "",
    help: "The ID of the channel to post to, C…, or your member ID, U…, for direct messages",
  },
  appToken: {
    name: "SLACK_APP_TOKEN",
    kind: "secret",
    default: "",
    help: "The app-level token for Socket Mode, xapp-…, to take your decisions on Slack",
  },
  userIds: {
    name: "SLACK_USER_IDS",
    kind: "text",
    default: "",
    help: "The member IDs of those who may decide, separated by commas; in direct messages, you by default",
  },
  apiBase: {
    name: "SLACK_API_BASE",
    kind: "url",
    default: "https://slack.com/api",
    help: "Another host for Slack's web API",
  },
} as const satisfies ChannelRows;

/** The channel. */
export const slack: Channel<typeof SLACK_SETTINGS> = {
  title: "Slack",
  settings: SLACK_SETTINGS,
  open: async () => (await import("./open_slack.ts")).openSlack,
  check: async () => (await import("./check.ts")).examineSlack,
};
