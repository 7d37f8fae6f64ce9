/**
 * The tools that start, resume and stop sessions.
 *
 * @module
 */
import * as z from "zod";
import { MAX } from "../../src/operations/limits.ts";
import { statusOf } from "../../src/operations/read_status.ts";
import { openAtRest, PROVIDER_CHOICES } from "../../src/operations/samocode.ts";
import { stopSession } from "../../src/operations/stop_session.ts";
import { replyStatus } from "../reply.ts";
import { type AddTool, defineTool, sessionName, textUpTo, type ToolReply } from "../tool.ts";

/** Starts a session in the background. */
export const startSessionTool: AddTool = defineTool({
  name: "start_session",
  title: "Start a coding session",
  description: "Start a new background session for a coding task. Returns at once; follow it with wait_session.",
  kind: "act",
  input: z.strictObject({
    task: textUpTo(MAX.message).describe("What to do, in the user's words"),
    dive: textUpTo(MAX.message).optional().describe("What to look into first"),
    session: z.string().optional().describe("New name, e.g. add-jwt; else made from the task"),
    provider: z.enum(PROVIDER_CHOICES).optional().describe("Only if the user names one"),
  }),
  async run({ task, dive, session, provider }, { samocode, by, server }): Promise<ToolReply> {
    const { startSession } = await import("../../src/operations/start_session.ts");
    const started = await startSession(samocode, { session, task, dive, provider, by });
    server.sendResourceListChanged();
    return replyStatus(started);
  },
});

/** Resumes a session, or leaves a note for its next iteration. */
export const resumeSessionTool: AddTool = defineTool({
  name: "resume_session",
  title: "Resume or guide a session",
  description:
    "Continue a blocked, stopped, failed or crashed session; or give a running one guidance for its next iteration.",
  kind: "act",
  input: z.strictObject({
    session: sessionName,
    guidance: textUpTo(MAX.message).optional().describe("What the next iteration should know"),
  }),
  async run({ session, guidance }, { samocode, by }): Promise<ToolReply> {
    const { resumeSession } = await import("../../src/operations/resume_session.ts");
    using folder = await openAtRest(samocode, session);
    return replyStatus(await resumeSession(samocode, folder, { guidance, by }));
  },
});

/** Stops a session; does nothing to one at rest. */
export const stopSessionTool: AddTool = defineTool({
  name: "stop_session",
  title: "Stop a session",
  description: "Stop a session after its current iteration, or now. Nothing is lost; resume_session continues it.",
  kind: "end",
  repeatable: true,
  input: z.strictObject({
    session: sessionName,
    now: z.boolean().optional().describe("End the agent at once"),
  }),
  async run({ session, now = false }, { samocode, by }): Promise<ToolReply> {
    using folder = await openAtRest(samocode, session);
    const status = statusOf(folder);
    return replyStatus(status.workerPid === undefined ? status : await stopSession(folder, { now, by }));
  },
});
