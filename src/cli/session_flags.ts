/**
 * The flags that begin a session, in the foreground and in the background alike.
 *
 * @module
 */
import { PROVIDER_CHOICES, TIMEOUT_SETTINGS } from "../operations/samocode.ts";
import type { Flag } from "./command.ts";

/** What a session is about, and who works for how long. */
export const SESSION_FLAGS: Readonly<Record<string, Flag>> = {
  task: { value: "TEXT", help: "What to do (new sessions only)" },
  dive: { value: "TEXT", help: "What to look into first (new sessions only)" },
  provider: {
    value: "NAME",
    completes: PROVIDER_CHOICES,
    help: `Agent to use: ${PROVIDER_CHOICES.join(", ")} (SAMOCODE_PROVIDER)`,
  },
  timeout: { value: "SECONDS", help: `Time limit for one iteration (${TIMEOUT_SETTINGS.join(", ")})` },
};
