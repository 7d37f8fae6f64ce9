/**
 * Decides which channels are trusted. An agent with a shell can start this program with a channel of its own and press
 * the buttons itself, so a channel takes decisions only once a process started by a person has used its settings.
 *
 * @module
 */
import type { Channel } from "../channels/channel.ts";
import { CHANNEL_NAMES, type ChannelName, CHANNELS } from "../channels/channels.ts";
import { unlessFailing } from "../text/errors.ts";
import { keepPrints, ownPrints, printOfChannel } from "../trust/own_channels.ts";
import { isPersonsAt, isPersonsServerAt } from "./people_only.ts";
import type { Samocode } from "./samocode.ts";

type Asking = Pick<Samocode, "settings" | "env" | "stateFolder">;

/** Determines whom a request reaches: another proxy with its own certificate could answer for the service. */
const REACH = [
  ...["HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "NO_PROXY"].flatMap((name) => [name, name.toLowerCase()]),
  ...["DENO_CERT", "DENO_TLS_CA_STORE", "NODE_EXTRA_CA_CERTS", "SSL_CERT_FILE", "SSL_CERT_DIR"],
];

/**
 * Records the configured channels as the person's own, if a person started this process.
 *
 * @param options.isServer Whether this is an MCP server, whose client must then be a person's.
 * @returns The titles of newly recorded channels.
 */
export function ownChannels(
  samocode: Asking,
  { isServer = false }: { readonly isServer?: boolean } = {},
): readonly string[] {
  const names = CHANNEL_NAMES.filter((name) => samocode.settings.channels[name] !== undefined);
  const known = names.length === 0 ? [] : unlessFailing(() => ownPrints(samocode)) ?? [];
  const fresh = names.filter((name) => !known.includes(printOf(samocode, name)));
  if (fresh.length === 0) return [];
  // Only this state folder matters: sessions of another one may belong to an agent.
  const places = [samocode.stateFolder];
  if (!(isServer ? isPersonsServerAt : isPersonsAt)(samocode.env, places)) return [];
  const isKept = unlessFailing(() => {
    keepPrints(samocode, fresh.map((name) => printOf(samocode, name)));
    return true;
  });
  return isKept ? fresh.map((name) => CHANNELS[name].title) : [];
}

/** Whether a channel with its current settings may take decisions. */
export function isOwnChannel(samocode: Asking, name: ChannelName): boolean {
  const isSet = samocode.settings.channels[name] !== undefined;
  return isSet && (unlessFailing(() => ownPrints(samocode))?.includes(printOf(samocode, name)) ?? false);
}

/** Why nobody can decide there, in words for the user. */
export function whyNotOwn(name: ChannelName): string {
  return `You cannot decide here yet: no process that you started has used ${
    CHANNELS[name].title
  } with these settings. ` +
    "If these settings are yours, run samocode notify test in a terminal on that machine.";
}

function printOf({ settings, env }: Asking, name: ChannelName): string {
  const { reachedBy = [] }: Channel = CHANNELS[name];
  const variables = [...REACH, ...reachedBy].map((variable) => [`env ${variable}`, env[variable] ?? ""]);
  return printOfChannel(name, { ...settings.channels[name], ...Object.fromEntries(variables) });
}
