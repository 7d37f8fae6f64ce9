import assert from "node:assert/strict";
import type { Observation } from "../../src/agents/observation.ts";
import { AwakeTime } from "../../src/system/awake_time.ts";
import { ServiceWatch } from "../../src/agents/service_watch.ts";

const LOST: Observation = { type: "unreachable", detail: "Connection failed" };
const ACTED: Observation = { type: "agent.acted", tool: "Bash", about: "make" };
const SAID: Observation = { type: "agent.said", text: "Hello" };

/** Times in milliseconds; an hour stands for what a test does not wait for. */
const HOUR_MS = 3_600_000;

/** Watches until the service is lost, or until `forMs` have passed; returns the reason and how often it was asked. */
async function watch(
  { answers, forMs = 400, silentMs = HOUR_MS, play = () => {} }: {
    /** What the service's address comes to, look after look; the last one stays. */
    readonly answers: readonly (string | undefined)[];
    readonly forMs?: number;
    readonly silentMs?: number;
    readonly play?: (service: ServiceWatch) => void;
  },
): Promise<{ readonly lost: string | undefined; readonly looks: number }> {
  let looks = 0;
  const { promise, resolve } = Promise.withResolvers<string | undefined>();
  const timer = setTimeout(() => resolve(undefined), forMs);
  using time = new AwakeTime();
  using service = new ServiceWatch({
    time,
    whyUnreachable: () => Promise.resolve(answers[Math.min(looks++, answers.length - 1)]),
    onLost: resolve,
    lostMs: 60,
    silentMs,
  });
  play(service);
  const lost = await promise;
  clearTimeout(timer);
  return { lost, looks };
}

Deno.test("ServiceWatch tells of an agent that says that it cannot reach its service, but not if it works on", async () => {
  const answers = [undefined];
  assert.equal((await watch({ answers, play: (service) => service.saw(LOST) })).lost, "Connection failed");
  const recovers = (service: ServiceWatch): void => [LOST, SAID].forEach((each) => service.saw(each));
  assert.equal((await watch({ answers, play: recovers })).lost, undefined);
});

Deno.test("ServiceWatch tells of a silent agent if nothing answers at its service's address, twice", async () => {
  assert.deepEqual(await watch({ answers: ["refused"], silentMs: 30, forMs: HOUR_MS }), { lost: "refused", looks: 2 });
  const { lost, looks } = await watch({ answers: [undefined], silentMs: 30 });
  assert.equal(lost, undefined, "a model that thinks for long");
  assert.ok(looks > 2, `${looks} looks`);
  const blinks = await watch({ answers: ["refused", undefined], silentMs: 30 });
  assert.equal(blinks.lost, undefined, "gone for a moment");
});

Deno.test("ServiceWatch asks nothing while a tool runs, and asks once something came after it", async () => {
  const acts = (service: ServiceWatch): void => {
    service.heard();
    service.saw(ACTED);
  };
  assert.deepEqual(await watch({ answers: ["refused"], silentMs: 30, play: acts }), { lost: undefined, looks: 0 });
  const ends = (service: ServiceWatch): void => {
    acts(service);
    service.heard();
  };
  assert.equal((await watch({ answers: ["refused"], silentMs: 30, forMs: HOUR_MS, play: ends })).lost, "refused");
});
