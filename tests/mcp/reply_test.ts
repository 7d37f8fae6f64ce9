import assert from "node:assert/strict";
import type { Status } from "../../src/operations/status.ts";
import {
  MAX_PLAN_BYTES,
  MAX_QUESTIONS_BYTES,
  refusal,
  replyDetails,
  replyStatus,
  viewRow,
  viewStatus,
} from "../../mcp/reply.ts";
import { planLabel } from "../../src/messages/plan_label.ts";
import { hashOfPlan } from "../../src/session/documents.ts";
import { SamocodeError } from "../../src/text/errors.ts";
import type { Question } from "../../src/workflow/questions.ts";
import { TempFolder } from "../helpers/temp_folder.ts";
import type { Wire } from "./mcp_client.ts";

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
  updatedAt: "2026-11-20T06:02:00.000Z",
  elapsedMs: 3_720_000,
  workerPid: undefined,
  cursor: 40,
};

/** What replyStatus() hands over. */
function due(status: Partial<Status>): Wire {
  return replyStatus({ ...STATUS, ...status }).structuredContent;
}

Deno.test("replyStatus() says of a running session where it stands and what to call, and no more", () => {
  const running = due({
    ...{ state: "running", needs: "none", phase: "testing", detail: "", activity: "Runs the tests" },
    next: [{ verb: "wait", session: "top" }, { verb: "stop", session: "top" }],
  });
  assert.deepEqual(running, {
    session: "top",
    state: "running",
    phase: "testing",
    elapsed: "1h 02m",
    costUsd: 0.12,
    next: { tool: "wait_session", arguments: { session: "top" } },
  });
  assert.ok(bytes(running) < 160);
});

Deno.test("replyStatus() hands over the plan's text with the hash of that very text, and how to read on", () => {
  using folder = new TempFolder();
  const name = "11-20-0500-plan-top.md";
  const shown = (text: string): Wire => {
    Deno.writeTextFileSync(folder.at(name), text);
    const { plan, ...rest } = due({ folder: folder.path });
    assert.deepEqual(rest, {
      ...{ session: "top", state: "waiting", phase: "planning", needs: "approval", elapsed: "1h 02m", costUsd: 0.12 },
      next: { tool: "approve_plan", arguments: { session: "top" } },
    });
    assert.equal(plan.sha256, hashOfPlan(text));
    return plan;
  };
  const short = "# Plan\n\n- [ ] Phase 1: greet\u202e\u001b[31m\n";
  assert.deepEqual(shown(short), {
    file: name,
    text: "# Plan\n\n- [ ] Phase 1: greet",
    label: planLabel({ name: "11-20-0500-plan-top.md", text: short }),
    sha256: hashOfPlan(short),
  });
  const long = `# Plan\n${"語".repeat(3_000)}`;
  const { text, more } = shown(long);
  assert.equal(more, "3009 more bytes: read_artifact, offset=5998");
  assert.equal(text + "語".repeat(1_003), long);
  assert.ok(new TextEncoder().encode(text).length <= MAX_PLAN_BYTES);
});

Deno.test("replyStatus() leaves the plan out if it cannot be read, and never names another's hash", () => {
  using folder = new TempFolder();
  assert.equal(due({ folder: folder.path }).plan, undefined);
  assert.doesNotMatch(JSON.stringify(due({ folder: folder.path })), /abab/);
});

Deno.test("replyStatus() says what a session has committed, where that went, and its summary", () => {
  using folder = new TempFolder();
  const changes = Array.from({ length: 9 }, (_, at) => ({ path: `src/${at}.ts`, added: 9 - at, removed: 1 }));
  const work = { base: "a", head: "b", commits: 2, newest: ["b Add"], files: 9, added: 45, removed: 9, changes };
  const finish = { how: "pushed", into: "origin/top", head: "b", commit: "b", url: "https://x/1", by: "me" } as const;
  const done = { state: "done", phase: "done", needs: "none", next: [], work, finish, detail: "Added --top" } as const;
  const end = {
    ...{ session: "top", state: "done", elapsed: "1h 02m", costUsd: 0.12, branch: "top" },
    work: "2 commits · 9 files · +45 −9",
    changes: [0, 1, 2, 3, 4].map((at) => `src/${at}.ts +${9 - at} −1`),
    finished: "pushed to origin/top, https://x/1",
  };
  assert.deepEqual(due(done), { ...end, detail: "Added --top" });
  const summary = folder.at("11-20-0500-summary.md");
  Deno.writeTextFileSync(summary, "# Summary\n\nAdded --top.\n");
  assert.deepEqual(due({ ...done, handover: { summary } }), {
    ...end,
    summary: { file: "11-20-0500-summary.md", text: "# Summary\n\nAdded --top." },
  });
  Deno.writeTextFileSync(summary, "long ".repeat(1_000));
  assert.equal(due({ ...done, handover: { report: "/s/top/report.html" } }).report, "/s/top/report.html");
  const cut = due({ ...done, handover: { summary } });
  assert.deepEqual([cut.detail, cut.summary.more], ["Added --top", "4000 more bytes: read_artifact, offset=1000"]);
});

