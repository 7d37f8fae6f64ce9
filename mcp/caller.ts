/**
 * Which client calls, and what it can do. In the protocol of 2026 each request declares that; before, the connection
 * declared it once.
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
import { MAX } from "../src/operations/samocode.ts";
import { plainText } from "../src/text/terminal_text.ts";

/** The extension under which a client follows long-running tasks. */
export const TASKS_EXTENSION = "io.modelcontextprotocol/tasks";

/** A client, with one of its calls. */
export interface Caller {
  /** `claude-code 2.1.328`. */
  readonly name: string;
  /** The call's own id; empty if the client sends none. */
  readonly toolUseId: string;
  /** It can follow a task on its own and tell its model when that is done. */
  readonly followsTasks: boolean;
  /** It can show its user a form. */
  readonly showsForms: boolean;
  /** It is Claude Code, whose forms a hook may fill in while nobody looks. */
  readonly isClaude: boolean;
  /** It asks its user before each call of a marked tool. No capability declares that, so its name has to tell. */
  readonly asksBeforeCalls: boolean;
  /** How long a call may wait without a task. */
  readonly patienceSeconds: number;
}

const informationSchema = z.object({ name: z.string(), version: z.string().default("") });
const capabilitiesSchema = z.object({
  elicitation: z.looseObject({}).optional(),
  extensions: z.record(z.string(), z.unknown()).optional(),
});
const metaSchema = z.looseObject({ "claudecode/toolUseId": z.string().optional() });

/** Reads which client calls. What it says about itself is trusted for nothing but a name in the journal. */
export function readCaller(server: McpServer, { mcpReq }: ServerContext): Caller {
  const envelope: Readonly<Record<string, unknown>> = { ...mcpReq.envelope };
  const information = informationSchema.safeParse(
    envelope[CLIENT_INFO_META_KEY] ?? server.server.getClientVersion(),
  ).data;
  const declared = capabilitiesSchema.safeParse(envelope[CLIENT_CAPABILITIES_META_KEY]).data;
  const capabilities = declared ?? capabilitiesSchema.safeParse(server.server.getClientCapabilities()).data;
  const { elicitation } = capabilities ?? {};
  const isClaude = information?.name === "claude-code";
  return {
    name: plainText(`${information?.name ?? "an unnamed client"} ${information?.version ?? ""}`, 60),
    toolUseId: plainText(metaSchema.safeParse(mcpReq._meta).data?.["claudecode/toolUseId"] ?? "", 60),
    followsTasks: declared?.extensions?.[TASKS_EXTENSION] !== undefined,
    // Before there were two modes, the bare capability meant forms.
    showsForms: elicitation !== undefined && ("form" in elicitation || !("url" in elicitation)),
    isClaude,
    asksBeforeCalls: isClaude && isSince(information?.version ?? "", ASKS_SINCE),
    patienceSeconds: patienceOf({ isClaude, hearsProgress: mcpReq._meta?.progressToken !== undefined }),
  };
}

/**
 * How long a call may wait: Codex gives it up after 300 s whatever is reported meanwhile, Claude Code after 1,800 s
 * without progress. Others are not known to be more patient.
 */
export function patienceOf(
  { isClaude, hearsProgress }: { readonly isClaude: boolean; readonly hearsProgress: boolean },
): number {
  if (!isClaude) return 240;
  return hearsProgress ? MAX.waitSeconds : 1_500;
}

/** Claude Code's first version that asks before marked calls (its documentation of MCP); tried with 2.1.328. */
const ASKS_SINCE = [2, 1, 199];

function isSince(version: string, since: readonly number[]): boolean {
  const parts = /^(\d+)\.(\d+)\.(\d+)/.exec(version)?.slice(1).map(Number) ?? [0];
  const at = since.findIndex((part, index) => part !== parts[index]);
  return at === -1 || (parts[at] ?? 0) > (since[at] ?? 0);
}

/** The caller's name in the journal. What it calls itself becomes no sentence, which could say that a person decided. */
export function nameCaller({ name, toolUseId }: Pick<Caller, "name" | "toolUseId">): string {
  const [own, version = ""] = /^(.*?)( [\d.]+)?$/.exec(name)?.slice(1) ?? [];
  const word = `${own?.replace(/[^\w.@/-]+/g, "-")}${version}`;
  return toolUseId === "" ? word : `${word} (${toolUseId.replace(/[^\w.-]+/g, "-")})`;
}
