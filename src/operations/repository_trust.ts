/**
 * Whether a repository's settings for agents are those that the user trusts.
 *
 * @module
 */
import type { Agent, AgentRows } from "../agents/agent.ts";
import { type AgentName, AGENTS } from "../agents/agents.ts";
import type { SettingValues } from "../contract/setting_row.ts";
import { providersOf } from "../settings/settings.ts";
import { describeStanding, untrusted } from "../trust/project_files.ts";
import { readRecord, standingOf } from "../trust/record.ts";
import { repositoryRoot, seeRepository } from "../trust/repository_files.ts";
import type { SeenFile } from "../trust/seen_file.ts";
import type { Samocode } from "./samocode.ts";

type Trusting = Pick<Samocode, "settings" | "env" | "configFolder">;

/**
 * Refuses to begin where agents would obey what nobody trusts.
 *
 * @throws {SamocodeError} With the first of the files.
 */
export function checkRepository(samocode: Trusting): void {
  const { settings, env, configFolder } = samocode;
  const place = { configFolder, env, projectFile: settings.projectFile };
  const record = readRecord(place);
  const names = filesOf(providersOf(settings), settings);
  for (const file of seeRepository(topsOf(settings.mainRepo), names)) {
    const standing = standingOf(file, { record, env });
    if (standing === "trusted") continue;
    throw untrusted(
      place,
      `Cannot run an agent: it would obey ${file.path}; ${describeStanding(standing, file)}`,
      "Such files start programs and choose where your keys are sent. Look at them, then trust them",
    );
  }
}

/**
 * The files that agents would obey in a workplace although they are not as the user trusted them in the repository.
 * Claude Code also reads the main checkout's, wherever it works.
 */
export function strangeFiles(
  { settings, env, configFolder }: Trusting,
  { agents, workplace }: { readonly agents: readonly AgentName[]; readonly workplace: string },
): readonly string[] {
  const names = filesOf(agents, settings);
  if (names.length === 0) return [];
  const tops = topsOf(settings.mainRepo);
  const [root = settings.mainRepo] = tops;
  const record = readRecord({ configFolder, env, projectFile: settings.projectFile });
  const isStrange = (file: SeenFile, trustedAs: string) => standingOf(file, { record, env, trustedAs }) !== "trusted";
  const own = seeRepository(tops, names).filter((file) => isStrange(file, file.path));
  const there = tops.includes(workplace) ? [] : seeRepository([workplace], names);
  return [...own, ...there.filter((file) => isStrange(file, root + file.path.slice(workplace.length)))]
    .map(({ path }) => path);
}

/** All files of a repository that some agent may obey. */
export function seeAgentFiles(mainRepo: string): readonly SeenFile[] {
  return seeRepository(topsOf(mainRepo), Object.values(AGENTS).flatMap(({ repositoryFiles }) => repositoryFiles));
}

/** Where clients look: at the top of the repository, and in the folder that they work in where that is not its top. */
function topsOf(mainRepo: string): readonly string[] {
  return [...new Set([repositoryRoot(mainRepo), mainRepo])];
}

function filesOf(agents: readonly AgentName[], settings: Trusting["settings"]): readonly string[] {
  return agents.flatMap((name) => {
    const { repositoryFiles, leavesOutRepository }: Agent = AGENTS[name];
    const set: SettingValues<AgentRows> = settings.agents[name];
    return leavesOutRepository?.(set) === true ? [] : repositoryFiles;
  });
}
