/**
 * What a project and its repository would have this program and its agents do, and the user's trust in just that.
 *
 * @module
 */
import { dirname, resolve } from "node:path";
import { parse as parseEnvFile } from "dotenv";
import { locateProject, type SettingsRequest } from "../settings/load_settings.ts";
import { CHECKS, readProjectLines } from "../settings/project_lines.ts";
import { SETTING_NAMES, SETTINGS } from "../settings/settings_table.ts";
import { configFolder, expandHome, homeFolder } from "../system/user_folders.ts";
import { plainText } from "../text/terminal_text.ts";
import { describeStanding, seeProject, untrusted } from "../trust/project_files.ts";
import { readRecord, revokeTrust, standingOf, trustFiles, type TrustPlace } from "../trust/record.ts";
import { commandsIn, repositoryRoot, seeRepository } from "../trust/repository_files.ts";
import type { SeenFile } from "../trust/seen_file.ts";
import { unlessFailing } from "../text/errors.ts";
import type { Agent, AgentRows } from "../agents/agent.ts";
import { type AgentName, AGENTS } from "../agents/agents.ts";
import type { SettingValues } from "../contract/setting_row.ts";
import { providersOf } from "../settings/settings.ts";
import type { Samocode } from "./samocode.ts";

/** A file that is to be trusted. */
export interface FileToTrust {
  readonly path: string;
  readonly isTrusted: boolean;
  /** Another user's. */
  readonly isForeign: boolean;
  /** In words. */
  readonly standing: string;
  /** What it would set, a line each; values of secrets are not among them. */
  readonly sets: readonly string[];
}

/** A project as it stands. */
export interface TrustView {
  readonly projectFile: string;
  readonly files: readonly FileToTrust[];
  /** Trusts what is shown here, and nothing that came later. */
  readonly trust: () => void;
  readonly revoke: () => void;
}

/**
 * Looks at a project's files and at the agents' settings in its repository.
 *
 * @throws {SamocodeError} Where there is no project, or a file cannot be read.
 */
export function viewTrust(request: Pick<SettingsRequest, "env" | "workingDirectory" | "config">): TrustView {
  const { env } = request;
  const place: TrustPlace = { env, configFolder: configFolder(env), projectFile: locateProject(request) };
  const own = seeProject(place.projectFile);
  const agents = seeAgentFiles(mainRepoOf(own, env));
  const record = readRecord(place);
  const toTrust = (file: SeenFile, sets: readonly string[]): FileToTrust => {
    const standing = standingOf(file, { record, env });
    const { path } = file;
    const [isTrusted, isForeign] = [standing === "trusted", standing === "foreign"];
    return { path, isTrusted, isForeign, standing: describeStanding(standing, file), sets };
  };
  return {
    projectFile: place.projectFile,
    files: [
      ...own.map((file) => toTrust(file, settingsIn(file))),
      ...agents.map((file) => toTrust(file, commandsOf(file))),
    ],
    trust: () => trustFiles(place, [...own, ...agents]),
    revoke: () => revokeTrust(place),
  };
}

/** Trusts the `.samocode` that this program has just written with a text; nothing around it. */
export function trustWritten(
  written: { readonly path: string; readonly text: string },
  env: SettingsRequest["env"],
): void {
  const projectFile = locateProject({ env, workingDirectory: dirname(written.path), config: written.path });
  const files = seeProject(projectFile).slice(0, 1).filter(({ text }) => text === written.text);
  trustFiles({ env, configFolder: configFolder(env), projectFile }, files, { keep: true });
}

function mainRepoOf([project]: readonly SeenFile[], env: SettingsRequest["env"]): string {
  const folder = dirname(project?.path ?? ".");
  const named = parseEnvFile(project?.text ?? "")["MAIN_REPO"]?.trim() ?? "";
  return resolve(folder, expandHome(named, homeFolder(env)));
}

const MAX_VALUE = 200;

function settingsIn({ text }: SeenFile): readonly string[] {
  return Object.entries(readProjectLines(text)).filter(([name]) => SETTING_NAMES.has(name)).flatMap(([name, value]) => {
    // In full: whoever trusts them has them run.
    if (name === CHECKS) return value.split("\n").map((line) => `${name}=${plainText(line)}`);
    return [SETTINGS.get(name)?.kind === "secret" ? `${name} (a secret)` : `${name}=${plainText(value, MAX_VALUE)}`];
  });
}

/** What a client's settings start, and what they put into its environment. */
function commandsOf(file: SeenFile): readonly string[] {
  return [
    ...new Set(commandsIn(file).map((command) => `runs ${plainText(command, MAX_VALUE)}`)),
    ...environmentIn(file.text).map((name) => `sets ${plainText(name, MAX_VALUE)}`),
  ];
}

function environmentIn(text: string): readonly string[] {
  return unlessFailing(() => {
    const { env = {} }: { readonly env?: object } = JSON.parse(text);
    return Object.keys(env);
  }) ?? [];
}

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
