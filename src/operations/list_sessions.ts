/**
 * Lists the sessions of a project, newest first. Folders without a journal are not sessions.
 *
 * @module
 */
import { join } from "node:path";
import { sessionNames as folderNames, shortNames } from "../session/find_session.ts";
import { layoutOf } from "../session/layout.ts";
import { SessionFolder } from "../session/session_folder.ts";
import { loadSettings, type SettingsRequest } from "../settings/load_settings.ts";
import { statIfExists } from "../system/files/files.ts";
import { messageOf, unlessFailing } from "../text/errors.ts";
import { type Status, statusOf, unreadableStatus } from "./read_status.ts";
import type { Samocode } from "./samocode.ts";

/** The status of every session. */
export function listSessions({ settings }: Pick<Samocode, "settings">): readonly Status[] {
  return placesIn(settings.sessions).map(({ path, name }) => {
    // A broken folder must not hide the others.
    try {
      using folder = SessionFolder.open(path, { readOnly: true });
      return statusOf(folder, { name });
    } catch (error) {
      return unreadableStatus(layoutOf(path), { name, problem: messageOf(error) });
    }
  });
}

/** The names of all sessions, without opening them. */
export function sessionNames({ settings }: Pick<Samocode, "settings">): readonly string[] {
  return placesIn(settings.sessions).map(({ name }) => name);
}

/** Stricter than the rules for names: a shell reads these, and a folder can have any name. */
const SAFE_IN_SHELL = /^[A-Za-z0-9_][A-Za-z0-9._-]*$/;

/** Names for a shell's completion; empty if there is no project or its settings are invalid. */
export function completableNames(request: SettingsRequest): readonly string[] {
  const names = unlessFailing(() => sessionNames({ settings: loadSettings(request) })) ?? [];
  return names.filter((name) => SAFE_IN_SHELL.test(name));
}

function placesIn(sessions: string): readonly { readonly path: string; readonly name: string }[] {
  const nameOf = shortNames(sessions);
  return folderNames(sessions).sort().reverse().flatMap((folder) => {
    const path = join(sessions, folder);
    return statIfExists(layoutOf(path).journal) === undefined ? [] : [{ path, name: nameOf(folder) }];
  });
}
