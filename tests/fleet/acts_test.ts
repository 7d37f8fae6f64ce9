import assert from "node:assert/strict";
import { readAct, readOutcome, recordAct } from "../../src/fleet/acts.ts";
import type { Act } from "../../src/fleet/contract.ts";
import { Engine } from "../../src/fleet/engine.ts";
import { WANTED } from "../../src/fleet/schema.ts";
import { submitRow } from "../helpers/fleet_rows.ts";
import { postgresTest } from "../helpers/postgres.ts";

const SHA = "a".repeat(64);

const ACTS: readonly Act[] = [
  { verb: "answer", answers: { Q1: "A" }, acceptSuggestions: true, sha256: undefined },
  { verb: "answer", answers: {}, acceptSuggestions: false, sha256: SHA },
  { verb: "approve", sha256: SHA, label: "plan.md" },
  { verb: "approve", sha256: SHA, label: undefined },
  { verb: "revise", sha256: SHA, feedback: "Split it" },
  { verb: "guide", text: "Look at #3" },
  { verb: "stop", now: true },
  { verb: "phase", to: "testing", sha256: undefined },
  { verb: "raise", to: { cost: 80, time: 1000 }, span: "day" },
  { verb: "resume", guidance: undefined },
  { verb: "accept_baseline" },
];

Deno.test("readAct() reads every act as a row has it, and nothing that is not in it", () => {
  for (const act of ACTS) {
    const row: unknown = JSON.parse(JSON.stringify({ ...act, by: "somebody else" }));
    assert.deepEqual(readAct(row), act);
  }
});

Deno.test("readAct() reads nothing from a row that another program could have written", () => {
  const wrong: readonly unknown[] = [
    null,
    "stop",
    [],
    {},
    { verb: "finish" },
    { verb: "toString" },
    { verb: "answer", answers: ["A"], acceptSuggestions: true },
    { verb: "answer", answers: { Q1: 1 }, acceptSuggestions: true },
    {
      verb: "answer",
      answers: Object.fromEntries([...Array(201).keys()].map((id) => [`Q${id}`, "A"])),
      acceptSuggestions: true,
    },
    { verb: "answer", answers: { Q1: "x".repeat(20_001) }, acceptSuggestions: false },
    { verb: "approve" },
    { verb: "approve", sha256: 7 },
    { verb: "revise", sha256: SHA },
    { verb: "guide", text: "x".repeat(20_001) },
    { verb: "stop", now: "yes" },
    { verb: "raise", to: { dollars: 1 }, span: "session" },
    { verb: "raise", to: { cost: -1 }, span: "session" },
    { verb: "raise", to: [1], span: "session" },
    { verb: "raise", to: { cost: 1 }, span: "year" },
  ];
  assert.deepEqual(wrong.map(readAct), wrong.map(() => undefined));
  assert.equal(readOutcome({ ok: "yes", text: "", hint: "" }), undefined);
  assert.equal(readOutcome(null), undefined);
});

/** Adds a session in the state in which a worker left it. */
async function sessionIn(
  engine: Engine,
  { name, state }: { readonly name: string; readonly state: string },
): Promise<string> {
  const id = await submitRow(engine, { name });
  await engine.query("update samocode.session set state = $2, wanted = false where id = $1", [id, state]);
  return id;
}

async function isWanted(engine: Engine, id: string): Promise<unknown> {
  const { rows: [row] } = await engine.query("select wanted from samocode.session where id = $1", [id]);
  return row?.["wanted"];
}

postgresTest("recordAct() wants a session to run for what lets it go on, and for nothing else", async (postgres) => {
  const { env } = await postgres.fleet();
  await using engine = await Engine.open(env, { use: "person" });
  for (const [index, act] of ACTS.entries()) {
    const id = await sessionIn(engine, { name: `session-${index}`, state: "waiting" });
    const place = { id, needs: act.verb === "raise" ? "budget" : "answers", workers: 0 } as const;
    assert.equal(await recordAct(engine, place, { act, by: "me" }), undefined);
    assert.equal(await isWanted(engine, id), act.verb !== "guide" && act.verb !== "stop", act.verb);
    const { rows: [row] } = await engine.query("select act, by, role from samocode.act where session = $1", [id]);
    assert.deepEqual([readAct(row?.["act"]), row?.["by"], row?.["role"]], [act, "me", "samocode"]);
  }
  const id = await sessionIn(engine, { name: "blocked", state: "blocked" });
  const place = { id, needs: "unblock", workers: 0 } as const;
  await recordAct(engine, place, { act: { verb: "raise", to: { cost: 80 }, span: "session" }, by: "me" });
  assert.equal(await isWanted(engine, id), false);
});

postgresTest("recordAct() returns what a worker made of the decision as soon as that is there", async (postgres) => {
  const { env } = await postgres.fleet();
  await using engine = await Engine.open(env, { use: "person" });
  const id = await sessionIn(engine, { name: "add-jwt", state: "running" });
  const outcome = { ok: false, text: "Cannot answer: the questions changed since they were shown", hint: "Read them" };
  await using _worker = await engine.listen([WANTED], (_, heard) => {
    const statement = "update samocode.act set applied_at = now(), outcome = $2 where session = $1";
    if (heard === id) void engine.query(statement, [id, JSON.stringify(outcome)]);
  });
  const place = { id, needs: undefined, workers: 1 } as const;
  assert.deepEqual(await recordAct(engine, place, { act: { verb: "guide", text: "x" }, by: "me" }), outcome);
});

postgresTest("recordAct() wants what came to rest or is put off while somebody decided", async (postgres) => {
  const { env } = await postgres.fleet();
  await using engine = await Engine.open(env, { use: "person" });
  const id = await sessionIn(engine, { name: "add-jwt", state: "running" });
  // It was running when shown, and settles before the decision is recorded.
  const place = { id, needs: "answers", workers: 0 };
  await engine.query("update samocode.session set state = 'waiting' where id = $1", [id]);
  await recordAct(engine, place, { act: { verb: "resume", guidance: undefined }, by: "me" });
  assert.equal(await isWanted(engine, id), true);
  await engine.query(
    "update samocode.session set state = 'queued', wanted = false, not_before = now() + interval '1 hour' where id = $1",
    [id],
  );
  await recordAct(engine, place, { act: { verb: "stop", now: false }, by: "me" });
  const { rows } = await engine.query("select wanted, not_before from samocode.session where id = $1", [id]);
  assert.deepEqual(rows, [{ wanted: true, not_before: null }]);
});
