/**
 * The built-in `demo` provider: a scripted agent, run as a child process like any other, with no key and no cost.
 *
 * @module
 */
import { notTakenForDeno } from "../../system/processes/not_taken_for_deno.ts";
import { platform } from "../../system/platform.ts";
import { documentStamp, iterationStamp } from "../../text/stamp.ts";
import type { CliClient } from "../engine.ts";
import { DEMO_AGENT_COMMAND } from "./demo_command.ts";
import { readDemoLine } from "./demo_line.ts";
import type { DemoRequest } from "./demo_request.ts";
import type { ProviderIteration } from "../provider.ts";
import type { Observation } from "../observation.ts";

/** The scripted agent as a command-line agent. `self` is how this very program is called. */
export function demoClient({ self, pace }: { readonly self: readonly string[]; readonly pace: number }): CliClient {
  const [program = "", ...before] = self;
  return {
    name: "demo",
    binary: notTakenForDeno(program),
    argumentsFor: (iteration) => [...before, DEMO_AGENT_COMMAND, JSON.stringify(requestFor(iteration, pace))],
    environmentFor: () => ({}),
    readLine: readObservations,
  };
}

function requestFor(iteration: ProviderIteration, pace: number): DemoRequest {
  return {
    phase: iteration.phase,
    sessionFolder: iteration.sessionFolder,
    worktree: iteration.workingDirectory,
    stamp: iterationStamp(iteration.iteration, iteration.startedAt),
    documentStamp: documentStamp(iteration.startedAt, { colon: platform().allowsColon }),
    feedback: iteration.guidance,
    iteration: iteration.iteration,
    hasGit: iteration.hasGit,
    pace,
  };
}

function readObservations(line: string): readonly Observation[] {
  const read = readDemoLine(line);
  if (read === undefined) return [];
  return read.type === "demo.result"
    ? [{ type: "verdict", ok: true, cause: "unknown", detail: "", usage: read.usage }]
    : [read];
}
