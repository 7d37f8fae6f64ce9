/**
 * What a tool is, and what all tools share: the program behind the server, with the settings of its project.
 *
 * @module
 */
import type { CallToolResult, InputRequiredResult, McpServer, ServerContext } from "@modelcontextprotocol/server";
import * as z from "zod";
import { resolve } from "node:path";
import { noticeDeaths } from "../src/operations/notice_deaths.ts";
import { ownChannels } from "../src/operations/own_channels.ts";
import { readStatus } from "../src/operations/read_status.ts";
import type { Status } from "../src/operations/status.ts";
import { findsProject, type GateKeeper, type Samocode, samocodeLoader } from "../src/operations/samocode.ts";
import { messageOf, SamocodeError, unlessFailing } from "../src/text/errors.ts";
import { plainText } from "../src/text/terminal_text.ts";
import { type Caller, nameCaller, readCaller } from "./caller.ts";
import { leanSchema } from "./lean_schema.ts";
import { refusal } from "./reply.ts";

/** A tool's reply: a result, or a question to the person first. */
export type ToolReply = CallToolResult | InputRequiredResult;

/** Who decides: about answers, about the plan, and about what no setting leaves to agents. */
export type Gates = Readonly<Record<"answers" | "plan" | "personal", GateKeeper>>;

/** One call of a tool. */
export interface ToolCall {
  readonly samocode: Samocode;
  readonly caller: Caller;
  /** The caller's name in the journal. */
  readonly by: string;
  readonly gates: Gates;
  readonly context: ServerContext;
  readonly server: McpServer;
}

/** A tool. */
export interface ToolDefinition<Input extends z.ZodObject> {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly input: Input;
  /** Words by which a client's search for tools finds it. */
  readonly searchHint?: string;
  /** `look` changes nothing; `act` does; `end` ends something that runs. */
  readonly kind: "look" | "act" | "end";
  /** Repeating a call with the same arguments changes nothing. */
  readonly repeatable?: boolean;
  /** What the user decides: the client should ask them before each call, unless agents may decide that alone. */
  readonly decides?: keyof Gates;
  run(args: z.output<Input>, call: ToolCall): ToolReply | Promise<ToolReply>;
}

/** Adds a tool to a server. */
export type AddTool = (server: McpServer, host: Host) => void;

/** Defines a tool. The closure hides the type of its arguments, so that all tools fit one table. */
export function defineTool<Input extends z.ZodObject>(definition: ToolDefinition<Input>): AddTool {
  const { name, title, description, kind, searchHint, repeatable = kind === "look", decides } = definition;
  const inputSchema = leanSchema<unknown, Readonly<Record<string, unknown>>>(definition.input);
  return (server, host) => {
    server.registerTool(name, {
      title,
      description,
      inputSchema,
      annotations: {
        readOnlyHint: kind === "look",
        destructiveHint: kind === "end",
        idempotentHint: repeatable,
        openWorldHint: kind === "act",
      },
      _meta: {
        ...(searchHint !== undefined && { "anthropic/searchHint": searchHint }),
        ...(decides !== undefined && host.gates[decides] !== "agent" && { "anthropic/requiresUserInteraction": true }),
      },
    }, async (given, context): Promise<ToolReply> => {
      void host.noticeDeaths();
      try {
        const args = definition.input.parse(given);
        const caller = readCaller(server, context);
        const { gates } = host;
        const samocode = host.samocode();
        if (kind === "act") ownChannels(samocode, { isServer: true });
        const call = { samocode, caller, by: nameCaller(caller), gates, context, server };
        return await definition.run(args, call);
      } catch (error) {
        if (!(error instanceof SamocodeError)) host.log(error instanceof Error ? `${error.stack}` : messageOf(error));
        return refusal(error, statusOfNamed(host, given));
      }
    });
  };
}

/** A session's name. It is validated where it becomes a path, and says what it is by its key. */
export const sessionName: z.ZodString = z.string();

/** A text with a maximum length. The limit is not in the schema, where it would cost the model tokens. */
export function textUpTo(maxLength: number): z.ZodString {
  return z.string().refine((text) => text.length <= maxLength, `Must be at most ${maxLength} characters long`);
}

/** A positive amount. JSON cannot represent infinity, which a larger number of hours would become. */
export const amount: z.ZodOptional<z.ZodNumber> = z.number().refine(
  (value) => value > 0 && value <= 1e15,
  "Must be positive",
).optional();

/** A whole number in a range, which is not in the schema either. */
export function whole(from: number, to: number): z.ZodNumber {
  return z.number().refine(
    (value) => Number.isInteger(value) && value >= from && value <= to,
    `Must be a whole number from ${from} to ${to}`,
  ).meta({ type: "integer" });
}

/** The status of the session that a rejected call was about, if there is one. */
function statusOfNamed(host: Host, { session }: Readonly<Record<string, unknown>>): Status | undefined {
  if (typeof session !== "string") return undefined;
  return unlessFailing(() => readStatus(host.samocode(), { session }));
}

/** What `main.ts` passes to the server. */
export interface HostOptions extends Pick<Samocode, "env" | "self" | "shippedRoot" | "version"> {
  readonly workingDirectory: string;
  /** The value of `--project`, a folder in the project. */
  readonly project: string | undefined;
  /** The value of `--config`. */
  readonly config: string | undefined;
  /** For the log; stdout belongs to the protocol. */
  readonly writeError: (text: string) => void;
}

/** What tools, resources and prompts work with. */
export interface Host {
  readonly version: string;
  /** Who opens the gates. Fixed when the server starts, because clients list the tools only once. */
  readonly gates: Gates;
  /** Whether there is a `.samocode`; the tools look for it again, the instructions do not. */
  readonly hasProject: boolean;
  /**
   * Loads the project's current settings. The server also starts without a project, and picks up fixes to the settings.
   *
   * @throws {SamocodeError} With every problem in the settings.
   */
  samocode(): Samocode;
  /** Tells the person of sessions whose worker died. Never rejects. */
  noticeDeaths(): Promise<void>;
  /** Writes to the server's log. */
  log(text: string): void;
}

/** Makes the host of one server. */
export function createHost(options: HostOptions): Host {
  const { version } = options;
  const samocode = samocodeLoader({ ...options, workingDirectory: projectFolder(options), flags: {} });
  // Without settings there is nothing to approve yet, so the careful default is fine.
  const { gate, gateAnswers = gate } = unlessFailing(samocode)?.settings ?? { gate: "ask" };
  const gates: Gates = { answers: gateAnswers, plan: gate, personal: gate === "agent" ? "ask" : gate };
  const hasProject = findsProject({ ...options, workingDirectory: projectFolder(options) });
  const log = (text: string) => options.writeError(`samocode mcp: ${text}\n`);
  return {
    version,
    gates,
    hasProject,
    samocode,
    noticeDeaths: () => noticeDeaths(options, (line) => log(plainText(line))),
    log,
  };
}

/** Claude Code may have been started below its project's folder, which it names. */
function projectFolder({ env, workingDirectory, project }: HostOptions): string {
  return resolve(workingDirectory, project ?? (env["CLAUDE_PROJECT_DIR"] || "."));
}
