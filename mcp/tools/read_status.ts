/**
 * `read_status`: where one session stands, or all of them.
 *
 * @module
 */
import * as z from "zod";
import { basename } from "node:path";
import { listSessions } from "../../src/operations/list_sessions.ts";
import type { Status } from "../../src/operations/read_status.ts";
import { replyStatus, replyWith } from "../reply.ts";
import { type AddTool, defineTool, sessionName, type ToolReply } from "../tool.ts";

/** More are hardly asked for, and each takes room. */
const MAX_ROWS = 20;

/** The tool. */
export const readStatusTool: AddTool = defineTool({
  name: "read_status",
  title: "Read session status",
  description: "Where a session stands now; without session, one row for each session, the newest first.",
  kind: "look",
  input: z.strictObject({ session: sessionName.optional() }),
  run({ session }, { samocode }): Promise<ToolReply> {
    if (session !== undefined) return replyStatus(samocode, session);
    const all = listSessions(samocode);
    const names = sessionNamesOf(all);
    const rows = all.slice(0, MAX_ROWS).map(({ state, phase, needs }, index) => ({
      session: names[index],
      state,
      phase,
      ...(needs === "none" ? {} : { needs }),
    }));
    const older = all.length - rows.length;
    return Promise.resolve(replyWith({ sessions: rows, ...(older > 0 ? { older } : {}) }));
  },
});

/** The names that lead to the sessions: the bare one to the newest of its kind, the dated one to the others. */
export function sessionNamesOf(statuses: readonly Pick<Status, "session" | "folder">[]): readonly string[] {
  const seen = new Set<string>();
  return statuses.map(({ session, folder }) => {
    if (seen.has(session)) return basename(folder);
    seen.add(session);
    return session;
  });
}
