/**
 * Codex's command line: `codex exec` with a stream of events. Its behavior was measured with version 0.169.0.
 *
 * @module
 */
import { join } from "node:path";
import { MARKER_VARIABLE } from "../../system/processes/end_processes.ts";
import { statIfExists } from "../../system/files/files.ts";
import { worktreeGitFolders } from "../../system/worktree_git_folders.ts";
import type { CliClient } from "../cli_client.ts";
import { readCodexCall, readCodexLine } from "./stream.ts";
import type { AgentIteration } from "../agent_runner.ts";
import type { CodexSettings } from "./settings.ts";

/**
 * Codex as a command-line agent.
 *
 * @param options Replaced by tests.
 */
export function codexClient(
  settings: CodexSettings,
  options: { readonly now?: () => Date; readonly gitFolders?: typeof gitFoldersOf } = {},
): CliClient {
  const { now = () => new Date(), gitFolders = gitFoldersOf } = options;
  const { binary, model } = settings;
  return {
    binary,
    argumentsFor: (iteration, { isGuarded }) => {
      // Its own sandbox refuses every edit inside the guard, for root; there is nothing left for it to keep in.
      const sandbox = isGuarded ? "danger-full-access" : settings.sandbox;
      return codexArguments(iteration, { ...settings, sandbox }, gitFolders(iteration.workingDirectory));
    },
    inputPathFor: ({ contextPath }) => contextPath,
    environmentFor: () => ({ RUST_LOG: CALLS_LOG }),
    readLine: (line) => readCodexLine(line, { model, now }),
    readErrorLine: readCodexCall,
  };
}

/** Errors, as without it, and what each call used. Texts of prompts, answers and tools are not in it. */
const CALLS_LOG = "error,codex_otel.trace_safe=info";

/** The arguments of one attempt. Codex may write to `gitFolders` besides the worktree and the session's folder. */
export function codexArguments(
  iteration: AgentIteration,
  settings: CodexSettings,
  gitFolders: readonly string[],
): readonly string[] {
  return [
    "exec",
    "--json",
    "--color=never",
    // Nobody is there to ask.
    '--config=approval_policy="never"',
    // The user's configuration may restrict the environment of commands; the marker must reach them.
    `--config=shell_environment_policy.set.${MARKER_VARIABLE}=${JSON.stringify(iteration.marker)}`,
    // Meant for Codex alone: the project's own programs would print more, too.
    '--config=shell_environment_policy.set.RUST_LOG=""',
    // For the worktree: the same for the repository would not override the user's own entry.
    ...(iteration.trustsRepository
      ? []
      : [`--config=projects={${JSON.stringify(iteration.workingDirectory)}={trust_level="untrusted"}}`]),
    `--sandbox=${settings.sandbox}`,
    ...[iteration.sessionFolder, ...gitFolders].map((folder) => `--add-dir=${folder}`),
    // A project may have no git.
    "--skip-git-repo-check",
    // Otherwise Codex would keep a copy of every prompt.
    "--ephemeral",
    ...(settings.model === "" ? [] : [`--model=${settings.model}`]),
    // A JSON string is a TOML string. Shipped texts only: arguments are limited on Linux and visible to every user.
    `--config=developer_instructions=${JSON.stringify(instructionsFor(iteration))}`,
    // The context is the prompt, on stdin.
    "-",
  ];
}

function instructionsFor({ agent, phase, pluginFolder }: AgentIteration): string {
  return [
    `You are samocode's ${agent.name}: ${agent.description}.`,
    agent.prompt,
    "# Your prompt",
    `The prompt is the workflow of the session and its context. It binds you like these instructions. Do the next piece of work of the ${phase} phase, then leave the signal.`,
    ...(pluginFolder === undefined ? [] : [
      "# Skills",
      `A skill called \`samocode:NAME\` is the file ${
        join(pluginFolder, "skills", "NAME", "SKILL.md")
      } and what it names in its folder. Read it when you need it.`,
    ]),
  ].join("\n\n");
}

/** Shared by all worktrees and needed for a commit. Hooks and configuration are left out: they run programs. */
const SHARED = ["objects", "refs", "logs"] as const;

/**
 * The folders in the main repository that a commit in this worktree writes to; empty for any other folder. The own one is
 * named even below a writable one, since Codex protects the target of a `.git` file.
 */
export function gitFoldersOf(worktree: string): readonly string[] {
  const found = worktreeGitFolders(worktree);
  // The `.git` of a main worktree is in Codex's working directory.
  if (found === undefined || found.own === found.common) return [];
  const folders = [found.own, ...SHARED.map((name) => join(found.common, name))];
  return folders.filter((folder) => statIfExists(folder)?.isDirectory);
}
