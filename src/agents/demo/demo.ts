/**
 * The built-in `demo` provider: a scripted agent that runs in its own process like any other, without a key or cost.
 *
 * @module
 */
import { SamocodeError } from "../../text/errors.ts";
import { notTakenForDeno } from "../../system/processes/spawn_child.ts";
import { readPhase } from "../../workflow/phases.ts";
import { NO_USAGE } from "../../workflow/session_event.ts";
import type { CliClient } from "../engine.ts";
import { asText, parseObject } from "../stream_value.ts";
import type { Observation } from "../observation.ts";
import type { AgentIteration } from "../agent_runner.ts";

/** What the agent is told about an iteration. */
export type DemoIteration = Pick<
  AgentIteration,
  "phase" | "iteration" | "guidance" | "sessionFolder" | "workingDirectory" | "hasGit" | "startedAt"
>;

/** The last line of the agent's output. No model was called, so the usage is zero. */
export const DEMO_RESULT = { type: "demo.result" } as const;

/** Runs the scripted agent as a command-line agent. `self` is the command line that starts this program. */
export function demoClient({ self, pace }: { readonly self: readonly string[]; readonly pace: number }): CliClient {
  const [program = "", ...before] = self;
  return {
    binary: notTakenForDeno(program),
    argumentsFor({ phase, iteration, guidance, sessionFolder, workingDirectory, hasGit, startedAt }): string[] {
      const told: DemoIteration = { phase, iteration, guidance, sessionFolder, workingDirectory, hasGit, startedAt };
      return [...before, "demo-agent", JSON.stringify({ ...told, pace })];
    },
    environmentFor: () => ({}),
    readLine: readDemoLine,
  };
}

/**
 * Reads the agent's only argument. {@linkcode demoClient} wrote it, so apart from the phase its shape is trusted.
 *
 * @returns The iteration and its pace: 1 is normal, 0 plays without pauses.
 * @throws {SamocodeError} If it is not such a request.
 */
export function readDemoRequest(text: string): DemoIteration & { readonly pace: number } {
  const request = parseObject(text) ?? {};
  if (readPhase(asText(request["phase"])) === undefined) {
    throw new SamocodeError("usage", "Cannot play an iteration of the demo: invalid request", {
      hint: "Run samocode demo; it starts this command itself",
    });
  }
  const startedAt = new Date(asText(request["startedAt"]));
  return { ...request, startedAt } as ReturnType<typeof readDemoRequest>;
}

function readDemoLine(line: string): readonly Observation[] {
  const { type, ...event } = parseObject(line) ?? {};
  const field = (name: string): string => asText(event[name]);
  switch (type) {
    case "agent.started":
      return [{ type, model: field("model"), version: field("version"), id: field("id") }];
    case "agent.said":
      return [{ type, text: field("text") }];
    case "agent.acted":
      return [{ type, tool: field("tool"), about: field("about") }];
    case "agent.denied":
      return [{ type, tool: field("tool"), detail: field("detail") }];
    case DEMO_RESULT.type:
      return [{ type: "verdict", ok: true, cause: "unknown", detail: "", usage: { ...NO_USAGE, costUsd: 0 } }];
    default:
      return [];
  }
}
