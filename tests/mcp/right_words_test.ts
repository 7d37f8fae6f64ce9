/**
 * What a parent reads names tools: a command line is there only for what nobody but a person can type.
 *
 * @module
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { COMMANDS } from "../helpers/all_commands.ts";
import { eventLine } from "../../src/workflow/event_line.ts";
import type { Outcome } from "../../src/workflow/run_events.ts";
import type { SessionEvent } from "../../src/workflow/session_event.ts";
import { takeLock } from "../../src/session/lock.ts";
import { makeOriginal, PLAN } from "../helpers/hand_made.ts";
import { EndedSession } from "../helpers/ended_session.ts";
import { McpClient, McpProject, type Wire } from "./mcp_client.ts";
import { slowTest } from "../helpers/slow.ts";

const HASH = "0".repeat(64);
const QUESTIONS = "### Q1: Which?\n\n- A) one\n- B) two\n\n**Suggestion:** A\n\n**Answer:** _waiting_\n";

/** What no tool does. */
const TYPED = ["checks", "doctor", "demo", "init", "phase", "restore", "supervise", "trust"];
const DONE_BY_TOOLS = COMMANDS.map(({ name }) => name).filter((name) => !TYPED.includes(name));
const COMMAND = new RegExp(`(?<![./\\w])samocode (?:${DONE_BY_TOOLS.join("|")})\\b`);

const STARTED: SessionEvent = { type: "session.started", provider: "claude", version: "1", pid: 1 };
const gateAt = (gate: "qa_answers" | "plan_approval", document: string): readonly SessionEvent[] => [
  STARTED,
  { type: "gate.reached", gate, wants: undefined, document, sha256: HASH },
];
const rests = (outcome: Outcome): readonly SessionEvent[] => [STARTED, { type: "session.stopped", outcome }];
const waits = (gate: "qa_answers" | "plan_approval"): SessionEvent => ({
  type: "session.stopped",
  outcome: { kind: "waiting", for: gate, gate, detail: "It is your turn" },
});

/** Sessions in all states, by name: what their journals have after their creation. */
const STATES: Readonly<Record<string, readonly SessionEvent[]>> = {
  fresh: [],
  asking: [...gateAt("qa_answers", "_qa.md"), waits("qa_answers")],
  planned: [...gateAt("plan_approval", "01-01-10:00-plan-x.md"), waits("plan_approval")],
  poor: rests({ kind: "waiting", for: "budget", gate: undefined, detail: "The budget is used up" }),
  red: rests({ kind: "waiting", for: "red_baseline", gate: undefined, detail: "Checks failed" }),
  file: rests({ kind: "waiting", for: "file_update", gate: undefined, detail: "A file" }),
  blocked: rests({ kind: "blocked", reason: "No key", needs: "clarification" }),
  failed: rests({ kind: "failed", reason: "Cannot start /nowhere/claude" }),
  stopped: rests({ kind: "stopped", by: "me" }),
  crashed: [STARTED],
  queued: [{ type: "session.queued", by: "me", running: 1, most: 1 }],
  done: rests({ kind: "done", summary: "All of it" }),
  running: [STARTED],
};

const WAITING = /^(?:start|answer|approve|raise|resume)_/;

/** Calls of every tool that name a session. */
const CALLS: readonly (readonly [tool: string, args: Readonly<Record<string, unknown>>])[] = [
  ["read_status", {}],
  ["wait_session", { max_seconds: 1 }],
  ["start_session", { task: "x" }],
  ["start_session", { task: "x", provider: "codex", max_cost: 1e6 }],
  ["answer_qa", {}],
  ["answer_qa", { answers: { Q9: "A" } }],
  ["answer_qa", { answers: { Q1: "Z" } }],
  ["approve_plan", { decision: "approve" }],
  ["approve_plan", { decision: "approve", sha256: HASH }],
  ["approve_plan", { decision: "revise" }],
  ["raise_budget", {}],
  ["raise_budget", { cost: 0.01 }],
  ["resume_session", { guidance: " " }],
  ["resume_session", { task: " " }],
  ["resume_session", {}],
  ["read_artifact", { file: "none.md" }],
  ["read_artifact", { file: "diff" }],
  ["finish_session", { how: "merge", into: "nowhere" }],
  ["finish_session", { how: "merge", into: "me/branch" }],
  ["finish_session", { how: "ff-only", into: "other" }],
  ["finish_session", { how: "push" }],
  ["finish_session", { how: "pr" }],
  ["finish_session", { how: "merge" }],
  ["answer_qa", { accept_suggestions: true }],
  ["stop_session", {}],
  ["finish_session", { how: "discard" }],
];

