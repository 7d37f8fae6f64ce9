/**
 * Claude Code: its settings, folders and parts.
 *
 * @module
 */
import type { Agent } from "../agent.ts";
import { ownPath } from "../../system/user_folders.ts";
import { CLAUDE_FOLDER, CLAUDE_SETTINGS, CLAUDE_STATE } from "./settings.ts";

/** The variables that choose a cloud, each with OpenTelemetry's name of it. */
const CLOUDS = new Map([
  ["CLAUDE_CODE_USE_BEDROCK", "aws.bedrock"],
  ["CLAUDE_CODE_USE_VERTEX", "gcp.vertex_ai"],
  ["CLAUDE_CODE_USE_FOUNDRY", "azure.ai.inference"],
]);

/** The agent. */
export const claude: Agent<typeof CLAUDE_SETTINGS> = {
  title: "Claude Code",
  settings: CLAUDE_SETTINGS,
  canFallBack: true,
  // Not all of `.claude`, where Claude Code keeps whole worktrees.
  repositoryFiles: [
    ...["settings.json", "settings.local.json", "agents", "commands", "hooks", "output-styles", "skills"]
      .map((name) => `.claude/${name}`),
    ".mcp.json",
  ],
  leavesOutRepository: ({ settingSources }) => !/project|local/.test(settingSources),
  keys: [
    "ANTHROPIC_API_KEY",
    "ANTHROPIC_AUTH_TOKEN",
    "ANTHROPIC_FOUNDRY_API_KEY",
    "AWS_BEARER_TOKEN_BEDROCK",
    "CLAUDE_CODE_OAUTH_TOKEN",
  ],
  // They include a live token to the session's message bus; with CLAUDECODE set, Claude Code runs as a child.
  parentSession: [
    /^CLAUDECODE$/,
    /^CLAUDE_PROJECT_DIR$/,
    /^CLAUDE_CODE_(?:ENTRYPOINT|EXECPATH|SESSION|LAUNCHED_BY|CHILD|MESSAGING|SSE_PORT|PARENT|TASK|REMOTE)/,
    /^CLAUDE_(?:SESSION_ID|EFFORT|ENV_FILE|PID|AGENT_SDK_VERSION)$/,
    /^AI_AGENT$/,
    /^MCP_(?!TIMEOUT$|TOOL_TIMEOUT$)/,
  ],
  ofCommands: [/^CLAUDE_CODE_CHILD_SESSION$/],
  home: {
    variable: CLAUDE_FOLDER.variable,
    folder: (env) => ownPath(CLAUDE_FOLDER, env),
    shown: [
      "settings.json",
      "settings.local.json",
      "CLAUDE.md",
      "agents",
      "commands",
      "hooks",
      "output-styles",
      "plugins",
      "rules",
      "skills",
    ],
    // Renewed in the middle of a run; written in place where it cannot be replaced.
    shared: [".credentials.json"],
    copied: (env) => ownPath(CLAUDE_STATE, env),
  },
  modelHosts: ({ ANTHROPIC_BASE_URL: url, ...env }) => ({
    // The second one renews a login. In a cloud the host depends on its region, and must be listed.
    usual: [...CLOUDS.keys()].some((name) => env[name]) ? [] : ["api.anthropic.com", "platform.claude.com"],
    chosen: url ? { url, from: "ANTHROPIC_BASE_URL" } : undefined,
  }),
  modelProvider: (env) => [...CLOUDS].find(([name]) => env[name])?.[1] ?? "anthropic",
  install: {
    parts: ["skills", "commands"],
    userFolder: CLAUDE_FOLDER,
    projectFolder: ".claude",
    mcp: { format: "json", table: "mcpServers", userFile: CLAUDE_STATE, projectFile: ".mcp.json" },
  },
  client: async () => (await import("./client.ts")).claudeClient,
  endpoint: async () => (await import("./endpoint.ts")).claudeEndpoint,
  login: async () => (await import("./login.ts")).examineClaudeLogin,
};
