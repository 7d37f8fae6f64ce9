/**
 * `samocode mcp` serves other agents.
 *
 * @module
 */
import type { Command } from "../command.ts";

/** Serves MCP. Only `main.ts` loads the server, and only for this command: everything else must start fast. */
export const mcp: Command = {
  name: "mcp",
  summary: "Serve MCP, so that Claude Code or Codex can run sessions for you",
  flags: {
    project: {
      value: "DIR",
      completes: "folder",
      help: "A folder in the project (default: CLAUDE_PROJECT_DIR, or the current folder)",
    },
    fleet: { help: "Serve sessions of the fleet (SAMOCODE_FLEET); then --project may name one of its projects" },
  },
  examples: ["samocode mcp", "samocode mcp --project ~/work/shop"],
  fleet: { stays: true },
  async run(io, { values }): Promise<number> {
    if (io.isInputTerminal) {
      io.writeError(
        "samocode mcp talks to programs; register it with: claude mcp add --scope user samocode -- samocode mcp\n",
      );
    }
    await io.serveMcp({ project: values["project"], config: values["config"] });
    return 0;
  },
};
