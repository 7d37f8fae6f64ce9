import assert from "node:assert/strict";
import { join } from "node:path";
import { appendCopied, copyJournal, type CopyOptions } from "../../src/session/copied_journal.ts";
import { Journal } from "../../src/session/journal.ts";
import { SessionFolder } from "../../src/session/session_folder.ts";
import { eventLine } from "../../src/workflow/event_line.ts";
import type { RecordedEvent } from "../../src/workflow/session_event.ts";
import { STORY } from "../helpers/story_events.ts";
import { dieAt } from "../helpers/sudden_death.ts";
import { TempFolder } from "../helpers/temp_folder.ts";

const CHAIN = "0a1b2c3d-0000-4000-8000-000000000001";
/** As a fleet has them: of a session that began on another machine, and whose journal was accepted there once. */
const LINES: readonly string[] = STORY.map((event) =>
  eventLine(event.seq === 1 || event.type === "journal.accepted" ? { ...event, chain: CHAIN } : event).trimEnd()
);

Deno.test("copyJournal() leaves a session that opens without doubt, with a chain of its own, and goes on", async () => {
  using temp = new TempFolder();
  const { path, options } = place(temp);
  assert.equal(await copyJournal(path, LINES, options), LINES.length);
  {
    using folder = open(temp);
    assert.equal(folder.journal.doubt, undefined);
    assert.equal(folder.history.lastSeq, LINES.length);
    using _lock = await folder.lock();
    folder.journal.append({ type: "session.moved", worker: "builder-7", epoch: 2 });
  }
  const copied = read(path);
  const chain = copied[0]?.chain;
  assert.notEqual(chain, CHAIN);
  assert.deepEqual(copied.slice(0, -1), withChain(chain));
  assert.deepEqual([copied.at(-1)?.seq, copied.at(-1)?.type], [LINES.length + 1, "session.moved"]);
  assert.equal((Deno.statSync(path).mode ?? 0) & 0o777, 0o600);
  using folder = open(temp);
  assert.equal(folder.journal.doubt, undefined);
});

Deno.test("copyJournal() makes a folder that is renamed into its place, where it is no renamed session", async () => {
  using temp = new TempFolder();
  const { options } = place(temp);
  const aside = join(temp.folder("aside"), "_journal.jsonl");
  await copyJournal(aside, LINES, { ...options, renamedTo: temp.at("renamed") });
  Deno.renameSync(temp.at("aside"), temp.at("renamed"));
  using folder = SessionFolder.open(temp.at("renamed"), options);
  folder.journal.append({ type: "guidance.given", text: "go on", by: "ada" });
  assert.deepEqual(folder.journal.news.at(-1)?.seq, LINES.length + 1);
  assert.equal(folder.journal.doubt, undefined);
});

Deno.test("copyJournal() replaces a journal and forgets its head, but not one that a worker holds", async () => {
  using temp = new TempFolder();
  const { path, options } = place(temp);
  await copyJournal(path, LINES.slice(0, 3), options);
  const [former] = heads(temp);
  await copyJournal(path, LINES, options);
  assert.equal(heads(temp).length, 1);
  assert.notDeepEqual(heads(temp), [former]);
  using folder = open(temp);
  using _lock = await folder.lock();
  await assert.rejects(copyJournal(path, LINES.slice(0, 3), options), {
    name: "SamocodeError",
    code: "conflict",
    message: `Cannot replace the journal ${path}: it is locked by process ${Deno.pid}`,
  });
  assert.equal(read(path).length, LINES.length);
});

Deno.test("a copy refuses what is not the next event of a journal, and stays as it was", async () => {
  const [first = "", second = "", third = ""] = LINES;
  const cases: Readonly<Record<string, readonly [lines: readonly string[], message: string]>> = {
    "two events in a line": [[first, `${second}\n${third}`], "line 2 is not an event that this version knows"],
    "a number twice": [[first, second, second], "line 3 has the sequence number 2"],
    "a gap": [[first, third], "line 2 has the sequence number 3"],
    "no JSON": [[first, `${second} {`], "line 2 is not an event that this version knows"],
    "an unknown event": [
      [first, '{"seq":2,"at":"2026-11-20T05:00:00.000Z","type":"gate.blown"}'],
      "line 2 is not an event that this version knows",
    ],
    "a chain that leads elsewhere": [
      [first.replace(CHAIN, "../../../etc/passwd")],
      "line 1 is not an event that this version knows",
    ],
    "nothing": [[], "it has no events"],
  };
  for (const [name, [lines, message]] of Object.entries(cases)) {
    using temp = new TempFolder();
    const { path, options } = place(temp);
    const problem = { name: "SamocodeError", message: `Cannot copy the journal ${path}: ${message}` };
    await assert.rejects(copyJournal(path, lines, options), problem, name);
    assert.deepEqual([temp.names("session"), heads(temp)], [[], []], name);
    if (lines.length < 2) continue;
    await copyJournal(path, lines.slice(0, 1), options);
    const before = read(path);
    assert.throws(() => append(path, lines.slice(1), options), { name: "SamocodeError" }, name);
    assert.deepEqual(read(path), before, name);
  }
});

