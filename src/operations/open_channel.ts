/**
 * Opens the user's channels, each with its memory.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { join } from "node:path";
import type { Channel, ChannelRows } from "../channels/channel.ts";
import { CHANNEL_NAMES, type ChannelName, CHANNELS } from "../channels/channels.ts";
import type { ChannelMemory, OpenChannel } from "../channels/open_channel.ts";
import type { SettingValues } from "../contract/setting_row.ts";
import { listenerFolder } from "../session/subscriptions.ts";
import { childEnvironment } from "../settings/agent_environment.ts";
import type { Settings } from "../settings/settings.ts";
import { readTextIfExists, writeAtomic } from "../system/files/files.ts";
import type { Samocode } from "./samocode.ts";

/** A configured channel. */
export interface SetChannel {
  readonly name: ChannelName;
  /** For people. */
  readonly title: string;
  /** Its name and a hash of its settings: projects with the same settings share it. */
  readonly key: string;
  readonly settings: SettingValues<ChannelRows>;
}

/** The configured channels, in the table's order. */
export function setChannels({ channels }: Pick<Settings, "channels">): readonly SetChannel[] {
  return CHANNEL_NAMES.flatMap((name) => {
    const settings = channels[name];
    if (settings === undefined) return [];
    const hash = createHash("sha256").update(JSON.stringify(Object.entries(settings).sort())).digest("hex");
    return [{ name, title: CHANNELS[name].title, key: `${name}-${hash.slice(0, 16)}`, settings }];
  });
}

/** Opens a channel. */
export async function openChannel(
  { env, stateFolder }: Pick<Samocode, "env" | "stateFolder">,
  { name, key, settings }: SetChannel,
  log: (line: string) => void,
): Promise<OpenChannel> {
  const { open }: Channel = CHANNELS[name];
  const memory = memoryIn(join(listenerFolder(stateFolder), `${key}.memory`));
  return (await open())(settings, { memory, env: childEnvironment(env), log });
}

function memoryIn(path: string): ChannelMemory {
  return {
    get: () => readTextIfExists(path) ?? "",
    set: (text) => writeAtomic(path, text, { newMode: 0o600 }),
  };
}
