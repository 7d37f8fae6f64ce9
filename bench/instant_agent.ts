/**
 * An agent that does nothing but what every agent must: it leaves a signal and says that it is done. What remains of an
 * iteration's time is the loop's.
 *
 * @module
 */
import { join } from "node:path";

/** It also notes when it came and when it went, by a clock that bash has from version 5 on. */
const SCRIPT = `#!/bin/bash
began=$EPOCHREALTIME
printf '{"status":"continue"}' > "$SAMOCODE_SIGNAL"
printf '{"type":"result","is_error":false,"result":"done","began":%s,"ended":%s}\\n' "$began" "$EPOCHREALTIME"
`;

/** What the agent gets for an environment, its signal's path left out. */
export const AGENT_ENVIRONMENT = { PATH: "/usr/bin:/bin", LC_ALL: "C" } as const;

/** Writes the agent's program; returns its path. */
export function writeInstantAgent(folder: string): string {
  const path = join(folder, "instant-agent");
  Deno.writeTextFileSync(path, SCRIPT, { mode: 0o755 });
  return path;
}

/** When an agent came and went, in milliseconds of its own clock. */
export interface Visit {
  readonly beganMs: number;
  readonly endedMs: number;
}

/** Reads from an agent's output when it came and went. */
export function readVisit(logPath: string): Visit {
  const { began, ended } = JSON.parse(Deno.readTextFileSync(logPath));
  return { beganMs: began * 1000, endedMs: ended * 1000 };
}
