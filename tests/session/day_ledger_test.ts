import assert from "node:assert/strict";
import { DayLedger } from "../../src/session/day_ledger.ts";
import { TempFolder } from "../helpers/temp_folder.ts";

const ONE = { name: "one", createdAt: "2026-11-20T05:00:00.000Z" };
const spent = (cost: number) => ({ cost, tokens: 10 * cost, starts: cost, time: 1000 * cost });

Deno.test("DayLedger adds up all sessions of a day, and one that writes again only once", () => {
  using folder = new TempFolder();
  const one = new DayLedger(folder.path, ONE);
  const two = new DayLedger(folder.path, { ...ONE, name: "two" });
  assert.deepEqual(one.note("2026-11-20", spent(1)), spent(1));
  assert.deepEqual(two.note("2026-11-20", spent(2)), spent(3));
  assert.deepEqual(one.note("2026-11-20", spent(4)), spent(6));
  assert.deepEqual(new DayLedger(folder.path, ONE).note("2026-11-20", spent(4)), spent(6), "after a restart");
  assert.deepEqual(two.note("2026-11-21", spent(1)), spent(1), "another day");
  assert.deepEqual(DayLedger.sum(folder.path, "2026-11-20"), spent(6));
  assert.deepEqual(DayLedger.sum(folder.path, "2026-11-19"), spent(0));
});

Deno.test("DayLedger counts what it cannot read as nothing, and forgets a week", () => {
  using folder = new TempFolder();
  const ledger = new DayLedger(folder.path, ONE);
  for (let day = 1; day <= 9; day++) ledger.note(`2026-11-0${day}`, spent(1));
  assert.deepEqual([...Deno.readDirSync(folder.at("spent"))].map(({ name }) => name).sort()[0], "2026-11-03");
  for (
    const [name, text] of Object.entries({
      "torn.json": '{"cost":1',
      "hostile.json": '{"cost":"9"}',
      "negative.json": JSON.stringify(spent(-9)),
      "x.tmp": "{}",
    })
  ) {
    folder.file(`spent/2026-11-09/${name}`, text);
  }
  Deno.mkdirSync(folder.at("spent/2026-11-09/folder.json"));
  assert.deepEqual(ledger.note("2026-11-09", spent(2)), spent(2));
});

Deno.test("DayLedger keeps its own day after a clock was ahead for a week", () => {
  using folder = new TempFolder();
  const ledger = new DayLedger(folder.path, ONE);
  for (let day = 1; day <= 8; day++) ledger.note(`2030-01-0${day}`, spent(1));
  assert.deepEqual(ledger.note("2026-11-09", spent(2)), spent(2));
  assert.deepEqual(DayLedger.sum(folder.path, "2026-11-09"), spent(2));
});
