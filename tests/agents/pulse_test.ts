import assert from "node:assert/strict";
import { addObservation, NOTHING_SEEN, type Observation, usageOf } from "../../src/agents/observation.ts";
import { Pulse } from "../../src/agents/pulse.ts";
import type { AgentEvent } from "../../src/workflow/session_event.ts";
import { NO_USAGE } from "../../src/workflow/usage.ts";

const ACTED: Observation = { type: "agent.acted", tool: "Bash", about: "npm test" };
const ASKED: Observation = { type: "model.asked" };

Deno.test("Pulse tells the use so far when a call is answered, and that the agent goes on when its tools are over", () => {
  const see = attempt();
  assert.deepEqual(see(ASKED, used("a", 0, false)), [], "its beginning tells nothing new");
  const first = see(ACTED, used("a", 70, true));
  assert.deepEqual(first.map((event) => event.type === "agent.used" && event.usage.outputTokens), [70]);
  assert.deepEqual(see(ASKED), [{ type: "agent.resumed" }]);
  assert.deepEqual(see(ACTED, ACTED, { type: "tool.ended" }), [], "the other one is running");
  assert.deepEqual(see({ type: "tool.ended" }), [{ type: "agent.resumed" }]);
  assert.deepEqual(see(ASKED), [], "told once");
});

Deno.test("Pulse tells the last use of an agent that floods, however late", () => {
  let ms = 0;
  const see = attempt(() => ms);
  const told = Array.from({ length: 100 }, (_, call) => see(used(String(call), 1, true))).flat();
  assert.equal(told.length, 25);
  ms = 1_000;
  assert.deepEqual(see().map((event) => event.type === "agent.used" && event.usage.outputTokens), [100]);
});

/** What is told after each batch of observations. */
function attempt(clock?: () => number): (...observations: readonly Observation[]) => readonly AgentEvent[] {
  let sum = NOTHING_SEEN;
  const pulse = new Pulse(clock);
  return (...observations) => {
    for (const observation of observations) {
      sum = addObservation(sum, observation);
      pulse.saw(observation);
    }
    const events = [...pulse.due(sum)];
    for (const event of events) if (event.type === "agent.used") assert.deepEqual(event.usage, usageOf(sum));
    return events;
  };
}

function used(id: string, outputTokens: number, isWhole: boolean): Observation {
  return { type: "tokens.used", id, model: "claude-opus", tokens: { ...NO_USAGE, outputTokens }, isWhole };
}
