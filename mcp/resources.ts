/**
 * What a user reaches without a tool call: sessions' notebooks and files as resources to attach, and prompts.
 *
 * @module
 */
import {
  completable,
  type GetPromptResult,
  type McpServer,
  type ReadResourceResult,
  ResourceNotFoundError,
  ResourceTemplate,
} from "@modelcontextprotocol/server";
import * as z from "zod";
import { MAX } from "../src/operations/samocode.ts";
import { sessionNames } from "../src/operations/list_sessions.ts";
import { readArtifact } from "../src/operations/read_artifact.ts";
import { SamocodeError, unlessFailing } from "../src/text/errors.ts";
import { plainText } from "../src/text/terminal_text.ts";
import type { Host } from "./tool.ts";

/** The protocol's limit. */
const MAX_COMPLETIONS = 100;

const NOTEBOOK = "_overview.md";

/** Adds the resources. */
export function addResources(server: McpServer, host: Host): void {
  const complete = { session: (typed: string) => completions(() => namesOf(host), typed) };
  server.registerResource(
    "session",
    new ResourceTemplate("samocode://sessions/{session}", {
      list: () => ({
        // None without a project.
        resources: (unlessFailing(() => namesOf(host)) ?? [])
          .map((name) => ({ uri: `samocode://sessions/${encodeURIComponent(name)}`, name, mimeType: "text/markdown" })),
      }),
      complete,
    }),
    { title: "Session notebook", description: "What a session has found, done and plans", mimeType: "text/markdown" },
    (uri, { session }) => readFile(host, { uri, session: partOf(session), file: NOTEBOOK }),
  );
  server.registerResource(
    "file",
    new ResourceTemplate("samocode://sessions/{session}/{file}", {
      list: undefined,
      complete: {
        ...complete,
        file: (typed, context) => completions(() => filesOf(host, context?.arguments?.["session"] ?? ""), typed),
      },
    }),
    { title: "Session file", description: "A plan, report or log of a session", mimeType: "text/plain" },
    (uri, { session, file }) => readFile(host, { uri, session: partOf(session), file: partOf(file) }),
  );
}

/** Adds the prompts. Their arguments are single words, because Claude Code splits them at spaces. */
export function addPrompts(server: McpServer, host: Host): void {
  server.registerPrompt(
    "status",
    { title: "Status of all sessions", description: "Which samocode sessions there are, and which need you" },
    (): GetPromptResult =>
      say("Call samocode's read_status and tell me briefly which sessions there are and which of them need me."),
  );
  const session = completable(z.string().max(200), (typed) => completions(() => namesOf(host), typed));
  server.registerPrompt(
    "follow",
    {
      title: "Follow a session",
      description: "Wait for a session and bring what it needs",
      argsSchema: z.object({ session }),
    },
    ({ session: name }): GetPromptResult =>
      say(
        `Follow the samocode session ${
          plainText(name, 200)
        } with wait_session. When it needs me, show me its questions ` +
          "word for word, or its plan, and pass on what I decide. Follow each answer until it is done, then report.",
      ),
  );
}

function say(text: string): GetPromptResult {
  return { messages: [{ role: "user", content: { type: "text", text } }] };
}

function completions(names: () => readonly string[], typed: string): string[] {
  return (unlessFailing(names) ?? []).filter((name) => name.startsWith(typed)).slice(0, MAX_COMPLETIONS);
}

function namesOf(host: Host): readonly string[] {
  return sessionNames(host.samocode());
}

function filesOf(host: Host, session: string): readonly string[] {
  const found = readArtifact(host.samocode(), { session, file: undefined, offset: 0, limit: 1 });
  return "files" in found ? found.files.map(({ name }) => name) : [];
}

function readFile(
  host: Host,
  { uri: { href: uri }, session, file }: { readonly uri: URL; readonly session: string; readonly file: string },
): ReadResourceResult {
  const mimeType = file.endsWith(".md") ? "text/markdown" : "text/plain";
  try {
    // A session that has just started is listed, but has no notebook yet.
    if (file === NOTEBOOK && !filesOf(host, session).includes(file)) {
      return { contents: [{ uri, mimeType, text: "No notebook has been written yet.\n" }] };
    }
    const found = readArtifact(host.samocode(), { session, file, offset: 0, limit: MAX.pageBytes });
    if ("files" in found) throw new ResourceNotFoundError(uri);
    return { contents: [{ uri, mimeType, text: found.text }] };
  } catch (error) {
    if (error instanceof SamocodeError) throw new ResourceNotFoundError(uri, error.message);
    throw error;
  }
}

/** Decodes a part of a URI. */
function partOf(part: string | readonly string[] | undefined): string {
  const text = typeof part === "string" ? part : "";
  return unlessFailing(() => decodeURIComponent(text)) ?? text;
}