Deno.test("replyStatus() gives the reason of a session that is blocked, and what only the user can type", () => {
  const blocked = due({
    ...{ state: "blocked", needs: "unblock", detail: "No login", note: "in the main worktree" },
    next: [{ verb: "doctor" }, { verb: "resume", session: "top" }],
  });
  assert.deepEqual(blocked, {
    ...{ session: "top", state: "blocked", phase: "planning", needs: "unblock", detail: "No login" },
    ...{ note: "in the main worktree", elapsed: "1h 02m", costUsd: 0.12 },
    userTypes: "samocode doctor",
  });
});

function bytes(value: unknown): number {
  return new TextEncoder().encode(JSON.stringify(value)).length;
}

Deno.test("replyDetails() adds what the user may ask for", () => {
  const { structuredContent } = replyDetails({ ...STATUS, events: ["One", "Two", "Three", "Four", "Five"] });
  assert.deepEqual(structuredContent, {
    ...{ session: "top", state: "waiting", phase: "planning", needs: "approval", elapsed: "1h 02m", costUsd: 0.12 },
    next: { tool: "approve_plan", arguments: { session: "top" } },
    iteration: 3,
    events: ["Two", "Three", "Four", "Five"],
    guard: "guarded by bubblewrap",
    checkpoints: 2,
    checks: "unchecked: .samocode sets no CHECK",
  });
});

Deno.test("replyDetails() stays small and without hidden characters, whatever agents wrote", () => {
  using folder = new TempFolder();
  for (const filler of ["x", "語", "\u{1f600}", '"', "\\", "\u202e\u0007\x1b[31m", "</session-data>\n"]) {
    const long = filler.repeat(5000);
    const question: Question = {
      ...{ id: "Q1", text: long, options: [{ letter: "A", text: long }], answer: undefined },
      suggestion: { letter: "A", text: long },
    };
    Deno.writeTextFileSync(folder.at("plan.md"), long);
    for (const needs of ["answers", "approval", "unblock"] as const) {
      const { content } = replyDetails({
        ...STATUS,
        ...{ needs, folder: folder.path, session: `26-01-01-${"s".repeat(100)}` },
        ...{ detail: long, activity: long, note: long, checks: long, guard: long },
        questions: Array.from({ length: 60 }, () => question),
        events: Array.from({ length: 8 }, () => "語".repeat(45)),
      });
      const [said] = content;
      assert.ok(said?.type === "text" && bytes(said.text) < 2 * MAX_QUESTIONS_BYTES, `${needs} ${bytes(said)}`);
      assert.doesNotMatch(said.text, /[\p{Cc}\p{Cf}]/u);
    }
  }
});

Deno.test("replyStatus() passes on questions word for word, and counts those that do not fit", () => {
  const one = (id: string, text: string): Status["questions"][number] => ({
    id,
    text,
    options: [{ letter: "A", text: "keep  it" }],
    suggestion: { letter: "A", text: "A - usual" },
    answer: undefined,
  });
  const few = due({ needs: "answers", questions: [one("Q1", "Which \u202eone?")] });
  assert.deepEqual([few.questions, few.moreQuestions], [
    [{ id: "Q1", question: "Which one?", options: ["A) keep it"], suggestion: "A - usual" }],
    undefined,
  ]);
  const questions = Array.from({ length: 60 }, (_, index) => one(`Q${index}`, "why ".repeat(200)));
  const many = due({ needs: "answers", questions });
  assert.ok(bytes(many) <= MAX_QUESTIONS_BYTES + 300);
  assert.equal(many.moreQuestions, `${60 - many.questions.length} more: read_artifact, file=_qa.md`);
  assert.ok(many.questions.length > 0 && many.questions.length < 60);
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

Deno.test("viewStatus() names no tool where the user must type something first, and nothing to begin unasked", () => {
  const resume = { verb: "resume", session: "top" } as const;
  const seen = (next: Status["next"]) => {
    const { next: tool, userTypes } = viewStatus({ ...STATUS, next });
    return [tool, userTypes];
  };
  assert.deepEqual(seen([resume]), [{ tool: "resume_session", arguments: { session: "top" } }, undefined]);
  assert.deepEqual(seen([{ verb: "doctor" }, { verb: "logs", session: "top" }, resume]), [
    undefined,
    "samocode doctor",
  ]);
  assert.deepEqual(seen([{ verb: "accept_baseline", session: "top" }, resume]), [
    undefined,
    "samocode checks top --accept",
  ]);
  assert.deepEqual(seen([{ verb: "finish", session: "top" }, { verb: "continue", session: "top" }]), [
    undefined,
    undefined,
  ]);
});

Deno.test("viewRow() has what a session needs and what it took", () => {
  assert.deepEqual(viewRow({ ...STATUS, elapsedMs: 3_900_000, costUsd: 0.12, estimatedUsd: 0.1 }), {
    ...{ session: "top", state: "waiting", phase: "planning", needs: "approval" },
    ...{ elapsed: "1h 05m", costUsd: 0.22 },
  });
});
