/**
 * Prompts: what a person calls by name. Only single words as arguments, because Claude Code splits them at blanks.
 *
 * @module
 */
import { completable, type GetPromptResult, type McpServer } from "@modelcontextprotocol/server";
import * as z from "zod";
import { plainText } from "../src/text/terminal_text.ts";
import type { Host } from "./host.ts";
import { completeSession } from "./resources.ts";

/** Adds the prompts. */
export function addPrompts(server: McpServer, host: Host): void {
  server.registerPrompt(
    "status",
    { title: "Status of all sessions", description: "Which samocode sessions there are, and which need you" },
    (): GetPromptResult =>
      say("Call samocode's read_status and tell me briefly which sessions there are and which of them need me."),
  );
  const session = completable(z.string().max(200), (typed) => completeSession(host, typed));
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
          "word for word, or its plan, and pass on what I decide. Go on until it is done, then report.",
      ),
  );
}

function say(text: string): GetPromptResult {
  return { messages: [{ role: "user", content: { type: "text", text } }] };
}
