/**
 * The report of a session that took a night: with a wait at each gate, a limit, a failed check, and what was refused.
 *
 * @module
 */
import { foldStory } from "../../src/messages/fold_story.ts";
import type { Overview, Report } from "../../src/report/report.ts";
import type { RecordedEvent, SessionEvent } from "../../src/workflow/session_event.ts";
import { readQuestions } from "../../src/workflow/questions.ts";
import { NO_STORY, type Story } from "../../src/workflow/story.ts";
import { script } from "./story_events.ts";

const BEGUN_MS = Date.parse("2026-11-20T19:40:00.000Z");
const SHA256 = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";

/** Events as they would come: an attempt takes its time, and a person an hour or two. */
export function nightStory(events: readonly SessionEvent[] = script()): Story {
  let nowMs = BEGUN_MS;
  const recorded = events.map((event, index): RecordedEvent => {
    if (event.type === "iteration.ended") nowMs += event.durationMs;
    else if (event.type === "answers.given") nowMs += 3_900_000;
    else if (event.type === "plan.rejected") nowMs += 18_000_000;
    else nowMs += 900;
    return { ...event, seq: index + 1, at: new Date(nowMs).toISOString() };
  });
  return foldStory(NO_STORY, recorded);
}

const QUESTIONS = `# Questions

### Q1: What should happen to sessions that are open while the token is refreshed?
- A) They wait for the new token
- B) They go on with the old one until it expires
**Suggestion:** A - no request is lost
**Answer:** A

### Q2: How long before it expires is a token refreshed?
**Suggestion:** A minute: clocks differ by less
**Answer:** Two minutes, our gateways cache for one
`;

const PLAN = `# Plan: refresh the login before it expires

The store keeps \`expiresAt\` in seconds, the client compares milliseconds. **That comparison is always true.**

## Steps

- [x] Keep milliseconds in the store, and read old entries
- [x] Refresh two minutes before the end, once for all requests
- [ ] Tell the user if the service is away

| risk | answer |
| --- | --- |
| two tabs refresh at once | a lock in the store |
`;

const DIFF = `diff --git a/src/auth/client.ts b/src/auth/client.ts
index 5f3c2d1..8e1a7c4 100644
--- a/src/auth/client.ts
+++ b/src/auth/client.ts
@@ -12,9 +12,14 @@ export class AuthClient {
   /** The token to send, refreshed if it is about to expire. */
   async token(): Promise<string> {
     const stored = this.#store.read();
-    if (stored.expiresAt < Date.now()) return await this.#refresh();
+    if (stored.expiresAtMs - EARLY_MS < this.#clock.now()) return await this.#refreshOnce();
     return stored.token;
   }
+
+  /** One refresh for all who ask meanwhile. */
+  #refreshOnce(): Promise<string> {
+    return this.#refreshing ??= this.#refresh().finally(() => this.#refreshing = undefined);
+  }
 }
diff --git a/tests/auth/clock.bin b/tests/auth/clock.bin
new file mode 100644
index 0000000..1f2e3d4
Binary files /dev/null and b/tests/auth/clock.bin differ
diff --git a/src/auth/old_store.ts b/src/auth/store.ts
similarity index 100%
rename from src/auth/old_store.ts
rename to src/auth/store.ts
`;

