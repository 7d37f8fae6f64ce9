/**
 * `samocode demo-agent`: the scripted agent itself, as the demo provider starts it.
 *
 * @module
 */
import { DEMO_AGENT_COMMAND } from "../../agents/demo/demo_command.ts";
import type { Command } from "../command.ts";

/** The command. */
export const demoAgent: Command = {
  name: DEMO_AGENT_COMMAND,
  summary: "Play one iteration of the demo",
  operands: "REQUEST",
  maxPositionals: 1,
  flags: {},
  examples: [],
  hidden: true,
  async run(io, args): Promise<number> {
    const { readDemoRequest } = await import("../../agents/demo/demo_request.ts");
    const { playDemoIteration } = await import("../../agents/demo/demo_agent.ts");
    const { pace, ...iteration } = readDemoRequest(args.positionals[0] ?? "");
    await playDemoIteration(iteration, {
      emit: (line) => io.write(JSON.stringify(line) + "\n"),
      pause: (ms) => new Promise((wake) => setTimeout(wake, ms * pace)),
    });
    return 0;
  },
};
