/**
 * `samocode mcp`: the door for other agents.
 *
 * @module
 */
import type { Command } from "../command.ts";

/** The command. The server itself is loaded by `main.ts`, and only for this command: the loop must start fast. */
export const mcp: Command = {
  name: "mcp",
  summary: "Serve MCP, so that Claude Code or Codex can run sessions for you",
  operands: "",
  maxPositionals: 0,
  flags: {
    project: {
      value: "DIR",
      completes: "folder",
      help: "A folder in the project (default: CLAUDE_PROJECT_DIR, or the current folder)",
    },
  },
  examples: ["samocode mcp", "samocode mcp --project ~/work/shop"],
  async run(io, { values }): Promise<number> {
    if (io.isInputTerminal) {
      io.writeError(
        "samocode mcp speaks with programs; register it with: claude mcp add --scope user samocode -- samocode mcp\n",
      );
    }
    await io.serveMcp({ project: values["project"], config: values["config"] });
    return 0;
  },
};
