/**
 * Codex, as samocode knows it.
 *
 * @module
 */
import type { Agent } from "../agent.ts";
import { CODEX_FOLDER, CODEX_SETTINGS } from "./settings.ts";

/** The agent. */
export const codex: Agent<typeof CODEX_SETTINGS> = {
  title: "Codex",
  settings: CODEX_SETTINGS,
  canFallBack: true,
  parentSession: [
    /^CODEX_(?:SANDBOX|THREAD_ID|INTERNAL|SESSION_ID|TOOL_CALL_ID|CI$|VERSION|MANAGED|PERMISSION_PROFILE|NETWORK)/,
  ],
  install: {
    // Codex 0.169 has skills, called `$name`, and no commands of one's own any more.
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
  login: async () => (await import("./login.ts")).examineCodexLogin,
};
