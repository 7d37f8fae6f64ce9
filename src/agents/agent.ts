/**
 * What an agent is: a program that can do an iteration, with everything that samocode knows about it.
 *
 * @module
 */
import type { Finding } from "../contract/finding.ts";
import type { Method, SettingRow, SettingRows, SettingValues } from "../contract/setting_row.ts";
import type { CliClient } from "./engine.ts";
import type { OwnPath } from "./own_path.ts";

/** The settings that every agent has, and those that other parts look for. */
export type AgentRows = SettingRows & {
  readonly timeoutMs: TimeLimit;
  /** The agent's program; absent where samocode itself plays the agent. */
  readonly binary?: SettingRow & { readonly kind: "program"; readonly default: string };
  /** Absent where the model cannot be chosen. Overridden by `SAMOCODE_MODEL_<PHASE>`. */
  readonly model?: SettingRow & { readonly kind: "text" };
};

interface TimeLimit extends SettingRow {
  readonly kind: "seconds";
  readonly flag: "timeout";
}

/** The row of an agent's time limit: one flag sets all of them. */
export function timeLimit(name: string): TimeLimit {
  return { name, kind: "seconds", default: "1800", flag: "timeout", help: "Time limit for one iteration" };
}

/**
 * One agent: a folder under `src/agents/` and a row of AGENTS. The program loads these descriptions when it starts, so
 * what an agent needs at work is imported on demand.
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
  /** Imports what finds out for `samocode doctor` who pays for it; `undefined` where nobody has to. */
  readonly login: (() => Promise<ExamineLogin>) | undefined;
}

/** Makes the client of an agent. `self` is how this very program is called, its own arguments left out. */
export type CreateClient<Rows extends AgentRows> = Method<
  [settings: SettingValues<Rows>, context: { readonly self: readonly string[] }],
  CliClient
>;

/** Finds out whether and how an agent is logged in, without calling a model. */
export type ExamineLogin = (context: LoginContext) => Promise<Finding> | Finding;

/** What is needed for that. */
export interface LoginContext {
  /** Whether a session may come to need the agent. */
  readonly isNeeded: boolean;
  readonly env: Readonly<Record<string, string>>;
  readonly workingDirectory: string;
  readonly now: Date;
}

/** Where an agent keeps what can be installed for it. */
export interface InstallTarget {
  /** The shipped folders that it understands. */
  readonly parts: readonly string[];
  /** The folder of one person, and that of a repository. */
  readonly userFolder: OwnPath;
  readonly projectFolder: string;
  readonly mcp: {
    readonly format: "json" | "toml";
    /** The table of servers in such a file. */
    readonly table: string;
    readonly userFile: OwnPath;
    /** The file of a repository; `undefined` for an agent that keeps all its servers for the person. */
    readonly projectFile: string | undefined;
  };
}