/** The report, with what is given in place of its own. */
export function sampleReport(changes: Partial<Report> = {}): Report {
  const story = changes.story ?? nightStory();
  const [{ enteredAt = "" } = {}] = story.phases;
  const usage = story.phases.reduce((sum, stay) => sum + (stay.usage.costUsd ?? 0), 0);
  const asOf = story.attempts.at(-1)?.endedAt ?? enteredAt;
  const answered = { by: "telegram:123456", at: story.decisions.find(({ kind }) => kind === "answers")?.at ?? "" };
  return {
    kind: "samocode-report",
    version: 1,
    asOf,
    project: "webshop",
    session: "auth-refresh",
    task:
      "Refresh the login before it expires\n\nPeople lose what they typed when their token ends in the middle of a form.",
    dive: "",
    state: "done",
    detail: "Tokens are refreshed two minutes before they expire",
    phase: "done",
    iteration: 6,
    startedAt: enteredAt,
    elapsedMs: Date.parse(asOf) - Date.parse(enteredAt),
    workedMs: story.phases.reduce((sum, { workedMs }) => sum + workedMs, 0),
    usage: {
      costUsd: usage,
      inputTokens: 10_800,
      outputTokens: 46_000,
      cacheReadTokens: 2_100_000,
      cacheWriteTokens: 189_000,
      modelCalls: 210,
    },
    branch: "ada/auth-refresh",
    guard: "guarded by bubblewrap, no network but api.anthropic.com and its own model",
    route: "",
    summary: {
      name: "11-20-summary.md",
      text: "# Summary\n\nTokens are refreshed **two minutes** before they expire, once for all tabs.\n\n" +
        "- 14 tests added, all green\n- the old store is read for one more release\n\n## Open\n\nNothing is told if the service is away.\n",
    },
    pullRequest: {
      title: "Refresh the login before it expires",
      body: "Tokens no longer end in the middle of a form.\n\nSee https://example.com/issues/481 for the report.\n",
    },
    questions: readQuestions(QUESTIONS).map((question) => ({ ...question, answered })),
    plan: { name: "11-20-05:09-plan-auth-refresh.md", text: PLAN, sha256: SHA256, done: 2, total: 3, isApproved: true },
    story,
    checks: {
      words: "at the end: npm test passed",
      rounds: [
        {
          stage: "review",
          runs: [
            {
              stage: "review",
              command: ["npm", "test"],
              commit: "9ae1f2d6c2b7a0c1e4f5061728394a5b6c7d8e9f",
              uncommitted: 2,
              log: "11-20-0503-check-2.log",
              result: "failed",
              exitCode: 1,
              detail: "exit code 1",
              durationMs: 41_200,
              tail: "1 of 214 tests failed\n\n  AuthClient refreshes once for two tabs\n    expected 1 refresh, saw 2",
            },
            {
              stage: "review",
              command: ["npm", "run", "lint"],
              commit: "9ae1f2d6c2b7a0c1e4f5061728394a5b6c7d8e9f",
              uncommitted: 0,
              log: "11-20-0503-check-3.log",
              result: "passed",
              exitCode: 0,
              detail: "exit code 0",
              durationMs: 9_800,
              tail: "",
            },
          ],
        },
      ],
    },
    changes: {
      commits: [
        { hash: "9ae1f2d", at: "2026-11-21T02:11:02.000Z", subject: "Refresh tokens two minutes early, once for all" },
        { hash: "71c3d02", at: "2026-11-21T02:02:47.000Z", subject: "Compare expiry in milliseconds, both sides" },
      ],
      diff: DIFF,
      left: "",
    },
    finish: undefined,
    ...changes,
  };
}

/** An overview of five sessions in two weeks. */
export function sampleOverview(changes: Partial<Overview> = {}): Overview {
  const sum = (key: string, costUsd: number) => ({
    ...{ key, costUsd, estimatedUsd: 0 },
    tokens: Math.round(costUsd * 400_000),
    starts: Math.ceil(costUsd * 2),
    workedMs: costUsd * 300_000,
  });
  const costs = [3, 12, 0.4, 22, 8, 1, 0.2, 14, 9, 31, 2, 6, 11, 5];
  const sessions = [
    ["webshop", "auth-refresh", "done", "Refresh the login before it expires", ""],
    ["webshop", "cart-totals", "blocked", "Show the totals of a cart with discounts", "The staging key is missing"],
    ["api", "rate-limits", "waiting", "Limit requests per customer", "3 questions in _qa.md"],
    ["api", "add-jwt", "failed", "Add JWT login", "claude: authentication failed"],
    ["docs", "tidy", "running", "Tidy the guides", ""],
  ] as const;
  return {
    kind: "samocode-overview",
    version: 1,
    since: "2026-11-07",
    sessions: sessions.map(([project, session, state, task, detail], index) => ({
      ...{ project, session, state, task, detail, estimatedUsd: undefined },
      startedAt: `2026-11-1${index}T08:12:00.000Z`,
      elapsedMs: 3_600_000 * (index + 1),
      costUsd: 5.22 * (index + 1),
    })),
    states: { done: 1, blocked: 1, waiting: 1, failed: 1, running: 1 },
    reasons: [{ text: "Blocked: The staging key is missing · needs a decision", count: 3 }],
    days: costs.map((usd, index) => sum(`2026-11-${String(index + 7).padStart(2, "0")}`, usd)),
    phases: [sum("implementation", 61.2), sum("planning", 21.3), sum("testing", 19), sum("quality", 12.4)],
    models: [sum("claude-opus-5", 88), sum("gpt-6-codex", 26)],
    total: sum("", 124.6),
    leftOut: ["/home/ada/old/.samocode: MAIN_REPO is missing"],
    ...changes,
  };
}
