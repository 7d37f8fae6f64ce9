/**
 * The flags that begin a session, in the foreground and in the background alike.
 *
 * @module
 */
import { AGENT_NAMES } from "../agents/agents.ts";
import { SETTINGS } from "../settings/settings_table.ts";
import type { Flag } from "./command.ts";

const TIMEOUTS = [...SETTINGS.values()].filter(({ flag }) => flag === "timeout").map(({ name }) => name);

/** What a session is about, and who works for how long. */
export const SESSION_FLAGS: Readonly<Record<string, Flag>> = {
  task: { value: "TEXT", help: "What to do (new sessions only)" },
  dive: { value: "TEXT", help: "What to look into first (new sessions only)" },
  provider: {
    value: "NAME",
    completes: AGENT_NAMES,
    help: `Agent to use: ${AGENT_NAMES.join(", ")} (SAMOCODE_PROVIDER)`,
  },
  timeout: { value: "SECONDS", help: `Time limit for one iteration (${TIMEOUTS.join(", ")})` },
};
