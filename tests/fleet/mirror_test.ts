import assert from "node:assert/strict";
import { join } from "node:path";
import { EngineOutage } from "../../src/fleet/engine_errors.ts";
import { followFleet, mirrorFleet, mirrorSession, prepareMirror } from "../../src/fleet/mirror.ts";
import { type MirroredSession, mirrorFolder } from "../../src/fleet/mirror_rows.ts";
import { statusOf } from "../../src/operations/read_status.ts";
import { SessionFolder } from "../../src/session/session_folder.ts";
import { loadSettings } from "../../src/settings/load_settings.ts";
import type { SessionEvent } from "../../src/workflow/session_event.ts";
import { vouchFor } from "../../src/trust/vouched.ts";
import { guidance, NAME, noise, TakenSession, TestFleet, TestMachine } from "../helpers/fleet_session.ts";
import { postgresTest, slowPostgresTest } from "../helpers/postgres.ts";
import { dieAt } from "../helpers/sudden_death.ts";
import { TempFolder } from "../helpers/temp_folder.ts";

postgresTest("mirrorSession() makes a copy to read, and brings it up to date", async (postgres) => {
  await using fleet = await TestFleet.make(postgres);
  using temp = new TempFolder();
  const machine = new TestMachine(temp, "a");
  const lease = await fleet.add("top");
  const copy = { id: lease.id, folder: temp.at("mirror", NAME), stateFolder: temp.at("state") };
  assert.equal(await mirrorSession(fleet.engine, copy), false, "it has no event");
  using folder = machine.begin(NAME, guidance("one"));
  using shipper = machine.shipper(fleet, lease, { session: NAME });
  const log = noise(2 * 1024 * 1024 + 1);
  temp.file(`a/sessions/${NAME}/_logs/x.jsonl`, log);
  temp.file(`a/sessions/${NAME}/earlier-1/plan.md`, "# Old\n");
  await shipper.ship();
  assert.equal(await mirrorSession(fleet.engine, copy), true);
  assert.equal(await mirrorSession(fleet.engine, copy), false);
  assert.deepEqual(temp.names("mirror", NAME), ["_journal.jsonl", "_logs", "earlier-1"]);

  folder.journal.append(guidance("two"));
  Deno.removeSync(join(folder.layout.folder, "earlier-1", "plan.md"));
  temp.file(`a/sessions/${NAME}/_qa.md`, "## Q1\n");
  temp.file(`a/sessions/${NAME}/_logs/x.jsonl`, Uint8Array.from([...log, 1, 2, 3]));
  await shipper.ship();
  assert.equal(await mirrorSession(fleet.engine, copy), true);
  assert.deepEqual(temp.names("mirror", NAME), ["_journal.jsonl", "_logs", "_qa.md", "earlier-1"]);
  assert.deepEqual(temp.names("mirror", NAME, "earlier-1"), []);
  assert.deepEqual(Deno.readFileSync(join(copy.folder, "_logs", "x.jsonl")), Uint8Array.from([...log, 1, 2, 3]));
  using read = SessionFolder.open(copy.folder, { stateFolder: copy.stateFolder, readOnly: true });
  assert.equal(read.journal.doubt, undefined);
  const [here, there] = [statusOf(read), statusOf(folder)];
  assert.deepEqual(here, { ...there, folder: copy.folder, elapsedMs: here.elapsedMs });
});

postgresTest("mirrorSession() from several at once makes one whole copy", async (postgres) => {
  await using taken = await TakenSession.begin(postgres);
  const { fleet, temp, lease, folder, shipper } = taken;
  const copy = { id: lease.id, folder: temp.at("mirror", NAME), stateFolder: temp.at("state") };
  for (let round = 0; round < 3; round++) {
    for (let count = 0; count < 700; count++) folder.journal.append(said(`${round} ${count}`));
    temp.file(`a/sessions/${NAME}/plan.md`, `# Plan ${round}\n`);
    await shipper.ship();
    const found = await Promise.all([1, 2, 3].map(() => mirrorSession(fleet.engine, copy)));
    assert.deepEqual(found.toSorted(), [false, false, true]);
    assertLike(copy, { lastSeq: folder.history.lastSeq });
  }
});

