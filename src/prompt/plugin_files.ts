/**
 * The shipped skills and commands as files, and the manifest that makes them a Claude Code plugin.
 *
 * @module
 */
import { join } from "node:path";
import { statIfExists } from "../system/files/files.ts";

/** A shipped file. */
export interface ShippedFile {
  /** Relative to the root of the shipped files, with `/`. */
  readonly path: string;
  readonly bytes: Uint8Array;
}

/** The path of the manifest in a plugin. */
export const PLUGIN_MANIFEST = ".claude-plugin/plugin.json";

/** Skills for a person's own conversation, not for the agents of the loop. */
export const STAND_ALONE_SKILLS: readonly string[] = ["samocode-run", "session-management"];

/** All files below a shipped folder, sorted; links are not followed. */
export function shippedFiles(root: string, folder: string): readonly ShippedFile[] {
  if (!statIfExists(join(root, folder))?.isDirectory) return [];
  return [...Deno.readDirSync(join(root, folder))].sort((a, b) => a.name < b.name ? -1 : 1).flatMap((entry) => {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory) return shippedFiles(root, path);
    return entry.isFile ? [{ path, bytes: Deno.readFileSync(join(root, path)) }] : [];
  });
}

/** Creates the manifest of a plugin. */
export function pluginManifest(
  { description, version }: { readonly description: string; readonly version: string },
): ShippedFile {
  const manifest = { name: "samocode", description, version, author: { name: "the samocode authors" }, license: "MIT" };
  return { path: PLUGIN_MANIFEST, bytes: new TextEncoder().encode(JSON.stringify(manifest, undefined, 2) + "\n") };
}
