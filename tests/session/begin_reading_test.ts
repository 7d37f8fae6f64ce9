import assert from "node:assert/strict";
import { join } from "node:path";
import { KeptJournals } from "../../src/session/kept_journals.ts";
import { foldStory } from "../../src/messages/fold_story.ts";
import type { Journal } from "../../src/session/journal.ts";
import { eventLine } from "../../src/workflow/event_line.ts";
import type { RecordedEvent, SessionEvent } from "../../src/workflow/session_event.ts";
import type { FoldStory } from "../../src/workflow/story.ts";
import { openJournal, ownJournal } from "../helpers/own_journal.ts";
import { TempFolder } from "../helpers/temp_folder.ts";

const CREATED: SessionEvent = { type: "session.created", name: "foo", task: "Count", dive: "" };
const STARTED: SessionEvent = { type: "session.started", provider: "demo", version: "1", pid: 1 };
const STOPPED: SessionEvent = { type: "session.stopped", outcome: { kind: "stopped", by: "me" } };
const ACTED: SessionEvent = { type: "agent.acted", tool: "Bash", about: "x".repeat(100) };
const FORGED: SessionEvent = {
  type: "gate.opened",
  gate: "plan_approval",
  by: "a forger",
  document: undefined,
  sha256: undefined,
};

function noted(text: string): SessionEvent {
  return { type: "guidance.given", text, by: "me" };
}

function lineOf(seq: number, event: SessionEvent): string {
  return eventLine({ seq, at: "2026-11-20T05:00:00.000Z", ...event });
}

/** Long enough to be kept. */
const EVENTS = 1_000;

/** A session's journal, and a process that is asked of it again and again. */
class Asked extends TempFolder {
  readonly journal = this.at("j");
  readonly kept = new KeptJournals();

  constructor({ events = EVENTS, ending = [] }: { readonly events?: number; readonly ending?: SessionEvent[] } = {}) {
    super();
    const acts = Array.from({ length: events - 3 - ending.length }, () => ACTED);
    const lines = [CREATED, STARTED, noted("first"), ...acts, ...ending].map((event, index) =>
      lineOf(index + 1, event)
    );
    this.file("j", lines.join(""));
    ownJournal(this.journal);
  }

  /** Opens the journal to look, and says how many bytes that took. */
  look(see?: (event: RecordedEvent) => void): Looked {
    const { readSync } = Deno.FsFile.prototype;
    let bytes = 0;
    Deno.FsFile.prototype.readSync = function (buffer): number | null {
      const count = readSync.call(this, buffer);
      bytes += count ?? 0;
      return count;
    };
    try {
      using journal = openJournal(this.journal, { readOnly: true, kept: this.kept, ...(see && { see }) });
      const { history, doubt, news, milestones } = journal;
      return { bytes, doubt, what: { history, news: [...news], milestones: [...milestones] } };
    } finally {
      Deno.FsFile.prototype.readSync = readSync;
    }
  }

  /** As the worker does. */
  append(...events: readonly SessionEvent[]): void {
    using worker = openJournal(this.journal);
    for (const event of events) worker.append(event);
  }

  /** Looks as long after as no file system's clock is too coarse for. */
  lookLater(): Looked {
    const { now } = Date;
    Date.now = () => now() + 60_000;
    try {
      return this.look();
    } finally {
      Date.now = now;
    }
  }

  /** What a process sees that has never looked. */
  seenAnew(): Looked["what"] {
    using journal = openJournal(this.journal, { readOnly: true });
    const { history, news, milestones } = journal;
    return { history, news, milestones };
  }

  /** Changes a byte of the guidance, and sets back the time of the last write. */
  tamper(): void {
    const { atime, mtime } = Deno.statSync(this.journal);
    const changed = Deno.readTextFileSync(this.journal).replace('"text":"first"', '"text":"fIrst"');
    Deno.writeTextFileSync(this.journal, changed);
    Deno.utimeSync(this.journal, atime ?? 0, mtime ?? 0);
  }
}

interface Looked {
  readonly bytes: number;
  readonly doubt: string | undefined;
  readonly what: Pick<Journal, "history" | "news" | "milestones">;
}

const WHOLE_BYTES = 64 * 1024;
/** That is looked at twice. */
const HEAD_BYTES = 2 * 1024;

Deno.test("a journal that was read is read on: as much after 100,000 events as after 1,000", () => {
  const bytesOf = (events: number): readonly number[] => {
    using asked = new Asked({ events });
    const first = asked.look();
    assert.ok(first.bytes > events * 100);
    const again = asked.look();
    assert.deepEqual(again.what, first.what);
    const bytes: number[] = [again.bytes];
    for (let poll = 0; poll < 5; poll++) {
      asked.append(ACTED, noted(`note ${poll}`), ACTED);
      bytes.push(asked.look().bytes);
    }
    const { doubt, what } = asked.look();
    assert.deepEqual([doubt, what], [undefined, asked.seenAnew()]);
    return bytes.map((count) => Math.ceil(count / 1024));
  };
  const long = bytesOf(100_000);
  assert.deepEqual(long, bytesOf(1_000));
  assert.ok(Math.max(...long) <= 3, `${long} KiB`);
});

