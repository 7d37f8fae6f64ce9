/**
 * Tells how a running attempt gets on: what its model calls have used so far, and when its tools have answered.
 *
 * @module
 */
import type { AgentEvent } from "../workflow/session_event.ts";
import { type Observation, type Sum, usageOf } from "./observation.ts";
import { Pace } from "./pace.ts";

/** Notes observations, and says after each batch what is new. An agent that floods is told of less often. */
export class Pulse {
  readonly #pace: Pace;
  #hasUsed = false;
  #hasActed = false;

  constructor(clock = () => performance.now()) {
    this.#pace = new Pace(clock);
  }

  saw(observation: Observation): void {
    if (observation.type === "tokens.used" && observation.isWhole) this.#hasUsed = true;
    if (observation.type === "agent.acted") this.#hasActed = true;
  }

  *due(sum: Sum): Generator<AgentEvent> {
    this.#pace.look();
    if (this.#hasUsed && this.#pace.allows("agent.used")) {
      this.#hasUsed = false;
      yield { type: "agent.used", usage: usageOf(sum) };
    }
    if (this.#hasActed && sum.running === 0 && this.#pace.allows("agent.resumed")) {
      this.#hasActed = false;
      yield { type: "agent.resumed" };
    }
  }
}
