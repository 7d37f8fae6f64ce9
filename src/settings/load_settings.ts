/**
 * Loads a project's settings: finds `.samocode`, reads all sources and checks the values.
 *
 * @module
 */
import { basename, dirname, join, resolve } from "node:path";
import { forAgentPhases } from "../workflow/phases.ts";
import { SamocodeError } from "../text/errors.ts";
import { learnSecrets } from "../text/known_secrets.ts";
import { statIfExists } from "../system/files/files.ts";
import { AGENTS } from "../agents/agents.ts";
import type { SettingRows, SettingValues } from "../contract/setting_row.ts";
import type { Channel } from "../channels/channel.ts";
import { CHANNELS } from "../channels/channels.ts";
import { readTelemetry, TELEMETRY_SETTINGS } from "../telemetry/settings.ts";
import { readTrustedProject } from "../trust/project_files.ts";
import { seeFile, type SeenFile } from "../trust/seen_file.ts";
import { readProjectLines } from "./project_lines.ts";
import { SettingReader, type Source, type Sources } from "./read_values.ts";
import { secretValues } from "./secret_values.ts";
import { type Settings, withProvider } from "./settings.ts";
import { nameInPhase, OWN_SETTINGS, PHASE_SETTINGS, SETTINGS } from "./settings_table.ts";
import { configFolder, expandHome, homeFolder } from "../system/user_folders.ts";

/** Where to look. */
export interface SettingsRequest {
  readonly env: Readonly<Record<string, string>>;
  readonly workingDirectory: string;
  /** The value of `--config`. */
  readonly config: string | undefined;
  /** Flags that override settings, by flag name. */
  readonly flags: Readonly<Record<string, string>>;
}

/** The name of a project's file. */
export const PROJECT_FILE = ".samocode";

/**
 * Loads the settings.
 *
 * @throws {SamocodeError} With all problems, each with its source and its fix.
 */
export function loadSettings(request: SettingsRequest): Settings {
  const projectFile = locateProject(request);
  const sources = sourcesOf(request, projectFile);
  const reader = new SettingReader(sources);
  // Read without the flag: a phase's model belongs to the provider that was set before the flag.
  const { provider } = new SettingReader({ ...sources, flags: { ...sources.flags, values: {} } })
    .values({ provider: OWN_SETTINGS.provider });
  const settings = readSettings(reader, { projectFile, provider });
  const problems = [...reader.problems].map((problem) => `\n  ${problem}`);
  if (problems.length > 0) {
    throw new SamocodeError("usage", `Cannot use the settings:${problems.join("")}`, {
      hint: `Fix ${problems.length === 1 ? "it" : "them"} and run the command again`,
    });
  }
  return request.flags["provider"] === undefined ? settings : withProvider(settings, settings.provider);
}

/**
 * The texts of settings as a person wrote them, by name, for a program elsewhere that reads them anew.
 *
 * @param names Which ones, if they are set.
 */
export function settingTexts(request: SettingsRequest, names: Iterable<string>): Readonly<Record<string, string>> {
  const { project, environment } = sourcesOf(request, locateProject(request));
  const texts: Record<string, string> = {};
  for (const name of names) {
    const places = SETTINGS.get(name)?.place === "project" ? [project] : environment;
    const text = places.map(({ values }) => values[name]?.trim() ?? "").find((value) => value !== "");
    if (text !== undefined) texts[name] = text;
  }
  return texts;
}

function sourcesOf(request: SettingsRequest, projectFile: string): Sources {
  const trusted = readTrustedProject({ configFolder: configFolder(request.env), env: request.env, projectFile });
  const [project = fileSource({ path: projectFile, text: "" }), ...beside] = trusted.map(fileSource);
  const own = seeFile(join(configFolder(request.env), ".env"));
  const home = homeFolder(request.env);
  const environment = [
    { label: "the environment", values: request.env, folder: request.workingDirectory, isFile: false },
    ...beside.map((source) => ({ ...source, isProjects: true })),
    ...(own === undefined ? [] : [fileSource(own)]),
  ];
  for (const { values } of environment) learnSecrets(secretValues(values));
  const flags = { label: "the command line", values: request.flags, folder: request.workingDirectory, isFile: false };
  return { project, environment, flags, home };
}

