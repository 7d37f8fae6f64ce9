/**
 * Installs the shipped skills and commands for use without the loop, or writes them as a plugin; upgrades what is there.
 *
 * @module
 */
import { type AgentName, installTarget, programSetting } from "../agents/agents.ts";
import { type InstallFile } from "../project/install/plan_steps.ts";
import { findProgram } from "../project/install/find_program.ts";
import { installFiles, previewSteps } from "../project/install/install_files.ts";
import { installServer } from "../project/install/install_server.ts";
import {
  type McpClient,
  mcpClient,
  registeredCommand,
  registration,
  SERVER_NAME,
} from "../project/install/mcp_registration.ts";
import { type Place, placeOf, pluginPlace, type Scope } from "../project/install/place.ts";
import type { Step } from "../project/install/plan_steps.ts";
import { pluginManifest, shippedFiles } from "../prompt/plugin_files.ts";

/** What the program knows before any project is set up. */
export interface Setup {
  readonly env: Readonly<Record<string, string>>;
  readonly workingDirectory: string;
  /** Where the shipped texts lie. */
  readonly shippedRoot: string;
  readonly version: string;
  /** How this very program is called, its own arguments left out. */
  readonly self: readonly string[];
  readonly now: () => Date;
}

/** Where to install. */
export type Destination =
  | { readonly kind: "client"; readonly target: AgentName; readonly scope: Scope }
  | { readonly kind: "plugin"; readonly folder: string; readonly mcp: boolean };

/** How to install. */
export interface InstallOrder {
  readonly to: Destination;
  /** Whether what is not ours is moved out of the way. */
  readonly force: boolean;
}

/** What an installation does, or did. */
export interface Installation {
  readonly place: Place;
  readonly steps: readonly Step[];
}

/** An MCP server that can be registered. */
export interface ServerOffer {
  readonly client: McpClient;
  readonly command: readonly string[];
  /** The command line that registers it. */
  readonly typed: readonly string[];
  /** What is registered under its name already. */
  readonly registered: readonly string[] | undefined;
  /** Whether the client's program is there. */
  readonly isClientFound: boolean;
}

/** Says what {@linkcode install} would do. */
export function previewInstall(setup: Setup, { to, force }: InstallOrder): Installation {
  const place = destinationPlace(setup, to);
  return { place, steps: previewSteps(place, { files: filesFor(setup, to), force, now: setup.now() }) };
}

/**
 * Installs.
 *
 * @throws {SamocodeError} Where the disk refuses; the same again goes on from there.
 */
export function install(setup: Setup, { to, force }: InstallOrder): Installation {
  const place = destinationPlace(setup, to);
  return { place, steps: installFiles(place, { files: filesFor(setup, to), force, now: setup.now() }) };
}

/**
 * What would be registered for a destination.
 *
 * @returns `undefined` where the destination keeps no MCP servers of its own.
 */
export function serverOffer(setup: Setup, to: Destination): ServerOffer | undefined {
  if (to.kind === "plugin") return undefined;
  const { target, scope } = to;
  const client = clientFor(setup, { target, scope });
  if (client === undefined) return undefined;
  const command = serverCommand(setup, scope);
  return {
    client,
    command,
    typed: registration(client, command),
    registered: registeredCommand(client),
    isClientFound: findProgram(client.binary, setup.env) !== undefined,
  };
}

/**
 * Registers the MCP server that was offered.
 *
 * @returns Whether it was registered now; one that is registered already stays as it is.
 * @throws {SamocodeError} Where the client refuses or is not there.
 */
export async function registerOffered(setup: Setup, to: Destination, offer: ServerOffer): Promise<boolean> {
  return await installServer(destinationPlace(setup, to), offer.client, offer.command);
}

/** The place of a destination. */
export function destinationPlace(setup: Setup, to: Destination): Place {
  return to.kind === "plugin" ? pluginPlace(to.folder, setup) : placeOf(to.target, to.scope, setup);
}

/** The client of a destination; `undefined` where it keeps no servers for that scope. */
export function clientFor(
  setup: Setup,
  { target, scope }: { readonly target: AgentName; readonly scope: Scope },
): McpClient | undefined {
  const program = programSetting(target);
  const binary = setup.env[program.name] || program.default;
  return mcpClient({ target, scope, binary }, setup);
}

/** A project's registration is for everybody: a path of this machine would be of no use to them. */
function serverCommand({ env, self }: Setup, scope: Scope): readonly string[] {
  // Below npx the program lies in a cache that may be emptied, and is on PATH for that one run only.
  if (env["npm_command"] === "exec") return ["npx", "-y", "samocode", "mcp"];
  const isOnPath = findProgram("samocode", env) !== undefined;
  return [...(scope === "project" || isOnPath ? ["samocode"] : self), "mcp"];
}

function filesFor({ shippedRoot, version }: Setup, to: Destination): readonly InstallFile[] {
  const { parts } = installTarget(to.kind === "plugin" ? "claude" : to.target);
  const files = parts.flatMap((part) => shippedFiles(shippedRoot, part));
  if (to.kind === "client") return files;
  const description = "Dive, plan, build, test and review with samocode's skills, and run its sessions";
  const servers = { mcpServers: { [SERVER_NAME]: { command: "samocode", args: ["mcp"] } } };
  const mcp = { path: ".mcp.json", bytes: new TextEncoder().encode(JSON.stringify(servers, undefined, 2) + "\n") };
  return [pluginManifest({ description, version }), ...(to.mcp ? [mcp] : []), ...files];
}
