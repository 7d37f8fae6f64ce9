import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { join } from "node:path";
import { FileWatch } from "../../src/system/files/file_watch.ts";
import { SamocodeError } from "../../src/text/errors.ts";
import { KEPT_ACTS } from "../../src/workflow/fold_agent.ts";
import { readEventLine } from "../../src/workflow/event_line.ts";
import type { RecordedEvent, SessionEvent } from "../../src/workflow/session_event.ts";
import { NO_USAGE } from "../../src/workflow/usage.ts";
import { openJournal, ownJournal } from "../helpers/own_journal.ts";
import { allAtOnce, startPrograms } from "../helpers/session_program.ts";
import { SmallDisk, TempFolder } from "../helpers/temp_folder.ts";

const READER = join(import.meta.dirname ?? ".", "..", "helpers", "journal_reader.ts");
const NOW = new Date("2026-11-20T05:00:00.000Z");
const CREATED: SessionEvent = { type: "session.created", name: "foo", task: "Grüße 🎈", dive: "" };

Deno.test("append() has the line in the file when it returns, numbered from 1", () => {
  using temp = new TempFolder();
  const path = temp.at("j");
  using journal = openJournal(path, { now: () => NOW });
  const at = "2026-11-20T05:00:00.000Z";
  const expected: RecordedEvent[] = [];
  for (const [index, event] of [CREATED, guidance("a"), said("b\nc"), guidance("d")].entries()) {
    const appended = journal.append(event);
    const chain = index === 0 ? { chain: appended.chain } : {};
    assert.deepEqual(appended, { seq: index + 1, at, ...event, ...chain });
    expected.push(appended);
    const lines = Deno.readTextFileSync(path).split("\n");
    assert.equal(lines.pop(), "");
    assert.deepEqual(lines.map((line) => JSON.parse(line)), expected);
  }
  assert.equal(journal.history.task, "Grüße 🎈");
  assert.deepEqual(journal.history.guidance, ["a", "d"]);
});

Deno.test("a journal read anew gives the history that its writer has, with any number of actions in a row", () => {
  using temp = new TempFolder();
  using journal = openJournal(temp.at("j"));
  journal.append(CREATED);
  journal.append({ type: "iteration.started", iteration: 1, attempt: 1, phase: "testing", marker: "m", log: "l" });
  for (let row = 1; row <= 3 * KEPT_ACTS; row++) {
    for (let act = 1; act <= row; act++) {
      journal.append(said(`${row}.${act}`));
      journal.append({ type: "agent.acted", tool: "Bash", about: `${act}` });
      journal.append({ type: "agent.used", usage: { ...NO_USAGE, costUsd: 0, inputTokens: row * act } });
      if (act % 3 > 0) journal.append({ type: "agent.resumed" });
    }
    using reader = openJournal(temp.at("j"), { readOnly: true });
    assert.deepEqual(reader.history, journal.history);
    journal.append(guidance("between"));
  }
  assert.equal(journal.history.lastActs.length, KEPT_ACTS);
  assert.equal(journal.history.attempt?.used.inputTokens, 9 * KEPT_ACTS ** 2);
});

Deno.test("refresh() returns what others appended since the last look, once, and append() goes on behind it", () => {
  using temp = new TempFolder();
  using one = openJournal(temp.at("j"), { now: () => NOW });
  using two = openJournal(temp.at("j"), { now: () => NOW });
  using looker = openJournal(temp.at("j"), { readOnly: true });
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
  using journal = openJournal(temp.at("j"));
  journal.append(CREATED);
  using reader = openJournal(temp.at("j"), { readOnly: true });
  let looks = 0;
  using _slow = writing((file, bytes, write) => {
    if (bytes.length < 60 || looks > 0) return write.call(file, bytes);
    for (const byte of bytes) {
      assert.deepEqual([reader.refresh(), reader.doubt], [[], undefined]);
      write.call(file, Uint8Array.of(byte));
      looks++;
    }
    return bytes.length;
  }, { only: "guidance.given" });
  journal.append(guidance("ü"));
  assert.ok(looks > 60);
  assert.deepEqual(reader.refresh().map(({ seq }) => seq), [2]);
});

