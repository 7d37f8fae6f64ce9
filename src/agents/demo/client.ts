/**
 * How the demo's scripted agent is called, and what it prints.
 *
 * @module
 */
import { notTakenForDeno } from "../../system/processes/spawn_child.ts";
import type { AgentIteration } from "../agent_runner.ts";
import type { CliClient } from "../engine.ts";
import type { Observation } from "../observation.ts";
import { asText, parseObject } from "../stream_value.ts";

/** What the agent is told: the only argument of `samocode demo-agent`, as JSON. */
export type DemoRequest =
  & Pick<AgentIteration, "phase" | "iteration" | "guidance" | "sessionFolder" | "workingDirectory" | "hasGit">
  & { readonly startedAt: string; readonly pace: number };

/** Makes the client. `self` is how this very program is called, its own arguments left out. */
export function demoClient(
  { pace }: { readonly pace: number },
  { self: [program = "", ...before] }: { readonly self: readonly string[] },
): CliClient {
  return {
    binary: notTakenForDeno(program),
    argumentsFor: ({ agent: _unused, ...told }) => [...before, "demo-agent", JSON.stringify({ ...told, pace })],
    environmentFor: () => ({}),
    readLine,
  };
}

/** The agent prints its observations as they are, one a line. */
function readLine(line: string): readonly Observation[] {
  const printed = parseObject(line);
  const isKnown = /^(?:agent\.(?:started|said|acted|denied)|verdict)$/.test(asText(printed?.["type"]));
  return isKnown ? [printed as unknown as Observation] : [];
}
