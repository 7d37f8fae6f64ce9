/**
 * Claude Code's settings, and the folders that it keeps for itself.
 *
 * @module
 */
import { join } from "node:path";
import type { SettingValues } from "../../contract/setting_row.ts";
import type { AgentRows } from "../agent.ts";
import { homeFolder, namedFolder } from "../own_folder.ts";

/** Its permission modes that make sense with nobody there to ask. */
const PERMISSION_MODES = ["dontAsk", "acceptEdits", "auto", "bypassPermissions"] as const;

/** Its settings. */
export const CLAUDE_SETTINGS = {
  binary: { name: "CLAUDE_PATH", kind: "program", default: "claude", help: "The Claude Code program" },
  model: { name: "CLAUDE_MODEL", kind: "text", default: "opus", help: "The model it uses" },
  timeoutMs: {
    name: "CLAUDE_TIMEOUT",
    kind: "seconds",
    default: "1800",
    flag: "timeout",
    help: "Time limit for one iteration",
  },
  maxTurns: { name: "CLAUDE_MAX_TURNS", kind: "count", default: "300", help: "The most model calls in an iteration" },
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

/** How Claude Code is called. */
export type ClaudeSettings = Omit<SettingValues<typeof CLAUDE_SETTINGS>, "timeoutMs">;

/** The variable that names its folder. */
const FOLDER = "CLAUDE_CONFIG_DIR";

/** The folder of its settings and skills. */
export const CLAUDE_FOLDER = { variable: FOLDER, name: ".claude" } as const;

/** The file in which it keeps its state, the person's MCP servers among it. */
export function claudeStateFile(env: Readonly<Record<string, string>>): string {
  return join(namedFolder(FOLDER, env) ?? homeFolder(env), ".claude.json");
}