Deno.test("append() after a line torn at any byte removes it, reports it once and leaves every other line", () => {
  using temp = new TempFolder();
  const length = lineOf(3, guidance("ü 🎈")).length + 3;
  for (let kept = 0; kept <= length; kept++) {
    const path = temp.at(`${kept}`, "j");
    temp.folder(`${kept}`);
    {
      using journal = openJournal(path, { now: () => NOW });
      for (const event of [CREATED, guidance("a")]) journal.append(event);
      using _torn = writing((file, bytes, write) => {
        write.call(file, bytes.subarray(0, kept));
        throw new Error("killed");
      }, { only: "guidance.given" });
      assert.throws(() => journal.append(guidance("ü 🎈")), /killed/);
    }
    using reader = openJournal(path, { readOnly: true });
    assert.equal(reader.doubt, undefined, `torn after ${kept} bytes`);
    using journal = openJournal(path);
    journal.append(guidance("after"));
    journal.append(guidance("after that"));
    const isWhole = kept === bytesOf(lineOf(3, guidance("ü 🎈"))).length;
    assert.deepEqual(
      eventsIn(path).slice(1).map(({ seq: _seq, at: _at, ...event }) => event),
      [
        guidance("a"),
        ...(isWhole ? [guidance("ü 🎈")] : []),
        ...(kept > 0 && !isWhole ? [{ type: "journal.repaired", bytes: kept }] : []),
        guidance("after"),
        guidance("after that"),
      ],
      `torn after ${kept} bytes`,
    );
    assertNumbered(eventsIn(path));
    reader.refresh();
    assert.deepEqual(reader.history, journal.history);
    if (isWhole) return;
  }
});

Deno.test("open() skips garbage, unknown types, empty lines and a byte order mark, and takes CRLF", () => {
  using temp = new TempFolder();
  const good = [lineOf(1, CREATED), lineOf(2, guidance("two")).trimEnd() + "\r\n"];
  const path = temp.file(
    "j",
    '\ufeff\n\nnull\n[]\n42\n"text"\n{}\n{"seq":"7","at":"","type":"guidance.given"}\n' + good[0] +
      '{"seq":9,"at":"x","type":"newer.event"}\n{"seq":9,"at":"x","type":"toString"}\nnot json {"seq":5\n' + good[1],
  );
  ownJournal(path);
  using journal = openJournal(path);
  assert.equal(journal.history.task, "Grüße 🎈");
  assert.deepEqual(journal.history.guidance, ["two"]);
  assert.equal(journal.append(guidance("three")).seq, 3);
});

Deno.test("open() takes an empty file for a journal in which nothing happened yet", () => {
  using temp = new TempFolder();
  using journal = openJournal(temp.file("j", ""));
  assert.equal(journal.append(CREATED).seq, 1);
  assert.equal(Deno.readTextFileSync(temp.at("j")).split("\n").length, 2);
});

Deno.test("open() shows every event of a journal that takes many reads, wherever a line is cut", () => {
  using temp = new TempFolder();
  const events = Array.from({ length: 1_500 }, (_, index) => guidance("ü🎈x".repeat(index % 97)));
  const path = temp.file("j", events.map((event, index) => lineOf(index + 1, event)).join(""));
  const seen: RecordedEvent[] = [];
  using journal = openJournal(path, { readOnly: true, see: (event) => seen.push(event) });
  const expected = events.map((event, index) => ({ seq: index + 1, at: NOW.toISOString(), ...event }));
  assert.deepEqual(journal.history.guidance, events.map((event) => event.type === "guidance.given" && event.text));
  assert.deepEqual(seen, expected);
  assert.deepEqual(journal.news, expected.slice(-8));
});

Deno.test("append() and open() carry a line of 5 MB, cut at no character", () => {
  using temp = new TempFolder();
  const task = "aü🎈\n".repeat(5 * 1024 * 128);
  {
    using journal = openJournal(temp.at("j"));
    journal.append({ ...CREATED, task });
    journal.append(guidance("small"));
  }
  using journal = openJournal(temp.at("j"), { readOnly: true });
  assert.ok(journal.history.task === task);
  assert.deepEqual(journal.history.guidance, ["small"]);
});