function write(project: McpProject, name: string): string {
  const folder = join(project.root, "sessions", `26-01-02-${name}`);
  Deno.mkdirSync(folder);
  const created: SessionEvent = { type: "session.created", name, task: "Add --top", dive: "" };
  const events = [created, ...STATES[name] ?? []];
  const at = "2026-01-02T03:04:05.000Z";
  const lines = events.map((event, index) => eventLine({ ...event, seq: index + 1, at }));
  Deno.writeTextFileSync(join(folder, "_journal.jsonl"), lines.join(""));
  if (name === "asking") Deno.writeTextFileSync(join(folder, "_qa.md"), QUESTIONS);
  if (name === "planned") Deno.writeTextFileSync(join(folder, "01-01-10:00-plan-x.md"), PLAN);
  return project.own(folder);
}

slowTest("no tool answers with the command line of what a tool can do, in whatever state the session is", async () => {
  using project = new McpProject();
  const locks = Object.keys(STATES).map((name) => [name, write(project, name)] as const);
  using _held = await takeLock(new Map(locks).get("running") ?? "", { session: "running" });
  new EndedSession(project, "branch").commit("top.txt", "one\n");
  project.git("checkout", "--quiet", "--orphan", "other");
  project.git("commit", "--quiet", "--message=Other");
  project.git("checkout", "--quiet", "main");
  new EndedSession(project, "dirty").document("note.md", "x");
  Deno.writeTextFileSync(join(project.root, "worktrees", "dirty", "new.txt"), "x");
  makeOriginal(project, { phase: "implementation" });
  const forged = join(project.root, "sessions", "26-01-02-file", "_journal.jsonl");
  const env = { SAMOCODE_PROVIDER: "claude", CLAUDE_PATH: "/nowhere/claude", CODEX_PATH: "/nowhere/codex" };
  // Its user agrees to everything, so that each call goes as far as it can.
  await using client = await McpClient.connect(project, {
    env: { ...env, SAMOCODE_GATE: "agent" },
    capabilities: { elicitation: { form: {} } },
    onRequest: () => ({ action: "accept", content: { approve: true } }),
  });
  const wrong: string[] = [];
  let refusals = 0;
  const check = (tool: string, args: object, { isError, content }: Wire): void => {
    const said = content.map(({ text }: Wire) => text).join("\n");
    if (isError) refusals++;
    // Git's own commands are for a person, with git's flags.
    const words = said.replaceAll("Add --top", "").replace(/\bgit -C [^);]*/g, "").replace(
      /<session-data>[^]*?<\/session-data>/g,
      "",
    );
    const flags = words.replace(/`samocode [^`]*`|"samocode [^"]*"/g, "").match(/(?<= |\()--[a-z][a-z-]+/g) ?? [];
    if (COMMAND.test(words) || flags.length > 0) wrong.push(`${tool} ${JSON.stringify(args)}: ${said}`);
  };
  for (const session of [...Object.keys(STATES), "branch", "dirty", "login-limit", "nobody"]) {
    for (const [tool, args] of CALLS) {
      const given = { session, ...args, ...(WAITING.test(tool) && { wait: false }) };
      check(tool, given, await client.call(tool, given));
    }
  }
  write(project, "file");
  Deno.writeTextFileSync(forged, "{}\n");
  for (const [tool, args] of CALLS) check(tool, args, await client.call(tool, { session: "file", ...args }));
  assert.deepEqual(wrong, []);
  assert.ok(refusals > 200, `${refusals} refusals`);
  assert.deepEqual(project.workers(), []);
});

Deno.test("a call that comes too late answers with what is due now", async () => {
  using project = new McpProject();
  write(project, "asking");
  await using client = await McpClient.connect(project, { env: { SAMOCODE_GATE: "agent" } });
  const late = await client.call("approve_plan", { session: "asking", decision: "approve", sha256: HASH });
  assert.match(late.content[0].text, /no plan is waiting[^]*answer_qa \{"session":"asking"\}\nNow: asking is waiting/);
  assert.match(late.content[1].text, /"Which\?"/);
  // Somebody has answered at the command line, and its worker is at work.
  using _held = await takeLock(write(project, "running"), { session: "running" });
  const running = await client.refusal("approve_plan", { session: "running", decision: "approve", sha256: HASH });
  assert.match(running, /no plan is waiting, the session is running in \w+\nWatch it: wait_session/);
});
