/**
 * The user's folders: home, configuration, cache, state, and those of the agents' programs.
 *
 * @module
 */
import { isAbsolute, join, resolve } from "node:path";
import { SamocodeError } from "../text/errors.ts";

type Environment = Readonly<Record<string, string>>;

/** The folder of the user's own samocode settings. */
export function configFolder(env: Environment): string {
  return folderFrom(env, ["XDG_CONFIG_HOME", "APPDATA"], ".config");
}

/** The folder for files that samocode can create again. */
export function cacheFolder(env: Environment): string {
  return folderFrom(env, ["XDG_CACHE_HOME", "LOCALAPPDATA"], ".cache");
}

/** The folder for what samocode keeps for the user. Unlike the state folder, agents may write where their work is in it. */
export function dataFolder(env: Environment): string {
  return folderFrom(env, ["XDG_DATA_HOME", "LOCALAPPDATA"], ".local/share");
}

/** The folder for what samocode must remember about this machine. */
export function stateFolder(env: Environment): string {
  return folderFrom(env, ["XDG_STATE_HOME", "LOCALAPPDATA"], ".local/state");
}

function folderFrom(env: Environment, variables: readonly string[], preset: string): string {
  // Relative paths must be ignored (XDG base directory specification 0.8).
  const named = variables.map((name) => env[name] ?? "").find(isAbsolute);
  return join(named ?? join(homeFolder(env), preset), "samocode");
}

/** The home folder, or the root of the file system. */
export function homeFolder(env: Environment): string {
  return env["HOME"] || env["USERPROFILE"] || resolve("/");
}

/**
 * The home folder. An installation must not fall back to the root of the file system, as settings do.
 *
 * @throws {SamocodeError} If the environment names none.
 */
export function namedHome(env: Environment): string {
  const home = env["HOME"] || env["USERPROFILE"] || "";
  if (isAbsolute(home)) return resolve(home);
  throw new SamocodeError("usage", "Cannot find your home folder: HOME is not set to an absolute path", {
    hint: "Set HOME",
  });
}

/** Puts the home folder in place of a leading `~`. */
export function expandHome(path: string, home: string): string {
  return /^~(?=$|[\\/])/.test(path) ? join(home, path.slice(1)) : path;
}

/** A path in the folder that a variable names, or else below the home folder. */
export interface OwnPath {
  readonly variable: string;
  /** Relative to the home folder. */
  readonly folder: string;
  /** Relative to the folder; empty for the folder itself. */
  readonly name: string;
}

/** The absolute path. */
export function ownPath({ variable, folder, name }: OwnPath, env: Environment): string {
  const named = env[variable];
  return join(named ? resolve(named) : join(namedHome(env), folder), name);
}