for (const [count, times] of [[2, 150], [20, 15]] as const) {
  Deno.test(`append() from ${count} processes at once loses, tears and doubles nothing`, async () => {
    using temp = new TempFolder();
    const path = temp.at("j");
    const names = [..."abcdefghijklmnopqrst"].slice(0, count);
    const programs = await startPrograms(names.map((by) => ({ do: "append", path, by, times, size: 700 })));
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
        Array.from({ length: times }, (_, index) => `${index + 1} ${"x".repeat(700)}`),
      );
    }
    assert.equal(Deno.readTextFileSync(path).split("\n").length, times * count + 1);
    using reader = openJournal(path, { readOnly: true });
    assert.equal(reader.doubt, undefined);
  });
}

Deno.test("append() goes on after processes that were killed while they wrote", async () => {
  using temp = new TempFolder();
  const path = temp.at("j");
  using survivor = openJournal(path);
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
  using journal = openJournal(path);
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
  using journal = openJournal(temp.at("j"));
  const sync = Deno.FsFile.prototype.syncDataSync;
  let syncs = 0;
  Deno.FsFile.prototype.syncDataSync = function (): void {
    // The head's own comes first.
    if (++syncs === 2) throw new Error("Input/output error");
    sync.call(this);
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
  using journal = openJournal(temp.at("j"));
  const sync = Deno.FsFile.prototype.syncDataSync;
  let syncs = 0;
  Deno.FsFile.prototype.syncDataSync = function (): void {
    syncs++;
    sync.call(this);
  };
  try {
    // The head, then the line.
    journal.append(CREATED);
    assert.equal(syncs, 2);
    journal.append(said("hello"));
    assert.equal(syncs, 2);
    journal.append({ type: "session.stopped", outcome: { kind: "stopped", by: "me" } });
    assert.equal(syncs, 4);
  } finally {
    Deno.FsFile.prototype.syncDataSync = sync;
  }
});

Deno.test("open() comes to the same history whether or not somebody sees the events, also with forged lines behind them", () => {
  using temp = new TempFolder();
  const told = Array.from({ length: 3_000 }, (_, index) => index % 70 === 0 ? guidance(`${index}`) : said(`${index}`));
  const path = temp.file("j", [CREATED, ...told].map((event, index) => lineOf(index + 1, event)).join(""));
  ownJournal(path);
  const historyOf = (seen?: RecordedEvent[]) => {
    using journal = openJournal(path, { readOnly: true, ...(seen && { see: (event) => seen.push(event) }) });
    return { history: journal.history, doubt: journal.doubt };
  };
  const seen: RecordedEvent[] = [];
  const { history, doubt } = historyOf(seen);
  assert.deepEqual([seen.length, doubt, history.lastSeq, history.activity], [3_001, undefined, 3_001, "2999"]);
  assert.deepEqual(historyOf(), { history, doubt });
  const skimmed: RecordedEvent[] = [];
  using journal = openJournal(path, { readOnly: true, see: (event) => skimmed.push(event), skims: true });
  assert.deepEqual(journal.history, history);
  const isChatter = ({ type }: RecordedEvent): boolean => type === "agent.said";
  assert.deepEqual(skimmed.filter((event) => !isChatter(event)), seen.filter((event) => !isChatter(event)));
  assert.deepEqual(skimmed.at(-1), seen.at(-1));
  assert.ok(skimmed.length < seen.length);
  Deno.writeTextFileSync(path, lineOf(9_000, said("forged")) + lineOf(9_001, said("forged")), { append: true });
  const forged = historyOf();
  assert.deepEqual(forged.history, history);
  assert.equal(forged.doubt, "line 3002 (agent.said), line 3003 (agent.said) were not written by samocode");
});

Deno.test("append() reads as much after 10,000 events as after one", () => {
  using temp = new TempFolder();
  const readsOfAnAppend = (events: number) => {
    const path = temp.file(
      `j${events}`,
      Array.from({ length: events }, (_, index) => lineOf(index + 1, said("x".repeat(100)))).join(""),
    );
    ownJournal(path);
    using journal = openJournal(path);
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
    using journal = openJournal(path);
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
  using journal = openJournal(path);
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
  using journal = openJournal(path);
  journal.append(CREATED);
  journal.claim();
  using file = Deno.openSync(path, { append: true });
  const piece = new Uint8Array(1024 * 1024).fill(120);
  for (let count = 0; count < 80; count++) file.writeSync(piece);
  file.writeSync(new TextEncoder().encode(`\n${lineOf(2, { type: "gate.opened", ...APPROVAL })}`));
  assert.throws(() => journal.refresh(), {
    message: /line 2 \(no event\), line 3 \(gate\.opened\) were not written by samocode$/,
  });
  assert.match(Deno.readTextFileSync(path).slice(-200), /x\n#[^\n]*gate\.opened[^\n]*\n$/);
  journal.append(guidance("goes on"));
  assert.equal(journal.history.lastSeq, 2);
});

const APPROVAL = { gate: "plan_approval", by: "a forger", document: undefined, sha256: undefined } as const;

/** A journal of 5 events, with the bytes of its head and of itself after each. */
function grown(temp: TempFolder): { readonly path: string; readonly head: string; readonly stages: readonly Stage[] } {
  const path = temp.at("j");
  const journal = openJournal(path);
  const stages: Stage[] = [];
  for (const event of [CREATED, guidance("a"), guidance("b"), said("c"), said("d")]) {
    journal.append(event);
    stages.push({ journal: Deno.readFileSync(path), head: Deno.readFileSync(headIn(temp)) });
  }
  journal[Symbol.dispose]();
  return { path, head: headIn(temp), stages };
}

interface Stage {
  readonly journal: Uint8Array;
  readonly head: Uint8Array;
}

function headIn(temp: TempFolder): string {
  const name = temp.names("state", "journals").find((each) => each.endsWith(".head")) ?? "";
  return temp.at("state", "journals", name);
}

Deno.test("a head behind its journal, or ahead of it, is in doubt, except by the line that it announces", () => {
  using temp = new TempFolder();
  const { path, head, stages } = grown(temp);
  const last = stages.length - 1;
  for (const [journalAt, journal] of stages.entries()) {
    for (const [headAt, stage] of stages.entries()) {
      Deno.writeFileSync(path, journal.journal);
      Deno.writeFileSync(head, stage.head);
      using reader = openJournal(path, { readOnly: true });
      const expected = journalAt === headAt
        ? undefined
        : journalAt < headAt
        ? /^\d+ bytes are missing at its end$/
        : /^line \d+ \(.*\) (?:was|and \d+ more were|were) not written by samocode$/;
      if (expected === undefined) assert.equal(reader.doubt, undefined);
      else assert.match(reader.doubt ?? "", expected, `journal ${journalAt}, head ${headAt}`);
      assert.equal(reader.history.lastSeq, Math.min(journalAt, headAt) + 1);
      if (expected === undefined || journalAt === last) continue;
      using writer = openJournal(path);
      assert.throws(() => writer.append(guidance("more")), /Cannot trust the journal/);
      assert.deepEqual(Deno.readFileSync(path), journal.journal);
    }
  }
});

Deno.test("a head whose newest half is torn counts as it was before, and one without a whole half not at all", () => {
  using temp = new TempFolder();
  const { path, head, stages } = grown(temp);
  const whole = stages.at(-1)?.head ?? new Uint8Array();
  const doubtsOf = (from: number, to: number) => {
    Deno.writeFileSync(head, whole.map((byte, at) => at >= from && at < to ? 0 : byte));
    using reader = openJournal(path, { readOnly: true });
    return reader.doubt;
  };
  // The older half announces the last line: it is there.
  for (const [from, to] of [[0, 100], [512, 700], [0, 512], [512, 1024]] as const) {
    assert.equal(doubtsOf(from, to), undefined);
  }
  assert.match(doubtsOf(300, 800) ?? "", /does not know it here/);
});

Deno.test("a loss of power may take or leave what agents did since the last other event, and nothing else", () => {
  using temp = new TempFolder();
  const { path, head, stages } = grown(temp);
  const boot = Deno.readTextFileSync("/proc/sys/kernel/random/boot_id").trim();
  const otherBoot = (bytes: Uint8Array): Uint8Array => {
    const text = new TextDecoder().decode(bytes).replaceAll(boot, crypto.randomUUID());
    // The sum of each half.
    return bytesOf(text.replace(/^(.*) [0-9a-f]{16}( *)$/gm, (_, slot, space) => `${slot} ${sumOf(slot)}${space}`));
  };
  for (const [journalAt, journal] of stages.entries()) {
    for (const [headAt, stage] of stages.entries()) {
      Deno.writeFileSync(path, journal.journal);
      Deno.writeFileSync(head, otherBoot(stage.head));
      using opened = openJournal(path);
      const isFine = journalAt === headAt || (journalAt >= 2 && headAt >= 2);
      assert.equal(opened.doubt === undefined, isFine, `journal ${journalAt}, head ${headAt}: ${opened.doubt}`);
      if (!isFine) continue;
      opened.append(guidance("goes on"));
      assertNumbered(eventsIn(path));
      using again = openJournal(path);
      assert.equal(again.doubt, undefined);
    }
  }
});

function sumOf(slot: string): string {
  return createHash("sha256").update(slot).digest("hex").slice(0, 16);
}

Deno.test("accept() begins a new chain that covers all there is, and counts every line", () => {
  using temp = new TempFolder();
  const { path } = grown(temp);
  const before = headIn(temp);
  Deno.writeTextFileSync(path, lineOf(6, guidance("foreign")) + "{torn", { append: true });
  using asItIs = openJournal(path, { asItIs: true });
  asItIs.accept({ found: "line 6", by: "me" });
  using journal = openJournal(path);
  assert.equal(journal.doubt, undefined);
  assert.deepEqual(journal.history.guidance, ["a", "b", "foreign"]);
  assertNumbered(eventsIn(path));
  assert.notEqual(headIn(temp), before);
  journal.append(guidance("more"));
});

Deno.test("a worker whose journal is rewritten in place is not told, but everyone who opens it is", () => {
  using temp = new TempFolder();
  const path = temp.at("j");
  using worker = openJournal(path);
  worker.append(CREATED);
  worker.append(guidance("a"));
  worker.claim();
  Deno.writeTextFileSync(path, Deno.readTextFileSync(path).replace('"text":"a"', '"text":"b"'));
  worker.append(guidance("c"));
  using reader = openJournal(path, { readOnly: true });
  assert.equal(reader.doubt, "lines in it were changed or removed");
});

Deno.test("open() refuses a folder, a pipe and a link, whether to write or to look", () => {
  using temp = new TempFolder();
  temp.folder("folder");
  temp.pipe("pipe");
  const elsewhere = temp.file("elsewhere", "mine\n");
  Deno.symlinkSync(elsewhere, temp.at("link"));
  for (const name of ["folder", "pipe", "link"]) {
    for (const readOnly of [true, false]) {
      assert.throws(() => openJournal(temp.at(name), { readOnly }), {
        name: "SamocodeError",
        message: `Cannot open the journal ${temp.at(name)}: not a regular file`,
      });
    }
  }
  assert.equal(Deno.readTextFileSync(elsewhere), "mine\n");
});

Deno.test("open() to look makes no file and append() through it writes nothing", () => {
  using temp = new TempFolder();
  assert.throws(() => openJournal(temp.at("j"), { readOnly: true }), SamocodeError);
  assert.deepEqual(temp.names(), []);
  temp.file("j", lineOf(1, CREATED));
  using journal = openJournal(temp.at("j"), { readOnly: true });
  assert.throws(() => journal.append(guidance("no")), SamocodeError);
  assert.equal(Deno.readTextFileSync(temp.at("j")), lineOf(1, CREATED));
});

function guidance(text: string): SessionEvent {
  return { type: "guidance.given", text, by: "me" };
}

function said(text: string): SessionEvent {
  return { type: "agent.said", text };
}

/** Intercepts the next writes of lines with a type. */
function writing(
  act: (file: Deno.FsFile, bytes: Uint8Array, write: Deno.FsFile["writeSync"]) => number,
  { only }: { readonly only: SessionEvent["type"] },
): Disposable {
  const write = Deno.FsFile.prototype.writeSync;
  Deno.FsFile.prototype.writeSync = function (bytes): number {
    const isMeant = new TextDecoder().decode(bytes).includes(`"type":"${only}"`);
    return isMeant ? act(this, bytes, write) : write.call(this, bytes);
  };
  return { [Symbol.dispose]: () => Deno.FsFile.prototype.writeSync = write };
}

function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text);
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
