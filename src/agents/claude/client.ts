/**
 * Claude Code's command line: `claude -p` with a stream of events. Its behavior was measured with versions 2.1.197 and
 * 2.1.328.
 *
 * @module
 */
import type { CliClient } from "../cli_client.ts";
import { mayBeClaudeEvent, readClaudeLine } from "./stream.ts";
import type { AgentIteration } from "../agent_runner.ts";
import type { ClaudeSettings } from "./settings.ts";

/** Claude Code as a command-line agent. */
export function claudeClient(settings: ClaudeSettings): CliClient {
  return {
    binary: settings.binary,
    argumentsFor: (iteration) => claudeArguments(iteration, settings),
    environmentFor: ({ signalPath }) => ({
      [SIGNAL_VARIABLE]: signalPath,
      // No sub-agent or shell may continue after the main answer.
      CLAUDE_CODE_DISABLE_BACKGROUND_TASKS: "1",
      // A long run should end with the version it began with.
      DISABLE_AUTOUPDATER: "1",
    }),
    mayMatter: mayBeClaudeEvent,
    readLine: readClaudeLine,
  };
}

/** The tools that write files. A rule for `Edit` holds for all of them; without a path they write anywhere. */
const EDITS: ReadonlySet<string> = new Set(["Edit", "Write", "NotebookEdit"]);

function editRules({ workingDirectory, sessionFolder }: AgentIteration): readonly string[] {
  const folders = [workingDirectory, sessionFolder];
  return folders.every(isPlain) ? folders.map((folder) => `Edit(/${folder}/**)`) : [...EDITS];
}

function deniedEdits({ record }: AgentIteration): Readonly<Record<string, string>> {
  const rules = record.filter(isPlain).flatMap((path) => [`Edit(/${path})`, `Edit(/${path}/**)`]);
  return rules.length === 0 ? {} : { "--disallowedTools": rules.join(",") };
}

/** Whether a path means itself in a rule: there, these characters stand for others, or end it. Two slashes begin it. */
function isPlain(path: string): boolean {
  return path.startsWith("/") && !/[*?[\]{}()!,\\\s]/.test(path);
}

/** It refuses 0. */
const LEAST_USD = 0.0001;

const SIGNAL_VARIABLE = "SAMOCODE_SIGNAL";

/** The arguments of one attempt. */
export function claudeArguments(iteration: AgentIteration, settings: ClaudeSettings): readonly string[] {
  const { phase, agent: { name, description, prompt, tools }, pluginFolder, budget } = iteration;
  const options = {
    "--output-format": "stream-json",
    "--model": settings.model,
    "--max-turns": String(settings.maxTurns),
    // It knows best what its calls cost, and ends itself after the one that passes the limit.
    ...(budget?.restUsd === undefined ? {} : { "--max-budget-usd": Math.max(budget.restUsd, LEAST_USD).toFixed(4) }),
    "--agents": JSON.stringify({ [name]: { description, prompt, tools } }),
    "--agent": name,
    // A file: an argument is limited to 128 KiB on Linux and visible to every user.
    "--append-system-prompt-file": iteration.contextPath,
    "--session-id": iteration.marker,
    "--permission-mode": settings.permissionMode,
    // dontAsk refuses every other tool. It works as root, where skipping permissions does not.
    "--allowedTools": tools.flatMap((tool) => EDITS.has(tool) ? editRules(iteration) : [tool]).join(","),
    ...deniedEdits(iteration),
    "--add-dir": iteration.sessionFolder,
    "--settings": JSON.stringify({ hooks: { Stop: [{ hooks: [{ type: "command", command: STOP_HOOK }] }] } }),
    "--setting-sources": iteration.trustsRepository ? settings.settingSources : "user",
    ...(pluginFolder === undefined ? {} : { "--plugin-dir": pluginFolder }),
  };
  const task = `Do the next piece of work of the ${phase} phase, then leave the signal.`;
  // Without --strict-mcp-config the servers in the project's .mcp.json would start. Claude Code would keep the whole
  // conversation below ~/.claude/projects, what its tools printed included.
  return [
    "-p",
    task,
    "--verbose",
    "--include-partial-messages",
    "--strict-mcp-config",
    "--no-session-persistence",
    ...Object.entries(options).flat(),
  ];
}

/**
 * Runs in a shell when the agent wants to stop. Exit code 2 sends stderr to the agent, which continues; only once
 * (`stop_hook_active`), since an agent that cannot write must still be able to stop.
 */
const STOP_HOOK = `grep -q '"stop_hook_active": *true' || test -s "$${SIGNAL_VARIABLE}" || ` +
  `{ echo "Before you leave, write the signal file $${SIGNAL_VARIABLE}: one JSON object, as workflow.md says under Signal." >&2; exit 2; }`;