/**
 * The nearest `.samocode` upward, or the one that was named; at its real place, since trust is for one place: a link to
 * a trusted folder must not have its relative paths lead elsewhere.
 */
export function locateProject(request: ProjectRequest): string {
  const path = findProjectFile(request);
  return join(Deno.realPathSync(dirname(path)), basename(path));
}

type ProjectRequest = Pick<SettingsRequest, "env" | "workingDirectory" | "config">;

function findProjectFile({ env, workingDirectory, config }: ProjectRequest): string {
  if (config !== undefined) {
    // No shell replaces the ~ in --config=~/x.
    const named = resolve(workingDirectory, expandHome(config, homeFolder(env)));
    const path = statIfExists(named)?.isDirectory ? join(named, PROJECT_FILE) : named;
    if (statIfExists(path)?.isFile) return path;
    throw new SamocodeError("usage", `Cannot read ${path}: there is no such file`, {
      hint: "Check the path after --config",
    });
  }
  const nearest = nearestProjectFile(workingDirectory);
  if (nearest !== undefined) return nearest;
  throw new SamocodeError("usage", `Cannot find ${PROJECT_FILE} in ${workingDirectory} or above it`, {
    hint: "Set up the repository you are in, name the file with --config, or watch the demo first",
    actions: [{ verb: "init" }, { verb: "demo" }],
  });
}

/** The `.samocode` in a folder or in the nearest one above it. */
export function nearestProjectFile(from: string): string | undefined {
  for (let folder = from;; folder = dirname(folder)) {
    const path = join(folder, PROJECT_FILE);
    if (statIfExists(path)?.isFile) return path;
    if (dirname(folder) === folder) return undefined;
  }
}

function fileSource({ path, text }: Pick<SeenFile, "path" | "text">): Source {
  return { label: path, values: readProjectLines(text), folder: dirname(path), isFile: true };
}

function readSettings(
  reader: SettingReader,
  { projectFile, provider }: Pick<Settings, "projectFile" | "provider">,
): Settings {
  const own = reader.values(OWN_SETTINGS);
  const phases = forAgentPhases((phase) => {
    const set = reader.values(PHASE_SETTINGS, ({ name }) => nameInPhase(name, phase));
    return { ...set, provider: set.provider ?? provider };
  });
  const agents = Object.entries(AGENTS).map(([name, { settings }]) => [name, reader.values(settings)]);
  const telemetry = readTelemetry({
    both: reader.values(TELEMETRY_SETTINGS.both),
    traces: reader.values(TELEMETRY_SETTINGS.traces),
    metrics: reader.values(TELEMETRY_SETTINGS.metrics),
    other: reader.values(TELEMETRY_SETTINGS.other),
  }, (text) => reader.warnings.add(text));
  const channels = Object.entries(CHANNELS).map(([name, row]) => [name, readChannel(reader, row)]);
  reader.findStrays();
  return {
    ...own,
    projectFile,
    isProviderNamed: false,
    phases,
    agents: Object.fromEntries(agents) as Settings["agents"],
    channels: Object.fromEntries(channels) as Settings["channels"],
    telemetry,
    warnings: [...reader.warnings],
    handedOn: reader.handedOn,
  };
}

/** `undefined` if it is not set up. */
function readChannel(reader: SettingReader, { title, settings }: Channel): SettingValues<SettingRows> | undefined {
  const values = reader.values(settings);
  const needed = Object.entries(settings).filter(([, { isNeeded }]) => isNeeded);
  const missing = needed.filter(([field]) => isEmpty(values[field]));
  if (missing.length === needed.length) return undefined;
  const fix = needed.length === 2 ? "Set both, or neither" : "Set all that it needs, or none";
  for (const [, { name }] of missing) reader.warnings.add(`${title} stays silent: ${name} is missing. ${fix}`);
  return missing.length > 0 ? undefined : values;
}

/** Whether a setting is empty, has no command, or turns its channel off. */
function isEmpty(value: unknown): boolean {
  return value === "" || value === "off" || (Array.isArray(value) && value.length === 0);
}
