/**
 * What every operation works with: the program with its settings, and open sessions, which doors build and open and pass
 * to the verbs; and limits, the same at every door.
 *
 * @module
 */
import { AGENT_NAMES } from "../agents/agents.ts";
import { type Awaited, copiesIn } from "../session/elsewhere.ts";
import { findSession, sessionNames, type SessionPlace, shortNames } from "../session/find_session.ts";
import { archiveOf } from "../session/layout.ts";
import type { JournalOptions } from "../session/journal_reader.ts";
import { KeptJournals } from "../session/kept_journals.ts";
import { SessionFolder } from "../session/session_folder.ts";
import { loadSettings, locateProject, type SettingsRequest } from "../settings/load_settings.ts";
import type { Settings } from "../settings/settings.ts";
import { describeKind, SETTINGS } from "../settings/settings_table.ts";
import { type Clock, SYSTEM_CLOCK } from "../system/clock.ts";
import { cacheFolder, configFolder, stateFolder } from "../system/user_folders.ts";
import { FileWatch } from "../system/files/file_watch.ts";
import { lstatIfExists } from "../system/files/files.ts";
import { SamocodeError, unlessFailing } from "../text/errors.ts";

/** The program with the settings of one project. */
export interface Samocode {
  readonly settings: Settings;
  readonly version: string;
  /** The user's environment. */
  readonly env: Readonly<Record<string, string>>;
  /** The folder of the shipped texts. */
  readonly shippedRoot: string;
  readonly cacheFolder: string;
  /** The user's own folder for this program: settings, and what they trust. */
  readonly configFolder: string;
  /** The user's own folder for the heads of journals. */
  readonly stateFolder: string;
  /** The command that starts this program, without arguments. */
  readonly self: readonly string[];
  /** Whether a person typed the command: then what was changed by hand in a session's files counts as theirs. */
  readonly isPersons?: boolean;
  readonly now: () => Date;
  readonly clock: Clock;
  /** What was read of long journals, in a process that is asked again and again. */
  readonly kept?: KeptJournals;
}

/** The agents to choose from. */
export const PROVIDER_CHOICES = AGENT_NAMES;

/** The settings that `--timeout` overrides. */
export const TIMEOUT_SETTINGS: readonly string[] = [...SETTINGS.values()]
  .filter(({ flag }) => flag === "timeout").map(({ name }) => name);

/** Who decides at the gates. */
export type GateKeeper = Settings["gate"];

/** What a program is loaded from. */
type LoadRequest = SettingsRequest & Pick<Samocode, "version" | "shippedRoot" | "self"> & { readonly clock?: Clock };

/**
 * Loads the settings of a project.
 *
 * @throws {SamocodeError} With every problem in the settings.
 */
export function loadSamocode(request: LoadRequest): Samocode {
  const { env, version, shippedRoot, self, clock = SYSTEM_CLOCK } = request;
  return {
    settings: loadSettings(request),
    version,
    env,
    shippedRoot,
    self,
    cacheFolder: cacheFolder(env),
    configFolder: configFolder(env),
    stateFolder: stateFolder(env),
    now: () => new Date(clock.calendar()),
    clock,
  };
}

/** Whether there is a `.samocode` to load, whatever is in it. */
export function findsProject(request: Parameters<typeof locateProject>[0]): boolean {
  return unlessFailing(() => locateProject(request)) !== undefined;
}

/** Loads the settings anew each time, and keeps what was read of long journals. */
export function samocodeLoader(request: LoadRequest): () => Samocode {
  const kept = new KeptJournals();
  return () => ({ ...loadSamocode(request), kept });
}

/**
 * Opens an existing session.
 *
 * @throws {SamocodeError} If there is none of that name; the hint lists the newest.
 */
export function openSession(
  { settings, stateFolder, now, kept }: Samocode,
  name: string,
  options: Omit<JournalOptions, "stateFolder" | "kept"> = {},
): SessionFolder {
  const place = placeOfSession(settings.sessions, name);
  if (place.exists) return SessionFolder.open(place.path, { now, ...options, stateFolder, kept });
  const awaited = awaitedSession({ settings }, name);
  if (awaited !== undefined) {
    const { state, detail } = awaited.elsewhere;
    const why = state === "failed" ? detail : `it has not begun. ${detail}`;
    throw new SamocodeError("conflict", `Cannot open the session ${name}: ${why}`, {
      hint: "See its state",
      actions: [{ verb: "status", session: name }],
    });
  }
  const names = sessionNames(settings.sessions).sort().reverse().slice(0, 5).map(shortNames(settings.sessions));
  throw new SamocodeError(
    "usage",
    `Cannot find a session called ${name} in ${settings.sessions}`,
    names.length === 0
      ? { hint: "There are none yet; start one", actions: [{ verb: "start" }] }
      : { hint: `The newest are ${names.join(", ")}` },
  );
}

