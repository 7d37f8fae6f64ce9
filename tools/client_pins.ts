/**
 * The real agent CLIs that the end-to-end tests run, and the official checkers of MCP servers: which versions, and where
 * on the machine they are kept.
 *
 * @module
 */
import { join } from "node:path";

/** The agent CLIs that are tested for real, then the checkers of the MCP server behind the Node.js that they need. */
export const CLIENT_NAMES = ["claude", "codex", "node", "inspector", "conformance"] as const;

/** One of them. */
export type ClientName = typeof CLIENT_NAMES[number];

/** The agent CLIs among them. */
export type AgentName = Extract<ClientName, "claude" | "codex">;

/** The checkers among them: programs for Node.js 22.19 or newer, which is not every machine's own. */
export type CheckerName = Extract<ClientName, "inspector" | "conformance">;

/** Their npm packages and versions. The tests know these versions' habits: change a pin and its tests together. */
export const CLIENT_PINS: Readonly<Record<ClientName, { readonly package: string; readonly version: string }>> = {
  claude: { package: "@anthropic-ai/claude-code", version: "2.1.328" },
  codex: { package: "@openai/codex", version: "0.169.0" },
  // The package called "node" fetches this one in an install script, which some npm policies leave out.
  node: { package: `node-${nodePlatform(Deno.build)}`, version: "22.23.3" },
  inspector: { package: "@modelcontextprotocol/inspector", version: "2.12.0" },
  conformance: { package: "@modelcontextprotocol/conformance", version: "0.2.0-alpha.12" },
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

/** How a pinned client is called; a checker through the pinned Node.js that lies in the same folder of clients. */
export function clientCommand(
  name: ClientName,
  { folder, clients }: { readonly folder: string; readonly clients: string },
): readonly [string, ...string[]] {
  const program = clientProgram(name, folder);
  if (name !== "inspector" && name !== "conformance") return [program];
  return [clientProgram("node", clientFolder("node", clients)), program];
}

/** A platform in the words of Node.js. */
function nodePlatform({ os, arch }: typeof Deno.build): string {
  return `${os === "windows" ? "win" : os}-${arch === "x86_64" ? "x64" : "arm64"}`;
}
