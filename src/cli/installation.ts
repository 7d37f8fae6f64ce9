/**
 * What the commands `install` and `uninstall` have in common.
 *
 * @module
 */
import { SCOPES, TARGETS } from "../project/install/place.ts";
import type { Setup } from "../operations/install.ts";
import type { CliIo } from "./cli_io.ts";
import type { Flag } from "./command.ts";

/** The flags that both take. */
export const INSTALLATION_FLAGS: Readonly<Record<string, Flag>> = {
  target: { value: "NAME", completes: TARGETS, help: "claude (the default) or codex" },
  scope: {
    value: "NAME",
    completes: SCOPES,
    help: "user: for you in all projects (the default); project: in this repository",
  },
  plugin: { value: "DIR", completes: "folder", help: "A plugin folder for Claude Code, instead of a target" },
  "dry-run": { help: "Say what would be done, and do nothing" },
  force: { help: "Move what samocode did not write, or you changed, to a backup beside it" },
  yes: { short: "y", help: "Do it without asking" },
};

/** The program as it is before any project is set up. */
export function setupFrom({ env, workingDirectory, shippedRoot, version, self }: CliIo): Setup {
  return { env, workingDirectory, shippedRoot, version, self, now: () => new Date() };
}
