/**
 * Waiting as a task: the client follows it by its id and tells its model when it is done. All that a task is stands in
 * its id and in the session's journal, so that any later server can answer for it.
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
import { basename, join } from "node:path";
import * as z from "zod";
import type { News } from "../src/operations/follow_events.ts";
import type { Status } from "../src/operations/read_status.ts";
import type { Samocode } from "../src/operations/samocode.ts";
import { messageOf, SamocodeError } from "../src/system/errors.ts";
import { statIfExists } from "../src/system/files/files.ts";
import { plainText } from "../src/text/terminal_text.ts";
import type { RecordedEvent } from "../src/workflow/session_event.ts";
import { readCaller, TASKS_EXTENSION } from "./caller.ts";
import type { Host } from "./host.ts";
import { replyNews } from "./reply.ts";
import { lookAt } from "./snapshot.ts";

/** What a wait is for. */
export interface Wait {
  /** Only what happens after this event counts. */
  readonly cursor: number;
  readonly untilPhaseChange: boolean;
}

/** How often a client should look. */
const POLL_MS = 2_000;

const paramsSchema = z.looseObject({ taskId: z.string().max(300) });
const resultSchema = z.looseObject({});

/** Says in a few words what a running session does. */
export function tellProgress({ session, phase, iteration, activity }: Status): string {
  return plainText(`${session}: ${phase}, iteration ${iteration}${activity === "" ? "" : `: ${activity}`}`, 120);
}

/** Answers a call with a task. The dated name is in its id: the bare one may come to mean a newer session. */
export function createWaitTask(status: Status, { cursor, untilPhaseChange }: Wait): CallToolResult {
  const kind = untilPhaseChange ? "p" : "w";
  const taskId = [kind, basename(status.folder), cursor, crypto.randomUUID()].join(".");
  const now = new Date().toISOString();
  return {
    resultType: "task",
    content: [],
    ...detailsOf(taskId, { createdAt: now, lastUpdatedAt: now }),
    status: "working",
    statusMessage: tellProgress(status),
  };
}

/** Lets clients follow, cancel and complete tasks. */
export function serveTasks(server: McpServer, host: Host): void {
  const schemas = { params: paramsSchema, result: resultSchema };
  const serve = (method: string, answer: (task: WaitTask) => Promise<Record<string, unknown>>): void => {
    server.server.setRequestHandler(method, schemas, async ({ taskId }, context) => {
      checkFollowsTasks(server, context);
      const samocode = settingsOrError(host);
      const named = readTaskId(taskId);
      return await answer({ ...named, taskId, samocode });
    });
  };
  serve("tasks/get", readTask);
  serve("tasks/cancel", cancelTask);
  // Waiting asks for no input.
  serve("tasks/update", (task) => lookAtTask(task).then(() => ({})));
}

interface WaitTask extends Wait {
  readonly taskId: string;
  readonly session: string;
  readonly id: string;
  readonly samocode: Samocode;
}

async function readTask(task: WaitTask): Promise<Record<string, unknown>> {
  const { news, createdAt, ended } = await lookAtTask(task);
  const { status } = news;
  const cancelledAt = statIfExists(cancelMark(task))?.mtime?.toISOString();
  if (cancelledAt !== undefined) {
    return { ...detailsOf(task.taskId, { createdAt, lastUpdatedAt: cancelledAt }), status: "cancelled" };
  }
  if (ended === undefined && status.state === "running") {
    const lastUpdatedAt = status.updatedAt ?? createdAt;
    const details = detailsOf(task.taskId, { createdAt, lastUpdatedAt });
    return { ...details, status: "working", statusMessage: tellProgress(status) };
  }
  const details = detailsOf(task.taskId, { createdAt, lastUpdatedAt: ended?.at ?? status.updatedAt ?? createdAt });
  // How it stands now: a person who decided meanwhile elsewhere must not be asked again.
  return { ...details, status: "completed", result: { resultType: "complete", ...replyNews(news) } };
}

/** Ends the wait, never the session. A mark makes it last: another server may be asked next. */
async function cancelTask(task: WaitTask): Promise<Record<string, unknown>> {
  const { news, ended } = await lookAtTask(task);
  if (ended !== undefined || news.status.state !== "running") return {};
  const mark = cancelMark(task);
  Deno.mkdirSync(join(mark, ".."), { recursive: true, mode: 0o700 });
  Deno.writeTextFileSync(mark, "");
  return {};
}

function cancelMark({ samocode, id }: WaitTask): string {
  return join(samocode.cacheFolder, "cancelled-waits", id);
}

interface TaskSight {
  readonly news: News;
  readonly createdAt: string;
  /** The event that ended the wait. */
  readonly ended: RecordedEvent | undefined;
}

async function lookAtTask({ samocode, session, cursor, untilPhaseChange }: WaitTask): Promise<TaskSight> {
  let news: News;
  try {
    news = await lookAt(samocode, session);
  } catch (error) {
    throw unknownTask(error);
  }
  const { events, status } = news;
  const createdAt = events.findLast(({ seq }) => seq <= cursor)?.at ?? status.startedAt ?? new Date(0).toISOString();
  return {
    news,
    createdAt,
    ended: events.find((event) => event.seq > cursor && isSignificant(event, untilPhaseChange)),
  };
}

/** A crash leaves no event of its own; that another run began is one. */
function isSignificant({ type }: RecordedEvent, untilPhaseChange: boolean): boolean {
  return type === "session.stopped" || type === "session.started" || (untilPhaseChange && type === "phase.entered");
}

function detailsOf(
  taskId: string,
  { createdAt, lastUpdatedAt }: { readonly createdAt: string; readonly lastUpdatedAt: string },
): { taskId: string; createdAt: string; lastUpdatedAt: string; ttlMs: null; pollIntervalMs: number } {
  return { taskId, createdAt, lastUpdatedAt, ttlMs: null, pollIntervalMs: POLL_MS };
}

function readTaskId(taskId: string): Pick<WaitTask, "session" | "cursor" | "untilPhaseChange" | "id"> {
  const pattern = /^([wp])\.([\w.-]+)\.(\d{1,15})\.([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/;
  const [, kind, session, cursor, id] = pattern.exec(taskId) ?? [];
  if (session === undefined || cursor === undefined || id === undefined) throw unknownTask(undefined);
  return { session, cursor: Number(cursor), untilPhaseChange: kind === "p", id };
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
