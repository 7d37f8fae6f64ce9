/**
 * Registers samocode's MCP server with the agent CLIs, through their own commands, and reads from their files whether it
 * is. No server is started by any of this.
 *
 * @module
 */
import { dirname, join } from "node:path";
import { parse as parseToml } from "smol-toml";
import * as z from "zod";
import type { InstallTarget } from "../../agents/agent.ts";
import { type AgentName, installTarget, programSetting } from "../../agents/agents.ts";
import { messageOf, SamocodeError } from "../../text/errors.ts";
import { readTextIfExists, removeIfExists, statIfExists } from "../../system/files/files.ts";
import { runCommand } from "../../system/processes/run_command.ts";
import { plainText } from "../../text/terminal_text.ts";
import { ownPath } from "../../agents/own_path.ts";
import { findProgram } from "./find_program.ts";
import type { RegisteredServer } from "./manifest.ts";
import { projectFolder, type Scope, type Surroundings } from "./place.ts";

/** The name that the server goes by. */
export const SERVER_NAME = "samocode";

/** A client that knows MCP servers, or would. */
export interface McpClient {
  readonly target: AgentName;
  readonly scope: Scope;
  /** The client's program. */
  readonly binary: string;
  /** The file in which it keeps its servers. */
  readonly file: string;
  readonly around: Surroundings;
}

/** A client that does not answer for this long fails; it takes a second. */
const TIMEOUT_MS = 30_000;

/**
 * The client for a target and a scope.
 *
 * @returns `undefined` where an agent keeps no servers for that scope.
 */
export function mcpClient(
  { target, scope, binary }: Pick<McpClient, "target" | "scope" | "binary">,
  around: Surroundings,
): McpClient | undefined {
  const { userFile, projectFile } = installTarget(target).mcp;
  if (scope === "user") return { target, scope, binary, file: ownPath(userFile, around.env), around };
  if (projectFile === undefined) return undefined;
  return { target, scope, binary, file: join(projectFolder(around.workingDirectory), projectFile), around };
}

/** The command that is registered; `undefined` where none is, or the file is not to be understood. */
export function registeredCommand({ target, file }: Pick<McpClient, "target" | "file">): readonly string[] | undefined {
  const { format, table } = installTarget(target).mcp;
  try {
    const servers = serversSchema.parse(PARSERS[format](readTextIfExists(file) ?? "")[table]);
    const { command, args } = entrySchema.parse(servers[SERVER_NAME]);
    return [command, ...args];
  } catch {
    return undefined;
  }
}

/** What a person would type to register that command. */
export function registration(
  { target, scope }: Pick<McpClient, "target" | "scope">,
  command: readonly string[],
): string[] {
  return [target, "mcp", "add", ...scopeFlag({ target, scope }), SERVER_NAME, "--", ...command];
}

/** Only an agent that knows scopes takes the flag. */
function scopeFlag({ target, scope }: Pick<McpClient, "target" | "scope">): readonly string[] {
  return installTarget(target).mcp.projectFile === undefined ? [] : ["--scope", scope];
}

/**
 * Registers the server.
 *
 * @param intend Told what is about to be made, before it is.
 * @throws {SamocodeError} With the client's own words, where it refuses or is not there.
 */
export async function registerServer(
  client: McpClient,
  { command, intend }: { readonly command: readonly string[]; readonly intend: (server: RegisteredServer) => void },
): Promise<void> {
  const binary = programOf(client);
  intend({ command, madeFile: statIfExists(client.file) === undefined });
  await callClient(client, { binary, args: registration(client, command).slice(1) });
}

/** What became of a registration: one that somebody changed since stays, and one whose client is gone. */
export type Unregistered = "removed" | "changed" | "unreachable";

/**
 * Removes a registration that was made by {@linkcode registerServer}.
 *
 * @throws {SamocodeError} With the client's own words, where it refuses.
 */
export async function unregisterServer(client: McpClient, server: RegisteredServer): Promise<Unregistered> {
  const now = registeredCommand(client);
  if (now !== undefined) {
    if (JSON.stringify(now) !== JSON.stringify(server.command)) return "changed";
    const binary = findProgram(client.binary, client.around.env);
    if (binary === undefined) return "unreachable";
    await callClient(client, { binary, args: ["mcp", "remove", ...scopeFlag(client), SERVER_NAME] });
  }
  if (server.madeFile && isEmptied(client.file)) removeIfExists(client.file);
  return "removed";
}

function programOf({ target, binary, around }: McpClient): string {
  const found = findProgram(binary, around.env);
  if (found !== undefined) return found;
  throw new SamocodeError("system", `Cannot reach ${target}: there is no program ${plainText(binary)}`, {
    hint: `Install it, or name it with ${programSetting(target).name}`,
  });
}

async function callClient(
  { around, file }: McpClient,
  { binary, args }: { readonly binary: string; readonly args: readonly string[] },
): Promise<void> {
  const quiet = { CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: "1", DISABLE_AUTOUPDATER: "1" };
  const cwd = file.endsWith(".mcp.json") ? dirname(file) : around.workingDirectory;
  const { code, stdout, stderr } = await runCommand(binary, args, {
    cwd,
    env: { ...around.env, ...quiet },
    timeoutMs: TIMEOUT_MS,
  }).catch((error) => ({ code: 1, stdout: "", stderr: messageOf(error) }));
  if (code === 0) return;
  const said = plainText(stderr.trim() || stdout.trim() || `exit code ${code}`, 300);
  throw new SamocodeError("system", `Cannot change the MCP servers in ${file}: ${said}`, {
    hint: `Try it by hand: ${plainText([binary, ...args].join(" "))}`,
  });
}

const entrySchema = z.object({ command: z.string(), args: z.array(z.string()).default([]) });
const serversSchema = z.record(z.string(), z.unknown());

const PARSERS: Readonly<Record<InstallTarget["mcp"]["format"], (text: string) => Readonly<Record<string, unknown>>>> = {
  json: (text) => serversSchema.parse(JSON.parse(text)),
  toml: parseToml,
};

function isEmptied(file: string): boolean {
  const text = readTextIfExists(file)?.trim();
  return text !== undefined && (text === "" || text.replace(/\s/g, "") === '{"mcpServers":{}}');
}
