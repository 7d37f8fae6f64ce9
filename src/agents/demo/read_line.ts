/**
 * Reads what the demo's agent prints: its observations as JSON, one per line.
 *
 * @module
 */
import { flag, oneOf, text, variant } from "../../workflow/shape.ts";
import { usage } from "../../workflow/usage.ts";
import type { Observation } from "../observation.ts";
import { parseObject } from "../stream_value.ts";

const isPrinted = variant("type", {
  "agent.started": { model: text, version: text, id: text },
  "agent.said": { text },
  "agent.acted": { tool: text, about: text },
  "agent.denied": { tool: text, detail: text },
  verdict: { ok: flag, cause: oneOf(["unknown"]), detail: text, usage },
});

/** The observation in a line; none if it holds anything else. */
export function readLine(line: string): readonly Observation[] {
  const printed = parseObject(line);
  return isPrinted(printed) ? [printed] : [];
}
