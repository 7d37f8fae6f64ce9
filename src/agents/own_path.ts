/**
 * Finds where an agent keeps what is the person's own.
 *
 * @module
 */
import { isAbsolute, join, resolve } from "node:path";
import { SamocodeError } from "../text/errors.ts";

/** A path in the folder that a variable names, or else in a folder of the home folder. */
export interface OwnPath {
  readonly variable: string;
  /** The folder in the home folder; empty for the home folder itself. */
  readonly folder: string;
  /** The path in the folder; empty for the folder. */
  readonly name: string;
}

/** Finds such a path. */
export function ownPath({ variable, folder, name }: OwnPath, env: Readonly<Record<string, string>>): string {
  const named = env[variable];
  return join(named ? resolve(named) : join(homeFolder(env), folder), name);
}

/**
 * The home folder. Unlike a setting, an installation must not fall back to the root of the file system.
 *
 * @throws {SamocodeError} Where the environment names none.
 */
export function homeFolder(env: Readonly<Record<string, string>>): string {
  const home = env["HOME"] || env["USERPROFILE"] || "";
  if (isAbsolute(home)) return resolve(home);
  throw new SamocodeError("usage", "Cannot find your home folder: HOME is not set to an absolute path", {
    hint: "Set HOME",
  });
}
