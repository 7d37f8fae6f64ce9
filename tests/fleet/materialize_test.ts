import assert from "node:assert/strict";
import { join } from "node:path";
import { FencedError } from "../../src/fleet/contract.ts";
import { materialize } from "../../src/fleet/materialize.ts";
import { guidance, NAME, noise, TestFleet, TestMachine } from "../helpers/fleet_session.ts";
import { postgresTest, slowPostgresTest } from "../helpers/postgres.ts";
import { dieAt } from "../helpers/sudden_death.ts";
import { TempFolder } from "../helpers/temp_folder.ts";

postgresTest("a session goes on on another machine without a gap, and not on the first one", async (postgres) => {
  await using fleet = await TestFleet.make(postgres);
  using temp = new TempFolder();
  const [a, b] = [new TestMachine(temp, "a"), new TestMachine(temp, "b")];
  const first = await fleet.add("top");
  using there = a.begin(NAME, guidance("one"));
  const log = noise(3 * 1024 * 1024);
  temp.file(`a/sessions/${NAME}/plan.md`, "# Plan\n");
  temp.file(`a/sessions/${NAME}/_logs/11-20-1437-001-planning.jsonl`, log);
  Deno.chmodSync(temp.at("a", "sessions", NAME, "plan.md"), 0o666);
  using overtaken = a.shipper(fleet, first, { session: NAME });
  await overtaken.ship();

  const second = await fleet.take(first);
  const options = { id: first.id, folder: b.at(NAME), stateFolder: b.stateFolder };
  const { after, files } = await materialize(fleet.engine, options);
  assert.equal(after, 2);
  assert.deepEqual(temp.names("b", "sessions"), [NAME]);
  assert.deepEqual(temp.names("b", "sessions", NAME), ["_journal.jsonl", "_logs", "plan.md"]);
  assert.deepEqual(Deno.readFileSync(join(b.at(NAME), "_logs", "11-20-1437-001-planning.jsonl")), log);
  const modes = ["", "_logs", "plan.md", "_journal.jsonl"].map((name) =>
    Deno.statSync(join(b.at(NAME), name)).mode ?? 0
  );
  assert.deepEqual(modes.map((mode) => mode & 0o777), [0o700, 0o700, 0o600, 0o600]);

  using here = b.open(NAME);
  using _lock = await here.lock();
  here.journal.append({ type: "session.moved", worker: "worker-2", epoch: 2 });
  temp.file(`b/sessions/${NAME}/plan.md`, "# Plan, ticked\n");
  using shipper = b.shipper(fleet, second, { session: NAME, after, files });
  assert.equal(await shipper.ship(), 3);
  there.journal.append(guidance("nobody knows"));
  await assert.rejects(overtaken.ship(), FencedError);
  const events = ["1|1|session.created", "2|1|guidance.given", "3|2|session.moved"];
  assert.deepEqual(await fleet.events(first), events);
  const parts = `select path || ' ' || part || ' ' || epoch from samocode.file order by 1`;
  assert.deepEqual((await fleet.sql(parts)).split("\n"), [
    ...[0, 1, 2].map((part) => `_logs/11-20-1437-001-planning.jsonl ${part} 1`),
    "plan.md 0 2",
  ]);
});

postgresTest("materialize() keeps which of two plans was written last", async (postgres) => {
  await using fleet = await TestFleet.make(postgres);
  using temp = new TempFolder();
  const [a, b] = [new TestMachine(temp, "a"), new TestMachine(temp, "b")];
  const lease = await fleet.add("top");
  using _there = a.begin(NAME);
  const old = new Date("2026-11-20T05:00:00.250Z");
  for (const [name, at] of [["a-plan.md", new Date(old.getTime() + 1)], ["b-plan.md", old]] as const) {
    Deno.utimeSync(temp.file(`a/sessions/${NAME}/${name}`, name), at, at);
  }
  using shipper = a.shipper(fleet, lease, { session: NAME });
  await shipper.ship();
  await materialize(fleet.engine, { id: lease.id, folder: b.at(NAME), stateFolder: b.stateFolder });
  const [one, two] = ["a-plan.md", "b-plan.md"].map((name) => Deno.statSync(join(b.at(NAME), name)).mtime?.getTime());
  assert.deepEqual([one, two], [old.getTime() + 1, old.getTime()]);
});

postgresTest("materialize() makes nothing without events, and nothing over what is there", async (postgres) => {
  await using fleet = await TestFleet.make(postgres);
  using temp = new TempFolder();
  const machine = new TestMachine(temp, "a");
  const lease = await fleet.add("top");
  const options = { id: lease.id, folder: machine.at(NAME), stateFolder: machine.stateFolder };
  assert.deepEqual(await materialize(fleet.engine, options), { after: 0, files: new Map() });
  assert.deepEqual(temp.names("a", "sessions"), []);
  Deno.symlinkSync("/nowhere", machine.at(NAME));
  await assert.rejects(materialize(fleet.engine, options), {
    name: "SamocodeError",
    message: `Cannot fetch the session: ${machine.at(NAME)} already exists`,
  });
});

