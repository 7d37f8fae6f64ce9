/**
 * `stop_session`: stops a session.
 *
 * @module
 */
import * as z from "zod";
import { openAtRest } from "../../src/operations/open_at_rest.ts";
import { statusOf } from "../../src/operations/read_status.ts";
import { stopIn } from "../../src/operations/stop_session.ts";
import { replyStatus } from "../reply.ts";
import { type AddTool, defineTool, sessionName, type ToolReply } from "../tool.ts";

/** The tool. */
export const stopSessionTool: AddTool = defineTool({
  name: "stop_session",
  title: "Stop a session",
  description: "Stop a session after its current iteration, or now. Nothing is lost; resume_session goes on.",
  kind: "end",
  repeatable: true,
  input: z.strictObject({
    session: sessionName,
    now: z.boolean().optional().describe("End the agent at once"),
  }),
  async run({ session, now = false }, { samocode, by }): Promise<ToolReply> {
    using folder = await openAtRest(samocode, session);
    const status = statusOf(folder);
    return replyStatus(status.workerPid === undefined ? status : await stopIn(folder, { now, by }));
  },
});
