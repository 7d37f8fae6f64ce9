/**
 * `samocode demo`: a whole session on a sample project, played by a script.
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
