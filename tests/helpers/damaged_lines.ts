/**
 * Damaged lines of an agent's output, and what must hold for whatever is read off them.
 *
 * @module
 */
import assert from "node:assert/strict";
import type { Observation } from "../../src/agents/observation.ts";

/** A observation is sound when the journal can hold it: short texts, numbers that JSON has, dates that can be read. */
export function assertSound(observation: Observation, maxText: number): void {
  assert.deepEqual(JSON.parse(JSON.stringify(observation)), JSON.parse(JSON.stringify(observation, finiteOnly)));
  for (const value of Object.values(observation)) {
    if (typeof value === "string") assert.ok(value.length <= maxText, `${value.length} characters`);
  }
  if (observation.type === "agent.limited" && observation.until !== undefined) {
    assert.ok(!Number.isNaN(Date.parse(observation.until)), observation.until);
  }
  if (observation.type !== "verdict") return;
  for (const figure of Object.values(observation.usage)) assert.ok(figure === undefined || figure >= 0, `${figure}`);
}

function finiteOnly(_key: string, value: unknown): unknown {
  if (typeof value === "number") assert.ok(Number.isFinite(value), `${value}`);
  return value;
}

/** How to damage. */
export interface Mutation {
  readonly random: () => number;
  readonly values: readonly unknown[];
}

/** Replaces, drops or keeps members, at any depth. */
export function mutate(value: unknown, mutation: Mutation): unknown {
  const { random, values } = mutation;
  if (random() < 0.05) return values[Math.floor(random() * values.length)];
  if (Array.isArray(value)) return value.map((item) => mutate(item, mutation));
  if (typeof value !== "object" || value === null) return value;
  const kept = Object.entries(value).filter(() => random() > 0.03);
  return Object.fromEntries(kept.map(([name, member]) => [name, mutate(member, mutation)]));
}

/** The same numbers each time (mulberry32), so that a failure can be seen again. */
export function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}
