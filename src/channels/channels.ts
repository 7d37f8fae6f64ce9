/**
 * The table of channels. A new channel is a folder and a row here.
 *
 * @module
 */
import type { Channel } from "./channel.ts";
import { desktop } from "./desktop/channel.ts";
import { notifyCommand } from "./notify_command/channel.ts";
import { ntfy } from "./ntfy/channel.ts";
import { slack } from "./slack/channel.ts";
import { telegram } from "./telegram/channel.ts";
import { webhook } from "./webhook/channel.ts";

/** All channels, by name. */
export const CHANNELS = {
  telegram,
  slack,
  ntfy,
  desktop,
  webhook,
  notify_command: notifyCommand,
} as const satisfies Readonly<Record<string, Channel>>;

/** The name of a channel. */
export type ChannelName = keyof typeof CHANNELS;

/** All names, in the table's order. */
export const CHANNEL_NAMES: readonly ChannelName[] = Object.keys(CHANNELS).filter(isChannelName);

function isChannelName(name: string): name is ChannelName {
  return Object.hasOwn(CHANNELS, name);
}
