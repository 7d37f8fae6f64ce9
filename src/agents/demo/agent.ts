/**
 * The demo's scripted agent, as samocode knows it. It runs in a process of its own, like any agent.
 *
 * @module
 */
import type { Agent, AgentRows } from "../agent.ts";
import { CLAUDE_SETTINGS } from "../claude/settings.ts";

const DEMO_SETTINGS = {
  pace: {
    name: "SAMOCODE_DEMO_PACE",
    kind: "count",
    default: "1",
    help: "How slowly the demo plays; 0 for no pauses",
  },
  // It has no time of its own.
  timeoutMs: CLAUDE_SETTINGS.timeoutMs,
} as const satisfies AgentRows;

/** The agent. */
export const demo: Agent<typeof DEMO_SETTINGS> = {
  title: "Demo",
  settings: DEMO_SETTINGS,
  canFallBack: false,
  repositoryFiles: [],
  parentSession: [],
  home: undefined,
  install: undefined,
  client: async () => (await import("./client.ts")).demoClient,
  login: undefined,
};
