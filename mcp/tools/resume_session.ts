/**
 * `resume_session`: resumes a session, or leaves a note for its next iteration.
 *
 * @module
 */
import * as z from "zod";
import { MAX } from "../../src/operations/limits.ts";
import { replyStatus } from "../reply.ts";
import { type AddTool, defineTool, sessionName, textUpTo, type ToolReply } from "../tool.ts";

/** The tool. */
export const resumeSessionTool: AddTool = defineTool({
  name: "resume_session",
  title: "Resume or guide a session",
  description:
    "Let a blocked, stopped, failed or crashed session go on; or give a running one guidance for its next iteration.",
  kind: "act",
  input: z.strictObject({
    session: sessionName,
    guidance: textUpTo(MAX.message).optional().describe("What the next iteration should know"),
  }),
  async run({ session, guidance }, { samocode, by }): Promise<ToolReply> {
    const { resumeSession } = await import("../../src/operations/resume_session.ts");
    return replyStatus(await resumeSession(samocode, { session, guidance, by }));
  },
});
