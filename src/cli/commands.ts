/**
 * The table of commands: to add one is to add a file and a row.
 *
 * @module
 */
import { answer } from "./commands/answer.ts";
import { approve } from "./commands/approve.ts";
import { demo } from "./commands/demo.ts";
import { demoAgent } from "./commands/demo_agent.ts";
import { guide } from "./commands/guide.ts";
import { list } from "./commands/list.ts";
import { logs } from "./commands/logs.ts";
import { run } from "./commands/run.ts";
import { status } from "./commands/status.ts";
import { stop } from "./commands/stop.ts";
import type { Command } from "./command.ts";

/** All commands, in the order in which a person meets them. */
export const COMMANDS: readonly Command[] = [run, status, answer, approve, guide, stop, list, logs, demo, demoAgent];
