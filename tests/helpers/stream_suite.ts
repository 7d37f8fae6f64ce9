/**
 * What is tested of every agent's stream: recorded runs, the ways in which a run ends, and damaged lines.
 *
 * @module
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import {
  addObservation,
  judge,
  NOTHING_SEEN,
  type Observation,
  type Sum,
  usageOf,
} from "../../src/agents/observation.ts";
import type { Exit } from "../../src/system/processes/spawn_child.ts";
import type { IterationEnd } from "../../src/workflow/iteration_end.ts";
import { afterFailure } from "../../src/workflow/retry.ts";
import type { Usage } from "../../src/workflow/usage.ts";
import { ROOT } from "./program_under_test.ts";
import { randomNumbers } from "./random_numbers.ts";

const STREAMS = join(ROOT, "tests", "fixtures", "streams");

/** A recorded run and all that is read off it. */
export interface RecordedRun {
  /** Its file, without the agent's name. */
  readonly stream: string;
  readonly exitCode: number;
  readonly seen: readonly string[];
  readonly end: IterationEnd;
  readonly usage: Usage;
  readonly denials: number;
  /** The commands that failed when they last ran; by default none. */
  readonly failed?: readonly string[];
}

/** How a run may end, what it leaves, and what is to be done. */
export interface Ending {
  readonly when: string;
  readonly exit: Exit;
  readonly lines: readonly unknown[];
  readonly stderr?: string;
  readonly end: IterationEnd;
  /** `wait` lasts as long as a limit does. */
  readonly then: "go on" | "try again" | "outlast" | "wait" | "block" | "nothing";
}

/** An agent's stream. */
export interface StreamUnderTest {
  /** The agent's name, which its recorded runs begin with. */
  readonly name: string;
  /** Its name for people. */
  readonly title: string;
  readonly read: (line: string) => readonly Observation[];
  /** The longest text of an observation. */
  readonly maxText: number;
  readonly recorded: readonly RecordedRun[];
  readonly endings: readonly Ending[];
  /** An hour before each limit ends. */
  readonly now: Date;
  /** A line of a known kind without its end. */
  readonly known: string;
}

/** Declares the tests of a stream. */
export function testStream({ name, title, read, maxText, recorded, endings, now, known }: StreamUnderTest): void {
  const linesOf = (stream: string): readonly string[] =>
    Deno.readTextFileSync(join(STREAMS, `${name}-${stream}.jsonl`)).split("\n").filter((line) => line !== "");

  for (const { stream, exitCode, seen, end, usage, denials, failed = [] } of recorded) {
    Deno.test(`${title}'s recorded run ${stream} is read and judged`, () => {
      const observations = linesOf(stream).flatMap(read);
      const sum = sumOf(observations);
      assert.deepEqual(observations.flatMap(inWords), seen);
      assert.deepEqual(judge(sum, { code: exitCode, signal: undefined }, ""), end);
      // What a call costs by list price is a test of its own.
      const { estimatedUsd: _, ...told } = usageOf(sum);
      assert.deepEqual([told, sum.denials], [usage, denials]);
      assert.deepEqual(sum.failed, failed);
    });
  }

  Deno.test(`every recorded run of ${title} is read, and none tells of the machine it was made on`, () => {
    const files = [...Deno.readDirSync(STREAMS)].map((file) => file.name).filter((file) => file.startsWith(`${name}-`));
    assert.deepEqual(files.sort(), recorded.map(({ stream }) => `${name}-${stream}.jsonl`).sort());
    for (const file of files) {
      assert.doesNotMatch(Deno.readTextFileSync(join(STREAMS, file)), /\/(?:work|root|Users)\b/);
    }
  });

  for (const { when, exit, lines, stderr = "", end, then } of endings) {
    Deno.test(`${title}'s end is judged, and what follows: ${when} → ${then}`, () => {
      const judged = judge(sumOf(lines.flatMap((line) => read(JSON.stringify(line)))), exit, stderr);
      assert.deepEqual(judged, end);
      assert.equal(nextStep(judged, now), then);
    });
  }

  Deno.test(`${title}'s reader keeps its word for whatever a line holds`, () => {
    const values = [null, 0, -1, 1.5, 1e308, 1e22, "", "x", "\ud800", [], [null], [[]], {}, { a: null }, true, false];
    const random = randomNumbers(20261120);
    const lines = recorded.flatMap(({ stream }) => linesOf(stream));
    let count = 0;
    for (let round = 0; round < 4000; round++) {
      const line = lines[Math.floor(random() * lines.length)] ?? "";
      const mutated = JSON.stringify(mutate(JSON.parse(line), { random, values }));
      const observations = read(random() < 0.2 ? mutated.slice(0, Math.floor(random() * mutated.length)) : mutated);
      observations.forEach((observation) => assertSound(observation, maxText));
      count += observations.length;
    }
    assert.ok(count > 2000, `only ${count} observations: the mutations destroy too much`);
  });

  Deno.test(`${title}'s reader says nothing of what is no event`, () => {
    const plain = ["", " ", "{", "{}", "[]", "[{}]", "1", "null", '"text"', "Warning: x", "WARN x", "\0"];
    const lines = [...plain, '{"type":7}', '{"type":"new"}'];
    assert.deepEqual(lines.flatMap(read), []);
    assert.deepEqual(read(`${known}${"[".repeat(200_000)}${"]".repeat(200_000)}}`), []);
    assert.deepEqual(read(`${'{"type":'.repeat(200_000)}1${"}".repeat(200_000)}`), []);
  });
}

