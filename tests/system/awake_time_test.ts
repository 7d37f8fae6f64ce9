import assert from "node:assert/strict";
import { AwakeTime } from "../../src/system/awake_time.ts";

/** Nothing of this process runs meanwhile, as when it is stopped. */
function stopFor(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

Deno.test("AwakeTime counts what passes, and at most a second of what passes while the process is stopped", async () => {
  using time = new AwakeTime();
  const begun = performance.now();
  let calledAfter = 0;
  const called = new Promise<void>((resolve) =>
    time.after(1_500, () => {
      calledAfter = performance.now() - begun;
      resolve();
    })
  );
  await new Promise((wake) => setTimeout(wake, 200));
  stopFor(2_500);
  assert.ok(time.ms <= 1_000 + 400, `${time.ms}`);
  await called;
  assert.ok(calledAfter >= 2_500 + 1_500 - 1_000, `${calledAfter}`);
  assert.ok(time.ms >= 1_500);
});

Deno.test("AwakeTime calls nobody back who does not want it any more, nor after its end", async () => {
  const calls: string[] = [];
  const time = new AwakeTime();
  time.after(10, () => calls.push("first"));
  time.after(20, () => calls.push("cancelled"))();
  time.after(60, () => calls.push("late"));
  await new Promise((wake) => setTimeout(wake, 40));
  time[Symbol.dispose]();
  await new Promise((wake) => setTimeout(wake, 60));
  assert.deepEqual(calls, ["first"]);
});
