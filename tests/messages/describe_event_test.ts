import assert from "node:assert/strict";
import { describeEvent } from "../../src/messages/describe_event.ts";
import type { SessionEvent } from "../../src/workflow/session_event.ts";
import { NO_USAGE } from "../../src/workflow/usage.ts";
import { STORY } from "../helpers/story_events.ts";

const RETRIED = { type: "iteration.retried", iteration: 1, attempt: 2, repair: false } as const;

Deno.test("describeEvent() says what a person needs to know", () => {
  const cases: readonly (readonly [event: SessionEvent, text: string])[] = [
    [
      {
        type: "session.prepared",
        workplace: { path: "/p", branch: undefined, base: undefined, note: "no commit yet" },
      },
      "Working in /p: no commit yet",
    ],
    [{ type: "session.moved", worker: "builder-7", epoch: 2 }, "Taken over by builder-7"],
    [
      {
        type: "session.created",
        name: "top",
        task: "Add --top",
        dive: "",
        adopted: {
          phase: "testing",
          iterations: 1,
          iterationsInVisit: 0,
          qualityIterations: 0,
          workplace: { path: "/w", branch: "ada/top", base: undefined, note: "" },
        },
      },
      "Session top adopted: in testing after 1 iteration on ada/top, gates closed",
    ],
    [
      { type: "iteration.started", iteration: 4, attempt: 1, phase: "planning", marker: "", log: "" },
      "Iteration 4 · planning",
    ],
    [
      { type: "iteration.started", iteration: 4, attempt: 2, phase: "planning", marker: "", log: "" },
      "Iteration 4 · planning · attempt 2",
    ],
    [
      {
        type: "iteration.started",
        iteration: 4,
        attempt: 2,
        phase: "quality",
        marker: "",
        log: "",
        provider: "claude",
        model: "opus\u001b[2J",
      },
      "Iteration 4 · quality · claude opus · attempt 2",
    ],
    [
      {
        type: "iteration.ended",
        iteration: 4,
        attempt: 1,
        phase: "planning",
        end: { kind: "finished" },
        durationMs: 92_000,
        usage: { ...NO_USAGE, costUsd: 0.42, inputTokens: 300, cacheReadTokens: 12_000, outputTokens: 950 },
        denials: 2,
        unrecorded: 1,
      },
      "Iteration 4 finished · 1m 32s · $0.42 · 12.3k tokens in, 950 out · 2 refusals · 1 step not shown",
    ],
    [
      {
        type: "iteration.ended",
        iteration: 5,
        attempt: 1,
        phase: "planning",
        end: { kind: "stalled", silentMs: 300_000 },
        durationMs: 400_000,
        usage: NO_USAGE,
        denials: 0,
        unrecorded: 0,
      },
      "Iteration 5 said nothing for 300 s · 6m 40s",
    ],
    [
      {
        type: "iteration.retried",
        iteration: 1,
        attempt: 2,
        because: "failed: no login",
        delayMs: 0,
        repair: false,
        fallback: { instead: "claude", provider: "codex", until: undefined },
      },
      "codex takes over from claude: failed: no login",
    ],
    [{ type: "agent.started", model: "m", version: "1", id: "" }, "Agent ready: m, version 1"],
    [{ type: "agent.started", model: "", version: "", id: "t" }, "Agent ready"],
    [
      { type: "agent.retried", attempt: 1, of: 5, delayMs: 600, detail: "busy" },
      "The agent retries its request in 1s (1 of 5): busy",
    ],
    [
      { type: "agent.retried", attempt: 0, of: 0, delayMs: 0, detail: "no network" },
      "The agent retries its request: no network",
    ],
    [{ type: "agent.denied", tool: "Bash", detail: "rm -rf /" }, "The agent was denied Bash: rm -rf /"],
    [
      { type: "iteration.retried", iteration: 1, attempt: 2, because: "overloaded", delayMs: 5000, repair: false },
      "Retrying in 5s: overloaded",
    ],
    [
      { ...RETRIED, delayMs: 15_120_000, because: "rate-limited", wait: { for: "limit" } },
      "Waiting 4h 12m for a usage limit to end: rate-limited",
    ],
    [
      { ...RETRIED, delayMs: 250_000, because: "overloaded", wait: { for: "outage", since: "", tries: 7, until: "" } },
      "Waiting 4m 10s in an outage (7 failures so far): overloaded",
    ],
    [
      { type: "gate.reached", gate: "plan_approval", wants: "implementation", document: undefined, sha256: undefined },
      "Waiting for you: approve the plan",
    ],
    [
      { type: "budget.warned", measure: "time", span: "day", spent: 3_600_000, limit: 4_000_000, day: "2026-11-20" },
      "Most of the budget is used up: 1h 00m of 1h 06m of work for all sessions today",
    ],
    [
      {
        type: "budget.raised",
        raised: [
          { measure: "tokens", span: "day", to: 2_000_000, day: "2026-11-20" },
          { measure: "starts", span: "session", to: 9 },
        ],
        by: "ada",
      },
      "Budget raised (ada): to 2.0M tokens for today, to 9 agent starts for this session",
    ],
    [
      { type: "session.stopped", outcome: { kind: "blocked", reason: "No key", needs: "budget" } },
      "Blocked: No key · needs a larger budget",
    ],
    [{ type: "session.stopped", outcome: { kind: "stopped", by: "SIGINT" } }, "Stopped: by SIGINT"],
  ];
  assert.deepEqual(cases.map(([event]) => describeEvent(event)), cases.map(([, text]) => text));
});

Deno.test("describeEvent() makes one harmless, bounded line of every event, whatever its texts", () => {
  const evil = `\u001b[2J\u202e${"日本\n".repeat(5000)}\u0007`;
  for (const event of STORY) {
    const line = describeEvent(withEveryText(event, evil), { maxText: 50 });
    assert.doesNotMatch(line, /[\p{Cc}\p{Cf}]/u, event.type);
    assert.ok(line.length > 0 && line.length < 300, `${event.type}: ${line.length}`);
  }
});

/** The same event with every free text replaced; what the program itself chooses from a list stays. */
function withEveryText(event: SessionEvent, text: string): SessionEvent {
  const fixed = new Set(["type", "kind", "phase", "from", "status", "for", "needs", "gate", "wants", "cause"]);
  const moved = JSON.stringify(event, (key, value) => {
    if (fixed.has(key)) return value;
    if (key === "by" && event.type === "phase.entered") return value;
    return typeof value === "string" ? text : value;
  });
  return JSON.parse(moved);
}
