/**
 * The user's folders: home, configuration, cache.
 *
 * @module
 */
import { isAbsolute, join, resolve } from "node:path";

/** The folder of the user's own samocode settings. */
export function configFolder(env: Readonly<Record<string, string>>): string {
  return join(
    absolute(env["XDG_CONFIG_HOME"]) ?? absolute(env["APPDATA"]) ?? join(homeFolder(env), ".config"),
    "samocode",
  );
}

/** The folder for files that samocode can create again. */
export function cacheFolder(env: Readonly<Record<string, string>>): string {
  return join(
    absolute(env["XDG_CACHE_HOME"]) ?? absolute(env["LOCALAPPDATA"]) ?? join(homeFolder(env), ".cache"),
    "samocode",
  );
}

/** Relative paths must be ignored (XDG base directory specification 0.8). */
function absolute(path: string | undefined): string | undefined {
  return path !== undefined && isAbsolute(path) ? path : undefined;
}

/** The home folder, or the root of the file system. */
export function homeFolder(env: Readonly<Record<string, string>>): string {
  return env["HOME"] || env["USERPROFILE"] || resolve("/");
}