/** A session elsewhere that nobody has begun yet. */
export function awaitedSession({ settings }: Pick<Samocode, "settings">, name: string): Awaited | undefined {
  return copiesIn(settings.sessions)?.awaited().find((each) => each.name === name);
}

/** Where a session is: among all, or in the archive. */
function placeOfSession(sessions: string, name: string): SessionPlace {
  const place = findSession(sessions, name);
  const archive = archiveOf(sessions);
  if (place.exists || lstatIfExists(archive)?.isDirectory !== true) return place;
  const archived = findSession(archive, name);
  return archived.exists ? archived : place;
}

/**
 * Opens an existing session to act on it. A worker holds its lock for a moment after its last event, while its
 * listeners close: if the session is at rest, this waits for that.
 *
 * @throws {SamocodeError} If there is no such session.
 */
export async function openAtRest(samocode: Samocode, name: string): Promise<SessionFolder> {
  const folder = openSession(samocode, name);
  try {
    const { running, outcome } = folder.history;
    if (!running && outcome !== undefined) await released(folder);
    folder.journal.refresh();
    return folder;
  } catch (error) {
    folder[Symbol.dispose]();
    throw error;
  }
}

/** Resolves when the current lock holder has released the lock, after a timeout, or when `abort` fires. */
export async function released(folder: SessionFolder, abort?: AbortSignal): Promise<void> {
  const { holder } = folder;
  const { lockPath } = folder.journal;
  if (holder === undefined || lockPath === undefined) return;
  using watch = new FileWatch(lockPath);
  using _waking = onAbort(abort, () => watch.wake());
  const deadline = performance.now() + WITHIN_MS.release;
  while (folder.holder?.pid === holder.pid && performance.now() < deadline && !abort?.aborted) {
    await watch.changed(LOOK_MS.release);
  }
}

/** Calls back when a signal fires, until it is disposed. */
export function onAbort(abort: AbortSignal | undefined, listener: () => void): Disposable {
  abort?.addEventListener("abort", listener);
  return { [Symbol.dispose]: () => abort?.removeEventListener("abort", listener) };
}

/** The settings that are read from a place, each with its meaning, choices and default. */
export function describeSettings(
  place: "project" | "environment",
): readonly (readonly [name: string, text: string])[] {
  const rows = [...SETTINGS.values()]
    .filter((row) => !row.isRare && (row.place === "project") === (place === "project"));
  return rows.map(({ name, help, kind, default: preset }) => {
    const unit = kind === "seconds" || kind === "delay" || kind === "period" ? " s" : "";
    const shown = preset === undefined || preset === "" ? "" : ` (${preset}${unit})`;
    const choices = typeof kind === "string" ? "" : `; one of ${describeKind(kind)}`;
    return [name, `${help}${choices}${shown}`];
  });
}

/** Limits on input, in characters unless the name says otherwise. */
export const MAX = {
  /** A task and a dive together. Every agent gets them. */
  assignment: 500_000,
  /** A task, note or feedback that a model passes on. */
  message: 20_000,
  answer: 4_000,
  answers: 200,
  /** A page of a file, in bytes. Claude Code moves results over about 50 kB to a file. */
  pageBytes: 40_000,
  /** The longest single wait. */
  waitSeconds: 86_400,
} as const;

/** Defaults. */
export const DEFAULT = {
  /** About 2,000 tokens; most documents fit. */
  pageBytes: 8_000,
  /** Codex abandons a call after 300 s, other clients later. */
  waitSeconds: 240,
} as const;

/** Timeouts, in milliseconds. */
export const WITHIN_MS = {
  /** For a worker to release its lock after its last event; slightly longer than listeners get to close. */
  release: 25_000,
  /** For a worker to stop. Ending an agent takes up to seven seconds, its children longer. */
  stop: 30_000,
} as const;

/** Polling intervals for what no file change reports, in milliseconds. */
export const LOOK_MS = {
  /** For the death of a worker; also how often a client should poll a task. */
  death: 2_000,
  /** For the death of the process that holds a lock. */
  release: 250,
  /** For a change of a copy's session that was not told. */
  copies: 10_000,
} as const;
