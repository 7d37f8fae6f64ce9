/**
 * What the project of this folder is to the fleet: which repository, under which name, and how it wants to be worked on.
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

/** Where a person is, and what they have. */
export type FleetHost = Omit<Parameters<typeof loadSamocode>[0], "flags">;

/** The project of a folder. */
export interface LocalProject {
  readonly settings: Settings;
  /** The address of its repository's `origin`; `undefined` without one. */
  readonly repository: string | undefined;
  /** Its name in the fleet, if nobody chose another. */
  readonly project: string | undefined;
}

/** Finds the project of this folder; `undefined` where there is none, or none that is trusted. */
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

/** The settings that go with a session, as they are written here. */
export function settingsToSend(host: FleetHost): Readonly<Record<string, string>> {
  return settingTexts({ ...host, flags: {} }, SENT_SETTINGS);
}

/** What a worker will not have of this folder's repository, in words; empty if nothing is known to be missing. */
export async function describeUnpushed({ mainRepo }: Settings): Promise<string> {
  const ahead = Number(await askGit(mainRepo, "rev-list", "--count", "HEAD", "--not", "--remotes=origin") ?? 0);
  if (!(ahead > 0)) return "";
  const what = `${formatCount(ahead, "commit")} of this folder ${ahead === 1 ? "is" : "are"} not on the remote`;
  return `${what}; the fleet starts from the remote's default branch`;
}

/** The address of a project's repository, checked. */
export function repositoryOf({ repository }: Pick<LocalProject, "repository">): string | undefined {
  return repository === undefined ? undefined : checkRepository(repository);
}
