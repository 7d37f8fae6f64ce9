/**
 * What differs between agents that are programs on a command line.
 *
 * @module
 */
import type { AttemptToGuard } from "../guard/attempt.ts";
import type { Guard } from "../guard/guard.ts";
import type { EndPatience } from "../system/processes/end_processes.ts";
import type { AgentIteration } from "./agent_runner.ts";
import type { Observation } from "./observation.ts";
import type { ServiceWatchOptions } from "./service_watch.ts";

/** An agent's command line. All of it is pure. */
export interface CliClient {
  readonly binary: string;
  /** @param place `isGuarded` where the agent can reach nothing but its work, and needs no sandbox of its own. */
  argumentsFor(iteration: AgentIteration, place: { readonly isGuarded: boolean }): readonly string[];
  /** The file for stdin, for text that is too long or too private for an argument. */
  inputPathFor?(iteration: AgentIteration): string;
  /** Variables added to the scrubbed environment. */
  environmentFor(iteration: AgentIteration): Readonly<Record<string, string>>;
  /** Tells from its first characters whether a line may matter. */
  readonly mayMatter?: (start: string) => boolean;
  /** What a line of output says. Total: an unknown line says nothing. */
  readLine(line: string): readonly Observation[];
  /** What a line on stderr says; absent where it says nothing to count. */
  readErrorLine?(line: string): readonly Observation[];
}

/** How to run a client. */
export interface CliOptions {
  /** The agent's name in the journal. */
  readonly name: string;
  /** The whole environment, scrubbed. */
  readonly env: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  /** How long an agent may be silent. */
  readonly stallMs: number;
  /** Absent where nothing guards it. `home` is the folder of the agent's own program. */
  readonly guard?: ({ readonly guard: Guard } & Pick<AttemptToGuard, "home" | "modelHosts">) | undefined;
  /** Absent where nobody knows. */
  readonly service?: Pick<ServiceWatchOptions, "lostMs" | "silentMs"> & {
    /** Why the service cannot be reached from a folder. */
    readonly whyUnreachable: (workplace: string) => Promise<string | undefined>;
  };
  /** Keeps the machine awake for an agent, by its process; absent where nobody wants that. */
  readonly keepAwake?: ((pid: number) => Disposable) | undefined;
  readonly patience?: EndPatience;
  /** The clock that paces events, in milliseconds. */
  readonly clock?: () => number;
}
