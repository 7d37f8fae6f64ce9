/**
 * `samocode install`: the skills and slash commands for any session, without the loop.
 *
 * @module
 */
import type { Command } from "../command.ts";
import { INSTALLATION_FLAGS } from "../installation.ts";

/** The command. */
export const install: Command = {
  name: "install",
  summary: "Install or upgrade skills and slash commands for Claude Code or Codex",
  operands: "",
  maxPositionals: 0,
  flags: {
    ...INSTALLATION_FLAGS,
    mcp: { help: "Register the MCP server too, without asking" },
    "no-mcp": { help: "Do not register the MCP server, and do not ask" },
  },
  examples: [
    "samocode install",
    "samocode install --target codex --scope project --yes",
    "samocode install --plugin samocode-plugin",
  ],
  async run(io, args): Promise<number> {
    const { performInstall } = await import("../perform_install.ts");
    return await performInstall(io, args);
  },
};
