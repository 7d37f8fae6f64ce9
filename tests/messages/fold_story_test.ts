import assert from "node:assert/strict";
import { foldStory } from "../../src/messages/fold_story.ts";
import { EVENTS, type RecordedEvent, type SessionEvent } from "../../src/workflow/session_event.ts";
import { type AttemptStory, NO_STORY, type PhaseStay, type Story } from "../../src/workflow/story.ts";
import { chatterIn, eventLine } from "../../src/workflow/event_line.ts";
import { recordStory, script, STORY } from "../helpers/story_events.ts";

function storyOf(events: readonly RecordedEvent[]): Story {
  return foldStory(NO_STORY, events);
}

function told(...events: readonly SessionEvent[]): Story {
  return storyOf(recordStory(events, { firstAtMs: 0, stepMs: 1_000 }));
}

Deno.test("foldStory() gives each stay in a phase its agents' time, cost and starts", () => {
  const rows = storyOf(STORY).phases.map(({ phase, workedMs, usage, starts }: PhaseStay) => [
    phase,
    workedMs / 1_000,
    Math.round((usage.costUsd ?? 0) * 100),
    starts,
  ]);
  assert.deepEqual(rows, [
    ["init", 0, 0, 0],
    ["init", 0, 0, 0],
    ["investigation", 144, 31, 1],
    ["requirements", 125, 31, 3],
    ["planning", 192, 48, 1],
    ["implementation", 992, 322, 2],
    ["testing", 300, 90, 2],
  ]);
});

Deno.test("foldStory() leaves a phase when the next one is entered, and stays in the last one", () => {
  const { phases } = storyOf(STORY);
  for (const [index, { leftAt }] of phases.entries()) assert.equal(leftAt, phases[index + 1]?.enteredAt);
});

Deno.test("foldStory() tells of each attempt how it ended and why another one followed", () => {
  const rows = storyOf(STORY).attempts.map(({ iteration, attempt, end, retried, refusals }: AttemptStory) =>
    [`${iteration}.${attempt}`, end, retried, refusals] as const
  );
  assert.deepEqual(rows, [
    ["1.1", "finished", "", 1],
    ["2.1", "failed: 500 internal server error", "The agent failed: 500 internal server error", 0],
    ["2.2", "finished", '_signal.json has a bad "for"', 0],
    ["2.3", "finished", "", 0],
    ["3.1", "finished", "", 0],
    [
      "4.1",
      "hit a usage limit until 2026-11-20T09:00:00Z: five-hour limit reached",
      "The agent hit a usage limit until 09:00",
      0,
    ],
    ["4.2", "finished", "", 0],
    ["5.1", "finished", "", 0],
    ["6.1", "finished", "", 0],
  ]);
});

Deno.test("foldStory() knows an attempt from its start: who works, with which model, and nothing of its end", () => {
  const { attempts, versions } = told(
    {
      ...{ type: "iteration.started", iteration: 1, attempt: 1, phase: "planning", marker: "m", log: "l" },
      ...{ provider: "codex", model: "gpt" },
    },
    { type: "agent.started", model: "gpt-6", version: "0.169", id: "a" },
    { type: "agent.model_changed", model: "gpt-6-mini", detail: "overloaded" },
    { type: "agent.denied", tool: "Bash", detail: "curl" },
  );
  const [{ provider, model, startedAt, endedAt, end, refusals } = assert.fail()] = attempts;
  assert.deepEqual({ provider, model, startedAt, endedAt, end, refusals }, {
    ...{ provider: "codex", model: "gpt-6-mini", startedAt: "1970-01-01T00:00:00.000Z", endedAt: undefined, end: "" },
    refusals: 1,
  });
  assert.deepEqual(versions, ["codex 0.169"]);
});

Deno.test("foldStory() tells a decision for every event by which somebody decided, and who it was", () => {
  // A queue and the beginning of a journal are no decisions; a session's creation is its task.
  const others = new Set(["session.queued"]);
  const deciding = script().filter((event) => "by" in event && !others.has(event.type) && event.by !== "worker");
  const seen = new Set<string>();
  for (const event of deciding) {
    const { decisions } = told(event);
    assert.notEqual(decisions.length, 0, event.type);
    if ("by" in event && event.type !== "phase.entered") assert.equal(decisions[0]?.by, event.by);
    seen.add(event.type);
  }
  const named = Object.entries(EVENTS).filter(([type, { shape }]) => "by" in shape && !others.has(type));
  assert.deepEqual(named.map(([type]) => type).filter((type) => type !== "session.created" && !seen.has(type)), []);
});

