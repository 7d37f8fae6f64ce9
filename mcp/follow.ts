/**
 * Follows a session for a client until it needs the user or ends: as a task that the client polls, or within the call.
 *
 * @module
 */
import type { CallToolResult } from "@modelcontextprotocol/server";
import { basename } from "node:path";
import * as z from "zod";
import type { Status } from "../src/operations/status.ts";
import { type WaitRequest, waitSession } from "../src/operations/wait_session.ts";
import { replyStatus } from "./reply.ts";
import { type AddTool, defineTool, type ToolCall, type ToolDefinition, type ToolReply } from "./tool.ts";
import { createWaitTask, tellProgress } from "./wait_task.ts";

/** What to follow, and for how long. */
export interface Following extends Pick<WaitRequest, "session" | "untilPhaseChange"> {
  /** The last event that counts as known; `undefined` for the latest. */
  readonly after: number | undefined;
  /** `undefined` for as long as the client can wait. */
  readonly seconds: number | undefined;
  /** How long the call itself waits before it becomes a task. */
  readonly soonMs: number;
}

/** Claude Code wraps a task into 1,100 characters of its own, so an act waits a moment for what comes soon. */
const SOON_MS = 20_000;

/** Replies with what is due as soon as something is; with the status as it is, if the time is up first. */
export async function follow(
  call: ToolCall,
  { session, after = Infinity, untilPhaseChange, seconds, soonMs }: Following,
): Promise<CallToolResult> {
  const { samocode, caller: { followsTasks, patienceSeconds }, context } = call;
  const { status, timedOut } = await waitSession(samocode, {
    session,
    after,
    timeoutMs: followsTasks ? soonMs : (seconds ?? patienceSeconds) * 1000,
    abort: context.mcpReq.signal,
    untilPhaseChange,
    onProgress: progressReporter(call),
  });
  if (!timedOut || !followsTasks) return replyStatus(status);
  const until = seconds === undefined ? undefined : samocode.now().getTime() + seconds * 1000;
  return createWaitTask(status, { after: Math.min(after, status.cursor), untilPhaseChange, until });
}

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

/** What became of the session; or a reply after which there is nothing to follow. */
export type ActReply = Status | ToolReply;

/** A tool that changes a session and then follows it. */
export interface ActDefinition<Input extends z.ZodObject> extends Omit<ToolDefinition<Input>, "kind" | "run"> {
  run(args: z.output<Input>, call: ToolCall): Promise<ActReply>;
}

/** The argument with which such a tool only acts. */
export const wait: z.ZodOptional<z.ZodBoolean> = z.boolean().optional();

/** Defines a tool that acts, and then waits unless it is told not to. */
export function defineAct<Input extends z.ZodObject>(definition: ActDefinition<Input>): AddTool {
  return defineTool({
    ...definition,
    kind: "act",
    async run(args, call): Promise<ToolReply> {
      const done = await definition.run(args, call);
      if (!isStatus(done)) return done;
      const [next] = done.next;
      if (args["wait"] === false || next?.verb !== "wait") return replyStatus(done);
      // Without its date the name could mean a newer session.
      const following = { session: basename(done.folder), after: done.cursor, soonMs: SOON_MS };
      return await follow(call, { ...following, untilPhaseChange: false, seconds: undefined });
    },
  });
}

function isStatus(done: ActReply): done is Status {
  return "cursor" in done;
}