postgresTest("mirrorSession() makes a copy anew that was changed, or whose head is gone", async (postgres) => {
  await using taken = await TakenSession.begin(postgres);
  const { fleet, temp, lease, folder, shipper } = taken;
  temp.file(`a/sessions/${NAME}/earlier-1/plan.md`, "# Plan\n");
  await shipper.ship();
  const copy = { id: lease.id, folder: temp.at("mirror", NAME), stateFolder: temp.at("state") };
  const outside = temp.folder("outside");
  const changes: Readonly<Record<string, () => void>> = {
    "a line more": () => Deno.writeTextFileSync(temp.at("mirror", NAME, "_journal.jsonl"), "{}\n", { append: true }),
    "no journal": () => Deno.removeSync(temp.at("mirror", NAME, "_journal.jsonl")),
    "no head": () => Deno.removeSync(temp.at("state", "journals"), { recursive: true }),
    "no folder": () => Deno.removeSync(temp.at("mirror", NAME), { recursive: true }),
    "no notes": () => Deno.removeSync(temp.at("mirror", `.${NAME}.json`)),
    "a link in its place": () => {
      Deno.removeSync(temp.at("mirror", NAME), { recursive: true });
      Deno.symlinkSync(outside, temp.at("mirror", NAME));
    },
    "a link in it": () => {
      Deno.removeSync(temp.at("mirror", NAME, "earlier-1"), { recursive: true });
      Deno.symlinkSync(outside, temp.at("mirror", NAME, "earlier-1"));
      folder.journal.append(guidance("go on"));
    },
    "a folder where a file goes": () => {
      Deno.removeSync(temp.at("mirror", NAME, "earlier-1", "plan.md"));
      temp.file(`mirror/${NAME}/earlier-1/plan.md/x.md`, "x");
      folder.journal.append(guidance("go on"));
    },
  };
  for (const [name, change] of Object.entries(changes)) {
    await mirrorSession(fleet.engine, copy);
    change();
    await shipper.ship();
    await mirrorSession(fleet.engine, copy);
    assertLike(copy, { lastSeq: folder.history.lastSeq }, name);
    assert.equal(Deno.readTextFileSync(temp.at("mirror", NAME, "earlier-1", "plan.md")), "# Plan\n", name);
    assert.deepEqual(temp.names("outside"), [], name);
  }
});

slowPostgresTest(
  "a kill at any operation of mirrorSession() leaves a copy that the next one mends",
  async (postgres) => {
    await using taken = await TakenSession.begin(postgres);
    const { fleet, temp, lease, folder, shipper } = taken;
    await shipper.ship();
    const copies = Array.from({ length: 60 }, (_, index) => ({
      id: lease.id,
      folder: temp.at(`mirror-${index}`, NAME),
      stateFolder: temp.at(`state-${index}`),
    }));
    for (const copy of copies) await mirrorSession(fleet.engine, copy);
    folder.journal.append(guidance("one"));
    folder.journal.append(guidance("two"));
    temp.file(`a/sessions/${NAME}/plan.md`, "# Plan\n");
    await shipper.ship();
    let isAlive = false;
    for (const [before, copy] of copies.entries()) {
      isAlive = !await dieAt({ before, half: before % 2 === 1 }, () => mirrorSession(fleet.engine, copy));
      using read = SessionFolder.open(copy.folder, { ...copy, readOnly: true });
      assert.equal(read.journal.doubt, undefined, `${before}`);
      await mirrorSession(fleet.engine, copy);
      assertLike(copy, { lastSeq: 3 }, `${before}`);
      assert.equal(Deno.readTextFileSync(join(copy.folder, "plan.md")), "# Plan\n");
      if (isAlive) break;
    }
    assert.ok(isAlive, "it never came to its end");
  },
);

postgresTest("mirrorFleet() copies what is open, new or named, and removes what is gone", async (postgres) => {
  await using fleet = await TestFleet.make(postgres);
  using temp = new TempFolder();
  const machine = new TestMachine(temp, "a");
  const reader = { env: { XDG_DATA_HOME: temp.at("data") }, stateFolder: temp.at("state") };
  const names = ["open", "fresh", "old", "unborn"];
  for (const name of names) {
    const lease = await fleet.add(name);
    if (name === "unborn") continue;
    using _folder = machine.begin(`26-11-20-${name}`);
    using shipper = machine.shipper(fleet, lease, { session: `26-11-20-${name}` });
    await shipper.ship();
  }
  await fleet.sql("update samocode.session set state = 'done' where name in ('fresh', 'old')");
  await fleet.sql("update samocode.session set changed_at = now() - interval '40 days' where name = 'old'");
  const root = mirrorFolder(reader.env, { key: fleet.engine.key, project: "shop" });
  const copied = () =>
    [...Deno.readDirSync(join(root, "sessions"))].map(({ name }) => name).filter((name) => name[0] !== ".");
  const found = await mirrorFleet(fleet.engine, reader);
  assert.deepEqual(found.map(({ name, folder }) => [name, folder]), [
    ["open", join(root, "sessions", "26-11-20-open")],
    ["fresh", join(root, "sessions", "26-11-20-fresh")],
    ["unborn", undefined],
  ]);
  assert.deepEqual(copied().sort(), ["26-11-20-fresh", "26-11-20-open"]);
  await mirrorFleet(fleet.engine, { ...reader, session: "old" });
  assert.deepEqual(copied().sort(), ["26-11-20-fresh", "26-11-20-old", "26-11-20-open"]);
  await fleet.sql("delete from samocode.session where name = 'open'");
  await mirrorFleet(fleet.engine, { ...reader, session: "fresh" });
  await mirrorFleet(fleet.engine, reader);
  assert.deepEqual(copied().sort(), ["26-11-20-fresh", "26-11-20-old"]);
  const config = prepareMirror(root);
  vouchFor(config);
  const { sessions } = loadSettings({ env: {}, workingDirectory: temp.path, config, flags: {} });
  assert.equal(sessions, join(root, "sessions"));
});

