/**
 * Installs the shipped skills and commands for use without the loop, or writes them as a plugin; upgrades what is there;
 * removes exactly what was installed.
 *
 * @module
 */
import { type AgentName, installTarget, programSetting } from "../../agents/agents.ts";
import { pluginManifest, type ShippedFile, shippedFiles } from "../../prompt/plugin_files.ts";
import type { Setup } from "../setup.ts";
import { findProgram } from "./find_program.ts";
import { installFiles, type InstallRequest, previewSteps } from "./install_files.ts";
import { installServer, uninstallServer } from "./install_server.ts";
import { leftovers, readManifest, type RegisteredServer } from "./manifest.ts";
import {
  type McpClient,
  mcpClient,
  registeredCommand,
  registration,
  SERVER_NAME,
  type Unregistered,
} from "./mcp_registration.ts";
import { type Place, placeOf, pluginPlace, type Scope } from "./place.ts";
import type { Step } from "./plan_steps.ts";

/** Where to install. */
export type Destination =
  | { readonly kind: "client"; readonly target: AgentName; readonly scope: Scope }
  | { readonly kind: "plugin"; readonly folder: string; readonly mcp: boolean };

/** What to do. */
export interface InstallOrder {
  readonly action: "install" | "uninstall";
  readonly to: Destination;
  /** Whether what is not ours is moved out of the way. */
  readonly force: boolean;
}

/** What an order comes to. */
export interface Installation {
  readonly place: Place;
  readonly steps: readonly Step[];
}

/** What an order will do, and what it finds. */
export interface InstallPlan extends Installation {
  /** Whether anything is installed there, or was begun. */
  readonly isInstalled: boolean;
  /** The MCP server that was registered with it. */
  readonly server: RegisteredServer | undefined;
}

/** Says what an order would do. */
export function planInstallation(setup: Setup, order: InstallOrder): InstallPlan {
  const place = placeFor(setup, order.to);
  const manifest = readManifest(place);
  return {
    place,
    steps: previewSteps(place, requestFor(setup, order)),
    isInstalled: manifest !== undefined || leftovers(place).length > 0,
    server: manifest?.mcp,
  };
}

/**
 * Installs, or removes the registered MCP server and then the files.
 *
 * @returns What was done; `server` says what became of the registration.
 * @throws {SamocodeError} Where the client or the disk refuses; the same order again goes on from there.
 */
export async function performInstallation(
  setup: Setup,
  order: InstallOrder,
): Promise<Installation & { readonly server: Unregistered | "none" }> {
  const place = placeFor(setup, order.to);
  const client = order.action === "uninstall" ? clientFor(setup, order.to) : undefined;
  const server = client === undefined ? "none" : await uninstallServer(place, client);
  return { place, server, steps: installFiles(place, requestFor(setup, order)) };
}

/** An MCP server that can be registered. */
export interface ServerOffer {
  /** The command line that registers it. */
  readonly typed: readonly string[];
  /** What is registered under its name already. */
  readonly registered: readonly string[] | undefined;
  /** Whether the client's program is there. */
  readonly isClientFound: boolean;
  /**
   * Registers it, unless one of its name is registered.
   *
   * @returns Whether it was registered now.
   * @throws {SamocodeError} Where the client refuses or is not there.
   */
  register(): Promise<boolean>;
}

/**
 * What would be registered for a destination.
 *
 * @returns `undefined` where the destination keeps no MCP servers of its own.
 */
export function serverOffer(setup: Setup, to: Destination): ServerOffer | undefined {
  const client = clientFor(setup, to);
  if (client === undefined) return undefined;
  const command = serverCommand(setup, client.scope);
  return {
    typed: registration(client, command),
    registered: registeredCommand(client),
    isClientFound: findProgram(client.binary, setup.env) !== undefined,
    register: () => installServer(placeFor(setup, to), client, command),
  };
}

function placeFor(setup: Setup, to: Destination): Place {
  return to.kind === "plugin" ? pluginPlace(to.folder, setup) : placeOf(to.target, to.scope, setup);
}

function clientFor(setup: Setup, to: Destination): McpClient | undefined {
  if (to.kind === "plugin") return undefined;
  const { target, scope } = to;
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

function requestFor(setup: Setup, { action, to, force }: InstallOrder): InstallRequest {
  return { files: action === "uninstall" ? [] : filesFor(setup, to), force, now: new Date() };
}

function filesFor({ shippedRoot, version }: Setup, to: Destination): readonly ShippedFile[] {
  const { parts } = installTarget(to.kind === "plugin" ? "claude" : to.target);
  const files = parts.flatMap((part) => shippedFiles(shippedRoot, part));
  if (to.kind === "client") return files;
  const description = "Dive, plan, build, test and review with samocode's skills, and run its sessions";
  const servers = { mcpServers: { [SERVER_NAME]: { command: "samocode", args: ["mcp"] } } };
  const mcp = { path: ".mcp.json", bytes: new TextEncoder().encode(JSON.stringify(servers, undefined, 2) + "\n") };
  return [pluginManifest({ description, version }), ...(to.mcp ? [mcp] : []), ...files];
}
