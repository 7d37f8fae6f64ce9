/**
 * Loads the settings of a project: finds `.samocode`, reads all sources, and turns the values into what the program
 * works with.
 *
 * @module
 */
import { dirname, join, resolve } from "node:path";
import { parse as parseEnvFile } from "dotenv";
import { forAgentPhases } from "../workflow/phases.ts";
import { SamocodeError } from "../system/errors.ts";
import { readTextIfExists, statIfExists } from "../system/files/files.ts";
import { type Problem, readValues, type Source } from "./read_values.ts";
import { type Settings, withProvider } from "./settings.ts";
import { isGateKeeper, phaseInName, type SettingName } from "./settings_table.ts";
import { configFolder, homeFolder } from "./user_folders.ts";

/** Where to look. */
export interface SettingsRequest {
  readonly env: Readonly<Record<string, string>>;
  readonly workingDirectory: string;
  /** The value of `--config`. */
  readonly config: string | undefined;
  /** Flags that stand for settings, by flag name. */
  readonly flags: Readonly<Record<string, string>>;
}

/** The name of a project's file. */
export const PROJECT_FILE = ".samocode";

/**
 * Loads the settings.
 *
 * @throws {SamocodeError} With every problem there is, each with its source and its way out.
 */
export function loadSettings(request: SettingsRequest): Settings {
  const projectFile = findProjectFile(request);
  const project = fileSource(projectFile);
  const home = homeFolder(request.env);
  const environment = [
    { label: "the environment", values: request.env, folder: request.workingDirectory, isFile: false },
    ...[join(dirname(projectFile), ".env"), join(configFolder(request.env), ".env")]
      .filter((path) => statIfExists(path)?.isFile)
      .map(fileSource),
  ];
  const flags = { label: "the command line", values: request.flags, folder: request.workingDirectory, isFile: false };
  const { values, problems } = readValues({ project, environment, flags, home });
  const unflagged = readValues({ project, environment, flags: { ...flags, values: {} }, home }).values;
  const all = [...problems, ...telegramProblems(values)].filter(isFirst);
  if (all.length > 0) {
    const lines = all.map(({ source, problem, wayOut }) => `  ${source}: ${problem}. ${wayOut}`);
    throw new SamocodeError("usage", `Cannot use the settings:\n${lines.join("\n")}`, {
      hint: all.length === 1 ? "Mend it, then type the command again" : "Mend them, then type the command again",
    });
  }
  const settings = settingsFrom(values, { projectFile, phases: phaseSettings(unflagged) });
  const named = request.flags["provider"];
  return named === undefined ? settings : withProvider(settings, named);
}

/** The nearest `.samocode` upward, or the one that was named. */
function findProjectFile({ workingDirectory, config }: SettingsRequest): string {
  if (config !== undefined) {
    const named = resolve(workingDirectory, config);
    const path = statIfExists(named)?.isDirectory ? join(named, PROJECT_FILE) : named;
    if (statIfExists(path)?.isFile) return path;
    throw new SamocodeError("usage", `Cannot read ${path}: there is no such file`, {
      hint: "Check the path after --config",
    });
  }
  const nearest = nearestProjectFile(workingDirectory);
  if (nearest !== undefined) return nearest;
  throw new SamocodeError("usage", `Cannot find ${PROJECT_FILE} in ${workingDirectory} or above it`, {
    hint:
      "Write one with samocode init in your repository, or name it with --config; to see samocode at work first: samocode demo",
  });
}

/** The `.samocode` of a folder or of the nearest one above it. */
export function nearestProjectFile(from: string): string | undefined {
  for (let folder = from;; folder = dirname(folder)) {
    const path = join(folder, PROJECT_FILE);
    if (statIfExists(path)?.isFile) return path;
    if (dirname(folder) === folder) return undefined;
  }
}

function fileSource(path: string): Source {
  return { label: path, values: parseEnvFile(readTextIfExists(path) ?? ""), folder: dirname(path), isFile: true };
}

/** A flag that several settings share is wrong once. */
function isFirst({ source, problem }: Problem, index: number, all: readonly Problem[]): boolean {
  return index === all.findIndex((other) => other.source === source && other.problem === problem);
}

function telegramProblems(values: Readonly<Record<SettingName, string>>): readonly Problem[] {
  const { TELEGRAM_BOT_TOKEN: token, TELEGRAM_CHAT_ID: chat } = values;
  if ((token === "") === (chat === "")) return [];
  const missing = token === "" ? "TELEGRAM_BOT_TOKEN" : "TELEGRAM_CHAT_ID";
  return [{ source: "Telegram", problem: `${missing} is missing`, wayOut: "Set both, or neither" }];
}

function phaseSettings(values: Readonly<Record<SettingName, string>>): Settings["phases"] {
  return forAgentPhases((phase) => ({
    provider: values[`SAMOCODE_PROVIDER_${phaseInName(phase)}`] || values.SAMOCODE_PROVIDER,
    model: values[`SAMOCODE_MODEL_${phaseInName(phase)}`],
  }));
}

function settingsFrom(
  values: Readonly<Record<SettingName, string>>,
  { projectFile, phases }: Pick<Settings, "projectFile" | "phases">,
): Settings {
  const ms = (name: SettingName) => Number(values[name]) * 1000;
  return {
    projectFile,
    mainRepo: values.MAIN_REPO,
    worktrees: values.WORKTREES,
    sessions: values.SESSIONS,
    provider: values.SAMOCODE_PROVIDER,
    isProviderNamed: false,
    phases,
    fallback: values.SAMOCODE_FALLBACK_PROVIDER || undefined,
    policy: { maxRetries: Number(values.SAMOCODE_MAX_RETRIES), retryDelayMs: ms("SAMOCODE_RETRY_DELAY") },
    stallMs: ms("SAMOCODE_STALL_TIMEOUT"),
    maxCostUsd: values.SAMOCODE_MAX_COST === "" ? undefined : Number(values.SAMOCODE_MAX_COST),
    gate: isGateKeeper(values.SAMOCODE_GATE) ? values.SAMOCODE_GATE : "ask",
    branchPrefix: values.GIT_BRANCH_PREFIX,
    demoPace: Number(values.SAMOCODE_DEMO_PACE),
    claude: {
      binary: values.CLAUDE_PATH,
      model: values.CLAUDE_MODEL,
      timeoutMs: ms("CLAUDE_TIMEOUT"),
      maxTurns: Number(values.CLAUDE_MAX_TURNS),
      permissionMode: values.CLAUDE_PERMISSION_MODE,
      settingSources: values.CLAUDE_SETTING_SOURCES,
    },
    codex: {
      binary: values.CODEX_PATH,
      model: values.CODEX_MODEL,
      timeoutMs: ms("CODEX_TIMEOUT"),
      sandbox: values.CODEX_SANDBOX_MODE,
    },
    telegram: values.TELEGRAM_BOT_TOKEN === ""
      ? undefined
      : { token: values.TELEGRAM_BOT_TOKEN, chatId: values.TELEGRAM_CHAT_ID, apiBase: values.TELEGRAM_API_BASE },
  };
}
