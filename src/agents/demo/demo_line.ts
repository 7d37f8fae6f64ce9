/**
 * What the scripted agent prints: one JSON object a line, an agent event or the closing result.
 *
 * @module
 */
import * as z from "zod";
import type { AgentEvent, Usage } from "../../workflow/session_event.ts";

/** One line of the scripted agent's output. */
export type DemoLine = AgentEvent | { readonly type: "demo.result"; readonly usage: Usage };

const usage = z.object({
  costUsd: z.number().optional(),
  inputTokens: z.number(),
  outputTokens: z.number(),
  cacheReadTokens: z.number(),
  cacheWriteTokens: z.number(),
  modelCalls: z.number(),
});

const schema = z.discriminatedUnion("type", [
  z.object({ type: z.literal("agent.started"), model: z.string(), version: z.string(), id: z.string() }),
  z.object({ type: z.literal("agent.acted"), tool: z.string(), about: z.string() }),
  z.object({ type: z.literal("agent.said"), text: z.string() }),
  z.object({ type: z.literal("agent.denied"), tool: z.string(), detail: z.string() }),
  z.object({
    type: z.literal("agent.retried"),
    attempt: z.number(),
    of: z.number(),
    delayMs: z.number(),
    detail: z.string(),
  }),
  // JSON has no `undefined`: a key that was absent in the value is absent in the line.
  z.object({ type: z.literal("agent.limited"), status: z.string(), until: z.string().optional() })
    .transform((event) => ({ ...event, until: event.until })),
  z.object({ type: z.literal("agent.model_changed"), model: z.string(), detail: z.string() }),
  z.object({ type: z.literal("demo.result"), usage: usage.transform((used) => ({ ...used, costUsd: used.costUsd })) }),
]);

/**
 * Reads one line of the scripted agent's output. Never throws.
 *
 * @returns The line, or `undefined` for anything that is none: a stray print, half a line, an event of another version.
 */
export function readDemoLine(line: string): DemoLine | undefined {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return undefined;
  }
  return schema.safeParse(value).data;
}
