import assert from "node:assert/strict";
import { join } from "node:path";
import { Journal } from "../../src/session/journal.ts";
import { FileWatch } from "../../src/system/files/file_watch.ts";
import { SamocodeError } from "../../src/text/errors.ts";
import { readEventLine } from "../../src/workflow/event_line.ts";
import type { RecordedEvent, SessionEvent } from "../../src/workflow/session_event.ts";
import { allAtOnce, startPrograms } from "../helpers/session_program.ts";
import { SmallDisk, TempFolder } from "../helpers/temp_folder.ts";

const READER = join(import.meta.dirname ?? ".", "..", "helpers", "journal_reader.ts");
const NOW = new Date("2026-11-20T05:00:00.000Z");
const CREATED: SessionEvent = { type: "session.created", name: "foo", task: "Grüße 🎈", dive: "" };

Deno.test("append() has the line in the file when it returns, numbered from 1", () => {
  using temp = new TempFolder();
  const path = temp.at("j");
  using journal = Journal.open(path, { now: () => NOW });
  const at = "2026-11-20T05:00:00.000Z";
  const expected: RecordedEvent[] = [];
  for (const [index, event] of [CREATED, guidance("a"), said("b\nc"), guidance("d")].entries()) {
    assert.deepEqual(journal.append(event), { seq: index + 1, at, ...event });
    expected.push({ seq: index + 1, at, ...event });
    const lines = Deno.readTextFileSync(path).split("\n");
    assert.equal(lines.pop(), "");
    assert.deepEqual(lines.map((line) => JSON.parse(line)), expected);
  }
  assert.equal(journal.history.task, "Grüße 🎈");
  assert.deepEqual(journal.history.guidance, ["a", "d"]);
});

Deno.test("refresh() returns what others appended since the last look, once, and append() goes on behind it", () => {
  using temp = new TempFolder();
  using one = Journal.open(temp.at("j"), { now: () => NOW });
  using two = Journal.open(temp.at("j"), { now: () => NOW });
  using looker = Journal.open(temp.at("j"), { readOnly: true });
  const first = one.append(CREATED);
  assert.deepEqual(two.refresh(), [first]);
  assert.deepEqual(two.refresh(), []);
  const second = two.append(guidance("two"));
  const third = one.append(guidance("one"));
  assert.deepEqual([second.seq, third.seq], [2, 3]);
  assert.deepEqual(looker.refresh(), [first, second, third]);
  assert.deepEqual(one.history, looker.history);
  two.refresh();
  assert.deepEqual(two.history, looker.history);
});

Deno.test("refresh() leaves a line without its newline for later", () => {
  using temp = new TempFolder();
  using journal = Journal.open(temp.at("j"));
  journal.append(CREATED);
  const line = new TextEncoder().encode(lineOf(2, guidance("ü")));
  for (const byte of line.subarray(0, -1)) {
    Deno.writeFileSync(temp.at("j"), Uint8Array.of(byte), { append: true });
    assert.deepEqual(journal.refresh(), []);
  }
  Deno.writeFileSync(temp.at("j"), line.subarray(-1), { append: true });
  assert.deepEqual(journal.refresh().map(({ seq }) => seq), [2]);
});

Deno.test("append() after a line torn at any byte reports it once and leaves every other line readable", () => {
  using temp = new TempFolder();
  const whole = temp.at("whole");
  {
    using journal = Journal.open(whole, { now: () => NOW });
    for (const event of [CREATED, guidance("a"), guidance("ü 🎈")]) journal.append(event);
  }
  const bytes = Deno.readFileSync(whole);
  const last = bytes.lastIndexOf(10, bytes.length - 2) + 1;
  for (let length = last; length <= bytes.length; length++) {
    const path = temp.at(`cut-${length}`);
    Deno.writeFileSync(path, bytes.subarray(0, length));
    using journal = Journal.open(path);
    journal.append(guidance("after"));
    journal.append(guidance("after that"));
    const torn = length > last && length < bytes.length;
    // All but the newline: nothing is lost.
    const kept = length >= bytes.length - 1;
    assert.deepEqual(
      eventsIn(path).map(({ seq: _seq, at: _at, ...event }) => event),
      [
        CREATED,
        guidance("a"),
        ...(kept ? [guidance("ü 🎈")] : []),
        ...(torn ? [{ type: "journal.repaired", bytes: length - last }] : []),
        guidance("after"),
        guidance("after that"),
      ],
      `cut after ${length - last} bytes`,
    );
    assertNumbered(eventsIn(path));
    using reader = Journal.open(path, { readOnly: true });
    assert.deepEqual(reader.history, journal.history);
  }
});

