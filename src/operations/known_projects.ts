/**
 * The projects of this user, as far as they are known: the current one, those that the user trusts, and those on the
 * roster.
 *
 * @module
 */
import { dirname } from "node:path";
import { readRoster } from "../session/roster.ts";
import { loadSettings, nearestProjectFile, type SettingsRequest } from "../settings/load_settings.ts";
import type { Settings } from "../settings/settings.ts";
import { statIfExists } from "../system/files/files.ts";
import { configFolder, stateFolder } from "../system/user_folders.ts";
import { messageOf, unlessFailing } from "../text/errors.ts";
import { trustedProjects } from "../trust/record.ts";
import { vouchedProjects } from "../trust/vouched.ts";

/** A project, with what operations on its sessions need. */
export interface KnownProject {
  readonly settings: Settings;
  readonly stateFolder: string;
}

/** The projects that were found. */
export interface KnownProjects {
  /** By the paths of their sessions. */
  readonly projects: readonly KnownProject[];
  /** Project files that cannot be used, each with the reason. */
  readonly leftOut: readonly string[];
  readonly stateFolder: string;
}

/** Finds the projects. A project file that is gone was a project once, and is not mentioned. */
export function knownProjects(request: Omit<SettingsRequest, "flags">): KnownProjects {
  const { env, workingDirectory, config } = request;
  const state = stateFolder(env);
  const here = config === undefined ? unlessFailing(() => nearestProjectFile(workingDirectory)) : config;
  const known = [
    ...vouchedProjects(),
    ...trustedProjects({ configFolder: configFolder(env), env }),
    ...readRoster(state).map(({ projectFile }) => projectFile),
  ];
  return loadAll([...(here === undefined ? [] : [here]), ...known], { ...request, here, state });
}

/** The mirrors of the fleet's projects that this process shows. */
export function fleetProjects(
  { env, workingDirectory }: Pick<SettingsRequest, "env" | "workingDirectory">,
): KnownProjects {
  return loadAll(vouchedProjects(), { env, workingDirectory, here: undefined, state: stateFolder(env) });
}

function loadAll(
  known: readonly string[],
  { env, workingDirectory, here, state }: Pick<SettingsRequest, "env" | "workingDirectory"> & {
    readonly here: string | undefined;
    readonly state: string;
  },
): KnownProjects {
  const projects = new Map<string, KnownProject>();
  const leftOut: string[] = [];
  for (const path of new Set(known)) {
    if (path !== here && unlessFailing(() => statIfExists(path)?.isFile) !== true) continue;
    const place = path === here ? workingDirectory : dirname(path);
    try {
      const settings = loadSettings({ env, workingDirectory: place, config: path, flags: {} });
      // Two files may name the same sessions, which count once.
      if (!projects.has(settings.sessions)) projects.set(settings.sessions, { settings, stateFolder: state });
    } catch (error) {
      leftOut.push(`${path}: ${messageOf(error)}`);
    }
  }
  const sorted = [...projects].sort(([a], [b]) => a < b ? -1 : 1);
  return { projects: sorted.map(([, project]) => project), leftOut, stateFolder: state };
}
