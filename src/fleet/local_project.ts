/**
 * This folder's project as the fleet sees it: its repository, its name, and its settings.
 *
 * @module
 */
import { loadSamocode } from "../operations/samocode.ts";
import { askGit } from "../session/git.ts";
import { nearestProjectFile, settingTexts } from "../settings/load_settings.ts";
import type { Settings } from "../settings/settings.ts";
import { formatCount } from "../text/format.ts";
import { unlessFailing } from "../text/errors.ts";
import { SENT_SETTINGS } from "./machine_settings.ts";
import { checkRepository, projectOf } from "./submit.ts";

/** A person's working directory, environment and program. */
export type FleetHost = Omit<Parameters<typeof loadSamocode>[0], "flags">;

/** A folder's project. */
export interface LocalProject {
  readonly settings: Settings;
  /** The address of its `origin`; `undefined` without one. */
  readonly repository: string | undefined;
  /** Its default name in the fleet. */
  readonly project: string | undefined;
}

/** Finds this folder's project; `undefined` if there is none, or it is not trusted. */
export async function findLocalProject(host: FleetHost): Promise<LocalProject | undefined> {
  const isNamed = host.config !== undefined;
  if (!isNamed && unlessFailing(() => nearestProjectFile(host.workingDirectory)) === undefined) return undefined;
  const settings = isNamed
    ? loadSamocode({ ...host, flags: {} }).settings
    : unlessFailing(() => loadSamocode({ ...host, flags: {} }).settings);
  if (settings === undefined) return undefined;
  const repository = await askGit(settings.mainRepo, "remote", "get-url", "origin");
  return { settings, repository, project: repository === undefined ? undefined : projectOf(repository) };
}

/** The settings to send with a session, as they are written here. */
export function settingsToSend(host: FleetHost): Readonly<Record<string, string>> {
  return settingTexts({ ...host, flags: {} }, SENT_SETTINGS);
}

/** Describes commits of this folder that a worker would not get; empty if none are known. */
export async function describeUnpushed({ mainRepo }: Settings): Promise<string> {
  const ahead = Number(await askGit(mainRepo, "rev-list", "--count", "HEAD", "--not", "--remotes=origin") ?? 0);
  if (!(ahead > 0)) return "";
  const what = `${formatCount(ahead, "commit")} of this folder ${ahead === 1 ? "is" : "are"} not on the remote`;
  return `${what}; the fleet starts from the remote's default branch`;
}

/** The checked address of a project's repository. */
export function repositoryOf({ repository }: Pick<LocalProject, "repository">): string | undefined {
  return repository === undefined ? undefined : checkRepository(repository);
}
