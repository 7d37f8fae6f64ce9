/**
 * The table of commands.
 *
 * @module
 */
import { complete, completions } from "./commands/completions.ts";
import { answer, approve, guide } from "./commands/decide.ts";
import { demo, demoAgent } from "./commands/demo.ts";
import { doctor } from "./commands/doctor.ts";
import { init } from "./commands/init.ts";
import { install, uninstall } from "./commands/install.ts";
import { list, logs, status } from "./commands/look.ts";
import { mcp } from "./commands/mcp.ts";
import { run, start, stop, worker } from "./commands/run.ts";
import { trust } from "./commands/trust.ts";
import type { Command } from "./command.ts";

/** All commands, in the order of the help. */
export const COMMANDS: readonly Command[] = [
  ...[run, start, status, answer, approve, guide, stop, list, logs],
  ...[mcp, init, trust, install, uninstall, doctor, completions, demo],
  ...[demoAgent, worker, complete(() => COMMANDS)],
];
