import assert from "node:assert/strict";
import { join } from "node:path";
import { describeEvent, hasLine } from "../../src/messages/describe_event.ts";
import { appendLine, logFileListener, signalHistoryListener } from "../../src/event_listeners/log_file.ts";
import type { RecordedEvent, SessionEvent } from "../../src/workflow/session_event.ts";
import { NO_USAGE } from "../../src/workflow/usage.ts";
import { recordStory, STORY } from "../helpers/story_events.ts";

Deno.test("logFileListener() writes a stamped line an event but those of each model call, and no file before the first", () => {
  using folder = temporaryFolder();
  const path = join(folder.path, "session.log");
  const listener = logFileListener({ path });
  assert.deepEqual(names(folder.path), []);
  for (const event of STORY) listener.hear(event);
  assert.equal(
    Deno.readTextFileSync(path),
    STORY.filter(hasLine).map((event) => `${event.at}  ${describeEvent(event, { maxText: 2000 })}\n`).join(""),
  );
});

Deno.test("logFileListener() appends to what an earlier run wrote", () => {
  using folder = temporaryFolder();
  const path = join(folder.path, "session.log");
  Deno.writeTextFileSync(path, "earlier\n");
  logFileListener({ path }).hear(said("new"));
  assert.equal(Deno.readTextFileSync(path), "earlier\n2026-11-20T05:02:11.123Z  new\n");
});

Deno.test("logFileListener() rotates a large file when a run starts, never during one, and keeps only so many", () => {
  using folder = temporaryFolder();
  const path = join(folder.path, "session.log");
  // 26 bytes of stamp and spaces, 1 letter, 1 newline.
  for (const run of ["abc", "d", "ef", "g", "hi", "jk", "lmn", "op"]) {
    const listener = logFileListener({ path, maxBytes: 100, keep: 3 });
    listener.hear({ ...STARTED, seq: 1, at: "2026-11-20T05:02:11.123Z" });
    for (const letter of run) listener.hear(said(letter));
  }
  const letters = (name: string): string =>
    Deno.readTextFileSync(join(folder.path, name)).trim().split("\n").map((line) => line.slice(26)).join("")
      .replaceAll(describeEvent(STARTED), "·");
  assert.deepEqual(names(folder.path).map((name) => [name, letters(name)]), [
    ["session.log", "·op"],
    ["session.log.1", "·lmn"],
    ["session.log.2", "·jk"],
    ["session.log.3", "·g·hi"],
  ]);
});

Deno.test("logFileListener() keeps nothing old where nothing is to be kept", () => {
  using folder = temporaryFolder();
  const listener = logFileListener({ path: join(folder.path, "session.log"), maxBytes: 30, keep: 0 });
  for (let run = 0; run < 3; run++) listener.hear({ ...STARTED, seq: 1, at: "2026-11-20T05:02:11.123Z" });
  assert.deepEqual(names(folder.path), ["session.log"]);
});

Deno.test("logFileListener() goes on in a new file when the old one is removed", () => {
  using folder = temporaryFolder();
  const path = join(folder.path, "session.log");
  const listener = logFileListener({ path });
  listener.hear(said("one"));
  Deno.removeSync(path);
  listener.hear(said("two"));
  assert.equal(Deno.readTextFileSync(path), "2026-11-20T05:02:11.123Z  two\n");
});

Deno.test("logFileListener() does not follow a link out of the session's folder", () => {
  using folder = temporaryFolder();
  const elsewhere = join(folder.path, "elsewhere");
  const path = join(folder.path, "session.log");
  Deno.writeTextFileSync(elsewhere, "mine\n");
  Deno.symlinkSync(elsewhere, path);
  assert.throws(() => logFileListener({ path }).hear(said("new")), {
    message: `Cannot append to ${path}: not a regular file`,
  });
  assert.equal(Deno.readTextFileSync(elsewhere), "mine\n");
});

const STARTED: SessionEvent = { type: "session.started", provider: "claude", version: "1.0.0", pid: 1 };

function said(text: string): RecordedEvent {
  return { type: "agent.said", text, seq: 1, at: "2026-11-20T05:02:11.123Z" };
}

function names(folder: string): readonly string[] {
  return [...Deno.readDirSync(folder)].map((entry) => entry.name).sort();
}

function temporaryFolder(): { readonly path: string } & Disposable {
  const path = Deno.makeTempDirSync();
  return { path, [Symbol.dispose]: () => Deno.removeSync(path, { recursive: true }) };
}

