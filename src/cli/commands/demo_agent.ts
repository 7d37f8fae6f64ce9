/**
 * `samocode demo-agent`: the scripted agent itself, as the demo provider starts it.
 *
 * @module
 */
import * as z from "zod";
import { DEMO_AGENT_COMMAND } from "../../providers/demo.ts";
import { SamocodeError } from "../../system/errors.ts";
import { PHASE_NAMES } from "../../workflow/phase.ts";
import type { Command } from "../command.ts";

const schema = z.object({
  phase: z.enum(PHASE_NAMES),
  sessionFolder: z.string(),
  worktree: z.string(),
  stamp: z.string(),
  documentStamp: z.string(),
  feedback: z.string(),
  iteration: z.number(),
  hasGit: z.boolean(),
  pace: z.number(),
});

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
    const { playDemoIteration } = await import("../../providers/demo_agent.ts");
    const { pace, ...iteration } = readRequest(args.positionals[0] ?? "");
    await playDemoIteration(iteration, {
      emit: (line) => io.write(JSON.stringify(line) + "\n"),
      pause: (ms) => new Promise((wake) => setTimeout(wake, ms * pace)),
    });
    return 0;
  },
};

function readRequest(text: string): z.infer<typeof schema> {
  try {
    return schema.parse(JSON.parse(text));
  } catch (error) {
    throw new SamocodeError("usage", "Cannot play the demo's agent: its request cannot be read", {
      hint: "This command is for the demo provider; try samocode demo",
      cause: error,
    });
  }
}
