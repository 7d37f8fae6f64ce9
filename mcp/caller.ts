/**
 * Who calls: which client it is and what it can do. Under the protocol of 2026 each request says so itself, before
 * that the connection did once.
 *
 * @module
 */
import {
  CLIENT_CAPABILITIES_META_KEY,
  CLIENT_INFO_META_KEY,
  type McpServer,
  type ServerContext,
} from "@modelcontextprotocol/server";
import * as z from "zod";
import { plainText } from "../src/text/terminal_text.ts";

/** The extension under which a client follows long-running tasks. */
export const TASKS_EXTENSION = "io.modelcontextprotocol/tasks";

/** A client, and one of its calls. */
export interface Caller {
  /** `claude-code 2.1.328`. */
  readonly name: string;
  /** The call's own id, where the client tells; empty elsewhere. */
  readonly toolUseId: string;
  /** It can follow a task by itself and tell its model when that is done. */
  readonly followsTasks: boolean;
  /** It can show its person a form. */
  readonly showsForms: boolean;
  /** It asks its person before each call of a tool that is marked so. No capability tells; its name does. */
  readonly asksBeforeCalls: boolean;
}

const informationSchema = z.object({ name: z.string(), version: z.string().default("") });

const capabilitiesSchema = z.object({
  elicitation: z.looseObject({}).optional(),
  extensions: z.record(z.string(), z.unknown()).optional(),
});

const metaSchema = z.looseObject({ "claudecode/toolUseId": z.string().optional() });

/** Reads who calls; nothing that a client says of itself is trusted with more than a name in the record. */
export function readCaller(server: McpServer, { mcpReq }: ServerContext): Caller {
  const envelope: Readonly<Record<string, unknown>> = { ...mcpReq.envelope };
  const information = informationSchema.safeParse(
    envelope[CLIENT_INFO_META_KEY] ?? server.server.getClientVersion(),
  ).data;
  const declared = capabilitiesSchema.safeParse(envelope[CLIENT_CAPABILITIES_META_KEY]).data;
  const capabilities = declared ?? capabilitiesSchema.safeParse(server.server.getClientCapabilities()).data;
  const { elicitation } = capabilities ?? {};
  return {
    name: plainText(`${information?.name ?? "an unnamed client"} ${information?.version ?? ""}`, 60),
    toolUseId: plainText(metaSchema.safeParse(mcpReq._meta).data?.["claudecode/toolUseId"] ?? "", 60),
    followsTasks: declared?.extensions?.[TASKS_EXTENSION] !== undefined,
    // Declared before there were two modes, it meant forms.
    showsForms: elicitation !== undefined && ("form" in elicitation || !("url" in elicitation)),
    asksBeforeCalls: information?.name === "claude-code",
  };
}

/** How a caller is named in the record. */
export function nameCaller({ name, toolUseId }: Caller): string {
  return toolUseId === "" ? name : `${name} (${toolUseId})`;
}
