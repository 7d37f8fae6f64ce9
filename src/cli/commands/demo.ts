/**
 * `samocode demo`: a whole session on a sample project, and the scripted agent that the demo provider starts.
 *
 * @module
 */
import type { Command } from "../command.ts";

/** The command. */
export const demo: Command = {
  name: "demo",
  summary: "Watch a session on a sample project: no API key, cost or network",
  operands: "",
  maxPositionals: 0,
  flags: { yes: { short: "y", help: "Accept suggestions and plan without asking" } },
  examples: ["samocode demo", "samocode demo --yes"],
  async run(io, args): Promise<number> {
    const { playDemo } = await import("../play_demo.ts");
    return await playDemo(io, args);
  },
};

/** The scripted agent. */
export const demoAgent: Command = {
  name: "demo-agent",
  summary: "Play one iteration of the demo",
  operands: "REQUEST",
  maxPositionals: 1,
  flags: {},
  examples: [],
  hidden: true,
  async run(io, args): Promise<number> {
    const { playDemoAgent } = await import("../../operations/demo.ts");
    await playDemoAgent(args.positionals[0] ?? "", io);
    return 0;
  },
};
