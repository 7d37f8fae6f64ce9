/**
 * The table of commands: to add one is to add a file and a row.
 *
 * @module
 */
import { answer } from "./commands/answer.ts";
import { approve } from "./commands/approve.ts";
import { complete, completions } from "./commands/completions.ts";
import { demo, demoAgent } from "./commands/demo.ts";
import { doctor } from "./commands/doctor.ts";
import { guide } from "./commands/guide.ts";
import { init } from "./commands/init.ts";
import { install, uninstall } from "./commands/install.ts";
import { list } from "./commands/list.ts";
import { logs } from "./commands/logs.ts";
import { mcp } from "./commands/mcp.ts";
import { run } from "./commands/run.ts";
import { start } from "./commands/start.ts";
import { status } from "./commands/status.ts";
import { stop } from "./commands/stop.ts";
import type { Command } from "./command.ts";

/** All commands, in the order in which a person meets them. */
export const COMMANDS: readonly Command[] = [
  run,
  start,
  status,
  answer,
  approve,
  guide,
  stop,
  list,
  logs,
  mcp,
  init,
  install,
  uninstall,
  doctor,
  completions,
  demo,
  demoAgent,
  complete(() => COMMANDS),
];
