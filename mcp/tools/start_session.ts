/**
 * `start_session`: starts a session in the background.
 *
 * @module
 */
import * as z from "zod";
import { MAX } from "../../src/operations/limits.ts";
import { PROVIDER_CHOICES } from "../../src/operations/samocode.ts";
import { replyStatus } from "../reply.ts";
import { type AddTool, defineTool, textUpTo, type ToolReply } from "../tool.ts";

/** The tool. */
export const startSessionTool: AddTool = defineTool({
  name: "start_session",
  title: "Start a coding session",
  description: "Start a new background session for a coding task. Returns at once; follow it with wait_session.",
  kind: "act",
  input: z.strictObject({
    task: textUpTo(MAX.message).describe("What is to be done, in the user's words"),
    dive: textUpTo(MAX.message).optional().describe("What to look into first"),
    session: z.string().optional().describe("New name, e.g. add-jwt; else made from the task"),
    provider: z.enum(PROVIDER_CHOICES).optional().describe("Only if the user names one"),
  }),
  async run({ task, dive = "", session, provider }, { samocode, by, server }): Promise<ToolReply> {
    const { startSession } = await import("../../src/operations/start_session.ts");
    const started = await startSession(samocode, { session, task, dive, provider, by });
    server.sendResourceListChanged();
    return replyStatus(started);
  },
});
