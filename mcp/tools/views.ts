/**
 * The tools that change nothing: wait for a session, read its status, read its files.
 *
 * @module
 */
import * as z from "zod";
import { DEFAULT, MAX } from "../../src/operations/samocode.ts";
import { type ArtifactList, readArtifact } from "../../src/operations/read_artifact.ts";
import { listSessions } from "../../src/operations/list_sessions.ts";
import { readStatus, type Status } from "../../src/operations/read_status.ts";
import { waitSession } from "../../src/operations/wait_session.ts";
import { plainText } from "../../src/text/terminal_text.ts";
import { replyStatus, replyText, replyWith } from "../reply.ts";
import { type AddTool, defineTool, sessionName, textUpTo, type ToolCall, type ToolReply } from "../tool.ts";
import { createWaitTask, tellProgress } from "../wait_task.ts";

/** Waits until a session needs the user. */
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
    const { status, timedOut } = await waitSession(samocode, {
      session,
      after: after ?? Infinity,
      timeoutMs: caller.followsTasks ? 0 : max_seconds * 1000,
      abort: context.mcpReq.signal,
      untilPhaseChange,
      onProgress: progressReporter(call),
    });
    if (!timedOut || !caller.followsTasks) return replyStatus(status);
    return createWaitTask(status, { after: Math.min(after ?? Infinity, status.cursor), untilPhaseChange });
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

/** Each row costs tokens. */
const MAX_ROWS = 20;

/** Reads the status of one session, or of all. */
export const readStatusTool: AddTool = defineTool({
  name: "read_status",
  title: "Read session status",
  description: "The current status of a session; without session, one row for each session, newest first.",
  kind: "look",
  input: z.strictObject({ session: sessionName.optional() }),
  run({ session: named }, { samocode }): ToolReply {
    if (named !== undefined) return replyStatus(readStatus(samocode, { session: named }));
    const all = listSessions(samocode);
    const rows = all.slice(0, MAX_ROWS).map(({ session, state, phase, needs }) => (
      { session, state, phase, ...(needs === "none" ? {} : { needs }) }
    ));
    const older = all.length - rows.length;
    return replyWith({ sessions: rows, ...(older > 0 ? { older } : {}) });
  },
});

/** How many files to list, the newest first; their names start with date and time. */
const MAX_OWN = 60;
const MAX_LOGS = 20;

/** Lists a session's files, or reads a page of one. */
export const readArtifactTool: AddTool = defineTool({
  name: "read_artifact",
  title: "Read a session file",
  description: "Read a session's file (plan, report, log) page by page; without file, list them.",
  kind: "look",
  input: z.strictObject({
    session: sessionName,
    file: textUpTo(500).optional(),
    offset: z.int().min(-1e12).max(1e12).optional().describe("First byte; negative counts from the end"),
    limit: z.int().min(1).max(MAX.pageBytes).default(DEFAULT.pageBytes).describe("Bytes"),
  }),
  run({ session, file, offset = 0, limit }, { samocode }): ToolReply {
    const found = readArtifact(samocode, { session, file, offset, limit });
    if ("files" in found) return replyText(describeFiles(found.files));
    const more = found.next === undefined ? "" : `; more: offset=${found.next}`;
    const head = `${plainText(found.name, 300)}: from byte ${found.offset} of ${found.bytes}${more}`;
    return replyText(`${head}\n<session-data>\n${withoutEnd(found.text)}\n</session-data>`);
  },
});

/** Documents are in the session's own folder; the folders below hold hundreds of logs for an hour's work. */
function describeFiles(files: ArtifactList["files"]): string {
  const filled = files.filter(({ bytes }) => bytes > 0);
  const isOwn = ({ name }: { readonly name: string }): boolean => !name.includes("/");
  const shown = [...filled.filter(isOwn).slice(-MAX_OWN), ...filled.filter((file) => !isOwn(file)).slice(-MAX_LOGS)];
  const left = filled.length - shown.length;
  const lines = shown.map(({ name, bytes }) => `${plainText(name, 300)} ${bytes} bytes`);
  return [...lines, ...(left > 0 ? [`and ${left} older`] : [])].join("\n") || "There are no files yet";
}

/** An agent's text must not be able to close the frame around it. */
function withoutEnd(text: string): string {
  return text.replace(/<(?=\/session-data)/gi, "&lt;");
}
