/**
 * Finds what is wrong before a night is lost to it. Looks, and changes nothing.
 *
 * @module
 */
import { join } from "node:path";
import type { DiagnosisContext, SeenSession } from "../project/doctor/check.ts";
import { type AreaFinding, diagnose } from "../project/doctor/diagnose.ts";
import { sessionNames } from "../session/find_session.ts";
import { layoutOf } from "../session/layout.ts";
import { lockHolder } from "../session/lock.ts";
import { SessionFolder } from "../session/session_folder.ts";
import { shortNames } from "../session/short_names.ts";
import { loadSettings } from "../settings/load_settings.ts";
import type { Settings } from "../settings/settings.ts";
import { cacheFolder } from "../settings/user_folders.ts";
import { SamocodeError } from "../system/errors.ts";
import { statIfExists } from "../system/files/files.ts";
import type { History } from "../workflow/history.ts";
import type { Setup } from "./install.ts";

/** What the doctor says. */
export interface Diagnosis {
  /** Whether a session can be run. */
  readonly usable: boolean;
  readonly findings: readonly AreaFinding[];
}

/** Examines the program, the project in which one stands, and the machine. */
export async function examine(
  setup: Setup,
  { config, fetch = globalThis.fetch }: {
    readonly config: string | undefined;
    readonly fetch?: typeof globalThis.fetch;
  },
): Promise<Diagnosis> {
  const { env, workingDirectory, version, self } = setup;
  const { settings, problems } = readSettings(setup, config);
  const context: DiagnosisContext = {
    env,
    workingDirectory,
    version,
    self,
    settings,
    settingsProblems: problems,
    sessions: settings === undefined ? [] : sessionsIn(settings.sessions),
    cacheFolder: cacheFolder(env),
    fetch,
    now: setup.now(),
  };
  const findings = await diagnose(context);
  return { usable: findings.every(({ level }) => level !== "problem"), findings };
}

function readSettings(
  { env, workingDirectory }: Setup,
  config: string | undefined,
): { readonly settings: Settings | undefined; readonly problems: readonly string[] } {
  try {
    return { settings: loadSettings({ env, workingDirectory, config, flags: {} }), problems: [] };
  } catch (error) {
    if (!(error instanceof SamocodeError)) throw error;
    // Under a first line there is a line for each problem, with its way out; a single one has that in its hint.
    const [first = "", ...more] = error.message.split("\n");
    return { settings: undefined, problems: more.length > 0 ? more : [`${first}. ${error.hint}`] };
  }
}

/** The newest first. */
function sessionsIn(folder: string): readonly SeenSession[] {
  const nameOf = shortNames(folder);
  return sessionNames(folder).sort().reverse().flatMap((folderName): readonly SeenSession[] => {
    const layout = layoutOf(join(folder, folderName));
    if (statIfExists(layout.journal) === undefined) return [];
    return [{ name: nameOf(folderName), layout, history: historyOf(layout.folder), isHeld: isHeld(layout.lock) }];
  });
}

/** One broken folder must not hide all the others. */
function historyOf(path: string): History | undefined {
  try {
    using folder = SessionFolder.open(path, { readOnly: true });
    return folder.history;
  } catch {
    return undefined;
  }
}

function isHeld(lock: string): boolean {
  try {
    return lockHolder(lock) !== undefined;
  } catch {
    return false;
  }
}
