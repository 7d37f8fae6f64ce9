/**
 * `read_artifact`: lists a session's files, or reads a page of one.
 *
 * @module
 */
import * as z from "zod";
import { DEFAULT, MAX } from "../../src/operations/limits.ts";
import { type ArtifactList, readArtifact } from "../../src/operations/read_artifact.ts";
import { plainText } from "../../src/text/terminal_text.ts";
import { replyText } from "../reply.ts";
import { type AddTool, defineTool, sessionName, textUpTo, type ToolReply } from "../tool.ts";

/** The newest are listed; names start with date and time. */
const MAX_OWN = 60;
const MAX_LOGS = 20;

/** The tool. */
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
  run({ session, file, offset = 0, limit }, { samocode }): Promise<ToolReply> {
    const found = readArtifact(samocode, { session, file, offset, limit });
    if ("files" in found) {
      return Promise.resolve(replyText(describeFiles(found.files)));
    }
    const more = found.next === undefined ? "" : `; more: offset=${found.next}`;
    const head = `${plainText(found.name, 300)}: from byte ${found.offset} of ${found.bytes}${more}`;
    return Promise.resolve(replyText(`${head}\n<session-data>\n${withoutEnd(found.text)}\n</session-data>`));
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
