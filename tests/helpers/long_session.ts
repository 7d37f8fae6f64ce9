/**
 * A session with everything that a page shows of one: a journal of any length with each kind of event, commits, logs,
 * documents and pictures. Its texts would call `hacked()` if anything ran them.
 *
 * @module
 */
import { join } from "node:path";
import { layoutOf } from "../../src/session/layout.ts";
import { eventLine } from "../../src/workflow/event_line.ts";
import type { SessionEvent } from "../../src/workflow/session_event.ts";
import { NO_USAGE } from "../../src/workflow/usage.ts";
import { recordStory, script } from "./story_events.ts";
import type { TempProject } from "./temp_project.ts";

/** Would run in a page that took it for HTML. */
export function hostile(place: string): string {
  return `<img src=x onerror="hacked('${place}')"><script>hacked('${place}')</script>`;
}

/** The first event that is not of the whole story says this and nothing else does. */
export const NEEDLE = "needle in the middle";

const NAME = "26-11-20-long";
const BRANCH = "ada/long";

/** Twelve squares of one colour, as PNG. */
const PICTURE = Uint8Array.from(
  atob("iVBORw0KGgoAAAANSUhEUgAAAAQAAAADCAIAAAA7ljmRAAAAEElEQVR4nGOwiDoBRww4OQBx5Q3NdqEMQwAAAABJRU5ErkJggg=="),
  (letter) => letter.charCodeAt(0),
);

/** Of its budget. */
export const MAX_COST = 400;

const NO_LIMITS = { cost: undefined, tokens: undefined, starts: undefined, time: undefined };
const LIMITS = { session: { ...NO_LIMITS, cost: MAX_COST }, day: NO_LIMITS };

/** How much of it. */
export interface LongSessionOptions {
  /** The number of its last event. */
  readonly count: number;
  /** Whether its worker has gone on: it ends with an agent's act, and does not rest. */
  readonly isRunning?: boolean;
}

/** Makes it, and returns its folder. */
export function makeLongSession(
  project: TempProject,
  { count, isRunning = false }: LongSessionOptions,
): string {
  const folder = join(project.root, "sessions", NAME);
  const layout = layoutOf(folder);
  Deno.mkdirSync(layout.logs, { recursive: true });
  const worktree = join(project.root, "worktrees", "long");
  const base = project.git("rev-parse", "HEAD");
  project.git("worktree", "add", "--quiet", "-b", BRANCH, worktree);
  commit(project, worktree, { [`${hostile("name").replaceAll("/", "∕")}.ts`]: "one\ntwo\n", "README.md": "# long\n" });
  commit(project, worktree, {
    "src/hostile.html": `${hostile("diff")}\n${Array.from({ length: 3_000 }, (_, n) => `line ${n}`).join("\n")}\n`,
  });
  const events = eventsOf({ path: worktree, branch: BRANCH, base, note: "" }, { count, isRunning });
  const recorded = recordStory(events, { firstAtMs: Date.parse("2026-11-20T05:02:11.123Z"), stepMs: 850 });
  Deno.writeTextFileSync(layout.journal, recorded.map(eventLine).join(""));
  const last = events.findLast((event) => event.type === "iteration.started");
  if (last?.type === "iteration.started") Deno.writeTextFileSync(join(layout.logs, last.log), rawLog());
  Deno.writeTextFileSync(layout.notebook, `# Long\n\n## Status\n\nPhase: testing\n\n${hostile("notebook")}\n`);
  Deno.writeTextFileSync(
    join(folder, "11-20-0509-plan-long.md"),
    `# Plan\n\n${hostile("plan")}\n\n- [x] Begin\n- [ ] End\n\n[a](javascript:hacked('link'))\n`,
  );
  for (const name of ["login 390.png", "login 1280.png"]) Deno.writeFileSync(join(folder, name), PICTURE);
  project.own(folder);
  return folder;
}

function commit(project: TempProject, worktree: string, files: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(files)) {
    Deno.mkdirSync(join(worktree, name, ".."), { recursive: true });
    Deno.writeTextFileSync(join(worktree, name), text);
  }
  project.git("-C", worktree, "add", "--all");
  project.git("-C", worktree, "commit", "--quiet", `--message=Add ${hostile("subject")}`);
}

type Workplace = Extract<SessionEvent, { type: "session.prepared" }>["workplace"];

function eventsOf(
  workplace: Workplace,
  { count, isRunning }: Required<LongSessionOptions>,
): readonly SessionEvent[] {
  const whole = script()
    .filter(({ type }) => type !== "session.finished" && type !== "workplace.removed")
    .map((event): SessionEvent => {
      if (event.type === "session.prepared") return { ...event, workplace };
      return event.type === "session.started" ? { ...event, limits: LIMITS } : event;
    });
  const events = [...whole];
  events.push({ type: "agent.said", text: `${NEEDLE} ${hostile("journal")}` });
  const phase = "testing";
  if (isRunning) events.push({ type: "session.started", provider: "claude", version: "2.1.0", pid: 1, limits: LIMITS });
  events.push({ type: "phase.entered", phase, from: "done", by: "human" });
  for (let iteration = 7; events.length < count - 14; iteration++) {
    const log = `11-21-0502-${String(iteration).padStart(3, "0")}-${phase}.jsonl`;
    events.push({ type: "iteration.started", iteration, attempt: 1, phase, marker: crypto.randomUUID(), log });
    for (let act = 0; act < 10; act++) {
      events.push({ type: "agent.acted", tool: "Bash", about: `deno test --filter ${act}` });
    }
    const usage = {
      ...NO_USAGE,
      costUsd: 0.01 * (iteration % 7),
      inputTokens: 1000,
      outputTokens: 100,
      modelCalls: 11,
    };
    const facts = { iteration, attempt: 1, phase, durationMs: 8_000 + (iteration % 11) * 100, usage } as const;
    events.push({ type: "iteration.ended", ...facts, denials: 0, unrecorded: 0, end: { kind: "finished" } });
    events.push({ type: "signal.received", signal: { status: "continue", phase } });
  }
  while (events.length < count - 1) events.push({ type: "agent.acted", tool: "Read", about: hostile("journal") });
  events.push(
    isRunning ? { type: "agent.acted", tool: "Bash", about: "deno test" } : {
      type: "session.stopped",
      outcome: { kind: "blocked", reason: "Which key store", needs: "human_decision" },
      notebookPhase: phase,
    },
  );
  return events;
}

/** What Claude Code printed, more than a page of it. */
function rawLog(): string {
  const said = (content: object): string => JSON.stringify({ type: "assistant", message: { content: [content] } });
  const tool = (n: number): string =>
    said({ type: "tool_use", id: `t${n}`, name: "Bash", input: { command: `deno test --filter ${n}` } });
  return [
    ...Array.from({ length: 500 }, (_, n) => tool(n)),
    said({ type: "text", text: `The end of it ${hostile("log")}` }),
    "",
  ].join("\n");
}
