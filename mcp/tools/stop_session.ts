/**
 * `stop_session`: ends a session's worker.
 *
 * @module
 */
import * as z from "zod";
import { stopSession } from "../../src/operations/stop_session.ts";
import { replyNews, replyStatus } from "../reply.ts";
import { lookAtRest } from "../snapshot.ts";
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
    const news = await lookAtRest(samocode, session);
    if (news.status.workerPid === undefined) return replyNews(news);
    await stopSession(samocode, { session, now, by });
    return replyStatus(samocode, session);
  },
});
