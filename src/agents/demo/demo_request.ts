/**
 * What the scripted agent is asked to play: its one argument, as JSON.
 *
 * @module
 */
import * as z from "zod";
import { SamocodeError } from "../../system/errors.ts";
import { PHASE_NAMES } from "../../workflow/phases.ts";
import type { DemoIteration } from "./demo_stage.ts";

/** What the child is given as its one argument, as JSON. */
export interface DemoRequest extends DemoIteration {
  /** 1 is natural, 0 without a pause. */
  readonly pace: number;
}

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

/**
 * Reads a request.
 *
 * @throws {SamocodeError} For anything that is none.
 */
export function readDemoRequest(text: string): DemoRequest {
  try {
    return schema.parse(JSON.parse(text));
  } catch (error) {
    throw new SamocodeError("usage", "Cannot play the demo's agent: its request cannot be read", {
      hint: "This command is for the demo provider; try samocode demo",
      cause: error,
    });
  }
}