Deno.test("signalHistoryListener() writes one line a signal, with the iteration and phase it was left in", () => {
  const lines = historyOf([
    { type: "iteration.started", iteration: 1, attempt: 1, phase: "investigation", marker: "", log: "" },
    { type: "signal.received", signal: { status: "continue", phase: "requirements" } },
    { type: "iteration.started", iteration: 2, attempt: 1, phase: "requirements", marker: "", log: "" },
    { type: "signal.refused", problem: "_signal.json is empty" },
    { type: "iteration.started", iteration: 2, attempt: 2, phase: "requirements", marker: "", log: "" },
    { type: "signal.received", signal: { status: "waiting", for: "qa_answers", phase: undefined } },
    { type: "iteration.started", iteration: 3, attempt: 1, phase: "testing", marker: "", log: "" },
    {
      type: "signal.received",
      signal: { status: "blocked", reason: "No key", needs: "clarification", phase: undefined },
    },
    { type: "signal.received", signal: { status: "done", summary: "All green", phase: "done" } },
  ]).map((line) => JSON.parse(line));
  const at = (second: number): string => `2026-11-20T05:00:0${second}.000Z`;
  const none = { summary: null, reason: null, needs: null, for: null };
  assert.deepEqual(lines, [
    { timestamp: at(1), iteration: 1, phase: "investigation", status: "continue", ...none, next: "requirements" },
    {
      timestamp: at(3),
      iteration: 2,
      phase: "requirements",
      status: "refused",
      ...none,
      reason: "_signal.json is empty",
    },
    { timestamp: at(5), iteration: 2, phase: "requirements", status: "waiting", ...none, for: "qa_answers" },
    {
      timestamp: at(7),
      iteration: 3,
      phase: "testing",
      status: "blocked",
      ...none,
      reason: "No key",
      needs: "clarification",
    },
    { timestamp: at(8), iteration: 3, phase: "testing", status: "done", ...none, summary: "All green", next: "done" },
  ]);
  for (const line of lines) assert.deepEqual(Object.keys(line).slice(0, 8), ORIGINAL_KEYS);
});

Deno.test("signalHistoryListener() names the attempt that a killed worker left, and null where none is known", () => {
  const lines = historyOf([
    { type: "signal.refused", problem: "_signal.json is empty" },
    { ...ENDED, iteration: 7, phase: "planning" },
    { type: "signal.received", signal: { status: "continue", phase: undefined } },
  ]).map((line) => JSON.parse(line));
  assert.deepEqual(lines.map(({ iteration, phase }) => [iteration, phase]), [[null, null], [7, "planning"]]);
  for (const line of lines) assert.deepEqual(Object.keys(line), ORIGINAL_KEYS);
});

Deno.test("appendLine() does not write behind half a line, and leaves that as it is", () => {
  using folder = temporaryFolder();
  const path = join(folder.path, "lines");
  for (const [before, after] of [["", "new\n"], ["old\n", "old\nnew\n"], ['{"half', '{"half\nnew\n']]) {
    Deno.writeTextFileSync(path, before ?? "");
    appendLine(path, "new");
    assert.equal(Deno.readTextFileSync(path), after);
  }
});

/** As the original program writes them, in its order. */
const ORIGINAL_KEYS = ["timestamp", "iteration", "phase", "status", "summary", "reason", "needs", "for"];

const ENDED: Extract<SessionEvent, { type: "iteration.ended" }> = {
  type: "iteration.ended",
  iteration: 1,
  attempt: 1,
  phase: "planning",
  end: { kind: "finished" },
  durationMs: 0,
  usage: NO_USAGE,
  denials: 0,
  unrecorded: 0,
};

Deno.test("signalHistoryListener() loses no character of a hostile text and lets none reach a terminal", () => {
  const summary = "\u001b[2Jbold \u202e\u{e0041}\u009b line\ntwo \u2028";
  const [line = ""] = historyOf([{ type: "signal.received", signal: { status: "done", summary, phase: undefined } }]);
  assert.doesNotMatch(line, /[\p{Cc}\p{Cf}\p{Zl}]/u);
  assert.equal(JSON.parse(line).summary, summary);
});

function historyOf(events: readonly SessionEvent[]): readonly string[] {
  const folder = Deno.makeTempDirSync();
  try {
    const path = join(folder, "_signal_history.jsonl");
    const listener = signalHistoryListener({ path });
    const firstAtMs = Date.parse("2026-11-20T05:00:00.000Z");
    for (const event of recordStory(events, { firstAtMs, stepMs: 1000 })) listener.hear(event);
    return Deno.readTextFileSync(path).trimEnd().split("\n");
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}
