/**
 * Codex's settings and folders.
 *
 * @module
 */
import type { SettingValues } from "../../contract/setting_row.ts";
import { type AgentRows, timeLimit } from "../agent.ts";

/** Its settings. */
export const CODEX_SETTINGS = {
  binary: { name: "CODEX_PATH", kind: "program", default: "codex", help: "The Codex program" },
  model: {
    name: "CODEX_MODEL",
    kind: "text",
    default: "",
    help: "The model it uses; empty for the one in Codex's configuration",
  },
  timeoutMs: timeLimit("CODEX_TIMEOUT"),
  // Not CODEX_SANDBOX: Codex sets that variable for its commands, with other values.
  sandbox: {
    name: "CODEX_SANDBOX_MODE",
    // In `read-only` an agent could not write its signal.
    kind: ["workspace-write", "danger-full-access"],
    default: "workspace-write",
    help: "What Codex may write: worktree, session and the branch, or, with danger-full-access, everything",
  },
} as const satisfies AgentRows;

/** What its command line needs. */
export type CodexSettings = Omit<SettingValues<typeof CODEX_SETTINGS>, "timeoutMs">;

/** The folder of its configuration and skills. */
export const CODEX_FOLDER = { variable: "CODEX_HOME", folder: ".codex", name: "" } as const;
