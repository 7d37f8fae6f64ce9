import assert from "node:assert/strict";
import { Turns } from "../../src/view/turns.ts";

Deno.test("Turns lets so many act at once, the others in their order, and refuses a line that is too long", async () => {
  const turns = new Turns({ most: 2, longest: 3 });
  const log: string[] = [];
  const ends = new Map<string, () => void>();
  const act = (name: string) =>
    turns.take(async () => {
      log.push(name);
      await new Promise<void>((resolve) => ends.set(name, resolve));
      if (name === "b") throw new Error("failed");
      return name;
    }).catch(() => "failed");
  const all = [..."abcdef"].map(act);
  assert.equal(await all[5], undefined);
  assert.deepEqual(log, ["a", "b"]);
  for (const name of "badce") {
    while (!ends.has(name)) await new Promise((wake) => setTimeout(wake, 1));
    ends.get(name)?.();
    await new Promise((wake) => setTimeout(wake, 1));
  }
  assert.deepEqual(await Promise.all(all), ["a", "failed", "c", "d", "e", undefined]);
  assert.deepEqual(log, ["a", "b", "c", "d", "e"]);
});
