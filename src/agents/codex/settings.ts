/**
 * Codex's settings and folders.
 *
 * @module
 */
import type { SettingValues } from "../../contract/setting_row.ts";
import type { Environment, ModelHosts } from "../../guard/attempt.ts";
import { readTextIfExists } from "../../system/files/files.ts";
import { ownPath } from "../../system/user_folders.ts";
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

/**
 * The model's service that a person chose in Codex's configuration; `undefined` for OpenAI's. Only the lines that matter
 * are read: a TOML parser is too large for that.
 */
export function chosenModel(env: Environment): ModelHosts["chosen"] {
  const path = ownPath({ ...CODEX_FOLDER, name: "config.toml" }, env);
  const [top = "", ...tables] = (readTextIfExists(path) ?? "").split(/^\s*(?=\[)/m);
  const provider = valueIn(top, "model_provider");
  const isChosen = (each: string) => /^\[model_providers\.["']?(.+?)["']?\]/.exec(each)?.[1] === provider;
  const table = provider === undefined ? undefined : tables.find(isChosen);
  const url = table === undefined ? valueIn(top, "openai_base_url") : valueIn(table, "base_url");
  return url === undefined ? undefined : { url, from: path };
}

function valueIn(toml: string, key: string): string | undefined {
  return new RegExp(`^\\s*${key}\\s*=\\s*["']([^"'\\n]+)["']`, "m").exec(toml)?.[1];
}
