/**
 * What an agent is: a program that can do an iteration, with everything that samocode knows about it.
 *
 * @module
 */
import type { Finding } from "../contract/finding.ts";
import type { Method, SettingRow, SettingRows, SettingValues } from "../contract/setting_row.ts";
import type { CliClient } from "./engine.ts";

/** The settings that every agent has, and those that other parts look for. */
export type AgentRows = SettingRows & {
  /** The longest that one iteration may take. */
  readonly timeoutMs: SettingRow & { readonly kind: "seconds"; readonly flag: "timeout" };
  /** Absent where the model cannot be chosen. Overridden by `SAMOCODE_MODEL_<PHASE>`. */
  readonly model?: SettingRow & { readonly kind: "text" };
};

/**
 * One agent: a folder under `src/agents/` and a row of AGENTS. The program loads these descriptions at its start, so what
 * an agent needs at work is imported on demand.
 */
export interface Agent<Rows extends AgentRows = AgentRows> {
  /** Its name for people. */
  readonly title: string;
  readonly settings: Rows;
  /** Whether it may take over from an agent that cannot work. */
  readonly canFallBack: boolean;
  /** The variables that a session of this agent leaves in the environment of what it starts. */
  readonly parentSession: readonly RegExp[];
  /** Where skills and an MCP server can be installed for it. */
  readonly install: InstallTarget | undefined;
  /** Imports what runs it. */
  readonly client: () => Promise<CreateClient<Rows>>;
  /** Imports its check for `samocode doctor`; `undefined` where nothing can be wrong with it. */
  readonly check: (() => Promise<ExamineAgent<Rows>>) | undefined;
}

/** Makes the client of an agent. `self` is how this very program is called, its own arguments left out. */
export type CreateClient<Rows extends AgentRows> = Method<
  [settings: SettingValues<Rows>, context: { readonly self: readonly string[] }],
  CliClient
>;

/** Finds out whether an agent can work. */
export type ExamineAgent<Rows extends AgentRows> = Method<
  [context: AgentCheckContext<Rows>],
  Promise<readonly Finding[]>
>;

/** What an agent's check is given. */
export interface AgentCheckContext<Rows extends AgentRows = AgentRows> {
  /** `undefined` where the settings cannot be used. */
  readonly settings: SettingValues<Rows> | undefined;
  /** Whether a session may come to need it. */
  readonly isNeeded: boolean;
  readonly env: Readonly<Record<string, string>>;
  readonly workingDirectory: string;
  readonly now: Date;
}

/** Where an agent keeps what can be installed for it. */
export interface InstallTarget {
  /** The setting that names its program. */
  readonly program: SettingRow & { readonly default: string };
  /** The shipped folders that it understands. */
  readonly parts: readonly string[];
  /** The folder of one person: the variable that names it, or else its name in their home folder. */
  readonly userFolder: { readonly variable: string; readonly name: string };
  /** The folder of a repository. */
  readonly projectFolder: string;
  readonly mcp: McpRegistry;
}

/** Where an agent keeps its MCP servers. */
export interface McpRegistry {
  readonly format: "json" | "toml";
  /** The table of servers in such a file. */
  readonly table: string;
  readonly userFile: (env: Readonly<Record<string, string>>) => string;
  /** The file of a repository; `undefined` for an agent that keeps all its servers for the person. */
  readonly projectFile: string | undefined;
}
