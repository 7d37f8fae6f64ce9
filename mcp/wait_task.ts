/**
 * Waiting as a task that the client polls. A task is nothing but its id and the session's journal, so any later server
 * can answer for it.
 *
 * @module
 */
import {
  type CallToolResult,
  type McpServer,
  MissingRequiredClientCapabilityError,
  ProtocolError,
  ProtocolErrorCode,
  type ServerContext,
} from "@modelcontextprotocol/server";
import { basename } from "node:path";
import * as z from "zod";
import type { Status } from "../src/operations/status.ts";
import { LOOK_MS, type Samocode } from "../src/operations/samocode.ts";
import { cancelWait, readWait, type RemoteWait, type RemoteWaitState } from "../src/operations/wait_session.ts";
import { messageOf, SamocodeError } from "../src/text/errors.ts";
import { plainText } from "../src/text/terminal_text.ts";
import { readCaller, TASKS_EXTENSION } from "./caller.ts";
import type { Host } from "./tool.ts";
import { replyStatus } from "./reply.ts";

const paramsSchema = z.looseObject({ taskId: z.string().max(300) });
const resultSchema = z.looseObject({});

/** What a running session is doing, in a few words. */
export function tellProgress({ session, phase, iteration, activity }: Status): string {
  return plainText(`${session}: ${phase}, iteration ${iteration}${activity === "" ? "" : `: ${activity}`}`, 120);
}

/** Replies with a task. Its id has the folder's full name: without its date it could mean a newer session. */
export function createWaitTask(
  status: Status,
  { after, untilPhaseChange, until = 0 }: Pick<RemoteWait, "after" | "untilPhaseChange" | "until">,
): CallToolResult {
  const kind = untilPhaseChange ? "p" : "w";
  const created = Date.now();
  const taskId = [kind, basename(status.folder), after, until, timedId(created)].join(".");
  const now = new Date(created).toISOString();
  return {
    resultType: "task",
    content: [],
    ...detailsOf(taskId, { createdAt: now, lastUpdatedAt: now }),
    status: "working",
    statusMessage: tellProgress(status),
  };
}

/** Lets clients follow and cancel tasks. */
export function serveTasks(server: McpServer, host: Host): void {
  const schemas = { params: paramsSchema, result: resultSchema };
  const serve = (method: string, answer: (samocode: Samocode, task: WaitTask) => Record<string, unknown>): void => {
    // deno-lint-ignore require-await -- errors must reject
    server.server.setRequestHandler(method, schemas, async ({ taskId }, context) => {
      checkFollowsTasks(server, context);
      const samocode = settingsOrError(host);
      const task = { ...readTaskId(taskId), taskId };
      try {
        return answer(samocode, task);
      } catch (error) {
        throw error instanceof SamocodeError ? unknownTask(error) : error;
      }
    });
  };
  serve("tasks/get", (samocode, task) => tellTask(task, readWait(samocode, task)));
  serve("tasks/cancel", (samocode, task) => {
    cancelWait(samocode, task);
    return {};
  });
  // A wait takes no input.
  serve("tasks/update", (samocode, task) => {
    readWait(samocode, task);
    return {};
  });
}

type WaitTask = RemoteWait & { readonly taskId: string };

function tellTask(
  { taskId, id }: WaitTask,
  { status, isOver, endedAt, cancelledAt }: RemoteWaitState,
): Record<string, unknown> {
  const createdAt = new Date(timeOf(id)).toISOString();
  const lastUpdatedAt = cancelledAt ?? endedAt ?? status.updatedAt ?? createdAt;
  const details = detailsOf(taskId, { createdAt, lastUpdatedAt });
  if (cancelledAt !== undefined) return { ...details, status: "cancelled" };
  if (endedAt === undefined && !isOver) {
    return { ...details, status: "working", statusMessage: tellProgress(status) };
  }
  // The current status: a user who has already decided elsewhere must not be asked again.
  return { ...details, status: "completed", result: { resultType: "complete", ...replyStatus(status) } };
}

function detailsOf(taskId: string, times: { readonly createdAt: string; readonly lastUpdatedAt: string }): object {
  return { taskId, ...times, ttlMs: null, pollIntervalMs: LOOK_MS.death };
}

function readTaskId(taskId: string): RemoteWait {
  const pattern =
    /^([wp])\.([\w.-]+)\.(\d{1,15})\.(\d{1,15})\.([0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12})$/;
  const [, kind, session, after, until, id] = pattern.exec(taskId) ?? [];
  if (session === undefined || after === undefined || id === undefined) throw unknownTask(undefined);
  return { session, after: Number(after), untilPhaseChange: kind === "p", until: Number(until) || undefined, id };
}

/** A UUID that has the time, of version 7. */
function timedId(createdAt: number): string {
  const time = createdAt.toString(16).padStart(12, "0");
  return `${time.slice(0, 8)}-${time.slice(8)}-7${crypto.randomUUID().slice(15)}`;
}

/** In milliseconds since 1970. */
function timeOf(id: string): number {
  return Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16);
}

function checkFollowsTasks(server: McpServer, context: ServerContext): void {
  if (readCaller(server, context).followsTasks) return;
  throw new MissingRequiredClientCapabilityError({ requiredCapabilities: { extensions: { [TASKS_EXTENSION]: {} } } });
}

function settingsOrError(host: Host): Samocode {
  try {
    return host.samocode();
  } catch (error) {
    throw new ProtocolError(ProtocolErrorCode.InternalError, plainText(messageOf(error), 600));
  }
}

function unknownTask(cause: unknown): ProtocolError {
  const why = cause instanceof SamocodeError ? `: ${plainText(cause.message, 300)}` : "";
  return new ProtocolError(ProtocolErrorCode.InvalidParams, `Unknown task${why}`);
}