Deno.test("open() skips garbage, unknown types, empty lines and a byte order mark, and takes CRLF", () => {
  using temp = new TempFolder();
  const good = [lineOf(1, CREATED).trimEnd() + "\r\n", lineOf(2, guidance("two"))];
  const path = temp.file(
    "j",
    new Uint8Array([
      ...[0xef, 0xbb, 0xbf],
      ...new TextEncoder().encode(good[0]),
      ...[0xff, 0xfe, 0, 10, 10],
      ...new TextEncoder().encode(
        'null\n[]\n42\n"text"\n{}\n{"seq":"7","at":"","type":"guidance.given"}\n' +
          '{"seq":9,"at":"x","type":"newer.event"}\n{"seq":9,"at":"x","type":"toString"}\nnot json {"seq":5\n',
      ),
      ...new TextEncoder().encode(good[1]),
    ]),
  );
  using journal = Journal.open(path);
  assert.equal(journal.history.task, "Grüße 🎈");
  assert.deepEqual(journal.history.guidance, ["two"]);
  assert.equal(journal.append(guidance("three")).seq, 3);
});

Deno.test("open() takes an empty file for a journal in which nothing happened yet", () => {
  using temp = new TempFolder();
  using journal = Journal.open(temp.file("j", ""));
  assert.equal(journal.append(CREATED).seq, 1);
  assert.equal(Deno.readTextFileSync(temp.at("j")).split("\n").length, 2);
});

Deno.test("open() shows every event of a journal that takes many reads, wherever a line is cut", () => {
  using temp = new TempFolder();
  const events = Array.from({ length: 1_500 }, (_, index) => guidance("ü🎈x".repeat(index % 97)));
  const path = temp.file("j", events.map((event, index) => lineOf(index + 1, event)).join(""));
  const seen: RecordedEvent[] = [];
  using journal = Journal.open(path, { readOnly: true, see: (event) => seen.push(event) });
  const expected = events.map((event, index) => ({ seq: index + 1, at: NOW.toISOString(), ...event }));
  assert.deepEqual(journal.history.guidance, events.map((event) => event.type === "guidance.given" && event.text));
  assert.deepEqual(seen, expected);
  assert.deepEqual(journal.news, expected.slice(-8));
});

Deno.test("append() and open() carry a line of 5 MB, cut at no character", () => {
  using temp = new TempFolder();
  const task = "aü🎈\n".repeat(5 * 1024 * 128);
  {
    using journal = Journal.open(temp.at("j"));
    journal.append({ ...CREATED, task });
    journal.append(guidance("small"));
  }
  using journal = Journal.open(temp.at("j"), { readOnly: true });
  assert.ok(journal.history.task === task);
  assert.deepEqual(journal.history.guidance, ["small"]);
});

for (const count of [2, 4]) {
  Deno.test(`append() from ${count} processes at once loses, tears and doubles nothing`, async () => {
    using temp = new TempFolder();
    const path = temp.at("j");
    const names = [..."abcd"].slice(0, count);
    const programs = await startPrograms(names.map((by) => ({ do: "append", path, by, times: 150, size: 700 })));
    try {
      await allAtOnce(programs);
    } finally {
      for (const program of programs) await program[Symbol.asyncDispose]();
    }
    const events = eventsIn(path);
    assertNumbered(events);
    for (const by of names) {
      assert.deepEqual(
        events.filter((event) => event.type === "guidance.given" && event.by === by).map((event) =>
          event.type === "guidance.given" ? event.text : ""
        ),
        Array.from({ length: 150 }, (_, index) => `${index + 1} ${"x".repeat(700)}`),
      );
    }
    assert.equal(Deno.readTextFileSync(path).split("\n").length, 150 * count + 1);
  });
}

Deno.test("append() goes on after processes that were killed while they wrote", async () => {
  using temp = new TempFolder();
  const path = temp.at("j");
  using survivor = Journal.open(path);
  survivor.append(CREATED);
  for (let round = 0; round < 4; round++) {
    const programs = await startPrograms(
      ["a", "b"].map((by) => ({ do: "append", path, by, times: 10_000, size: 300_000 })),
    );
    await Promise.all(programs.map((program) => program.go()));
    const before = survivor.history.lastSeq;
    using watch = new FileWatch(path);
    while (survivor.refresh().length === 0 || survivor.history.lastSeq < before + 4) await watch.changed(1000);
    for (const program of programs) await program.kill();
    for (const program of programs) await program[Symbol.asyncDispose]();
    survivor.append(guidance(`after round ${round}`));
    assertNumbered(eventsIn(path));
    assert.equal(eventsIn(path).length, survivor.history.lastSeq);
  }
});

