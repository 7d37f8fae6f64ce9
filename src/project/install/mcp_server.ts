/**
 * The registration of samocode's MCP server with an agent: read from its files, changed by its own commands, recorded in
 * the manifest, removed with the installation. The server itself is never started.
 *
 * @module
 */
import { dirname, join } from "node:path";
import { parse as parseToml } from "smol-toml";
import * as z from "zod";
import type { InstallTarget } from "../../agents/agent.ts";
import { type AgentName, installTarget, programSetting } from "../../agents/agents.ts";
import { ownPath } from "../../system/user_folders.ts";
import { messageOf, SamocodeError, unlessFailing } from "../../text/errors.ts";
import { readTextIfExists, removeIfExists, statIfExists } from "../../system/files/files.ts";
import { programPath } from "../../system/processes/program_path.ts";
import { childEnvironment } from "../../settings/agent_environment.ts";
import { runCommand } from "../../system/processes/run_command.ts";
import { plainText } from "../../text/terminal_text.ts";
import type { Surroundings } from "../setup.ts";
import {
  lockPlace,
  makePlace,
  type Manifest,
  MANIFEST_FILE,
  NO_MANIFEST,
  obstacleTo,
  readManifest,
  removePlace,
  writeManifest,
} from "./manifest.ts";
import { type Place, projectFolder, type Scope } from "./place.ts";

/** The server's name. */
export const SERVER_NAME = "samocode";

/** An agent's CLI as an MCP client. */
export interface McpClient {
  readonly target: AgentName;
  readonly scope: Scope;
  /** The path of the agent's program; `undefined` if it is not installed. */
  readonly program: string | undefined;
  /** The file in which it keeps its servers. */
  readonly file: string;
  readonly around: Surroundings;
}

/** Finds the client for a target and a scope; `undefined` if the agent keeps no servers for that scope. */
export function mcpClient(target: AgentName, scope: Scope, around: Surroundings): McpClient | undefined {
  const { env, workingDirectory } = around;
  const { userFile, projectFile } = installTarget(target).mcp;
  const setting = programSetting(target);
  const { program } = programPath(env[setting.name] || setting.default, { env });
  const file = scope === "user"
    ? ownPath(userFile, env)
    : projectFile && join(projectFolder(workingDirectory), projectFile);
  return file === undefined ? undefined : { target, scope, program, file, around };
}

/** The registered command; `undefined` if there is none, or the file cannot be parsed. */
export function registeredCommand({ target, file }: McpClient): readonly string[] | undefined {
  const { format, table } = installTarget(target).mcp;
  return unlessFailing(() => {
    const servers = serversSchema.parse(PARSERS[format](readTextIfExists(file) ?? "")[table]);
    const { command, args } = entrySchema.parse(servers[SERVER_NAME]);
    return [command, ...args];
  });
}

const entrySchema = z.object({ command: z.string(), args: z.array(z.string()).default([]) });
const serversSchema = z.record(z.string(), z.unknown());

const PARSERS: Readonly<Record<InstallTarget["mcp"]["format"], (text: string) => Readonly<Record<string, unknown>>>> = {
  json: (text) => serversSchema.parse(JSON.parse(text)),
  toml: parseToml,
};

type Target = Pick<McpClient, "target" | "scope">;

/** The command line that registers a command. */
export function registration(client: Target, command: readonly string[]): readonly string[] {
  return [...clientCommand(client, "add"), "--", ...command];
}

/** Only an agent that has project-level servers takes `--scope`. */
function clientCommand({ target, scope }: Target, verb: "add" | "remove"): readonly string[] {
  const hasScopes = installTarget(target).mcp.projectFile !== undefined;
  return [target, "mcp", verb, ...(hasScopes ? ["--scope", scope] : []), SERVER_NAME];
}

/**
 * Registers the server, unless one of its name is registered already.
 *
 * @returns Whether it was registered now.
 * @throws {SamocodeError} If the client is missing or refuses.
 */
export async function installServer(place: Place, client: McpClient, command: readonly string[]): Promise<boolean> {
  using _lock = lockPlace(place.root);
  if (registeredCommand(client) !== undefined) return false;
  const obstacle = obstacleTo(place, MANIFEST_FILE);
  if (obstacle !== undefined) {
    throw new SamocodeError("conflict", `Cannot record the registration in ${place.root}: ${obstacle}`, {
      hint: "Replace it by a folder of its own, or register the server by hand",
    });
  }
  if (client.program === undefined) {
    const { name } = programSetting(client.target);
    throw new SamocodeError("system", `Cannot find the program ${client.target}`, {
      hint: `Install it, or set ${name} to its path`,
    });
  }
  const { files, folders: known } = readManifest(place) ?? NO_MANIFEST;
  const folders = statIfExists(place.root) === undefined ? [...known, "."] : known;
  makePlace(place, { files, folders, mcp: { command, madeFile: statIfExists(client.file) === undefined } });
  try {
    await callClient(client, registration(client, command));
    return true;
  } catch (error) {
    if (registeredCommand(client) === undefined) forget(place, { files, folders });
    throw error;
  }
}

/**
 * Removes the registration that was made with this installation.
 *
 * @returns Why it was left, if it was.
 * @throws {SamocodeError} If the client refuses; the registration stays recorded then.
 */
export async function uninstallServer(place: Place, client: McpClient): Promise<string | undefined> {
  using _lock = lockPlace(place.root);
  const manifest = readManifest(place);
  if (manifest?.mcp === undefined) return undefined;
  const left = await unregister(client, manifest.mcp);
  forget(place, { ...manifest, mcp: undefined });
  return left;
}

async function unregister(
  client: McpClient,
  { command, madeFile }: NonNullable<Manifest["mcp"]>,
): Promise<string | undefined> {
  const registered = registeredCommand(client);
  if (registered !== undefined) {
    if (JSON.stringify(registered) !== JSON.stringify(command)) return "it was changed since";
    if (client.program === undefined) return `${client.target} is no longer installed`;
    await callClient(client, clientCommand(client, "remove"));
  }
  const text = readTextIfExists(client.file)?.replace(/\s/g, "");
  if (madeFile && (text === "" || text === '{"mcpServers":{}}')) removeIfExists(client.file);
  return undefined;
}

function forget(place: Place, manifest: Manifest): void {
  if (Object.keys(manifest.files).length > 0) writeManifest(place.root, manifest);
  else if (readManifest(place) !== undefined) removePlace(place, manifest.folders);
}

/** Such a call takes about a second. */
const TIMEOUT_MS = 30_000;

async function callClient(
  { scope, program, file, around }: McpClient,
  [name = "", ...args]: readonly string[],
): Promise<void> {
  const { code, stdout, stderr } = await runCommand(program ?? name, args, {
    cwd: scope === "project" ? dirname(file) : around.workingDirectory,
    env: { ...childEnvironment(around.env), CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: "1", DISABLE_AUTOUPDATER: "1" },
    timeoutMs: TIMEOUT_MS,
  }).catch((error) => ({ code: 1, stdout: "", stderr: messageOf(error) }));
  if (code === 0) return;
  const said = plainText(stderr.trim() || stdout.trim() || `exit code ${code}`, 300);
  throw new SamocodeError("system", `Cannot change the MCP servers in ${file}: ${said}`, {
    hint: `Try it by hand: ${plainText([program ?? name, ...args].join(" "))}`,
  });
}