Deno.test("foldStory() tells answers once, and the plan with its hash", () => {
  const sha256 = "ab".repeat(32);
  const { decisions } = told(
    { type: "session.created", name: "a", task: "Do it", dive: "", plan: { document: "given.md", sha256 }, by: "ada" },
    { type: "answers.given", ids: ["Q1"], by: "ada", sha256 },
    { type: "gate.opened", gate: "qa_answers", by: "ada", document: "_qa.md", sha256 },
    { type: "plan.rejected", feedback: "Shorter", by: "bob" },
    { type: "gate.opened", gate: "qa_answers", by: "the file", document: "_qa.md", sha256 },
    { type: "gate.opened", gate: "plan_approval", by: "bob", document: "plan.md", sha256 },
  );
  assert.deepEqual(decisions.map(({ kind, text, by, sha256 }) => [kind, text, by, sha256?.slice(0, 4)]), [
    ["task", "Do it", "ada", undefined],
    ["approval", "Gave the plan given.md", "ada", "abab"],
    ["answers", "Answered Q1", "ada", "abab"],
    ["rejection", "Shorter", "bob", undefined],
    ["answers", "The questions are answered", "the file", "abab"],
    ["approval", "Approved plan.md", "bob", "abab"],
  ]);
});

Deno.test("foldStory() marks gates, limits, outages, retries, budgets, failed checks and stops", () => {
  const until = "2026-11-20T09:00:00Z";
  const retried = {
    type: "iteration.retried",
    iteration: 1,
    attempt: 2,
    because: "x",
    delayMs: 0,
    repair: false,
  } as const;
  const { marks } = told(
    { ...retried, wait: { for: "outage", since: until, tries: 1, until } },
    { ...retried, wait: { for: "limit", until } },
    { type: "session.stopped", outcome: { kind: "waiting", for: "budget", gate: undefined, detail: "used up" } },
    { type: "session.stopped", outcome: { kind: "blocked", reason: "No key", needs: "clarification" } },
    { type: "session.stopped", outcome: { kind: "done", summary: "All of it" } },
  );
  assert.deepEqual(marks.map(({ kind }) => kind), ["outage", "budget", "stopped"]);
  assert.deepEqual(storyOf(STORY).marks.map(({ kind }) => kind), [
    ...[
      "task",
      "recovered",
      "recovered",
      "check_failed",
      "retry",
      "retry",
      "gate",
      "gate",
      "limit",
      "retry",
      "budget",
      "budget",
    ],
  ]);
});

Deno.test("foldStory() keeps the last hundred refusals and counts all, and bounds every text", () => {
  const long = "x".repeat(1_000_000);
  const denied = Array.from(
    { length: 1_000 },
    (): SessionEvent => ({ type: "agent.denied", tool: "Bash", detail: long }),
  );
  const story = told(
    ...denied,
    { type: "guidance.given", text: long, by: "me" },
    { type: "session.stopped", outcome: { kind: "failed", reason: long } },
  );
  assert.deepEqual([story.refusals.length, story.refused], [100, 1_000]);
  assert.ok(JSON.stringify(story).length < 60_000);
});

Deno.test("foldStory() needs no line that a journal's reader passes over", () => {
  const needed = STORY.filter(({ seq, at, ...event }) =>
    chatterIn(eventLine({ seq, at, ...event }).trimEnd()) === undefined
  );
  assert.ok(needed.length < STORY.length);
  assert.deepEqual(storyOf(needed), storyOf(STORY));
});

Deno.test("foldStory() comes to the same story event by event, and leaves each earlier one as it was", () => {
  const whole = storyOf(STORY);
  const steps: { readonly story: Story; readonly text: string }[] = [];
  let story = NO_STORY;
  for (const event of STORY) {
    story = foldStory(story, [event]);
    steps.push({ story, text: JSON.stringify(story) });
  }
  assert.deepEqual(story, whole);
  for (const { story, text } of steps) assert.equal(JSON.stringify(story), text);
});
