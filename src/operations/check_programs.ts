/**
 * Looks for the agents' programs before a session, a branch or a worktree is made for them.
 *
 * @module
 */
import type { Agent, AgentRows } from "../agents/agent.ts";
import { AGENT_NAMES, type AgentName, AGENTS } from "../agents/agents.ts";
import type { SettingValues } from "../contract/setting_row.ts";
import { providersOf } from "../settings/settings.ts";
import { type ProgramPath, programPath } from "../system/processes/program_path.ts";
import { SamocodeError } from "../text/errors.ts";
import type { Samocode } from "./samocode.ts";

/**
 * Checks that the program of every agent that the phases need can be found. A missing fallback holds up nothing.
 *
 * @throws {SamocodeError} For the first that cannot.
 */
export function checkPrograms(samocode: Pick<Samocode, "settings" | "env">): void {
  for (const name of providersOf({ phases: samocode.settings.phases, fallback: undefined })) {
    const found = findProgram(name, samocode);
    if (found === undefined || found.program !== undefined) continue;
    const { binary, setting, script } = found;
    const problem = script === undefined
      ? `Cannot start ${binary}: there is no such program`
      : `Cannot start ${binary}: ${script} is a script, not a program`;
    const others = AGENT_NAMES.filter((other) => findProgram(other, samocode)?.program !== undefined);
    const other = others.length === 0 ? "another agent" : `${others.join(" or ")}, which is installed`;
    throw new SamocodeError("usage", problem, {
      hint: `Install ${AGENTS[name].title}, set ${setting} to its path, or choose ${other}`,
      actions: [{ verb: "doctor" }],
    });
  }
}

/** `undefined` for an agent that needs no program. */
function findProgram(
  name: AgentName,
  { settings, env }: Pick<Samocode, "settings" | "env">,
): ProgramPath & { readonly binary: string; readonly setting: string } | undefined {
  const { settings: { binary: row } }: Agent = AGENTS[name];
  const { binary }: SettingValues<AgentRows> = settings.agents[name];
  if (row === undefined || binary === undefined) return undefined;
  return { ...programPath(binary, { env }), binary, setting: row.name };
}