Deno.test("appendCopied() adds what is new, passes over what is there, and refuses a gap", async () => {
  using temp = new TempFolder();
  const { path, options } = place(temp);
  await copyJournal(path, LINES.slice(0, 4), options);
  assert.equal(append(path, [], options), 4);
  assert.equal(append(path, LINES.slice(0, 6), options), 6);
  assert.equal(append(path, LINES.slice(4, 6), options), 6);
  assert.throws(() => append(path, LINES.slice(7), options), {
    message: /^Cannot add event 8 to .*: it ends with 6$/,
  });
  assert.equal(append(path, LINES.slice(6), options), LINES.length);
  using folder = open(temp);
  assert.equal(folder.journal.doubt, undefined);
  assert.deepEqual(read(path), withChain(read(path)[0]?.chain));
});

Deno.test("appendCopied() writes nothing into a copy that somebody changed", async () => {
  using temp = new TempFolder();
  const { path, options } = place(temp);
  await copyJournal(path, LINES.slice(0, 4), options);
  Deno.writeTextFileSync(path, `${LINES[4]}\n`, { append: true });
  const before = Deno.readTextFileSync(path);
  assert.throws(() => append(path, LINES.slice(4), options), { message: /^Cannot trust the journal / });
  assert.equal(Deno.readTextFileSync(path), before);
});

Deno.test("a kill before any operation of copyJournal() leaves no journal, the old or the new one, all to be trusted", async () => {
  let isAlive = false;
  for (let before = 0; !isAlive; before++) {
    for (const half of [false, true]) {
      using temp = new TempFolder();
      const { path, options } = place(temp);
      const old = before % 2 === 0 ? LINES.slice(0, 3) : [];
      if (old.length > 0) await copyJournal(path, old, options);
      isAlive = !await dieAt({ before, half }, () => copyJournal(path, LINES, options));
      using found = SessionFolder.openIfExists(temp.at("session"), options);
      const events = found?.history.lastSeq ?? 0;
      assert.equal(found?.journal.doubt, undefined, `${before}`);
      assert.ok(events === old.length || events === LINES.length, `${before}: ${events}`);
      assert.equal(await copyJournal(path, LINES, options), LINES.length);
    }
  }
});

Deno.test("a kill before any operation of appendCopied() leaves a copy that can be trusted and is completed", async () => {
  const some = LINES.slice(0, 8);
  let isAlive = false;
  for (let before = 0; !isAlive; before++) {
    for (const half of [false, true]) {
      using temp = new TempFolder();
      const { path, options } = place(temp);
      await copyJournal(path, some.slice(0, 3), options);
      isAlive = !await dieAt({ before, half }, () => Promise.resolve().then(() => append(path, some, options)));
      {
        using found = open(temp);
        assert.equal(found.journal.doubt, undefined, `${before} ${half}`);
      }
      assert.equal(append(path, some, options), some.length);
      using folder = open(temp);
      assert.equal(folder.journal.doubt, undefined);
      assert.deepEqual(read(path).map(({ seq }) => seq), some.map((_, index) => index + 1));
    }
  }
});

function place(temp: TempFolder): { readonly path: string; readonly options: { readonly stateFolder: string } } {
  return { path: join(temp.folder("session"), "_journal.jsonl"), options: { stateFolder: temp.at("state") } };
}

function append(path: string, lines: readonly string[], options: CopyOptions): number {
  using journal = Journal.open(path, options);
  return appendCopied(journal, lines);
}

function open(temp: TempFolder): SessionFolder {
  return SessionFolder.open(temp.at("session"), { stateFolder: temp.at("state") });
}

function withChain(chain: string | undefined): readonly RecordedEvent[] {
  const events = LINES.map((line): RecordedEvent => JSON.parse(line));
  return events.map((event) => event.chain === undefined ? event : { ...event, chain });
}

function read(path: string): readonly RecordedEvent[] {
  return Deno.readTextFileSync(path).trimEnd().split("\n").map((line): RecordedEvent => JSON.parse(line));
}

function heads(temp: TempFolder): readonly string[] {
  try {
    return temp.names("state", "journals").filter((name) => name.endsWith(".head"));
  } catch {
    return [];
  }
}
