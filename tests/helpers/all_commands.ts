/**
 * All commands of the command line.
 *
 * @module
 */
import { allCommands } from "../../src/cli/commands.ts";

/** Loaded once for all tests of a process. */
export const COMMANDS = await allCommands();
