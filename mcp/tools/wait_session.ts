/**
 * `wait_session`: waits until a session needs the user.
 *
 * @module
 */
import * as z from "zod";
import { DEFAULT, MAX } from "../../src/operations/limits.ts";
import { readStatus, type Status } from "../../src/operations/read_status.ts";
import { waitSession } from "../../src/operations/wait_session.ts";
import { replyStatus } from "../reply.ts";
import { type AddTool, defineTool, sessionName, type ToolCall, type ToolReply } from "../tool.ts";
import { createWaitTask, tellProgress } from "../wait_task.ts";

/** The tool. */
export const waitSessionTool: AddTool = defineTool({
  name: "wait_session",
  title: "Wait for a session",
  description:
    "Wait until a session needs the user (questions, plan, block) or ends, then return its status. May run in the background.",
  kind: "look",
  input: z.strictObject({
    session: sessionName,
    max_seconds: z.int().min(1).max(MAX.waitSeconds).default(DEFAULT.waitSeconds),
    until_phase: z.boolean().optional().describe("Also return when the phase changes"),
    after: z.int().min(0).max(1e9).optional().describe("Cursor of the last status you saw"),
  }),
  async run({ session, max_seconds, until_phase: untilPhaseChange = false, after }, call): Promise<ToolReply> {
    const { samocode, caller, context } = call;
    const before = readStatus(samocode, { session });
    const cursor = Math.min(after ?? before.cursor, before.cursor);
    if (before.state === "running" && caller.followsTasks) {
      return createWaitTask(before, { after: cursor, untilPhaseChange });
    }
    const { status } = await waitSession(samocode, {
      session,
      after: cursor,
      timeoutMs: max_seconds * 1000,
      abort: context.mcpReq.signal,
      untilPhaseChange,
      onProgress: progressReporter(call),
    });
    return replyStatus(status);
  },
});

/** Reports progress to a client that asked for it, which also shows that the call is alive. */
function progressReporter({ context }: ToolCall): (status: Status) => void {
  const progressToken = context.mcpReq._meta?.progressToken;
  let progress = 0;
  return (status) => {
    if (progressToken === undefined) return;
    const params = { progressToken, progress: ++progress, message: tellProgress(status) };
    // The client may be gone.
    context.mcpReq.notify({ method: "notifications/progress", params }).catch(() => {});
  };
}
