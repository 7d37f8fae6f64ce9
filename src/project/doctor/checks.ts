/**
 * The checks of the doctor: of the program and the project, and of each agent and notifier.
 *
 * @module
 */
import { AGENT_NAMES } from "../../agents/agents.ts";
import type { Finding } from "../../contract/finding.ts";
import type { Notifier } from "../../notifiers/notifier.ts";
import { NOTIFIER_NAMES, type NotifierName, NOTIFIERS } from "../../notifiers/notifiers.ts";
import type { Check } from "./check.ts";
import { checkOfAgent } from "./checks/agent.ts";
import { disk } from "./checks/disk.ts";
import { git } from "./checks/git.ts";
import { mcpServers } from "./checks/mcp_servers.ts";
import { program } from "./checks/program.ts";
import { project } from "./checks/project.ts";
import { sessions } from "./checks/sessions.ts";
import { worktrees } from "./checks/worktrees.ts";

/** All checks, in the order in which they are told. */
export const CHECKS: readonly Check[] = [
  program,
  project,
  ...AGENT_NAMES.flatMap(checkOfAgent),
  git,
  sessions,
  worktrees,
  disk,
  mcpServers,
  ...NOTIFIER_NAMES.flatMap(checkOfNotifier),
];

function checkOfNotifier(name: NotifierName): readonly Check[] {
  const { title, check }: Notifier = NOTIFIERS[name];
  if (check === undefined) return [];
  return [{
    area: title,
    async examine({ settings, fetch }): Promise<readonly Finding[]> {
      return settings === undefined ? [] : await (await check())(settings.notifiers[name], { fetch });
    },
  }];
}
