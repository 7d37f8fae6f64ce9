/**
 * Installs the shipped skills and commands for use without the loop, or writes them as a plugin; upgrades and removes
 * what was installed.
 *
 * @module
 */
import { type AgentName, installTarget } from "../../agents/agents.ts";
import { pluginManifest, type ShippedFile, shippedFiles } from "../../prompt/shipped_files.ts";
import { programPath } from "../../system/processes/program_path.ts";
import type { Setup } from "../setup.ts";
import { installFiles, isChange, planSteps, type Step } from "./install_files.ts";
import { leftovers, NO_MANIFEST, readManifest } from "./manifest.ts";
import {
  installServer,
  mcpClient,
  registeredCommand,
  registration,
  SERVER_NAME,
  uninstallServer,
} from "./mcp_server.ts";
import { type Place, placeOf, pluginPlace, type Scope } from "./place.ts";

/** What to do. */
export interface InstallOrder {
  readonly action: "install" | "uninstall";
  readonly target: AgentName;
  readonly scope: Scope;
  /** The folder of a Claude Code plugin, in place of the target's folders. */
  readonly plugin: string | undefined;
  /** Whether a plugin contains the MCP server. */
  readonly mcp: boolean;
  /** Whether files that are not ours are moved out of the way. */
  readonly force: boolean;
}

/** What an order would do, and what it found. */
export interface InstallPlan {
  readonly place: Place;
  readonly steps: readonly Step[];
  readonly hasChanges: boolean;
  /** Whether anything is installed there, or was begun. */
  readonly isInstalled: boolean;
  /** The command of the MCP server that was registered with it. */
  readonly server: readonly string[] | undefined;
  /** `undefined` if the destination keeps no MCP servers of its own. */
  readonly offer: ServerOffer | undefined;
  /**
   * Follows the order. The steps are planned again under the lock.
   *
   * @returns What was done, and why the MCP server's registration was left, if it was.
   * @throws {SamocodeError} If the client or the disk refuses; the same order again continues from there.
   */
  perform(): Promise<{ readonly steps: readonly Step[]; readonly serverLeft: string | undefined }>;
}

/** An MCP server that can be registered. */
export interface ServerOffer {
  /** The command line that registers it. */
  readonly typed: readonly string[];
  /** The command that is already registered under its name. */
  readonly registered: readonly string[] | undefined;
  readonly isClientFound: boolean;
  /** As {@linkcode installServer}. */
  register(): Promise<boolean>;
}

/** Finds out what an order would do. */
export function planInstallation(setup: Setup, order: InstallOrder): InstallPlan {
  const { action, target, scope, plugin, force } = order;
  const place = plugin === undefined ? placeOf(target, scope, setup) : pluginPlace(plugin, setup);
  const client = plugin === undefined ? mcpClient(target, scope, setup) : undefined;
  const manifest = readManifest(place);
  const request = { files: action === "install" ? filesFor(setup, order) : [], force, now: new Date() };
  const steps = planSteps(place, request, manifest ?? NO_MANIFEST);
  const command = serverCommand(setup, scope);
  return {
    place,
    steps,
    hasChanges: steps.some(isChange),
    isInstalled: manifest !== undefined || leftovers(place).length > 0,
    server: manifest?.mcp?.command,
    offer: client && {
      typed: registration(client, command),
      registered: registeredCommand(client),
      isClientFound: client.program !== undefined,
      register: () => installServer(place, client, command),
    },
    perform: async () => {
      const isRemoved = action === "uninstall" && client !== undefined;
      const serverLeft = isRemoved ? await uninstallServer(place, client) : undefined;
      return { steps: installFiles(place, request), serverLeft };
    },
  };
}

/** A project's registration is shared, so it must not contain a path of this machine. */
function serverCommand({ env, self }: Setup, scope: Scope): readonly string[] {
  // npx runs the program from a cache that may be emptied, and puts it on PATH for one run only.
  if (env["npm_command"] === "exec") return ["npx", "-y", "samocode", "mcp"];
  const isOnPath = programPath("samocode", { env }).program !== undefined;
  return [...(scope === "project" || isOnPath ? ["samocode"] : self), "mcp"];
}

function filesFor(
  { shippedRoot, version }: Setup,
  { target, plugin, mcp }: InstallOrder,
): readonly ShippedFile[] {
  const files = installTarget(target).parts.flatMap((part) => shippedFiles(shippedRoot, part));
  if (plugin === undefined) return files;
  const description = "Dive, plan, build, test and review with samocode's skills, and run its sessions";
  const servers = { mcpServers: { [SERVER_NAME]: { command: "samocode", args: ["mcp"] } } };
  const bytes = new TextEncoder().encode(JSON.stringify(servers, undefined, 2) + "\n");
  return [pluginManifest({ description, version }), ...(mcp ? [{ path: ".mcp.json", bytes }] : []), ...files];
}
