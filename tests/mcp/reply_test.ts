import assert from "node:assert/strict";
import type { Status } from "../../src/operations/read_status.ts";
import {
  MAX_QUESTIONS_BYTES,
  MAX_STATUS_BYTES,
  nextTool,
  refusal,
  replyStatus,
  sayAction,
  viewStatus,
} from "../../mcp/reply.ts";
import { SamocodeError } from "../../src/text/errors.ts";

const STATUS: Status = {
  now: undefined,
  attempt: 1,
  commit: undefined,
  runStartedAt: undefined,
  wait: undefined,
  session: "top",
  state: "waiting",
  phase: "planning",
  iteration: 3,
  needs: "approval",
  movedTo: undefined,
  obstacle: "approval",
  next: [{ verb: "approve", session: "top", sha256: "ab".repeat(32) }, { verb: "revise", session: "top" }],
  events: [],
  detail: "The plan needs your approval",
  activity: "",
  questions: [],
  route: "",
  plan: { path: "11-20-0500-plan-top.md", sha256: "ab".repeat(32), done: 0, total: 3 },
  task: "Add --top",
  provider: "demo",
  model: undefined,
  guard: "guarded by bubblewrap",
  folder: "/s/26-11-20-top",
  worktree: "/w/top",
  branch: "top",
  work: undefined,
  finish: undefined,
  handover: {},
  note: "",
  costUsd: 0.123456,
  estimatedUsd: undefined,
  budget: [],
  tokens: { input: 1, output: 1 },
  workedMs: 1,
  checks: "unchecked: .samocode sets no CHECK",
  kept: { checkpoints: 2, problem: "" },
  startedAt: "2026-11-20T05:00:00.000Z",
  updatedAt: "2026-11-20T05:00:00.000Z",
  workerPid: undefined,
  cursor: 40,
};

Deno.test("viewStatus() says what a session has committed and where that went", () => {
  const work = { base: "a", head: "b", commits: 1, newest: ["b Add"], files: 2, added: 3, removed: 4, changes: [] };
  const finish = { how: "pushed", into: "origin/top", head: "b", commit: "b", url: "https://x/1", by: "me" } as const;
  const { work: counted, finished } = viewStatus({ ...STATUS, state: "done", work, finish });
  assert.deepEqual([counted, finished], ["1 commit · 2 files · +3 −4", "pushed to origin/top, https://x/1"]);
});

function bytes(value: unknown): number {
  return new TextEncoder().encode(JSON.stringify(value)).length;
}

Deno.test("replyStatus() includes what matters and leaves out what is unknown", () => {
  const { structuredContent } = replyStatus({
    ...STATUS,
    events: ["Guidance for the next iteration (me): Mind the tabs"],
  });
  assert.deepEqual(structuredContent, {
    session: "top",
    state: "waiting",
    phase: "planning",
    iteration: 3,
    needs: "approval",
    next: { tool: "approve_plan", arguments: { session: "top", sha256: "ab".repeat(32) } },
    detail: "The plan needs your approval",
    plan: { path: "11-20-0500-plan-top.md", sha256: "ab".repeat(32), done: 0, total: 3 },
    events: ["Guidance for the next iteration (me): Mind the tabs"],
    costUsd: 0.1235,
    guard: "guarded by bubblewrap",
    checkpoints: 2,
    checks: "unchecked: .samocode sets no CHECK",
    cursor: 40,
  });
});

Deno.test("viewStatus() stays under a kilobyte without hidden characters, whatever agents wrote", () => {
  for (const filler of ["x", "語", "\u{1f600}", '"', "\\", "\u202e\u0007\x1b[31m", "</session-data>\n"]) {
    const long = filler.repeat(5000);
    const view = viewStatus({
      ...STATUS,
      session: `26-01-01-${"s".repeat(100)}`,
      detail: long,
      activity: long,
      note: long,
      checks: long,
      plan: { path: long, sha256: "ab".repeat(32), done: 1, total: 2 },
      events: Array.from({ length: 8 }, () => "語".repeat(45)),
    });
    assert.ok(bytes(view) <= MAX_STATUS_BYTES, `${bytes(view)} bytes of ${JSON.stringify(filler)}`);
    assert.doesNotMatch(JSON.stringify(view), /[\p{Cc}\p{Cf}]/u);
    assert.equal(view.cursor, 40);
  }
});

Deno.test("viewStatus() passes on questions word for word, and counts those that do not fit", () => {
  const one = (id: string, text: string): Status["questions"][number] => ({
    id,
    text,
    options: [{ letter: "A", text: "keep  it" }],
    suggestion: { letter: "A", text: "A - usual" },
    answer: undefined,
  });
  const few = viewStatus({ ...STATUS, needs: "answers", questions: [one("Q1", "Which \u202eone?")] });
  assert.deepEqual([few.questions, few.moreQuestions], [
    [{ id: "Q1", question: "Which one?", options: ["A) keep it"], suggestion: "A - usual" }],
    undefined,
  ]);
  const questions = Array.from({ length: 60 }, (_, index) => one(`Q${index}`, "why ".repeat(200)));
  const many = viewStatus({ ...STATUS, needs: "answers", questions });
  assert.ok(bytes(many) <= MAX_STATUS_BYTES + MAX_QUESTIONS_BYTES + 200);
  assert.equal((many.questions?.length ?? 0) + (many.moreQuestions ?? 0), 60);
  assert.ok((many.moreQuestions ?? 0) > 0);
});

Deno.test("refusal() names the tool and the session, whatever its name looks like", () => {
  for (const session of ["v1.2-fix", "samocode", "run"]) {
    const error = new SamocodeError("conflict", "Cannot go on", {
      hint: "Go on with it",
      actions: [{ verb: "resume", session }],
    });
    const [said] = refusal(error, undefined).content;
    assert.deepEqual(said, {
      type: "text",
      text: `Cannot go on\nGo on with it: resume_session {"session":"${session}"}`,
    });
  }
});

Deno.test("sayAction() names start_session if there is no session, and a terminal command if there is no tool", () => {
  assert.equal(sayAction({ verb: "start" }), "start_session");
  assert.equal(sayAction({ verb: "init" }), "`samocode init` in a terminal");
  assert.equal(sayAction({ verb: "run", session: "top" }), "`samocode run top` in a terminal");
});

Deno.test("nextTool() returns the first action that has a tool", () => {
  assert.deepEqual(
    nextTool([{ verb: "doctor" }, { verb: "logs", session: "top" }, { verb: "resume", session: "top" }]),
    {
      tool: "resume_session",
      arguments: { session: "top" },
    },
  );
  assert.equal(nextTool([{ verb: "review", branch: "top" }]), undefined);
  assert.equal(nextTool([{ verb: "review", branch: "top" }, { verb: "continue", session: "top" }]), undefined);
  assert.equal(sayAction({ verb: "continue", session: "top" }), 'resume_session {"session":"top","task":"…"}');
});
