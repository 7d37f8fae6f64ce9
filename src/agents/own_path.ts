/**
 * The user's own files of an agent.
 *
 * @module
 */
import { isAbsolute, join, resolve } from "node:path";
import { SamocodeError } from "../text/errors.ts";

/** A path in the folder that a variable names, or else below the home folder. */
export interface OwnPath {
  readonly variable: string;
  /** Relative to the home folder. */
  readonly folder: string;
  /** Relative to the folder; empty for the folder itself. */
  readonly name: string;
}

/** The absolute path. */
export function ownPath({ variable, folder, name }: OwnPath, env: Readonly<Record<string, string>>): string {
  const named = env[variable];
  return join(named ? resolve(named) : join(homeFolder(env), folder), name);
}

/**
 * The home folder. An installation must not fall back to the root of the file system, as settings do.
 *
 * @throws {SamocodeError} If the environment names none.
 */
export function homeFolder(env: Readonly<Record<string, string>>): string {
  const home = env["HOME"] || env["USERPROFILE"] || "";
  if (isAbsolute(home)) return resolve(home);
  throw new SamocodeError("usage", "Cannot find your home folder: HOME is not set to an absolute path", {
    hint: "Set HOME",
  });
}
