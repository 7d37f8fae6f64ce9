/**
 * Unpacks the agents' skills as a Claude Code plugin: other processes cannot see the files inside a compiled binary, and
 * the user's own `~/.claude` is left alone.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { join } from "node:path";
import { messageOf, SamocodeError } from "../text/errors.ts";
import { lstatIfExists, statIfExists } from "../system/files/files.ts";
import { pluginManifest, type ShippedFile, shippedFiles, STAND_ALONE_SKILLS } from "./plugin_files.ts";

/** The version never changes, since the folder's name identifies the content. */
const MANIFEST = pluginManifest({ description: "Skills of samocode's agents", version: "0.0.0" });

/** The shipped plugin. */
export interface Plugin {
  readonly files: readonly ShippedFile[];
  /** Identifies the content. */
  readonly digest: string;
}

/** Reads the plugin; `undefined` if no skills are shipped. */
export function readPlugin(root: string): Plugin | undefined {
  const skills = shippedFiles(root, "skills").filter(({ path }) =>
    !STAND_ALONE_SKILLS.includes(path.split("/")[1] ?? "")
  );
  if (skills.length === 0) return undefined;
  const files = [MANIFEST, ...skills];
  const digest = createHash("sha256");
  for (const { path, bytes } of files) digest.update(`${path}\0${bytes.length}\0`).update(bytes);
  return { files, digest: digest.digest("hex").slice(0, 16) };
}

/**
 * Unpacks the plugin into samocode's cache, unless it is there already.
 *
 * @returns The plugin's folder.
 * @throws {SamocodeError} If the cache cannot be written.
 */
export function unpackPlugin({ files, digest }: Plugin, cacheFolder: string): string {
  const target = join(cacheFolder, "plugin", digest);
  const isComplete = () => files.every(({ path, bytes }) => statIfExists(join(target, path))?.size === bytes.length);
  if (isComplete()) return target;
  const staging = `${target}.${crypto.randomUUID()}`;
  try {
    for (const { path, bytes } of files) {
      Deno.mkdirSync(join(staging, path, ".."), { recursive: true, mode: 0o700 });
      Deno.writeFileSync(join(staging, path), bytes);
    }
    try {
      Deno.renameSync(staging, target);
    } catch {
      // Another worker was faster, or the cache was cleaned in part.
      if (!isComplete()) {
        removeFolder(target);
        Deno.renameSync(staging, target);
      }
    }
  } catch (error) {
    throw new SamocodeError("system", `Cannot unpack the skills into ${target}: ${messageOf(error)}`, {
      hint: "Check the folder's permissions and the free disk space, or set XDG_CACHE_HOME to another folder",
      cause: error,
    });
  } finally {
    removeFolder(staging);
  }
  return target;
}

function removeFolder(path: string): void {
  if (lstatIfExists(path) !== undefined) Deno.removeSync(path, { recursive: true });
}
