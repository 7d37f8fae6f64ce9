/**
 * The tools that start, resume and stop a session.
 *
 * @module
 */
import * as z from "zod";
import { checkOwnBudget } from "../../src/operations/own_budget.ts";
import { refuseOwnAgents } from "../../src/operations/people_only.ts";
import { statusOf } from "../../src/operations/read_status.ts";
import { MAX, openAtRest, PROVIDER_CHOICES } from "../../src/operations/samocode.ts";
import { stopAwaited, stopSession } from "../../src/operations/stop_session.ts";
import { type ActReply, defineAct, wait } from "../follow.ts";
import { replyStatus } from "../reply.ts";
import { type AddTool, amount, defineTool, sessionName, textUpTo, type ToolReply } from "../tool.ts";

const light = z.boolean().optional().describe("Small change: no questions, a plan in one step");

/** Starts a session in the background. */
export const startSessionTool: AddTool = defineAct({
  name: "start_session",
  title: "Start a coding session",
  description:
    "Start a background session for a coding task, and wait until it needs the user. wait=false, here and elsewhere: return at once.",
  searchHint: "samocode run start new background coding session task",
  input: z.strictObject({
    task: textUpTo(MAX.message).describe("In the user's words"),
    dive: textUpTo(MAX.message).optional().describe("What to look into first"),
    session: z.string().optional().describe("New name, e.g. add-jwt"),
    provider: z.enum(PROVIDER_CHOICES).optional().describe("Only if the user names one"),
    max_cost: amount.describe("Dollars"),
    light,
    wait,
  }),
  async run({ max_cost: maxCostUsd, ...request }, { samocode, by, server }): Promise<ActReply> {
    const { startSession } = await import("../../src/operations/start_session.ts");
    checkOwnBudget(samocode, maxCostUsd);
    const given = { session: undefined, dive: undefined, provider: undefined, ...request };
    const started = await startSession(samocode, { ...given, maxCostUsd, by });
    server.sendResourceListChanged();
    return started;
  },
});

/** Resumes a session, or leaves a note for its next iteration. */
export const resumeSessionTool: AddTool = defineAct({
  name: "resume_session",
  title: "Resume or guide a session",
  description: "Continue a session at rest or one started by hand, with guidance or, even if it is done, a new task; " +
    "a running one only gets the guidance.",
  input: z.strictObject({
    session: sessionName,
    guidance: textUpTo(MAX.message).optional().describe("For the next iteration"),
    task: textUpTo(MAX.message).optional().describe("New work on its branch"),
    light,
    wait,
  }),
  async run({ session, guidance, task, light }, { samocode, by }): Promise<ActReply> {
    const { checkAgent, resumeSession } = await import("../../src/operations/resume_session.ts");
    // A person's agent may give a session more work; a session's own agent may not.
    if (task !== undefined) refuseOwnAgents(samocode, "continue");
    const { adoptSession } = await import("../../src/operations/adopt_session.ts");
    await adoptSession(samocode, { session, by });
    using folder = await openAtRest(samocode, session);
    if (task !== undefined) {
      const { giveTask } = await import("../../src/operations/give_task.ts");
      checkAgent(samocode, folder);
      await giveTask(samocode, folder, { task, dive: undefined, light, by });
    }
    const isAtWork = statusOf(folder).state === "running";
    const status = await resumeSession(samocode, folder, { guidance, by });
    // Whoever waits for a running session does so already.
    return isAtWork ? replyStatus(status) : status;
  },
});

/** Stops a session, or takes it out of the queue; does nothing to one at rest. */
export const stopSessionTool: AddTool = defineTool({
  name: "stop_session",
  title: "Stop a session",
  description: "Stop a session after its iteration, or now. resume_session continues it.",
  kind: "end",
  repeatable: true,
  input: z.strictObject({
    session: sessionName,
    now: z.boolean().optional().describe("End its agent"),
  }),
  async run({ session, now = false }, { samocode, by }): Promise<ToolReply> {
    const awaited = await stopAwaited(samocode, { session, now, by });
    if (awaited !== undefined) return replyStatus(awaited);
    using folder = await openAtRest(samocode, session);
    const status = statusOf(folder);
    const isStoppable = status.workerPid !== undefined || status.fleet?.worker !== undefined ||
      status.state === "queued";
    return replyStatus(isStoppable ? await stopSession(folder, { now, by }) : status);
  },
});
