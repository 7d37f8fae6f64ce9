/**
 * What an agent is: a program that can run an iteration, with everything samocode knows about it.
 *
 * @module
 */
import type { Finding } from "../contract/finding.ts";
import type { Method, SettingRow, SettingRows, SettingValues } from "../contract/setting_row.ts";
import type { AgentHome, ModelHosts } from "../guard/attempt.ts";
import type { OwnPath } from "../system/user_folders.ts";
import type { CliClient } from "./cli_client.ts";

/** An agent's settings, with those that other parts read. */
export type AgentRows = SettingRows & {
  readonly timeoutMs: TimeLimit;
  /** Absent if samocode itself plays the agent. */
  readonly binary?: SettingRow & { readonly kind: "program"; readonly default: string };
  /** Absent if there is no choice. Overridden by `SAMOCODE_MODEL_<PHASE>`. */
  readonly model?: SettingRow & { readonly kind: "text" };
};

interface TimeLimit extends SettingRow {
  readonly kind: "seconds";
  readonly flag: "timeout";
}

/** The row of an agent's time limit; one flag overrides all of them. */
export function timeLimit(name: string): TimeLimit {
  return { name, kind: "seconds", default: "1800", flag: "timeout", help: "Time limit for one iteration" };
}

/** One row of AGENTS. Loaded at every start, so it imports the agent's larger modules on demand. */
export interface Agent<Rows extends AgentRows = AgentRows> {
  /** Its name for people. */
  readonly title: string;
  readonly settings: Rows;
  /** Whether it can be the fallback of another agent. */
  readonly canFallBack: boolean;
  /** Files and folders in a repository that its program obeys: they run code, or choose hosts or permissions. */
  readonly repositoryFiles: readonly string[];
  /** Tells whether the settings have it ignore them. */
  readonly leavesOutRepository?: Method<[settings: SettingValues<Rows>], boolean>;
  /** Variables with its own keys and tokens; only agents get them. */
  readonly keys: readonly string[];
  /** Variables that a session of this agent sets for the programs it starts. */
  readonly parentSession: readonly RegExp[];
  /** Those of them that only its commands and hooks get, not the MCP servers that it starts. */
  readonly ofCommands: readonly RegExp[];
  /** The folder of its own program, for the guard; `undefined` where it keeps nothing. */
  readonly home: AgentHome | undefined;
  /** Where its model is, for a guard that lets only some hosts through. */
  readonly modelHosts: (env: Readonly<Record<string, string>>) => ModelHosts;
  /**
   * Who serves its model, in the words of `gen_ai.provider.name`:
   * https://github.com/open-telemetry/semantic-conventions-genai, docs/registry/attributes/gen-ai.md.
   */
  readonly modelProvider: (env: Readonly<Record<string, string>>) => string;
  readonly install: InstallTarget | undefined;
  readonly client: () => Promise<CreateClient<Rows>>;
  /** Finds where its model is; absent for an agent that calls none, or where nobody knows. */
  readonly endpoint?: () => Promise<FindEndpoint<Rows>>;
  /** Absent for an agent that needs no login. */
  readonly login: (() => Promise<ExamineLogin>) | undefined;
}

/** Creates an agent's client. `self` is the command that runs samocode, without arguments. */
export type CreateClient<Rows extends AgentRows> = Method<
  [settings: SettingValues<Rows>, context: { readonly self: readonly string[] }],
  CliClient
>;

/** Finds the address of an agent's model, as its program would; `undefined` if that is not known. */
export type FindEndpoint<Rows extends AgentRows> = Method<
  [context: EndpointContext, settings: SettingValues<Rows>],
  string | undefined
>;

/** The facts for {@linkcode FindEndpoint}. */
export interface EndpointContext {
  /** The agent's environment. */
  readonly env: Readonly<Record<string, string>>;
  /** The folder that the agent works in. */
  readonly workplace: string;
  /** Whether its program may obey the repository's settings. */
  readonly trustsRepository: boolean;
}

/** Finds out for `samocode doctor` who pays for an agent, without calling a model. */
export type ExamineLogin = (context: LoginContext) => Promise<Finding> | Finding;

/** The facts for {@linkcode ExamineLogin}. */
export interface LoginContext {
  /** Whether the project's settings use the agent. */
  readonly isNeeded: boolean;
  readonly env: Readonly<Record<string, string>>;
  readonly workingDirectory: string;
  readonly now: Date;
}

/** Where skills and the MCP server are installed for an agent. */
export interface InstallTarget {
  /** The shipped folders that it can use. */
  readonly parts: readonly string[];
  readonly userFolder: OwnPath;
  readonly projectFolder: string;
  readonly mcp: {
    readonly format: "json" | "toml";
    /** The key of the servers in the file. */
    readonly table: string;
    readonly userFile: OwnPath;
    /** The file in a repository; `undefined` if servers can be installed for the user only. */
    readonly projectFile: string | undefined;
  };
}
