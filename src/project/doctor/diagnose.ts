/**
 * Finds what is wrong before a night is lost to it. Looks, and changes nothing. All checks run at once; a check that fails
 * is itself a finding, and holds up no other.
 *
 * @module
 */
import { join } from "node:path";
import { sessionNames } from "../../session/find_session.ts";
import { layoutOf } from "../../session/layout.ts";
import { lockHolder } from "../../session/lock.ts";
import { SessionFolder } from "../../session/session_folder.ts";
import { shortNames } from "../../session/short_names.ts";
import { loadSettings } from "../../settings/load_settings.ts";
import { cacheFolder } from "../../settings/user_folders.ts";
import { messageOf, SamocodeError } from "../../text/errors.ts";
import { statIfExists } from "../../system/files/files.ts";
import { plainText } from "../../text/terminal_text.ts";
import { type Finding, problem } from "../../contract/finding.ts";
import type { Setup } from "../setup.ts";
import type { Check, DiagnosisContext, SeenSession } from "./check.ts";
import { CHECKS } from "./checks.ts";

/** A finding with the area that it belongs to. */
export interface AreaFinding extends Finding {
  readonly area: string;
}

/** What the doctor says. */
export interface Diagnosis {
  /** Whether a session can be run. */
  readonly usable: boolean;
  readonly findings: readonly AreaFinding[];
}

/** How to look. */
export interface DiagnosisOptions {
  /** The value of `--config`. */
  readonly config: string | undefined;
  readonly fetch?: typeof globalThis.fetch;
}

/** Examines the program, the project in the working directory, and the machine; the findings come in the table's order. */
export async function diagnose(
  { env, workingDirectory, version, self }: Setup,
  { config, fetch = globalThis.fetch }: DiagnosisOptions,
): Promise<Diagnosis> {
  const read = readSettings({ env, workingDirectory, config });
  const context: DiagnosisContext = {
    ...read,
    env,
    workingDirectory,
    version,
    self,
    sessions: read.settings === undefined ? [] : sessionsIn(read.settings.sessions),
    cacheFolder: cacheFolder(env),
    fetch,
    now: new Date(),
  };
  const findings = (await Promise.all(CHECKS.map((check) => findingsOf(check, context)))).flat();
  return { usable: findings.every(({ level }) => level !== "problem"), findings };
}

const MAX_COLUMNS = 600;

/** The findings of one check, harmless for a terminal. */
async function findingsOf({ area, examine }: Check, context: DiagnosisContext): Promise<readonly AreaFinding[]> {
  const findings = await examineSafely(examine, context);
  return findings.map(({ level, text, remedy }) => ({
    area,
    level,
    text: plainText(text, MAX_COLUMNS),
    remedy: remedy === undefined ? undefined : plainText(remedy, MAX_COLUMNS),
  }));
}

async function examineSafely(examine: Check["examine"], context: DiagnosisContext): Promise<readonly Finding[]> {
  try {
    return await examine(context);
  } catch (error) {
    const hint = error instanceof SamocodeError ? error.hint : "Look at what it names";
    return [problem(`It could not be examined: ${messageOf(error)}`, hint)];
  }
}

function readSettings(
  request: Pick<Setup, "env" | "workingDirectory"> & Pick<DiagnosisOptions, "config">,
): Pick<DiagnosisContext, "settings" | "settingsProblems"> {
  try {
    return { settings: loadSettings({ ...request, flags: {} }), settingsProblems: [] };
  } catch (error) {
    if (!(error instanceof SamocodeError)) throw error;
    // Below the first line each problem has a line, with its hint in it; a single problem has it in the error's.
    const [first = "", ...more] = error.message.split("\n");
    return { settings: undefined, settingsProblems: more.length > 0 ? more : [`${first}. ${error.hint}`] };
  }
}

/** The newest first. */
function sessionsIn(folder: string): readonly SeenSession[] {
  const nameOf = shortNames(folder);
  return sessionNames(folder).sort().reverse().flatMap((folderName): readonly SeenSession[] => {
    const layout = layoutOf(join(folder, folderName));
    if (statIfExists(layout.journal) === undefined) return [];
    // One broken folder must not hide all the others.
    const history = orElse(undefined, () => {
      using opened = SessionFolder.open(layout.folder, { readOnly: true });
      return opened.history;
    });
    const isHeld = orElse(false, () => lockHolder(layout.lock) !== undefined);
    return [{ name: nameOf(folderName), layout, history, isHeld }];
  });
}

function orElse<T, F>(fallback: F, read: () => T): T | F {
  try {
    return read();
  } catch {
    return fallback;
  }
}