Deno.test("a journal at rest is read whole once more after its last event, and then not at all", () => {
  using asked = new Asked();
  asked.look();
  asked.append(STOPPED);
  assert.ok(asked.look().bytes > WHOLE_BYTES);
  assert.ok(asked.look().bytes > WHOLE_BYTES, "it was only just changed");
  const later = asked.lookLater();
  assert.ok(later.bytes > WHOLE_BYTES);
  const kept = asked.look();
  assert.ok(kept.bytes <= HEAD_BYTES);
  assert.deepEqual(kept.what, asked.seenAnew());
  asked.append(STARTED, ACTED);
  assert.deepEqual(asked.look().what, asked.seenAnew());
});

const CHANGES: Readonly<Record<string, (asked: Asked) => void | Promise<void>>> = {
  "a byte changed, and the time set back": async (asked) => {
    // The time of the last change, which cannot be set back, is told in seconds.
    await new Promise((wake) => setTimeout(wake, 1_010));
    asked.tamper();
  },
  "its last line removed": ({ journal }) => Deno.truncateSync(journal, Deno.statSync(journal).size - 150),
  "a line added": ({ journal }) => Deno.writeTextFileSync(journal, lineOf(EVENTS + 1, FORGED), { append: true }),
  "another file in its place": ({ journal }) => {
    const text = Deno.readTextFileSync(journal).replace('"first"', '"fIrst"');
    Deno.writeTextFileSync(`${journal}.new`, text);
    Deno.renameSync(`${journal}.new`, journal);
  },
  "its head removed": (asked) => Deno.removeSync(asked.at("state"), { recursive: true }),
  "all of it removed": ({ journal }) => Deno.truncateSync(journal, 0),
};

for (const [name, change] of Object.entries(CHANGES)) {
  for (const ending of [[], [STOPPED]]) {
    const state = ending.length === 0 ? "a running session" : "a session at rest";
    Deno.test(`a kept reading of ${state} hides nothing from the next look: ${name}`, async () => {
      using asked = new Asked({ ending });
      asked.lookLater();
      assert.ok(asked.lookLater().bytes <= HEAD_BYTES, "it was kept");
      await change(asked);
      using anew = openJournal(asked.journal, { readOnly: true });
      const { doubt } = asked.lookLater();
      assert.equal(doubt, anew.doubt);
      assert.ok(doubt !== undefined || name === "all of it removed");
      assert.equal(asked.look().doubt, doubt, "and it is not kept");
    });
  }
}

Deno.test("a change at the same time as the worker writes is found out when the session rests", () => {
  using asked = new Asked();
  asked.look();
  using worker = openJournal(asked.journal);
  worker.claim();
  asked.tamper();
  worker.append(ACTED);
  const { doubt, what } = asked.look();
  assert.equal(doubt, undefined);
  assert.deepEqual(what.history.guidance, ["first"], "what samocode wrote is what counts");
  worker.append(STOPPED);
  assert.equal(asked.look().doubt, "lines in it were changed or removed");
});

Deno.test("who sees events sees all of them, also of a journal that was read", () => {
  using asked = new Asked();
  asked.look();
  const seen: number[] = [];
  asked.look(({ seq }) => seen.push(seq));
  assert.deepEqual(seen, Array.from({ length: EVENTS }, (_, index) => index + 1));
});

Deno.test("a process keeps readings of a bounded number of journals, the latest", () => {
  using temp = new TempFolder();
  const kept = new KeptJournals();
  using asked = new Asked();
  asked.look();
  const reading = asked.kept.get(asked.journal);
  const names = Array.from({ length: 100 }, (_, index) => join(temp.path, `${index}`));
  for (const name of names) kept.keep(name, reading);
  assert.deepEqual(names.filter((name) => kept.get(name) !== undefined), names.slice(-16));
});

Deno.test("a story is read on like the history, also by those who have no use for it", () => {
  using asked = new Asked();
  const tell = (options: { readonly kept?: KeptJournals; readonly foldStory?: FoldStory }) => {
    using journal = openJournal(asked.journal, { readOnly: true, ...options });
    return journal.story;
  };
  const { kept } = asked;
  assert.equal(tell({ kept }), undefined);
  const first = tell({ kept, foldStory });
  assert.deepEqual(first?.decisions.map(({ text }) => text), ["Count", "first"]);
  asked.append(noted("second"), ACTED);
  assert.ok(asked.look().bytes <= 3 * 1024);
  asked.append(noted("third"), ACTED);
  const last = tell({ kept, foldStory });
  assert.deepEqual(last?.decisions.map(({ text }) => text), ["Count", "first", "second", "third"]);
  assert.deepEqual(last, tell({ foldStory }));
});
