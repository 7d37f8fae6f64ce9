/**
 * `samocode install` and `samocode uninstall`: the skills and slash commands for any session, without the loop.
 *
 * @module
 */
import { SCOPES, TARGETS } from "../../project/install/place.ts";
import type { Command, Flag } from "../command.ts";

const FLAGS: Readonly<Record<string, Flag>> = {
  target: { value: "NAME", completes: TARGETS, help: `One of ${TARGETS.join(", ")} (default: claude)` },
  scope: {
    value: "NAME",
    completes: SCOPES,
    help: "user: all your projects (default); project: this repository",
  },
  plugin: { value: "DIR", completes: "folder", help: "Use this Claude Code plugin folder instead of a target" },
  "dry-run": { help: "Show what would happen without doing it" },
  force: { help: "Move changed or foreign files to a backup beside them" },
  yes: { short: "y", help: "Do not ask for confirmation" },
};

/** The command that installs. */
export const install: Command = {
  name: "install",
  summary: "Install or upgrade skills and slash commands for Claude Code or Codex",
  operands: "",
  maxPositionals: 0,
  flags: {
    ...FLAGS,
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

/** The command that removes what {@linkcode install} wrote, and nothing else. */
export const uninstall: Command = {
  name: "uninstall",
  summary: "Remove what install added, and nothing else",
  operands: "",
  maxPositionals: 0,
  flags: FLAGS,
  examples: ["samocode uninstall", "samocode uninstall --target codex --dry-run"],
  async run(io, args): Promise<number> {
    const { performUninstall } = await import("../perform_install.ts");
    return await performUninstall(io, args);
  },
};
