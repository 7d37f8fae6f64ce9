/**
 * The MCP server's registration as a part of an installation: made once, recorded in the manifest, removed with it.
 *
 * @module
 */
import { SamocodeError } from "../../text/errors.ts";
import { statIfExists } from "../../system/files/files.ts";
import {
  makePlace,
  type Manifest,
  MANIFEST_FILE,
  NO_MANIFEST,
  readManifest,
  removePlace,
  writeManifest,
} from "./manifest.ts";
import {
  type McpClient,
  registeredCommand,
  registerServer,
  type Unregistered,
  unregisterServer,
} from "./mcp_registration.ts";
import type { Place } from "./place.ts";
import { lockPlace, obstacleTo } from "./place_folder.ts";

/**
 * Registers the server, unless one of its name is registered.
 *
 * @returns Whether it was registered now.
 * @throws {SamocodeError} Where the client refuses or is not there.
 */
export async function installServer(place: Place, client: McpClient, command: readonly string[]): Promise<boolean> {
  using _lock = lockPlace(place.root);
  if (registeredCommand(client) !== undefined) return false;
  const obstacle = obstacleTo(place, MANIFEST_FILE);
  if (obstacle !== undefined) {
    throw new SamocodeError("conflict", `Cannot record the registration in ${place.root}: ${obstacle}`, {
      hint: "Make it a folder of its own, or register the server by hand",
    });
  }
  const before = readManifest(place);
  const { files, folders } = before ?? NO_MANIFEST;
  const made = statIfExists(place.root) === undefined ? [...folders, "."] : folders;
  try {
    await registerServer(client, { command, intend: (mcp) => makePlace(place, { files, folders: made, mcp }) });
    return true;
  } catch (error) {
    if (registeredCommand(client) === undefined) forget(place, { files, folders: made, mcp: undefined });
    throw error;
  }
}

/**
 * Removes the registration that was made with this installation.
 *
 * @returns What became of it; `"none"` where none was made.
 * @throws {SamocodeError} Where the client refuses; the record of it stays.
 */
export async function uninstallServer(place: Place, client: McpClient): Promise<Unregistered | "none"> {
  using _lock = lockPlace(place.root);
  const manifest = readManifest(place);
  if (manifest?.mcp === undefined) return "none";
  const became = await unregisterServer(client, manifest.mcp);
  forget(place, { ...manifest, mcp: undefined });
  return became;
}

function forget(place: Place, manifest: Manifest): void {
  if (Object.keys(manifest.files).length > 0) writeManifest(place.root, manifest);
  else if (readManifest(place) !== undefined) removePlace(place, manifest.folders);
}
