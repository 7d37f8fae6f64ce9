/**
 * The user's own notify command: the channel's row.
 *
 * @module
 */
import type { Channel, ChannelRows } from "../channel.ts";

const NOTIFY_COMMAND_SETTINGS = {
  commands: {
    name: "SAMOCODE_NOTIFY_COMMAND",
    kind: "commands",
    isNeeded: true,
    default: "",
    help: "A command that receives each event as one line of JSON on stdin; not run by a shell",
  },
} as const satisfies ChannelRows;

/** The channel. */
export const notifyCommand: Channel<typeof NOTIFY_COMMAND_SETTINGS> = {
  title: "Your command",
  settings: NOTIFY_COMMAND_SETTINGS,
  open: async () => (await import("./open.ts")).openNotifyCommand,
  check: async () => (await import("./open.ts")).examineNotifyCommand,
};
