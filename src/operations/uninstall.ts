/**
 * Removes what was installed: exactly that.
 *
 * @module
 */
import { installFiles, previewSteps } from "../project/install/install_files.ts";
import { uninstallServer } from "../project/install/install_server.ts";
import type { Unregistered } from "../project/install/mcp_registration.ts";
import { readManifest, type RegisteredServer } from "../project/install/manifest.ts";
import { leftovers } from "../project/install/place_folder.ts";
import { clientFor, destinationPlace, type Installation, type InstallOrder, type Setup } from "./install.ts";

/** What a removal does, or did. */
export interface Removal extends Installation {
  /** Whether anything was installed there, or begun. */
  readonly isInstalled: boolean;
  /** The MCP server that was registered with it. */
  readonly server: RegisteredServer | undefined;
}

/** Says what {@linkcode uninstall} would do. */
export function previewUninstall(setup: Setup, { to, force }: InstallOrder): Removal {
  const place = destinationPlace(setup, to);
  const manifest = readManifest(place);
  const steps = previewSteps(place, { files: [], force, now: setup.now() });
  return { place, steps, isInstalled: manifest !== undefined || leftovers(place).length > 0, server: manifest?.mcp };
}

/**
 * Removes the registered MCP server, then the files.
 *
 * @returns What was done; `server` says what became of the registration.
 * @throws {SamocodeError} Where the client or the disk refuses; the same again goes on from there.
 */
export async function uninstall(
  setup: Setup,
  { to, force }: InstallOrder,
): Promise<Installation & { readonly server: Unregistered | "none" }> {
  const place = destinationPlace(setup, to);
  const client = to.kind === "client" ? clientFor(setup, to) : undefined;
  const server = client === undefined ? "none" : await uninstallServer(place, client);
  return { place, server, steps: installFiles(place, { files: [], force, now: setup.now() }) };
}
