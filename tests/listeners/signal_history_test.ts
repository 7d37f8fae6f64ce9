import assert from "node:assert/strict";
import { join } from "node:path";
import { signalHistoryListener } from "../../src/listeners/signal_history.ts";
import type { SessionEvent } from "../../src/workflow/session_event.ts";
import { recordStory } from "../helpers/story_events.ts";

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
  assert.deepEqual(lines, [
    { timestamp: at(1), iteration: 1, phase: "investigation", status: "continue", next: "requirements" },
    { timestamp: at(3), iteration: 2, phase: "requirements", status: "refused", reason: "_signal.json is empty" },
    { timestamp: at(5), iteration: 2, phase: "requirements", status: "waiting", for: "qa_answers" },
    {
      timestamp: at(7),
      iteration: 3,
      phase: "testing",
      status: "blocked",
      reason: "No key",
      needs: "clarification",
    },
    { timestamp: at(8), iteration: 3, phase: "testing", status: "done", summary: "All green", next: "done" },
  ]);
});

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
