/**
 * Claude Code as a provider: `claude -p` with a stream of events. What it does and does not tell was measured with the
 * versions 2.1.197 and 2.1.328.
 *
 * @module
 */
import type { CliClient } from "../engine.ts";
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
      // One result a run: no sub-agent or shell goes on behind the main answer.
      CLAUDE_CODE_DISABLE_BACKGROUND_TASKS: "1",
      // A night's run ends with the version it began with.
      DISABLE_AUTOUPDATER: "1",
    }),
    mayMatter: mayBeClaudeEvent,
    readLine: readClaudeLine,
  };
}

const SIGNAL_VARIABLE = "SAMOCODE_SIGNAL";

/** The arguments of one attempt. */
export function claudeArguments(iteration: AgentIteration, settings: ClaudeSettings): readonly string[] {
  const { agent, phase } = iteration;
  const definition = { description: agent.description, prompt: agent.prompt, tools: agent.tools };
  return [
    "-p",
    `Do the next piece of work of the ${phase} phase, then leave the signal.`,
    "--output-format",
    "stream-json",
    "--verbose",
    "--model",
    settings.model,
    "--max-turns",
    String(settings.maxTurns),
    "--agents",
    JSON.stringify({ [agent.name]: definition }),
    "--agent",
    agent.name,
    // A file, not an argument: Linux takes 128 KiB an argument, and arguments can be read by every user.
    "--append-system-prompt-file",
    iteration.contextPath,
    "--session-id",
    iteration.marker,
    "--permission-mode",
    settings.permissionMode,
    // With dontAsk whatever is not named here is refused; it works for root, where skipping permissions does not.
    "--allowedTools",
    agent.tools.join(","),
    "--add-dir",
    iteration.sessionFolder,
    "--settings",
    JSON.stringify({ hooks: { Stop: [{ hooks: [{ type: "command", command: STOP_HOOK }] }] } }),
    "--setting-sources",
    settings.settingSources,
    // Without it the servers of the project's .mcp.json would start, unasked.
    "--strict-mcp-config",
    ...(iteration.pluginFolder === undefined ? [] : ["--plugin-dir", iteration.pluginFolder]),
  ];
}

/**
 * Runs in a shell when the agent wants to leave; exit code 2 sends the words to the agent and it goes on. Once only
 * (`stop_hook_active` says that it was sent back before): an agent that cannot write must still be able to leave.
 */
const STOP_HOOK = `grep -q '"stop_hook_active": *true' || test -s "$${SIGNAL_VARIABLE}" || ` +
  `{ echo "Before you leave, write the signal file $${SIGNAL_VARIABLE}: one JSON object, as workflow.md says under Signal." >&2; exit 2; }`;
