/**
 * A project whose agent is a small shell program that does what an agent should not.
 *
 * @module
 */
import { join } from "node:path";
import { TempProject } from "./temp_project.ts";

/**
 * Makes the project.
 *
 * @param agent Shell text. `$phase` and `$folder`, the session's, are set, `$SAMOCODE_SIGNAL` as always; the working
 * directory is the worktree. That it did well is said at its end.
 */
export function hostileProject(agent: string, env: Readonly<Record<string, string>> = {}): TempProject {
  const project = new TempProject({ SAMOCODE_MAX_RETRIES: "0", SAMOCODE_RETRY_DELAY: "0", ...env });
  const path = join(project.root, "agent.sh");
  Deno.writeTextFileSync(
    path,
    `#!/bin/sh
phase=$(echo "$2" | sed 's/.* of the \\([a-z]*\\) phase.*/\\1/')
folder=$(dirname "$SAMOCODE_SIGNAL")
root=${project.root}
${agent}
echo '{"type":"result","is_error":false,"total_cost_usd":0.01}'
`,
    { mode: 0o755 },
  );
  Deno.writeTextFileSync(join(project.root, ".env"), `CLAUDE_PATH=${path}\n`);
  project.trust();
  return project;
}
