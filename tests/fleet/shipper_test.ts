import assert from "node:assert/strict";
import { join } from "node:path";
import { FencedError } from "../../src/fleet/contract.ts";
import type { Transaction } from "../../src/fleet/engine.ts";
import type { SessionEvent } from "../../src/workflow/session_event.ts";
import { guidance, NAME, noise, TakenSession, TestFleet, TestMachine } from "../helpers/fleet_session.ts";
import { postgresTest } from "../helpers/postgres.ts";
import { TempFolder } from "../helpers/temp_folder.ts";

postgresTest("ship() brings events and files into the engine once, and later only what is new", async (postgres) => {
  await using fleet = await TestFleet.make(postgres);
  using temp = new TempFolder();
  const machine = new TestMachine(temp, "a");
  const lease = await fleet.add("top");
  using shipper = machine.shipper(fleet, lease, { session: NAME });
  assert.equal(await shipper.ship(), 0, "there is no folder yet");
  using folder = machine.begin(NAME, guidance("one"));
  write(folder.layout.folder, "plan.md", "# Plan\n");
  write(folder.layout.folder, "_logs/11-20-1437-001-planning.jsonl", "{}\n");
  for (const name of ["worker.log", "_signal.json", ".x.tmp"]) write(folder.layout.folder, name, "the machine's\n");
  assert.equal(await shipper.ship(), 2);
  assert.deepEqual(await fleet.events(lease), ["1|1|session.created", "2|1|guidance.given"]);
  assert.deepEqual(await fleet.files(lease), ["_logs/11-20-1437-001-planning.jsonl|1|3", "plan.md|1|7"]);
  const row = `select lines, folder, summary->>'state', summary->>'task', summary->>'phase', detail
    from samocode.session`;
  assert.equal(await fleet.sql(row), `2|${NAME}|stopped|Build top|init|`);

  const before = await fleet.sql("select changed_at from samocode.session");
  assert.equal(await shipper.ship(), 2);
  assert.equal(await fleet.sql("select changed_at from samocode.session"), before, "nothing was new");

  folder.journal.append(guidance("two"));
  write(folder.layout.folder, "plan.md", "# A better plan\n");
  write(folder.layout.folder, "earlier-1/old.md", "");
  Deno.removeSync(join(folder.layout.logs, "11-20-1437-001-planning.jsonl"));
  assert.equal(await shipper.ship(), 3);
  assert.equal((await fleet.events(lease)).at(-1), "3|1|guidance.given");
  assert.deepEqual(await fleet.files(lease), ["earlier-1/old.md|1|0", "plan.md|1|16"]);
});

postgresTest("ship() is refused once another worker has the session, and leaves nothing", async (postgres) => {
  await using taken = await TakenSession.begin(postgres);
  const { fleet, lease, folder, shipper } = taken;
  await shipper.ship();
  await fleet.take(lease);
  folder.journal.append(guidance("too late"));
  write(folder.layout.folder, "plan.md", "# Too late\n");
  await assert.rejects(shipper.ship(), FencedError);
  assert.deepEqual(await fleet.events(lease), ["1|1|session.created"]);
  assert.deepEqual(await fleet.files(lease), []);
  assert.equal(await fleet.sql("select lines from samocode.session"), "1");
});

postgresTest("alongside() is done with the lines that it wrote, or neither is", async (postgres) => {
  await using taken = await TakenSession.begin(postgres);
  const { fleet, lease, folder, shipper } = taken;
  await shipper.ship();
  let fails = true;
  await shipper.alongside(() => {
    folder.journal.append(guidance("decided"));
    const work = async (transaction: Transaction): Promise<void> => {
      await transaction.query("update samocode.session set detail = 'decided' where id = $1", [lease.id]);
      if (fails) throw new Error("an outage");
    };
    return Promise.resolve({ seq: folder.history.lastSeq, work });
  });
  const both = "select lines || ' ' || detail from samocode.session";
  await assert.rejects(shipper.ship(), /an outage/);
  assert.equal((await fleet.sql(both)).trim(), "1");
  fails = false;
  assert.equal(await shipper.ship(), 2);
  assert.equal(await fleet.sql(both), "2 decided");

  // A refused act wrote no event, but its outcome is recorded all the same.
  const refused = async (transaction: Transaction): Promise<void> => {
    await transaction.query("update samocode.session set detail = 'refused' where id = $1", [lease.id]);
  };
  await shipper.alongside(() => Promise.resolve({ seq: folder.history.lastSeq, work: refused }));
  await shipper.ship();
  assert.equal(await fleet.sql(both), "2 refused");
});

postgresTest("ship() keeps a file in parts, and sends of a grown one only those that changed", async (postgres) => {
  await using taken = await TakenSession.begin(postgres);
  const { fleet, lease, folder, shipper } = taken;
  const log = "_logs/11-20-1437-001-planning.jsonl";
  const bytes = noise(3 * 1024 * 1024 + 17);
  write(folder.layout.folder, log, bytes);
  await shipper.ship();
  assert.deepEqual(await fleet.files(lease), [`${log}|4|${bytes.length}`]);
  const versions = `select part || ':' || xmin from samocode.file order by part`;
  const before = (await fleet.sql(versions)).split("\n");
  Deno.writeTextFileSync(join(folder.layout.folder, log), "more", { append: true });
  await shipper.ship();
  assert.deepEqual(await fleet.files(lease), [`${log}|4|${bytes.length + 4}`]);
  const after = (await fleet.sql(versions)).split("\n");
  assert.deepEqual(after.slice(1, 3), before.slice(1, 3), "the middle parts are the same rows");
  Deno.truncateSync(join(folder.layout.folder, log), 1024 * 1024);
  await shipper.ship();
  assert.deepEqual(await fleet.files(lease), [`${log}|1|${1024 * 1024}`]);
});

