/**
 * An agent that only leaves a signal: to go on at its first visits, and at its last one that it is blocked.
 *
 * @module
 */
import { join } from "node:path";

/** So often it comes to one session. */
export const VISITS = 5;

/** It keeps its count beside the signal, and starts no process. */
const SCRIPT = `#!/bin/bash
count="\${SAMOCODE_SIGNAL%/*}/visits"
printf x >> "$count"
read -r visits < "$count" || true
if [[ \${#visits} -lt ${VISITS} ]]; then
  printf '{"status":"continue"}' > "$SAMOCODE_SIGNAL"
else
  printf '{"status":"blocked","reason":"the end of the measuring","needs":"clarification"}' > "$SAMOCODE_SIGNAL"
fi
printf '{"type":"result","is_error":false,"result":"done"}\\n'
`;

/** Writes the agent's program; returns its path. */
export function writeBriefAgent(folder: string): string {
  const path = join(folder, "brief-agent");
  Deno.writeTextFileSync(path, SCRIPT, { mode: 0o755 });
  return path;
}
