/**
 * The tools that change nothing: wait for a session, read its status, read its files.
 *
 * @module
 */
import * as z from "zod";
import { DEFAULT, MAX } from "../../src/operations/samocode.ts";
import { type ArtifactList, readArtifact } from "../../src/operations/read_artifact.ts";
import { isDiffName, readDiff } from "../../src/operations/read_diff.ts";
import { listByNeed } from "../../src/operations/list_sessions.ts";
import { readStatus } from "../../src/operations/read_status.ts";
import { plainText } from "../../src/text/terminal_text.ts";
import { follow } from "../follow.ts";
import { replyDetails, replyText, replyWith, viewRow } from "../reply.ts";
import { type AddTool, defineTool, sessionName, textUpTo, type ToolReply, whole } from "../tool.ts";

/** Waits until a session needs the user. */
export const waitSessionTool: AddTool = defineTool({
  name: "wait_session",
  title: "Wait for a session",
  description: "Wait until a running session needs the user or ends.",
  searchHint: "samocode wait follow background coding session until it needs the user or is done",
  kind: "look",
  input: z.strictObject({
    session: sessionName,
    max_seconds: whole(1, MAX.waitSeconds).optional(),
    until_phase: z.boolean().optional().describe("Also return at a new phase"),
  }),
  run({ session, max_seconds: seconds, until_phase: untilPhaseChange = false }, call): Promise<ToolReply> {
    return follow(call, { session, after: undefined, untilPhaseChange, seconds, soonMs: 0 });
  },
});

/** Each row costs tokens. */
const MAX_ROWS = 20;

/** Reads the status of one session, or of all. */
export const readStatusTool: AddTool = defineTool({
  name: "read_status",
  title: "Read session status",
  description: "Status of a session; without session, a row for each, waiting ones first.",
  kind: "look",
  input: z.strictObject({ session: sessionName.optional() }),
  run({ session: named }, { samocode }): ToolReply {
    if (named !== undefined) return replyDetails(readStatus(samocode, { session: named }));
    const all = listByNeed(samocode);
    const rows = all.slice(0, MAX_ROWS).map(viewRow);
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
  description: 'Read a session\'s file by page; also "diff", "diff --stat"; without file, list them.',
  kind: "look",
  input: z.strictObject({
    session: sessionName,
    file: textUpTo(500).optional(),
    offset: whole(-1e12, 1e12).optional().describe("First byte; negative: from the end"),
    limit: whole(1, MAX.pageBytes).default(DEFAULT.pageBytes).describe("Bytes"),
  }),
  async run({ session, file, offset = 0, limit }, { samocode }): Promise<ToolReply> {
    const range = { session, offset, limit };
    const found = isDiffName(file)
      ? await readDiff(samocode, { ...range, file })
      : readArtifact(samocode, { ...range, file });
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
