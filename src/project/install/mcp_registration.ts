/**
 * Registers samocode's MCP server with the agent CLIs, through their own commands, and reads from their files whether it
 * is. No server is started by any of this.
 *
 * @module
 */
import { dirname, join } from "node:path";
import * as z from "zod";
import { messageOf, SamocodeError } from "../../system/errors.ts";
import { readTextIfExists, removeIfExists, statIfExists } from "../../system/files/files.ts";
import { runCommand } from "../../system/processes/run_command.ts";
import { plainText } from "../../text/terminal_text.ts";
import { findProgram } from "./find_program.ts";
import type { RegisteredServer } from "./manifest.ts";
import { claudeStateFile, codexFolder, projectFolder, type Scope, type Surroundings, type Target } from "./place.ts";

/** The name that the server goes by. */
export const SERVER_NAME = "samocode";

/** A client that knows MCP servers, or would. */
export interface McpClient {
  readonly target: Target;
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
 * @returns `undefined` for a project's servers in Codex, which keeps all of them for the person.
 */
export function mcpClient(
  { target, scope, binary }: Pick<McpClient, "target" | "scope" | "binary">,
  around: Surroundings,
): McpClient | undefined {
  if (target === "codex" && scope === "project") return undefined;
  const file = target === "codex"
    ? join(codexFolder(around.env), "config.toml")
    : scope === "user"
    ? claudeStateFile(around.env)
    : join(projectFolder(around.workingDirectory), ".mcp.json");
  return { target, scope, binary, file, around };
}

/** The command that is registered; `undefined` where none is, or the file is not to be understood. */
export function registeredCommand({ target, file }: Pick<McpClient, "target" | "file">): readonly string[] | undefined {
  const text = readTextIfExists(file);
  if (text === undefined) return undefined;
  return target === "codex" ? commandInToml(text) : commandInJson(text);
}

/** What a person would type to register that command. */
export function registration(
  { target, scope }: Pick<McpClient, "target" | "scope">,
  command: readonly string[],
): string[] {
  return target === "codex"
    ? ["codex", "mcp", "add", SERVER_NAME, "--", ...command]
    : ["claude", "mcp", "add", "--scope", scope, SERVER_NAME, "--", ...command];
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
    const scope = client.target === "codex" ? [] : ["--scope", client.scope];
    await callClient(client, { binary, args: ["mcp", "remove", ...scope, SERVER_NAME] });
  }
  if (server.madeFile && isEmptied(client.file)) removeIfExists(client.file);
  return "removed";
}

function programOf({ target, binary, around }: McpClient): string {
  const found = findProgram(binary, around.env);
  if (found !== undefined) return found;
  throw new SamocodeError("system", `Cannot reach ${target}: there is no program ${plainText(binary)}`, {
    hint: `Install it, or name it with ${target === "codex" ? "CODEX_PATH" : "CLAUDE_PATH"}`,
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
const jsonSchema = z.object({ mcpServers: z.record(z.string(), z.unknown()).optional() });

function commandInJson(text: string): readonly string[] | undefined {
  try {
    const { mcpServers = {} } = jsonSchema.parse(JSON.parse(text));
    const { command, args } = entrySchema.parse(mcpServers[SERVER_NAME]);
    return [command, ...args];
  } catch {
    return undefined;
  }
}

/** Enough of TOML for what `codex mcp add` writes: a table with strings, which have JSON's escapes. */
function commandInToml(text: string): readonly string[] | undefined {
  const [, table] = /^\[mcp_servers\.(?:samocode|"samocode")\][ \t]*$([\s\S]*?)(?=^\[|(?![\s\S]))/m.exec(text) ?? [];
  if (table === undefined) return undefined;
  const value = (key: string): string => new RegExp(`^${key}[ \\t]*=[ \\t]*(.*)$`, "m").exec(table)?.[1] ?? "[]";
  try {
    const { command, args } = entrySchema.parse({
      command: JSON.parse(value("command")),
      args: JSON.parse(value("args")),
    });
    return [command, ...args];
  } catch {
    return undefined;
  }
}

function isEmptied(file: string): boolean {
  const text = readTextIfExists(file)?.trim();
  return text !== undefined && (text === "" || text.replace(/\s/g, "") === '{"mcpServers":{}}');
}
