/**
 * What every operation works with. Doors build one and pass it to the verbs.
 *
 * @module
 */
import { AGENT_NAMES } from "../agents/agents.ts";
import { findSession, sessionNames } from "../session/find_session.ts";
import type { JournalOptions } from "../session/journal.ts";
import { SessionFolder } from "../session/session_folder.ts";
import { shortNames } from "../session/short_names.ts";
import { loadSettings, type SettingsRequest } from "../settings/load_settings.ts";
import type { Settings } from "../settings/settings.ts";
import { SETTINGS } from "../settings/settings_table.ts";
import { cacheFolder } from "../settings/user_folders.ts";
import { SamocodeError } from "../text/errors.ts";

/** The program with the settings of one project. */
export interface Samocode {
  readonly settings: Settings;
  readonly version: string;
  /** The user's environment. */
  readonly env: Readonly<Record<string, string>>;
  /** The folder of the shipped texts. */
  readonly shippedRoot: string;
  readonly cacheFolder: string;
  /** The command that starts this program, without arguments. */
  readonly self: readonly string[];
  readonly now: () => Date;
}

/** The agents that a session can be started with. */
export const PROVIDER_CHOICES = AGENT_NAMES;

/** The settings that `--timeout` stands for. */
export const TIMEOUT_SETTINGS: readonly string[] = [...SETTINGS.values()]
  .filter(({ flag }) => flag === "timeout").map(({ name }) => name);

/** Who decides at the gates. */
export type GateKeeper = Settings["gate"];

/**
 * Loads the settings of a project.
 *
 * @throws {SamocodeError} With every problem in the settings.
 */
export function loadSamocode(
  request: SettingsRequest & Pick<Samocode, "version" | "shippedRoot" | "self">,
): Samocode {
  const { env, version, shippedRoot, self } = request;
  const settings = loadSettings(request);
  return { settings, version, env, shippedRoot, self, cacheFolder: cacheFolder(env), now: () => new Date() };
}

/**
 * Opens an existing session.
 *
 * @throws {SamocodeError} If there is none of that name; the hint lists the newest.
 */
export function openSession(
  { settings }: Samocode,
  name: string,
  options: JournalOptions = {},
): SessionFolder {
  const place = findSession(settings.sessions, name);
  if (place.exists) return SessionFolder.open(place.path, options);
  const names = sessionNames(settings.sessions).sort().reverse().slice(0, 5).map(shortNames(settings.sessions));
  throw new SamocodeError(
    "usage",
    `Cannot find a session called ${name} in ${settings.sessions}`,
    names.length === 0
      ? { hint: "There is none yet; start one", actions: [{ verb: "start" }] }
      : { hint: `The newest are ${names.join(", ")}` },
  );
}
