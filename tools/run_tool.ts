/**
 * The outermost frame of a tool: tells a person's mistake or a machine's failure in words and ends with code 1.
 *
 * @module
 */
import { SamocodeError } from "../src/text/errors.ts";

/** Runs a tool to its end; a defect of the tool itself keeps its stack. */
export async function runTool(tool: () => Promise<void>): Promise<void> {
  try {
    await tool();
  } catch (error) {
    if (!(error instanceof SamocodeError)) throw error;
    console.error(`${error.message}\n  ${error.hint}`);
    Deno.exit(1);
  }
}
