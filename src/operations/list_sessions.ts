/**
 * Lists all sessions of a project.
 *
 * @module
 */
import { join } from "node:path";
import { sessionNames } from "../session/find_session.ts";
import { layoutOf } from "../session/layout.ts";
import { SessionFolder } from "../session/session_folder.ts";
import { shortNames } from "../session/short_names.ts";
import { messageOf } from "../text/errors.ts";
import { statIfExists } from "../system/files/files.ts";
import { type Status, statusOf, unreadableStatus } from "./read_status.ts";
import type { Samocode } from "./samocode.ts";

/** The status of every session, newest first. Folders without a journal are not sessions. */
export function listSessions({ settings }: Samocode): readonly Status[] {
  const nameOf = shortNames(settings.sessions);
  return sessionNames(settings.sessions).sort().reverse().flatMap((folderName) => {
    const path = join(settings.sessions, folderName);
    return statIfExists(layoutOf(path).journal) === undefined ? [] : [statusIn(path, nameOf(folderName))];
  });
}

/** A broken folder must not hide the others. */
function statusIn(path: string, name: string): Status {
  try {
    using folder = SessionFolder.open(path, { readOnly: true });
    return statusOf(folder, { name });
  } catch (error) {
    return unreadableStatus(layoutOf(path), { name, problem: messageOf(error) });
  }
}