function sumOf(observations: readonly Observation[]): Sum {
  return observations.reduce(addObservation, NOTHING_SEEN);
}

/** An observation in a line; calls of the model are told by their number alone. */
export function inWords(observation: Observation): readonly string[] {
  switch (observation.type) {
    case "model.called":
    case "tokens.used":
    case "model.asked":
    case "tool.ended":
    case "agent.used":
    case "agent.resumed":
    case "command.ran":
    case "command.failed":
      return [];
    case "unreachable":
      return [`unreachable: ${observation.detail}`];
    case "agent.started":
      return [`started ${observation.model} ${observation.version}`.trimEnd()];
    case "agent.acted":
      return [`acted ${observation.tool}: ${observation.about}`];
    case "agent.said":
      return [`said ${observation.text}`];
    case "agent.denied":
      return [`denied ${observation.tool}: ${observation.detail}`];
    case "agent.retried": {
      const { attempt, of, delayMs, detail } = observation;
      return [`retried ${attempt} of ${of}${delayMs === 0 ? "" : ` in ${delayMs}`}: ${detail}`];
    }
    case "agent.limited":
      return [`limited ${observation.status} until ${observation.until}`];
    case "agent.model_changed":
      return [`model ${observation.model}: ${observation.detail}`];
    case "verdict": {
      const { ok, cause, usage: { costUsd }, detail } = observation;
      return [`${ok ? "ok" : cause}${costUsd === undefined ? "" : `, ${costUsd} USD`}${detail && `: ${detail}`}`];
    }
  }
}

function nextStep(end: IterationEnd, now: Date): Ending["then"] | "fail" {
  if (end.kind === "finished") return "go on";
  if (end.kind === "aborted" || end.kind === "over-budget") return "nothing";
  const action = afterFailure(end, { failures: 1, limits: 1, outage: undefined, policy: POLICY, now, random: 0 });
  if (action.kind !== "retry") return action.kind;
  if (action.wait === undefined) return "try again";
  return action.wait.for === "outage" ? "outlast" : "wait";
}

const POLICY = { maxRetries: 3, retryDelayMs: 5_000, outagePatienceMs: 21_600_000, maxLimitWaitMs: 43_200_000 };

/** An observation is sound when the journal can hold it: short texts, numbers that JSON has, dates that can be read. */
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
interface Mutation {
  readonly random: () => number;
  readonly values: readonly unknown[];
}

/** Replaces, drops or keeps members, at any depth. */
function mutate(value: unknown, mutation: Mutation): unknown {
  const { random, values } = mutation;
  if (random() < 0.05) return values[Math.floor(random() * values.length)];
  if (Array.isArray(value)) return value.map((item) => mutate(item, mutation));
  if (typeof value !== "object" || value === null) return value;
  const kept = Object.entries(value).filter(() => random() > 0.03);
  return Object.fromEntries(kept.map(([name, member]) => [name, mutate(member, mutation)]));
}
