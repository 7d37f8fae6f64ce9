/**
 * What the guard is told of a project.
 *
 * @module
 */
import { dirname, join } from "node:path";
import type { GuardSettings } from "../guard/guard.ts";
import type { Settings } from "./settings.ts";
import { configFolder } from "../system/user_folders.ts";

/** The guard's share of the settings. */
export function guardSettings(
  settings: Settings,
  { env, cacheFolder }: Pick<GuardSettings, "env" | "cacheFolder">,
): GuardSettings {
  const { mainRepo, worktrees, sessions, projectFile, guard, guardWritable, guardAllow, guardNetwork } = settings;
  return {
    mode: guard,
    writable: guardWritable,
    allow: guardAllow,
    network: guardNetwork,
    mainRepo,
    worktrees,
    sessions,
    cacheFolder,
    secrets: [dirname(projectFile), configFolder(env)].map((folder) => join(folder, ".env")),
    env,
  };
}
