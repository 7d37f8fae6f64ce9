/**
 * The hidden `samocode guard-bridge`, which starts an agent that reaches listed hosts only.
 *
 * @module
 */
import type { Command } from "../command.ts";

/** Runs behind the guard's walls. */
export const guardBridge: Command = {
  name: "guard-bridge",
  summary: "Start an agent that reaches listed hosts only",
  operands: "-- TASK COMMAND",
  maxPositionals: Infinity,
  flags: {},
  examples: [],
  hidden: true,
  async run({ env }, { positionals: [task = "", ...command] }): Promise<number> {
    const { bridgeToHosts } = await import("../../operations/bridge_to_hosts.ts");
    return await bridgeToHosts(task, { command, env });
  },
};
