/**
 * Looks for the agents' programs before a session, a branch or a worktree is made for them.
 *
 * @module
 */
import type { Agent, AgentRows } from "../agents/agent.ts";
import { AGENTS } from "../agents/agents.ts";
import type { SettingValues } from "../contract/setting_row.ts";
import { providersOf } from "../settings/settings.ts";
import { programPath } from "../system/processes/program_path.ts";
import { SamocodeError } from "../text/errors.ts";
import type { Samocode } from "./samocode.ts";

/**
 * Checks that the program of every agent that the phases need can be found. A missing fallback holds up nothing.
 *
 * @throws {SamocodeError} For the first that cannot.
 */
export function checkPrograms({ settings, env }: Pick<Samocode, "settings" | "env">): void {
  for (const name of providersOf({ phases: settings.phases, fallback: undefined })) {
    const { title, settings: { binary: row } }: Agent = AGENTS[name];
    const { binary }: SettingValues<AgentRows> = settings.agents[name];
    if (row === undefined || binary === undefined) continue;
    const { program, script } = programPath(binary, { env });
    if (program !== undefined) continue;
    const problem = script === undefined
      ? `Cannot start ${binary}: there is no such program`
      : `Cannot start ${binary}: ${script} is a script, not a program`;
    throw new SamocodeError("usage", problem, {
      hint: `Install ${title}, set ${row.name} to its path, or choose another agent`,
      actions: [{ verb: "doctor" }],
    });
  }
}