Deno.test({
  name: "append() on a full disk says so, loses nothing and goes on when there is room again",
  ignore: !SmallDisk.isPossible(),
  fn: appendOnFullDisk,
});

function appendOnFullDisk(): void {
  using disk = new SmallDisk(64);
  const path = join(disk.path, "j");
  using journal = Journal.open(path);
  journal.append(CREATED);
  Deno.writeFileSync(join(disk.path, "ballast"), new Uint8Array(32 * 1024));
  let written = 1;
  const failure = (() => {
    for (;; written++) {
      try {
        journal.append(guidance("x".repeat(3000)));
      } catch (error) {
        return error;
      }
    }
  })();
  assert.ok(failure instanceof SamocodeError, String(failure));
  assert.match(failure.message, new RegExp(`^Cannot write the journal ${path}: .*No space left`));
  assert.equal(
    failure.hint,
    "Free some space on the disk, then run the session again; what was recorded before is safe",
  );
  assert.throws(() => journal.append(guidance("y".repeat(3000))), SamocodeError);
  assert.equal(eventsIn(path).filter(({ type }) => type !== "journal.repaired").length, written);
  Deno.removeSync(join(disk.path, "ballast"));
  journal.append(guidance("room again"));
  const events = eventsIn(path);
  assertNumbered(events);
  assert.equal(events.filter(({ type }) => type === "guidance.given").length, written);
  assert.ok(events.some(({ type }) => type === "journal.repaired"));
  assert.equal(journal.history.lastSeq, events.length);
}

Deno.test("append() gives no number twice if the disk takes a line but fails to sync it", () => {
  using temp = new TempFolder();
  using journal = Journal.open(temp.at("j"));
  const sync = Deno.FsFile.prototype.syncDataSync;
  Deno.FsFile.prototype.syncDataSync = () => {
    throw new Error("Input/output error");
  };
  try {
    assert.throws(() => journal.append(CREATED), /Cannot write the journal .*Input\/output error/);
  } finally {
    Deno.FsFile.prototype.syncDataSync = sync;
  }
  journal.append(guidance("next"));
  assertNumbered(eventsIn(temp.at("j")));
  assert.equal(journal.history.name, "foo");
});

Deno.test("append() syncs everything but an agent's actions and messages", () => {
  using temp = new TempFolder();
  using journal = Journal.open(temp.at("j"));
  const sync = Deno.FsFile.prototype.syncDataSync;
  let syncs = 0;
  Deno.FsFile.prototype.syncDataSync = function (): void {
    syncs++;
    sync.call(this);
  };
  try {
    journal.append(CREATED);
    assert.equal(syncs, 1);
    journal.append(said("hello"));
    assert.equal(syncs, 1);
    journal.append({ type: "session.stopped", outcome: { kind: "stopped", by: "me" } });
    assert.equal(syncs, 2);
  } finally {
    Deno.FsFile.prototype.syncDataSync = sync;
  }
});

Deno.test("append() reads as much after 10,000 events as after one", () => {
  using temp = new TempFolder();
  const readsOfAnAppend = (events: number) => {
    const path = temp.file(
      `j${events}`,
      Array.from({ length: events }, (_, index) => lineOf(index + 1, said("x".repeat(100)))).join(""),
    );
    using journal = Journal.open(path);
    const readSync = Deno.FsFile.prototype.readSync;
    const reads: (number | null)[] = [];
    Deno.FsFile.prototype.readSync = function (buffer): number | null {
      const count = readSync.call(this, buffer);
      reads.push(count);
      return count;
    };
    try {
      journal.append(guidance("one"));
      journal.append(guidance("two"));
    } finally {
      Deno.FsFile.prototype.readSync = readSync;
    }
    assert.equal(journal.history.lastSeq, events + 2);
    return reads;
  };
  assert.deepEqual(readsOfAnAppend(10_000), readsOfAnAppend(1));
});

Deno.test({
  name: "open() keeps no event: a long journal takes less memory than it has bytes",
  ignore: Deno.build.os !== "linux",
  fn: async () => {
    using temp = new TempFolder();
    const events = 300_000;
    const path = temp.file(
      "j",
      Array.from({ length: events }, (_, index) => lineOf(index + 1, said("x".repeat(60)))).join(""),
    );
    const { stdout } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "--quiet", "--no-check", READER, path],
      stdin: "null",
      stderr: "inherit",
    }).output();
    const [seen, before = NaN, after = NaN] = new TextDecoder().decode(stdout).split(" ").map(Number);
    assert.equal(seen, events);
    const { size } = Deno.statSync(path);
    assert.ok(after - before < size, `${after - before} bytes of memory for ${size}`);
  },
});

