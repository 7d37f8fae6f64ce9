/**
 * Unpacks the skills of the loop's agents as a Claude Code plugin folder: a child process cannot see the files inside a compiled
 * binary, and the person's own `~/.claude` is not ours to touch.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { join } from "node:path";
import { messageOf, SamocodeError } from "../text/errors.ts";
import { lstatIfExists, statIfExists } from "../system/files/files.ts";
import { pluginManifest, type ShippedFile, shippedFiles, STAND_ALONE_SKILLS } from "./plugin_files.ts";

/** The folder is named after its content; a version would be said twice. */
const MANIFEST = pluginManifest({ description: "Skills of samocode's agents", version: "0.0.0" });

/** The plugin as it is shipped. */
export interface Plugin {
  readonly files: readonly ShippedFile[];
  /** Tells its content from any other. */
  readonly digest: string;
}

/** Reads the plugin from where the shipped files lie; `undefined` where no skill is shipped. */
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
 * Unpacks the plugin into the program's cache, once for each content.
 *
 * @param cacheFolder The program's own cache.
 * @returns The plugin's folder.
 * @throws {SamocodeError} Where the cache cannot be written.
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
    moveInto(target, { staging, isComplete });
  } catch (error) {
    throw new SamocodeError("system", `Cannot unpack the skills into ${target}: ${messageOf(error)}`, {
      hint: "Check that you may write there and the disk has room; XDG_CACHE_HOME names another cache",
      cause: error,
    });
  } finally {
    removeFolder(staging);
  }
  return target;
}

function moveInto(
  target: string,
  { staging, isComplete }: { readonly staging: string; readonly isComplete: () => boolean },
): void {
  try {
    Deno.renameSync(staging, target);
  } catch {
    // Another worker was faster, and its folder has the same content.
    if (isComplete()) return;
    // Or somebody cleaned the cache, but not all of it.
    removeFolder(target);
    Deno.renameSync(staging, target);
  }
}

function removeFolder(path: string): void {
  if (lstatIfExists(path) !== undefined) Deno.removeSync(path, { recursive: true });
}
