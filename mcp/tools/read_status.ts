/**
 * `read_status`: the status of one session, or of all.
 *
 * @module
 */
import * as z from "zod";
import { listSessions } from "../../src/operations/list_sessions.ts";
import { readStatus } from "../../src/operations/read_status.ts";
import { replyStatus, replyWith } from "../reply.ts";
import { type AddTool, defineTool, sessionName, type ToolReply } from "../tool.ts";

/** Each row costs tokens. */
const MAX_ROWS = 20;

/** The tool. */
export const readStatusTool: AddTool = defineTool({
  name: "read_status",
  title: "Read session status",
  description: "Where a session stands now; without session, one row for each session, the newest first.",
  kind: "look",
  input: z.strictObject({ session: sessionName.optional() }),
  // deno-lint-ignore require-await -- tools are asynchronous by contract
  async run({ session: named }, { samocode }): Promise<ToolReply> {
    if (named !== undefined) return replyStatus(readStatus(samocode, { session: named }));
    const all = listSessions(samocode);
    const rows = all.slice(0, MAX_ROWS).map(({ session, state, phase, needs }) => ({
      session,
      state,
      phase,
      ...(needs === "none" ? {} : { needs }),
    }));
    const older = all.length - rows.length;
    return replyWith({ sessions: rows, ...(older > 0 ? { older } : {}) });
  },
});
