/**
 * The real agent CLIs that the end-to-end tests run: which versions, and where on the machine they are kept.
 *
 * @module
 */
import { join } from "node:path";

/** The agent CLIs that are tested for real. */
export const CLIENT_NAMES = ["claude", "codex"] as const;

/** One of them. */
export type ClientName = typeof CLIENT_NAMES[number];

/** Their npm packages and versions. The tests know these versions' habits: change a pin and its tests together. */
export const CLIENT_PINS: Readonly<Record<ClientName, { readonly package: string; readonly version: string }>> = {
  claude: { package: "@anthropic-ai/claude-code", version: "2.1.328" },
  codex: { package: "@openai/codex", version: "0.169.0" },
};

/** The environment, or as much of it as a caller wants to show. */
export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The folder outside any checkout where the machine keeps its clients: hundreds of megabytes that all checkouts share.
 *
 * @returns `undefined` where neither `XDG_CACHE_HOME` nor `HOME` says where caches go.
 */
export function clientsFolder(env: Environment): string | undefined {
  const cache = cacheFolder(env);
  return cache === undefined ? undefined : join(cache, "samocode", "clients");
}

/** The user's cache folder by the XDG rules: `XDG_CACHE_HOME`, else `.cache` in the home folder. */
export function cacheFolder(env: Environment): string | undefined {
  if (env["XDG_CACHE_HOME"]) return env["XDG_CACHE_HOME"];
  return env["HOME"] ? join(env["HOME"], ".cache") : undefined;
}

/** The folder of one pinned client: a new pin is a new folder, so an old one is never half updated. */
export function clientFolder(name: ClientName, clients: string): string {
  return join(clients, `${name}-${CLIENT_PINS[name].version}`);
}

/** The program inside a {@linkcode clientFolder}. */
export function clientProgram(name: ClientName, folder: string): string {
  return join(folder, "node_modules", ".bin", name);
}
