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

/** The program, set up for one project. */
export interface Samocode {
  readonly settings: Settings;
  readonly version: string;
  /** The person's environment. */
  readonly env: Readonly<Record<string, string>>;
  /** Where the shipped texts lie. */
  readonly shippedRoot: string;
  readonly cacheFolder: string;
  /** How this very program is called, its own arguments left out. */
  readonly self: readonly string[];
  readonly now: () => Date;
}

/** The agents that can be named for a session. */
export const PROVIDER_CHOICES = AGENT_NAMES;

/** The settings that `--timeout` stands for. */
export const TIMEOUT_SETTINGS: readonly string[] = [...SETTINGS.values()]
  .filter(({ flag }) => flag === "timeout").map(({ name }) => name);

/** Who decides at the gates. */
export type GateKeeper = Settings["gate"];

/**
 * Sets the program up for a project.
 *
 * @throws {SamocodeError} With everything that is wrong with its settings.
 */
export function loadSamocode(
  request: SettingsRequest & Pick<Samocode, "version" | "shippedRoot" | "self">,
): Samocode {
  const { env, version, shippedRoot, self } = request;
  const settings = loadSettings(request);
  return { settings, version, env, shippedRoot, self, cacheFolder: cacheFolder(env), now: () => new Date() };
}

/**
 * Opens a session that exists.
 *
 * @throws {SamocodeError} Where there is none of that name; the hint names those there are.
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
