import assert from "node:assert/strict";
import { fold } from "../../src/workflow/fold_history.ts";
import { type History, NO_HISTORY } from "../../src/workflow/history.ts";
import type { SessionEvent } from "../../src/workflow/session_event.ts";
import { ALONE, FALLBACK_MS, fallbackFor, teamOf } from "../../src/workflow/fallback.ts";

const NOW = new Date("2026-11-20T12:00:00.000Z");
const UNTIL = "2026-11-20T14:00:00.000Z";

Deno.test("fallbackFor() replaces a provider until its limit is over, even within an iteration", () => {
  const fallback = { instead: "claude", provider: "codex", until: UNTIL, since: NOW.toISOString() };
  for (const attempt of [1, 2, 9]) {
    const at = (now: string) => fallbackFor("claude", { fallback, attempt, now: new Date(now) });
    assert.deepEqual([at("2026-11-20T13:59:59.999Z"), at(UNTIL)], ["codex", undefined]);
    assert.equal(fallbackFor("codex", { fallback, attempt, now: NOW }), undefined);
    assert.equal(fallbackFor("claude", { fallback: undefined, attempt, now: NOW }), undefined);
  }
});

Deno.test("fallbackFor() lets a later iteration retry a provider without a known end of its limit", () => {
  const fallback = { instead: "claude", provider: "codex", until: undefined, since: NOW.toISOString() };
  const after = (ms: number, attempt: number) =>
    fallbackFor("claude", { fallback, attempt, now: new Date(NOW.getTime() + ms) });
  assert.deepEqual([after(FALLBACK_MS - 1, 1), after(FALLBACK_MS, 1)], ["codex", undefined]);
  assert.deepEqual([after(FALLBACK_MS, 2), after(10 * FALLBACK_MS, 3)], ["codex", "codex"]);
});

Deno.test("teamOf() allows one takeover per iteration, and none from oneself", () => {
  const claude = play([begun(1, 1, "claude")]);
  const team = { worker: "claude", substitute: "codex", backAt: undefined };
  assert.deepEqual(teamOf(claude, { own: "claude", fallbackProvider: "codex" }), team);
  assert.deepEqual(teamOf(claude, { own: "claude", fallbackProvider: undefined }), ALONE);
  assert.deepEqual(teamOf(claude, { own: "claude", fallbackProvider: "claude" }), { ...team, substitute: undefined });
  assert.deepEqual(teamOf(NO_HISTORY, { own: "claude", fallbackProvider: "codex" }), ALONE);
  const relieved = [begun(1, 1, "claude"), change(UNTIL), begun(1, 2, "codex")];
  const isBack = { worker: "codex", substitute: undefined, backAt: new Date(UNTIL) };
  assert.deepEqual(teamOf(play(relieved), { own: "claude", fallbackProvider: "codex" }), isBack);
  // Where the phase is its own, nobody comes back to it.
  const atHome = { ...isBack, backAt: undefined };
  assert.deepEqual(teamOf(play(relieved), { own: "codex", fallbackProvider: "codex" }), atHome);
  const backAgain = [...relieved, begun(1, 3, "claude")];
  assert.deepEqual(teamOf(play(backAgain), { own: "claude", fallbackProvider: "codex" }), {
    ...team,
    substitute: undefined,
  });
  const next = [...backAgain, STAY, begun(2, 1, "claude")];
  assert.deepEqual(teamOf(play(next), { own: "claude", fallbackProvider: "codex" }), team);
});

Deno.test("fold() keeps the fallback, counts failures per provider, and retries when a human starts a run", () => {
  const story = [begun(1, 1, "claude"), crash(1, 1), begun(1, 2, "claude"), crash(1, 2)];
  assert.equal(play(story).failures, 2);
  const changed = play([...story, change(undefined), begun(1, 3, "codex"), crash(1, 3)]);
  const since = "2026-11-20T00:00:05.000Z";
  assert.deepEqual(changed.fallback, { instead: "claude", provider: "codex", until: undefined, since });
  assert.deepEqual([changed.failures, changed.relieved], [1, true]);
  const again = (until: string | undefined) => play([...story, change(until), STARTED]);
  assert.deepEqual([again(undefined).fallback, again(undefined).relieved], [undefined, false]);
  assert.equal(again(UNTIL).fallback?.until, UNTIL);
});

const STARTED: SessionEvent = { type: "session.started", provider: "claude", version: "1", pid: 1 };
const STAY: SessionEvent = { type: "signal.received", signal: { status: "continue", phase: undefined } };

function begun(iteration: number, attempt: number, provider: string): SessionEvent {
  return { type: "iteration.started", iteration, attempt, phase: "testing", marker: "", log: "", provider };
}

function crash(iteration: number, attempt: number): SessionEvent {
  const end = { kind: "crashed", cause: "service", detail: "why", exitCode: 1 } as const;
  const usage = NO_HISTORY.usage;
  const facts = { iteration, attempt, phase: "testing", durationMs: 1, usage, denials: 0, unrecorded: 0 } as const;
  return { type: "iteration.ended", ...facts, end };
}

function change(until: string | undefined): SessionEvent {
  const fallback = { instead: "claude", provider: "codex", until };
  return { type: "iteration.retried", iteration: 1, attempt: 2, because: "why", delayMs: 0, repair: false, fallback };
}

function play(events: readonly SessionEvent[]): History {
  const atSecond = (second: number) => new Date(Date.UTC(2026, 10, 20, 0, 0, second)).toISOString();
  return events.reduce<History>(
    (history, event, index) => fold(history, { ...event, seq: index + 1, at: atSecond(index + 1) }),
    NO_HISTORY,
  );
}
