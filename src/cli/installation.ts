/**
 * What the commands `install` and `uninstall` have in common.
 *
 * @module
 */
import { TARGETS } from "../agents/agents.ts";
import { SCOPES } from "../project/install/place.ts";
import type { Setup } from "../operations/install.ts";
import type { CliIo } from "./cli_io.ts";
import type { Flag } from "./command.ts";

/** The flags that both take. */
export const INSTALLATION_FLAGS: Readonly<Record<string, Flag>> = {
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

/** The program as it is before any project is set up. */
export function setupFrom({ env, workingDirectory, shippedRoot, version, self }: CliIo): Setup {
  return { env, workingDirectory, shippedRoot, version, self, now: () => new Date() };
}