Deno.test("append() fails if another process deleted, replaced or cut the journal", () => {
  using temp = new TempFolder();
  const harm: Readonly<Record<string, (path: string) => void>> = {
    "deleted or replaced it": (path) => Deno.removeSync(path),
    "cut it short": (path) => Deno.truncateSync(path, 10),
  };
  for (const [words, act] of Object.entries(harm)) {
    const path = temp.at(words);
    using journal = Journal.open(path);
    journal.append(CREATED);
    act(path);
    assert.throws(() => journal.append(guidance("lost")), {
      name: "SamocodeError",
      message: `Cannot write the journal ${path}: another process ${words}`,
      hint: "Restore it from a backup, or start a new session; only samocode may write this file",
    });
  }
});

Deno.test("append() notices a journal that is cut in the moment of its write, and writes its line once", () => {
  using temp = new TempFolder();
  const path = temp.at("j");
  using journal = Journal.open(path);
  journal.append(CREATED);
  for (let index = 0; index < 20; index++) journal.append(said("hello"));
  journal.claim();
  const write = Deno.FsFile.prototype.writeSync;
  Deno.FsFile.prototype.writeSync = function (bytes): number {
    Deno.truncateSync(path, 0);
    return write.call(this, bytes);
  };
  try {
    assert.throws(() => journal.append(guidance("lost")), { message: /another process cut it short$/ });
  } finally {
    Deno.FsFile.prototype.writeSync = write;
  }
  assert.equal(Deno.readTextFileSync(path).trimEnd().split("\n").length, 1);
});

Deno.test("refresh() passes over a line of any length and strikes the forged line behind it", () => {
  using temp = new TempFolder();
  const path = temp.at("j");
  using journal = Journal.open(path);
  journal.append(CREATED);
  journal.claim();
  using file = Deno.openSync(path, { append: true });
  const piece = new Uint8Array(1024 * 1024).fill(120);
  for (let count = 0; count < 80; count++) file.writeSync(piece);
  file.writeSync(new TextEncoder().encode(`\n${lineOf(2, { type: "gate.opened", ...APPROVAL })}`));
  assert.throws(() => journal.refresh(), { message: /line 3 \(gate\.opened\) not written by its worker$/ });
  assert.match(Deno.readTextFileSync(path).slice(-200), /x\n#[^\n]*gate\.opened[^\n]*\n$/);
  journal.append(guidance("goes on"));
  assert.equal(journal.history.lastSeq, 2);
});

const APPROVAL = { gate: "plan_approval", by: "a forger", document: undefined, sha256: undefined } as const;

Deno.test("open() refuses a folder, a pipe and a link, whether to write or to look", () => {
  using temp = new TempFolder();
  temp.folder("folder");
  temp.pipe("pipe");
  const elsewhere = temp.file("elsewhere", "mine\n");
  Deno.symlinkSync(elsewhere, temp.at("link"));
  for (const name of ["folder", "pipe", "link"]) {
    for (const readOnly of [true, false]) {
      assert.throws(() => Journal.open(temp.at(name), { readOnly }), {
        name: "SamocodeError",
        message: `Cannot open the journal ${temp.at(name)}: not a regular file`,
      });
    }
  }
  assert.equal(Deno.readTextFileSync(elsewhere), "mine\n");
});

Deno.test("open() to look makes no file and append() through it writes nothing", () => {
  using temp = new TempFolder();
  assert.throws(() => Journal.open(temp.at("j"), { readOnly: true }), SamocodeError);
  assert.deepEqual(temp.names(), []);
  temp.file("j", lineOf(1, CREATED));
  using journal = Journal.open(temp.at("j"), { readOnly: true });
  assert.throws(() => journal.append(guidance("no")), SamocodeError);
  assert.equal(Deno.readTextFileSync(temp.at("j")), lineOf(1, CREATED));
});

function guidance(text: string): SessionEvent {
  return { type: "guidance.given", text, by: "me" };
}

function said(text: string): SessionEvent {
  return { type: "agent.said", text };
}

function lineOf(seq: number, event: SessionEvent): string {
  return JSON.stringify({ seq, at: NOW.toISOString(), ...event }) + "\n";
}

function eventsIn(path: string): readonly RecordedEvent[] {
  return Deno.readTextFileSync(path).split("\n").flatMap((line) => readEventLine(line) ?? []);
}

function assertNumbered(events: readonly RecordedEvent[]): void {
  assert.deepEqual(events.map(({ seq }) => seq), events.map((_, index) => index + 1));
}
