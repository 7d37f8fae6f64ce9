/**
 * Lists all sessions of a project.
 *
 * @module
 */
import { join } from "node:path";
import { sessionNames } from "../session/find_session.ts";
import { layoutOf } from "../session/layout.ts";
import { SessionFolder } from "../session/session_folder.ts";
import { statIfExists } from "../system/files.ts";
import { type Status, statusOf } from "./read_status.ts";
import type { Samocode } from "./samocode.ts";

/** The status of every session, the newest first. Folders without a journal are no sessions. */
export function listSessions({ settings }: Samocode): readonly Status[] {
  return sessionNames(settings.sessions).sort().reverse().flatMap((name) => {
    const path = join(settings.sessions, name);
    if (!statIfExists(layoutOf(path).journal)?.isFile) return [];
    using folder = SessionFolder.open(path, { readOnly: true });
    return [statusOf(folder)];
  });
}