postgresTest("ship() sends an agent's log once the attempt is over, and secrets are masked", async (postgres) => {
  const log = "11-20-1437-001-planning.jsonl";
  await using taken = await TakenSession.begin(postgres, STARTED, {
    ...{ type: "iteration.started", iteration: 1, attempt: 1, phase: "planning", marker: "m", log },
    ...{ provider: "demo", timeoutMs: 1_000 },
  });
  const { fleet, lease, folder, shipper } = taken;
  write(folder.layout.folder, `_logs/${log}`, "key=s3cret\n");
  write(folder.layout.folder, `_logs/${log.replace("jsonl", "stderr")}`, "key=s3cret\n");
  write(folder.layout.folder, "_logs/11-20-1436-check-1.log", "ok\n");
  await shipper.ship();
  assert.deepEqual(await fleet.files(lease), ["_logs/11-20-1436-check-1.log|1|3"]);
  folder.journal.append({ type: "session.stopped", outcome: { kind: "stopped", by: "ada" } });
  write(folder.layout.folder, `_logs/${log}`, "key=***\n");
  await shipper.ship();
  assert.equal((await fleet.files(lease)).length, 3);
  assert.equal(await fleet.sql("select count(*) from samocode.file where encode(body, 'escape') like '%*%'"), "1");
});

postgresTest("ship() leaves out links, hostile names and files over the limit, and says so once", async (postgres) => {
  await using taken = await TakenSession.begin(postgres);
  const { fleet, temp, lease, folder, shipper } = taken;
  const root = folder.layout.folder;
  temp.file("outside/secret", "secret");
  Deno.symlinkSync(temp.at("outside/secret"), join(root, "link.md"));
  Deno.symlinkSync(temp.at("outside"), join(root, "folder"));
  Deno.linkSync(temp.at("outside/secret"), join(root, "hard.md"));
  temp.pipe(`a/sessions/${NAME}/pipe.md`);
  write(root, "a\nb.md", "x");
  write(root, "_Journal.jsonl", "x");
  write(root, "Entwürfe für morgen (2).md", "x");
  Deno.truncateSync(write(root, "core", ""), 66 * 1024 * 1024);
  await shipper.ship();
  assert.deepEqual(await fleet.files(lease), ["Entwürfe für morgen (2).md|1|1"]);
  const detail = () => fleet.sql("select detail from samocode.session");
  assert.equal(await detail(), 'Not kept in the fleet: "a\\nb.md" (unsupported name), "core" (over 65 MiB)');
  await fleet.sql("update samocode.session set detail = ''");
  folder.journal.append(guidance("go on"));
  await shipper.ship();
  assert.equal(await detail(), "");
});

postgresTest("ship() ships nothing that samocode did not write into the journal", async (postgres) => {
  await using taken = await TakenSession.begin(postgres);
  const { fleet, lease, folder, shipper } = taken;
  using _lock = await folder.lock();
  folder.journal.claim();
  await shipper.ship();
  const forged = { seq: 2, at: "2026-11-20T05:00:00.000Z", type: "gate.opened", gate: "plan_approval", by: "ada" };
  Deno.writeTextFileSync(folder.layout.journal, `${JSON.stringify(forged)}\n`, { append: true });
  await assert.rejects(shipper.ship(), {
    name: "SamocodeError",
    message: /gate.opened\) was not written by samocode$/,
  });
  assert.throws(() => folder.journal.refresh(), { name: "SamocodeError" }, "the worker finds and strikes it");
  folder.journal.append(guidance("go on"));
  assert.equal(await shipper.ship(), 2);
  assert.deepEqual(await fleet.events(lease), ["1|1|session.created", "2|1|guidance.given"]);
});

postgresTest("ship() goes on in batches, without a gap or a double where an answer was lost", async (postgres) => {
  await using taken = await TakenSession.begin(postgres, guidance("one"));
  const { fleet, machine, lease, folder, shipper } = taken;
  {
    using lost = machine.shipper(fleet, lease, { session: NAME });
    await lost.ship();
  }
  // A new shipper from the same start: as if the answer to the commit was lost.
  for (let count = 0; count < 12; count++) folder.journal.append(guidance("x".repeat(1_000_000)));
  const [one, two] = await Promise.all([shipper.ship(), shipper.ship()]);
  assert.deepEqual([one, two, shipper.shipped], [14, 14, 14]);
  const seqs = (await fleet.events(lease)).map((event) => Number(event.split("|")[0]));
  assert.deepEqual(seqs, Array.from({ length: 14 }, (_, index) => index + 1));
  assert.equal(await fleet.sql("select count(distinct xmin::text) from samocode.journal"), "13");
});

const STARTED: SessionEvent = { type: "session.started", provider: "demo", version: "1", pid: 1, marker: "m" };

function write(folder: string, name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  Deno.mkdirSync(join(path, ".."), { recursive: true });
  if (typeof content === "string") Deno.writeTextFileSync(path, content);
  else Deno.writeFileSync(path, content);
  return path;
}
