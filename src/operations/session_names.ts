/**
 * The names of a project's sessions, for a shell that completes a word.
 *
 * @module
 */
import { join } from "node:path";
import { sessionNames as folderNames } from "../session/find_session.ts";
import { layoutOf } from "../session/layout.ts";
import { shortNames } from "../session/short_names.ts";
import { loadSettings, type SettingsRequest } from "../settings/load_settings.ts";
import { statIfExists } from "../system/files/files.ts";

/** Stricter than a session's name need be: a shell reads these, and a folder may be called anything. */
const HARMLESS = /^[A-Za-z0-9_][A-Za-z0-9._-]*$/;

/**
 * The shortest names that lead to them, the newest first.
 *
 * @returns None where there is no project or its settings are wrong: whoever types a command wants no error here.
 */
export function sessionNames(request: SettingsRequest): readonly string[] {
  try {
    const { sessions } = loadSettings(request);
    const folders = folderNames(sessions).sort().reverse()
      .filter((name) => statIfExists(layoutOf(join(sessions, name)).journal)?.isFile);
    return folders.map(shortNames(sessions)).filter((name) => HARMLESS.test(name));
  } catch {
    return [];
  }
}