postgresTest("mirrorFleet() makes no path of hostile names, nor of another session's", async (postgres) => {
  await using fleet = await TestFleet.make(postgres);
  using temp = new TempFolder();
  const machine = new TestMachine(temp, "a");
  const reader = { env: { XDG_DATA_HOME: temp.at("data") }, stateFolder: temp.at("state") };
  const lease = await fleet.add("top");
  using _folder = machine.begin(NAME);
  using shipper = machine.shipper(fleet, lease, { session: NAME });
  await shipper.ship();
  for (const folder of ["../../x", "/tmp/x", "26-11-20-other", "26-11-20-top/x", "", "con"]) {
    await fleet.sql(`update samocode.session set folder = '${folder}'`);
    assert.deepEqual(await mirrorFleet(fleet.engine, reader), [], folder);
  }
  await fleet.sql(`update samocode.session set folder = '${NAME}'`);
  for (const project of ["../x", "..", "a/b", ""]) {
    await fleet.sql(`update samocode.project set name = '${project}'`);
    assert.deepEqual(await mirrorFleet(fleet.engine, reader), [], project);
  }
  assert.deepEqual(temp.names(), ["a"]);
});

slowPostgresTest("followFleet() follows what is shipped, and catches up after an outage", async (postgres) => {
  await using taken = await TakenSession.begin(postgres);
  const { fleet, temp, lease, folder, shipper } = taken;
  await shipper.ship();
  const heard = new Heard();
  const options = { env: { XDG_DATA_HOME: temp.at("data") }, stateFolder: temp.at("state") };
  await using _follower = await followFleet(fleet.engine, {
    ...options,
    changed: (session) => heard.add(session),
    failed: (_session, error) => assert.fail(`${error}`),
  });
  const root = mirrorFolder(options.env, { key: fleet.engine.key, project: "shop" });
  const copy = { folder: join(root, "sessions", NAME), stateFolder: options.stateFolder };
  assertLike(copy, { lastSeq: 1 });
  for (let count = 2; count <= 6; count++) {
    folder.journal.append(guidance(`${count}`));
    await shipper.ship();
  }
  await heard.until(() => lastSeq(copy) === 6);
  await fleet.add("next");
  await heard.until(() => heard.names.includes("next"));

  await postgres.stop("immediate");
  folder.journal.append(guidance("meanwhile"));
  await assert.rejects(shipper.ship(), EngineOutage);
  await postgres.start();
  await shipper.ship();
  await heard.until(() => lastSeq(copy) === 7);
  assert.deepEqual((await fleet.events(lease)).length, 7);
  assertLike(copy, { lastSeq: 7 });
});

/** Records what a follower reports. */
class Heard {
  readonly names: string[] = [];
  #wake = Promise.withResolvers<void>();

  add({ name }: MirroredSession): void {
    this.names.push(name);
    this.#wake.resolve();
    this.#wake = Promise.withResolvers();
  }

  async until(isTrue: () => boolean): Promise<void> {
    while (!isTrue()) await this.#wake.promise;
  }
}

interface CopyPlace {
  readonly folder: string;
  readonly stateFolder: string;
}

function assertLike(
  { folder, stateFolder }: CopyPlace,
  expected: { readonly lastSeq: number },
  message?: string,
): void {
  using read = SessionFolder.open(folder, { stateFolder, readOnly: true });
  assert.deepEqual([read.journal.doubt, read.history.lastSeq], [undefined, expected.lastSeq], message);
}

function lastSeq({ folder, stateFolder }: CopyPlace): number {
  using read = SessionFolder.openIfExists(folder, { stateFolder, readOnly: true });
  return read?.history.lastSeq ?? 0;
}

function said(text: string): SessionEvent {
  return { type: "agent.said", text };
}
