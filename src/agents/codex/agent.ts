/**
 * Codex: its settings, folders and parts.
 *
 * @module
 */
import type { Agent } from "../agent.ts";
import { ownPath } from "../../system/user_folders.ts";
import { chosenModel, CODEX_FOLDER, CODEX_SETTINGS } from "./settings.ts";

/** Its MCP servers get hardly any environment, and none of these. */
const OF_COMMANDS =
  /^CODEX_(?:SANDBOX|THREAD_ID|INTERNAL|SESSION_ID|TOOL_CALL_ID|CI$|VERSION|MANAGED|PERMISSION_PROFILE|NETWORK)/;

/** The agent. */
export const codex: Agent<typeof CODEX_SETTINGS> = {
  title: "Codex",
  settings: CODEX_SETTINGS,
  canFallBack: true,
  repositoryFiles: [".codex"],
  keys: ["CODEX_API_KEY", "OPENAI_API_KEY"],
  parentSession: [OF_COMMANDS],
  ofCommands: [OF_COMMANDS],
  home: {
    variable: CODEX_FOLDER.variable,
    folder: (env) => ownPath(CODEX_FOLDER, env),
    shown: [
      ".env",
      "AGENTS.md",
      "AGENTS.override.md",
      "config.toml",
      "hooks.json",
      "models_cache.json",
      "plugins",
      "prompts",
      "rules",
      "skills",
    ],
    shared: ["auth.json"],
  },
  modelHosts: (env) => ({
    // With a key; with a subscription; what renews its login.
    usual: ["api.openai.com", "chatgpt.com", "auth.openai.com"],
    chosen: chosenModel(env),
  }),
  modelProvider: () => "openai",
  install: {
    // Codex 0.169 has skills, called as `$name`, but no longer custom commands.
    parts: ["skills"],
    userFolder: CODEX_FOLDER,
    projectFolder: ".agents",
    mcp: {
      format: "toml",
      table: "mcp_servers",
      userFile: { ...CODEX_FOLDER, name: "config.toml" },
      projectFile: undefined,
    },
  },
  client: async () => {
    const { codexClient } = await import("./client.ts");
    return (settings) => codexClient(settings);
  },
  endpoint: async () => (await import("./endpoint.ts")).codexEndpoint,
  login: async () => (await import("./login.ts")).examineCodexLogin,
};
