/**
 * Sessions on the roster: what is written there, and how a session is opened from it, with the settings of its own
 * project.
 *
 * @module
 */
import { basename, dirname } from "node:path";
import { dismiss, enrol, type RosterEntry } from "../session/roster.ts";
import { SessionFolder } from "../session/session_folder.ts";
import { CHANNEL_SETTINGS } from "../settings/agent_environment.ts";
import { SETTING_NAMES, SETTINGS } from "../settings/settings_table.ts";
import type { Settings } from "../settings/settings.ts";
import { lstatIfExists } from "../system/files/files.ts";
import { isLost, waitsForDay } from "../workflow/supervision.ts";
import { loadSamocode, type Samocode } from "./samocode.ts";

/** What the program needs to look after sessions of any project. */
export type Host = Pick<Samocode, "env" | "version" | "shippedRoot" | "self" | "stateFolder"> & {
  readonly clock?: Samocode["clock"] | undefined;
};

/** Puts a session on the roster; returns the path of its entry, and how to take it off again. */
export function enlist(
  { settings, env, stateFolder }: Pick<Samocode, "settings" | "env" | "stateFolder">,
  folder: SessionFolder,
): { readonly path: string; readonly entry: RosterEntry; readonly leave: () => void } {
  const entry = entryOf({ settings, env }, folder);
  return { path: enrol(stateFolder, entry), entry, leave: () => dismiss(stateFolder, entry) };
}

/** The same for a session that is on no roster: its lock is in the place of the entry's file. */
export function standIn(
  samocode: Pick<Samocode, "settings" | "env">,
  folder: SessionFolder,
): ReturnType<typeof enlist> {
  return { path: folder.journal.lockPath ?? "", entry: entryOf(samocode, folder), leave: () => {} };
}

function entryOf({ settings, env }: Pick<Samocode, "settings" | "env">, folder: SessionFolder): RosterEntry {
  return {
    session: folder.layout.folder,
    lock: folder.journal.lockPath ?? "",
    projectFile: settings.projectFile,
    settings: settingsToKeep(env, settings),
  };
}

/**
 * The settings that a run got from flags and the environment. Secrets are left out: they belong in a .env file, where
 * the next worker reads them itself. Channel settings are left out too, since they determine who may decide.
 */
export function settingsToKeep(env: Samocode["env"], { handedOn }: Settings): Readonly<Record<string, string>> {
  const all = { ...Object.fromEntries(Object.entries(env).filter(([name]) => SETTING_NAMES.has(name))), ...handedOn };
  return Object.fromEntries(
    Object.entries(all).filter(([name]) => SETTINGS.get(name)?.kind !== "secret" && !CHANNEL_SETTINGS.has(name)),
  );
}

/**
 * Opens a session of the roster; `undefined` if its folder is gone, which takes it off the roster.
 *
 * @throws {SamocodeError} If the project's settings or the journal cannot be read.
 */
export function openEntry(
  host: Host,
  entry: RosterEntry,
  { readOnly }: { readonly readOnly: boolean },
): { readonly samocode: Samocode; readonly folder: SessionFolder } | undefined {
  const { session } = entry;
  if (lstatIfExists(session) === undefined) {
    dismiss(host.stateFolder, entry);
    return undefined;
  }
  const samocode = loadEntry(host, entry);
  const { stateFolder, now } = samocode;
  return { samocode, folder: SessionFolder.open(session, { stateFolder, now, readOnly }) };
}

/**
 * Loads the settings of a session's own project, with those of its run.
 *
 * @throws {SamocodeError} If they cannot be used.
 */
export function loadEntry(
  host: Host,
  { projectFile, settings }: Pick<RosterEntry, "projectFile" | "settings">,
): Samocode {
  const { clock, ...rest } = host;
  return loadSamocode({
    ...rest,
    ...(clock && { clock }),
    env: { ...host.env, ...settings },
    workingDirectory: dirname(projectFile),
    config: projectFile,
    flags: {},
  });
}

/** Takes a session that needs nobody off the roster, unless it was queued or given a worker since it was looked at. */
export function strike(
  { stateFolder }: Pick<Host, "stateFolder">,
  { entry, folder }: { readonly entry: RosterEntry; readonly folder: SessionFolder },
): void {
  dismiss(stateFolder, entry);
  folder.journal.refresh();
  const { holder, history } = folder;
  const isNeeded = holder !== undefined || history.queued !== undefined || isLost(history) || waitsForDay(history);
  if (isNeeded) enrol(stateFolder, entry);
}

/** How a session of the roster is called before it is opened. */
export function nameOf({ session }: RosterEntry): string {
  return basename(session);
}
