/**
 * A believable whole session as its journal has it, with every kind of event at least once.
 *
 * @module
 */
import type { RecordedEvent, SessionEvent } from "../../src/workflow/session_event.ts";
import type { Usage } from "../../src/workflow/usage.ts";

const STARTED_AT = Date.parse("2026-11-20T05:02:11.123Z");

const SHA256 = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";

/** The story, one event every few seconds. */
export const STORY: readonly RecordedEvent[] = recordStory(script(), { firstAtMs: STARTED_AT, stepMs: 7_250 });

/** Gives events their numbers and times. */
export function recordStory(
  events: readonly SessionEvent[],
  { firstAtMs, stepMs }: { readonly firstAtMs: number; readonly stepMs: number },
): readonly RecordedEvent[] {
  return events.map((event, index) => ({
    ...event,
    seq: index + 1,
    at: new Date(firstAtMs + index * stepMs).toISOString(),
  }));
}

/** What happens in the story, in order. */
export function script(): readonly SessionEvent[] {
  return [
    { type: "session.created", name: "auth-refresh", task: "Look at the login", dive: "" },
    { type: "task.given", task: "Refresh the login before it expires", dive: "token life", by: "samocode continue" },
    {
      type: "session.prepared",
      workplace: {
        path: "/home/ada/project/worktrees/auth-refresh",
        branch: "ada/auth-refresh",
        base: "origin/main",
        note: "",
      },
    },
    { type: "session.queued", by: "samocode start", running: 4, most: 4 },
    { type: "session.recovered", detail: "the worker before this one died in iteration 0" },
    { type: "journal.repaired", bytes: 112 },
    { type: "journal.accepted", found: "line 4 (gate.opened) was not written by samocode", by: "samocode trust" },
    { type: "session.renamed", folder: "26-11-20-auth-refresh" },
    { type: "session.moved", worker: "builder-7", epoch: 2 },
    { type: "session.started", provider: "claude", version: "2.1.0", pid: 4711 },
    { type: "phase.entered", phase: "investigation", from: "init", by: "worker" },
    iteration(1, "investigation"),
    { type: "agent.started", model: "claude-opus-5", version: "2.1.0", id: "a1" },
    { type: "agent.said", text: "I will look at how tokens are made and stored before I touch anything." },
    { type: "agent.acted", tool: "Read", about: "src/auth/token_store.ts" },
    { type: "agent.acted", tool: "Grep", about: "expiresAt in src/**/*.ts" },
    {
      type: "agent.used",
      usage: {
        costUsd: undefined,
        inputTokens: 2_100,
        outputTokens: 310,
        cacheReadTokens: 40_000,
        cacheWriteTokens: 900,
        modelCalls: 2,
        estimatedUsd: 0.031,
      },
    },
    { type: "agent.resumed" },
    { type: "agent.denied", tool: "Bash", detail: "curl https://example.com is not on the list of allowed commands" },
    {
      type: "agent.retried",
      attempt: 2,
      of: 10,
      delayMs: 5_000,
      detail: "529 the service is overloaded",
    },
    { type: "agent.limited", status: "warning, 92 % used", until: "2026-11-20T09:00:00Z" },
    { type: "agent.model_changed", model: "claude-sonnet-5", detail: "the asked-for model is overloaded" },
    {
      type: "agent.said",
      text: "The store keeps expiresAt in seconds while the client compares milliseconds.\n\n" +
        "That is why a refresh never comes: the comparison is always true. I wrote it down in the dive document, " +
        "with the two places where it matters, and three questions for you about what should happen to open sessions.",
    },
    { type: "agent.acted", tool: "Write", about: "11-20-05:03-dive-token-life.md" },
    ended(1, "investigation", { costUsd: 0.31, minutes: 2.4, denials: 1 }),
    { type: "signal.received", signal: { status: "continue", phase: "requirements" } },
    { type: "phase.entered", phase: "requirements", from: "investigation", by: "worker" },
    iteration(2, "requirements"),
    { type: "agent.acted", tool: "Write", about: "_qa.md" },
    {
      type: "iteration.ended",
      iteration: 2,
      attempt: 1,
      phase: "requirements",
      end: { kind: "crashed", cause: "service", detail: "500 internal server error", exitCode: 1 },
      durationMs: 41_000,
      usage: usage(0.04),
      denials: 0,
      unrecorded: 12,
    },
    { type: "locks.found", paths: ["/home/ada/project/.git/worktrees/auth-refresh/index.lock"] },
    { type: "log.cut", bytes: 4_096 },
    {
      type: "checkpoint.made",
      iteration: 2,
      ref: "refs/samocode/checkpoints/auth-refresh/1",
      commit: "9ae1f2d6c2b7a0c1e4f5061728394a5b6c7d8e9f",
      tree: "4b825dc642cb6eb9a060e54bf8d69288fbee4904",
      files: 3,
      left: ["core (larger than 100 MB)"],
    },
    { type: "checkpoint.failed", iteration: 2, detail: "Cannot run git write-tree: no space left on device" },
    {
      type: "checkpoint.restored",
      ref: "refs/samocode/checkpoints/auth-refresh/1",
      tree: "4b825dc642cb6eb9a060e54bf8d69288fbee4904",
      by: "samocode restore",
    },
    { type: "hosts.refused", hosts: ["telemetry.example.com:443"], more: 2 },
    { type: "settings.left_out", paths: ["/home/ada/worktrees/auth-refresh/.claude/settings.json"] },
    {
      type: "check.started",
      stage: "review",
      command: ["npm", "test"],
      commit: "9ae1f2d6c2b7a0c1e4f5061728394a5b6c7d8e9f",
      uncommitted: 2,
      log: "11-20-0503-check-2.log",
      number: 1,
      of: 2,
      marker: "6f1e",
      tree: "5b1a4c7d90e2f386",
    },
    {
      type: "check.ended",
      stage: "review",
      command: ["npm", "test"],
      commit: "9ae1f2d6c2b7a0c1e4f5061728394a5b6c7d8e9f",
      uncommitted: 2,
      log: "11-20-0503-check-2.log",
      result: "failed",
      exitCode: 1,
      detail: "exit code 1",
      durationMs: 41_200,
      tail: "1 of 214 tests failed",
    },
    { type: "baseline.accepted", by: "samocode checks" },
    { type: "processes.ended", pids: [4801, 4802], detail: "a test server that the agent had left running" },
    {
      type: "iteration.retried",
      iteration: 2,
      attempt: 2,
      because: "The agent failed: 500 internal server error",
      delayMs: 5_000,
      repair: false,
    },
    iteration(2, "requirements", 2),
    { type: "agent.said", text: "Asking three questions, each with a suggestion." },
    ended(2, "requirements", { costUsd: 0.22, minutes: 1.1 }, 2),
    { type: "signal.refused", problem: '_signal.json has a bad "for": must be one of qa_answers, plan_approval' },
    {
      type: "iteration.retried",
      iteration: 2,
      attempt: 3,
      because: '_signal.json has a bad "for"',
      delayMs: 0,
      repair: true,
    },
    iteration(2, "requirements", 3),
    ended(2, "requirements", { costUsd: 0.05, minutes: 0.3 }, 3),
    { type: "signal.received", signal: { status: "waiting", for: "qa_answers", phase: undefined } },
    { type: "gate.reached", gate: "qa_answers", wants: "planning", document: "_qa.md", sha256: SHA256 },
    {
      type: "session.stopped",
      outcome: { kind: "waiting", for: "qa_answers", gate: "qa_answers", detail: "3 questions in _qa.md" },
    },
    { type: "answers.given", ids: ["Q1", "Q2", "Q3"], by: "answer_qa" },
    { type: "gate.opened", gate: "qa_answers", by: "answer_qa", document: "_qa.md", sha256: SHA256 },
    {
      type: "work.counted",
      base: "4b825dc642cb6eb9a060e54bf8d69288fbee4904",
      head: "9ae1f2d6c2b7a0c1e4f5061728394a5b6c7d8e9f",
      commits: 2,
      newest: ["9ae1f2d Refresh tokens a minute early", "71c3d02 Compare expiry in seconds"],
      files: 3,
      added: 120,
      removed: 8,
      changes: [{ path: "src/auth/client.ts", added: 90, removed: 6 }, {
        path: "src/auth/store.ts",
        added: 30,
        removed: 2,
      }],
    },
    {
      type: "session.finished",
      how: "merged",
      into: "main",
      head: "9ae1f2d6c2b7a0c1e4f5061728394a5b6c7d8e9f",
      commit: "5d1c7e0a9b8f7263544536271809fafbecdd0e1f",
      by: "samocode finish",
    },
    {
      type: "workplace.removed",
      path: "/home/ada/project/worktrees/auth-refresh",
      branch: "ada/auth-refresh",
      by: "samocode finish",
    },
    {
      type: "session.prepared",
      workplace: {
        path: "/home/ada/project/worktrees/auth-refresh",
        branch: "ada/auth-refresh",
        base: "origin/main",
        note: "",
      },
    },
    { type: "session.started", provider: "claude", version: "2.1.0", pid: 4911 },
    { type: "phase.entered", phase: "planning", from: "requirements", by: "worker" },
    iteration(3, "planning"),
    { type: "agent.acted", tool: "Write", about: "11-20-05:09-plan-auth-refresh.md" },
    ended(3, "planning", { costUsd: 0.48, minutes: 3.2 }),
    { type: "signal.received", signal: { status: "waiting", for: "plan_approval", phase: undefined } },
    {
      type: "gate.reached",
      gate: "plan_approval",
      wants: "implementation",
      document: "11-20-05:09-plan-auth-refresh.md",
      sha256: SHA256,
    },
    { type: "plan.rejected", feedback: "Keep the old cookie name, others read it", by: "approve_plan" },
    {
      type: "gate.opened",
      gate: "plan_approval",
      by: "approve_plan",
      document: "11-20-05:09-plan-auth-refresh.md",
      sha256: SHA256,
    },
    { type: "phase.entered", phase: "implementation", from: "planning", by: "human" },
    { type: "guidance.given", text: "Use the fake clock from tests/helpers", by: "ada" },
    iteration(4, "implementation"),
    { type: "agent.acted", tool: "Edit", about: "src/auth/token_store.ts" },
    { type: "agent.acted", tool: "Bash", about: "deno test --allow-all tests/auth/" },
    { type: "agent.acted", tool: "Bash", about: 'git commit -m "Compare token expiry in milliseconds, both sides"' },
    {
      type: "iteration.ended",
      iteration: 4,
      attempt: 1,
      phase: "implementation",
      end: { kind: "rate-limited", until: "2026-11-20T09:00:00Z", detail: "five-hour limit reached" },
      durationMs: 302_000,
      usage: usage(1.12),
      denials: 0,
      unrecorded: 0,
    },
    {
      type: "iteration.retried",
      iteration: 4,
      attempt: 2,
      because: "The agent hit a usage limit until 09:00",
      delayMs: 3 * 3_600_000 + 720_000,
      repair: false,
    },
    iteration(4, "implementation", 2),
    ended(4, "implementation", { costUsd: 2.1, minutes: 11.5 }, 2),
    { type: "signal.received", signal: { status: "continue", phase: "testing" } },
    { type: "phase.entered", phase: "testing", from: "implementation", by: "worker" },
    iteration(5, "testing"),
    { type: "listener.failed", listener: "telegram", detail: "Telegram answered 401: Unauthorized" },
    {
      ...ended(5, "testing", { costUsd: 0.7, minutes: 4 }),
      left: { tree: "5d41402abc4b2a76", documents: "7d793037a0760186", notebook: "9b74c9897bac770f" },
      failed: ["deno test tests/auth/"],
    },
    {
      type: "review.ended",
      report: "11-20-09:31-quality-1.md",
      verdict: "open",
      findings: ["`src/auth/client.ts:40`: a refresh is lost if two run at once"],
    },
    { type: "progress.missed", starts: 4, seen: "the last 4 agent starts left everything as it was before" },
    {
      type: "signal.received",
      signal: { status: "blocked", reason: "The staging key is missing", needs: "human_decision", phase: undefined },
    },
    {
      type: "budget.warned",
      measure: "cost",
      span: "session",
      spent: 37.6,
      limit: 50,
      day: "2026-11-20",
    },
    { type: "budget.raised", raised: [{ measure: "cost", span: "session", to: 80 }], by: "samocode raise" },
    { type: "stop.requested", by: "stop_session", now: false },
    { type: "resume.requested", by: "telegram:7" },
    iteration(6, "done"),
    ended(6, "done", { costUsd: 0.2, minutes: 1 }),
    {
      type: "signal.received",
      signal: { status: "done", summary: "Tokens are refreshed a minute before they expire", phase: undefined },
    },
    {
      type: "session.stopped",
      outcome: {
        kind: "done",
        summary: "Tokens are refreshed a minute before they expire; 14 tests added, all green. Branch ada/auth-refresh",
      },
    },
  ];
}

type StoryPhase = Extract<SessionEvent, { type: "iteration.started" }>["phase"];

function iteration(number: number, phase: StoryPhase, attempt = 1): SessionEvent {
  return {
    type: "iteration.started",
    iteration: number,
    attempt,
    phase,
    marker: `m${number}-${attempt}`,
    log: `_logs/11-20-0502-00${number}-${phase}.jsonl`,
  };
}

function ended(
  number: number,
  phase: StoryPhase,
  took: { readonly costUsd: number; readonly minutes: number; readonly denials?: number },
  attempt = 1,
): Extract<SessionEvent, { type: "iteration.ended" }> {
  return {
    type: "iteration.ended",
    iteration: number,
    attempt,
    phase,
    end: { kind: "finished" },
    durationMs: took.minutes * 60_000,
    usage: usage(took.costUsd),
    denials: took.denials ?? 0,
    unrecorded: 0,
  };
}

function usage(costUsd: number): Usage {
  return {
    costUsd,
    inputTokens: 1_200,
    outputTokens: Math.round(costUsd * 9_000),
    cacheReadTokens: Math.round(costUsd * 400_000),
    cacheWriteTokens: 21_000,
    modelCalls: Math.max(1, Math.round(costUsd * 40)),
  };
}
