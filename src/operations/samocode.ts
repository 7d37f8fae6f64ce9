/**
 * What every operation works with. Doors build one and pass it to the verbs.
 *
 * @module
 */
import { findSession, sessionNames } from "../session/find_session.ts";
import type { JournalOptions } from "../session/journal.ts";
import { SessionFolder } from "../session/session_folder.ts";
import { shortNames } from "../session/short_names.ts";
import type { Settings } from "../settings/settings.ts";
import { SamocodeError } from "../system/errors.ts";

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
  throw new SamocodeError("usage", `Cannot find a session called ${name} in ${settings.sessions}`, {
    hint: knownSessions(settings.sessions),
  });
}

function knownSessions(sessions: string): string {
  const names = sessionNames(sessions).sort().reverse().slice(0, 5).map(shortNames(sessions));
  return names.length === 0 ? "There is none yet; start one with `samocode run`" : `The newest are ${names.join(", ")}`;
}
