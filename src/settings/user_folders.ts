/**
 * The folders that a person's programs keep their things in.
 *
 * @module
 */
import { isAbsolute, join, resolve } from "node:path";

/** Where this user's programs keep their settings. */
export function configFolder(env: Readonly<Record<string, string>>): string {
  return join(
    absolute(env["XDG_CONFIG_HOME"]) ?? absolute(env["APPDATA"]) ?? join(homeFolder(env), ".config"),
    "samocode",
  );
}

/** Where this program keeps what it can make again. */
export function cacheFolder(env: Readonly<Record<string, string>>): string {
  return join(
    absolute(env["XDG_CACHE_HOME"]) ?? absolute(env["LOCALAPPDATA"]) ?? join(homeFolder(env), ".cache"),
    "samocode",
  );
}

/** A relative path here is invalid and to be ignored, says the XDG base directory specification, version 0.8. */
function absolute(path: string | undefined): string | undefined {
  return path !== undefined && isAbsolute(path) ? path : undefined;
}

/** The home folder. */
export function homeFolder(env: Readonly<Record<string, string>>): string {
  return env["HOME"] || env["USERPROFILE"] || resolve("/");
}
