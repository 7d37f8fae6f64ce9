/**
 * The project's own checks: whether there are any, and whether their programs are there.
 *
 * @module
 */
import { ok, warning } from "../../../contract/finding.ts";
import { programPath } from "../../../system/processes/program_path.ts";
import { commandLine } from "../../../text/command_words.ts";
import type { Finding } from "../../../contract/finding.ts";
import type { Check } from "../check.ts";

/** Looks for the programs; runs none of them. */
export const projectChecks: Check = {
  area: "checks",
  *examine({ settings, env }): Generator<Finding> {
    if (settings === undefined) return;
    const { checks, projectFile } = settings;
    if (checks.length === 0) yield ok("None are set: only agents test their work", `CHECK=… in ${projectFile}`);
    for (const command of checks) {
      const [name = ""] = command;
      // One with a slash is in the worktree, which is not there yet.
      const isMissing = !/[\\/]/.test(name) && programPath(name, { env }).program === undefined;
      const line = commandLine(command);
      yield isMissing
        ? warning(`${line}: there is no program ${name}`, `Install it, or correct the line in ${projectFile}`)
        : ok(line);
    }
  },
};
