/**
 * Finds what would stop or hurt a session before one runs overnight. It changes nothing. All checks run at once; one
 * that fails is itself a finding.
 *
 * @module
 */
import { join } from "node:path";
import { AGENT_NAMES } from "../../agents/agents.ts";
import { type Finding, problem } from "../../contract/finding.ts";
import type { Channel } from "../../channels/channel.ts";
import { CHANNEL_NAMES, type ChannelName, CHANNELS } from "../../channels/channels.ts";
import { historyByHand } from "../../session/by_hand.ts";
import { sessionNames, shortNames } from "../../session/find_session.ts";
import { type Layout, layoutOf } from "../../session/layout.ts";
import { SessionFolder } from "../../session/session_folder.ts";
import { loadSettings } from "../../settings/load_settings.ts";
import { messageOf, SamocodeError, unlessFailing } from "../../text/errors.ts";
import { homeFolder, stateFolder } from "../../system/user_folders.ts";
import { statIfExists } from "../../system/files/files.ts";
import { plainText } from "../../text/terminal_text.ts";
import type { Setup } from "../setup.ts";
import type { Check, DiagnosisContext, SeenSession } from "./check.ts";
import { checkOfAgent, mcpServers } from "./checks/agents.ts";
import { disk, guard, program, settings } from "./checks/environment.ts";
import { projectChecks } from "./checks/evidence.ts";
import { git } from "./checks/git.ts";
import { listener } from "./checks/listener.ts";
import { sessions, worktrees } from "./checks/sessions.ts";
import { sleep } from "./checks/sleep.ts";
import { telemetry } from "./checks/telemetry.ts";

/** All checks, in the order in which they are shown. */
const CHECKS: readonly Check[] = [
  program,
  settings,
  ...AGENT_NAMES.flatMap(checkOfAgent),
  guard,
  sleep,
  git,
  projectChecks,
  sessions,
  worktrees,
  disk,
  mcpServers,
  ...CHANNEL_NAMES.flatMap(checkOfChannel),
  listener,
  telemetry,
];

function checkOfChannel(name: ChannelName): readonly Check[] {
  const { title, check }: Channel = CHANNELS[name];
  if (check === undefined) return [];
  return [{
    area: title,
    async *examine({ settings, env }): AsyncGenerator<Finding> {
      const set = settings?.channels[name];
      if (set !== undefined) yield* await (await check())(set, { fetch, env });
    },
  }];
}

/** A finding and its area. */
export interface AreaFinding extends Finding {
  readonly area: string;
}

/** What the doctor found. */
export interface Diagnosis {
  /** Whether a session can be run. */
  readonly usable: boolean;
  /** In the order of the checks. */
  readonly findings: readonly AreaFinding[];
}

/**
 * Examines the program, the project around the working directory, and the machine.
 *
 * @param config The value of `--config`.
 */
export async function diagnose(setup: Setup, config: string | undefined): Promise<Diagnosis> {
  const read = readSettings(setup, config);
  const seen = read.settings === undefined ? [] : sessionsIn(read.settings.sessions, setup.env);
  const context: DiagnosisContext = { ...setup, ...read, sessions: seen };
  const findings = (await Promise.all(CHECKS.map((check) => findingsOf(check, context)))).flat();
  return { usable: findings.every(({ level }) => level !== "problem"), findings };
}

const MAX_COLUMNS = 600;

/** The findings of one check, safe for a terminal. */
async function findingsOf({ area, examine }: Check, context: DiagnosisContext): Promise<readonly AreaFinding[]> {
  const findings = await Array.fromAsync(examine(context)).catch((error) => [
    problem(`Cannot examine it: ${messageOf(error)}`, error instanceof SamocodeError ? error.hint : "Fix the cause"),
  ]);
  return findings.map(({ level, text, remedy }) => ({
    area,
    level,
    text: plainText(text, MAX_COLUMNS),
    remedy: remedy === undefined ? undefined : plainText(remedy, MAX_COLUMNS),
  }));
}

function readSettings(
  { env, workingDirectory }: Setup,
  config: string | undefined,
): Pick<DiagnosisContext, "settings" | "settingsProblems"> {
  try {
    return { settings: loadSettings({ env, workingDirectory, config, flags: {} }), settingsProblems: [] };
  } catch (error) {
    // Examining an untrusted project would start the programs that it names.
    if (!(error instanceof SamocodeError) || error.actions.some(({ verb }) => verb === "trust")) throw error;
    const isMissing = error.actions.some(({ verb }) => verb === "init");
    const remedy = isMissing ? "samocode init, in the repository" : error.hint;
    // Several problems have a line each below the first one, with the hint in the line.
    const [first = "", ...lines] = error.message.split("\n");
    const settingsProblems = lines.length === 0 ? [problem(first, remedy)] : lines.map((line) => {
      const [text = "", ...hint] = line.trim().split(/\. (?=[A-Z])/);
      return problem(text, hint.join(". ") || remedy);
    });
    return { settings: undefined, settingsProblems };
  }
}

/** The newest first. */
function sessionsIn(folder: string, env: Setup["env"]): readonly SeenSession[] {
  const nameOf = shortNames(folder);
  const layouts = sessionNames(folder).sort().reverse().map((name) =>
    [nameOf(name), layoutOf(join(folder, name))] as const
  );
  const isSession = ({ journal, notebook }: Layout): boolean =>
    [journal, notebook].some((file) => statIfExists(file) !== undefined);
  return layouts.filter(([, layout]) => isSession(layout)).map(([name, layout]) => {
    // One broken folder must not hide the others.
    const found = unlessFailing(() => {
      // Its worktree is somebody's.
      if (statIfExists(layout.journal) === undefined) return { history: historyByHand(layout, homeFolder(env)) };
      using opened = SessionFolder.open(layout.folder, { stateFolder: stateFolder(env), readOnly: true });
      return { history: opened.history, isLocked: opened.holder !== undefined, doubt: opened.journal.doubt };
    });
    return { name, layout, history: undefined, isLocked: false, doubt: undefined, ...found };
  });
}
