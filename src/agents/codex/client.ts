/**
 * Codex as a provider: `codex exec` with a stream of events. What it does and does not do was measured with version
 * 0.169.0.
 *
 * @module
 */
import { join } from "node:path";
import { MARKER_VARIABLE } from "../../system/processes/end_processes.ts";
import type { CliClient } from "../engine.ts";
import { gitFoldersOf } from "./git_folders.ts";
import { readCodexLine } from "./stream.ts";
import type { AgentIteration } from "../agent_runner.ts";
import type { CodexSettings } from "./settings.ts";

/** What a test puts in the place of the real thing. */
export interface CodexOptions {
  readonly now?: () => Date;
  /** Finds the folders beside the worktree that a commit in it writes to. */
  readonly gitFolders?: (worktree: string) => readonly string[];
}

/** Codex as a command-line agent. */
export function codexClient(
  settings: CodexSettings,
  { now = () => new Date(), gitFolders = gitFoldersOf }: CodexOptions = {},
): CliClient {
  const { binary, model } = settings;
  return {
    binary,
    argumentsFor: (iteration) => codexArguments(iteration, settings, gitFolders(iteration.workingDirectory)),
    inputPathFor: ({ contextPath }) => contextPath,
    environmentFor: () => ({}),
    readLine: (line) => readCodexLine(line, { model, now }),
  };
}

/** The arguments of one attempt. `gitFolders` may be written beside the worktree and the session's folder. */
export function codexArguments(
  iteration: AgentIteration,
  settings: CodexSettings,
  gitFolders: readonly string[],
): readonly string[] {
  return [
    "exec",
    "--json",
    "--color",
    "never",
    // Nobody is there to ask, so what would be asked for is refused.
    "-c",
    'approval_policy="never"',
    // A person's own configuration may keep the environment from what the agent starts; this must reach it.
    "-c",
    `shell_environment_policy.set.${MARKER_VARIABLE}=${JSON.stringify(iteration.marker)}`,
    "--sandbox",
    settings.sandbox,
    ...[iteration.sessionFolder, ...gitFolders].flatMap((folder) => ["--add-dir", folder]),
    // A project without git may be worked in, too.
    "--skip-git-repo-check",
    // Else a copy of every prompt would stay in Codex's own folder.
    "--ephemeral",
    ...(settings.model === "" ? [] : ["--model", settings.model]),
    "-c",
    // JSON's strings are TOML's. These are shipped texts only: arguments are short on Linux, and every user can read them.
    `developer_instructions=${JSON.stringify(instructionsFor(iteration))}`,
    // The prompt is standard input: the context.
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
