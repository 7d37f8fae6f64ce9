/**
 * Finds the folders in which an agent keeps what is the person's own.
 *
 * @module
 */
import { isAbsolute, join, resolve } from "node:path";
import { SamocodeError } from "../system/errors.ts";
import type { InstallTarget } from "./agent.ts";

type Environment = Readonly<Record<string, string>>;

/** The folder of this person. */
export function ownFolder({ variable, name }: InstallTarget["userFolder"], env: Environment): string {
  return namedFolder(variable, env) ?? join(homeFolder(env), name);
}

/** The folder that a variable names; `undefined` where it names none. */
export function namedFolder(variable: string, env: Environment): string | undefined {
  const path = env[variable];
  return path === undefined || path === "" ? undefined : resolve(path);
}

/**
 * The home folder. Unlike a setting, an installation must not fall back to the root of the file system.
 *
 * @throws {SamocodeError} Where the environment names none.
 */
export function homeFolder(env: Environment): string {
  const home = env["HOME"] || env["USERPROFILE"] || "";
  if (isAbsolute(home)) return resolve(home);
  throw new SamocodeError("usage", "Cannot find your home folder: HOME is not set to an absolute path", {
    hint: "Set HOME",
  });
}