postgresTest("materialize() refuses what is no session's file or event, and leaves nothing", async (postgres) => {
  await using fleet = await TestFleet.make(postgres);
  using temp = new TempFolder();
  const machine = new TestMachine(temp, "a");
  const lease = await fleet.add("top");
  const options = { id: lease.id, folder: machine.at(NAME), stateFolder: machine.stateFolder };
  const sha256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
  const line = (seq: number, more = "") =>
    `{"seq":${seq},"at":"2026-11-20T05:00:00.000Z","type":"guidance.given","text":"x","by":"ada"${more}}`;
  const file = (path: string, { part = 0, hash = sha256, body = "" } = {}) =>
    `insert into samocode.file values ('${lease.id}', e'${path}', ${part}, '${hash}', '${body}', 1)`;
  const journal = (...lines: readonly string[]) =>
    `delete from samocode.journal; insert into samocode.journal
    values ${lines.map((each, index) => `('${lease.id}', ${index + 1}, 1, 'x', e'${each}')`).join(", ")}`;
  const names = [
    ...["../x", "/etc/passwd", "a/../../x", "a//b", "./a", "", ".git/hooks/post-checkout", "_logs/.x.tmp", "a/"],
    ...[
      "_journal.jsonl",
      "_JOURNAL.jsonl",
      "_lock",
      "_signal.json",
      "worker.log",
      "con",
      "_logs/NUL.md",
      "a\\nb",
      "a\\\\b",
    ],
    ...["a ", "a.", "\\u202eexe.md", "-rf", `${"x".repeat(250)}`, "a/b/c/d/e/f/g/h/i"],
  ];
  const cases: Readonly<Record<string, readonly [rows: string, message: RegExp]>> = {
    ...Object.fromEntries(names.map((name) => [name, [file(name), /a session's file cannot have this name$/]])),
    "no first part": [
      file("a.md", { part: 1 }),
      /^Cannot take the file "a.md" from the fleet: parts of it are missing$/,
    ],
    "a gap": [`${file("a.md")}; ${file("a.md", { part: 2 })}`, /parts of it are missing$/],
    "no hash": [file("a.md", { hash: "x" }), /parts of it are missing$/],
    "another body": [file("a.md", { body: "x" }), /the hash of a part does not match$/],
    "a file below a file": [`${file("a")}; ${file("a/b")}`, /^Cannot write the session's folder /],
    "two events in a line": [journal(`${line(1)}\\n${line(2)}`), /line 1 is not an event that this version knows$/],
    "a wrong number": [journal(line(2)), /line 1 has the sequence number 2$/],
    "a chain that leads elsewhere": [journal(line(1, ',"chain":"../../x"')), /line 1 is not an event/],
  };
  for (const [name, [rows, message]] of Object.entries(cases)) {
    await fleet.sql(
      `delete from samocode.file; ${journal(line(1))}; update samocode.session set lines = 1; ${rows}`,
    );
    await assert.rejects(materialize(fleet.engine, options), { name: "SamocodeError", message }, name);
    assert.deepEqual(temp.names("a", "sessions"), [], name);
  }
});

slowPostgresTest("a kill before any operation of materialize() leaves no session or a whole one", async (postgres) => {
  await using fleet = await TestFleet.make(postgres);
  using temp = new TempFolder();
  const machine = new TestMachine(temp, "a");
  const lease = await fleet.add("top");
  {
    using folder = machine.begin(NAME, guidance("one"));
    temp.file(`a/sessions/${NAME}/plan.md`, "# Plan\n");
    using shipper = machine.shipper(fleet, lease, { session: NAME });
    await shipper.ship();
    folder.journal.forget();
  }
  let isAlive = false;
  for (let before = 0; !isAlive; before++) {
    const other = new TestMachine(temp, `b${before}`);
    const options = { id: lease.id, folder: other.at(NAME), stateFolder: other.stateFolder };
    isAlive = !await dieAt({ before, half: false }, () => materialize(fleet.engine, options));
    const isThere = temp.names(`b${before}`, "sessions").includes(NAME);
    if (!isThere) await materialize(fleet.engine, options);
    using folder = other.open(NAME);
    assert.equal(folder.journal.doubt, undefined, `${before}`);
    assert.equal(folder.history.lastSeq, 2);
    assert.equal(Deno.readTextFileSync(join(other.at(NAME), "plan.md")), "# Plan\n");
  }
});
