/**
 * The table of checks: to add one is to add a file and a row.
 *
 * @module
 */
import type { Check } from "./check.ts";
import { claude } from "./checks/claude.ts";
import { codex } from "./checks/codex.ts";
import { disk } from "./checks/disk.ts";
import { git } from "./checks/git.ts";
import { mcpServers } from "./checks/mcp_servers.ts";
import { program } from "./checks/program.ts";
import { project } from "./checks/project.ts";
import { sessions } from "./checks/sessions.ts";
import { telegram } from "./checks/telegram.ts";
import { worktrees } from "./checks/worktrees.ts";

/** All checks, in the order in which they are told. */
export const CHECKS: readonly Check[] = [
  program,
  project,
  claude,
  codex,
  git,
  sessions,
  worktrees,
  disk,
  mcpServers,
  telegram,
];
