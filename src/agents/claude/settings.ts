/**
 * Claude Code's settings and folders.
 *
 * @module
 */
import type { SettingValues } from "../../contract/setting_row.ts";
import { type AgentRows, timeLimit } from "../agent.ts";

/** The permission modes that work with nobody there to ask. */
const PERMISSION_MODES = ["dontAsk", "acceptEdits", "auto", "bypassPermissions"] as const;

/** Its settings. */
export const CLAUDE_SETTINGS = {
  binary: { name: "CLAUDE_PATH", kind: "program", default: "claude", help: "The Claude Code program" },
  model: { name: "CLAUDE_MODEL", kind: "text", default: "opus", help: "The model it uses" },
  timeoutMs: timeLimit("CLAUDE_TIMEOUT"),
  maxTurns: {
    name: "CLAUDE_MAX_TURNS",
    kind: "positive",
    default: "300",
    help: "The most model calls in an iteration",
  },
  permissionMode: {
    name: "CLAUDE_PERMISSION_MODE",
    kind: PERMISSION_MODES,
    default: "dontAsk",
    help: "dontAsk: what the agent's list of tools allows; bypassPermissions: everything, not as root",
  },
  settingSources: {
    name: "CLAUDE_SETTING_SOURCES",
    kind: "text",
    default: "user,project,local",
    help: "Which Claude Code settings apply; `user` leaves out the repository's own hooks and CLAUDE.md",
  },
} as const satisfies AgentRows;

/** What its command line needs. */
export type ClaudeSettings = Omit<SettingValues<typeof CLAUDE_SETTINGS>, "timeoutMs">;

/** The folder of its settings and skills. */
export const CLAUDE_FOLDER = { variable: "CLAUDE_CONFIG_DIR", folder: ".claude", name: "" } as const;

/** The file with its state, including the user's MCP servers. */
export const CLAUDE_STATE = { variable: "CLAUDE_CONFIG_DIR", folder: "", name: ".claude.json" } as const;

/** The clouds that can serve its models, by the variable that chooses each. */
export const CLOUDS: Readonly<Record<string, string>> = {
  CLAUDE_CODE_USE_BEDROCK: "Amazon Bedrock",
  CLAUDE_CODE_USE_VERTEX: "Google Vertex AI",
  CLAUDE_CODE_USE_FOUNDRY: "Microsoft Foundry",
};
