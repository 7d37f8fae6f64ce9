/**
 * The past of a session: a journal as a worker would have written it.
 *
 * @module
 */
import { join } from "node:path";
import { layoutOf } from "../src/session/layout.ts";
import { stateFolder } from "../src/system/user_folders.ts";
import { ownJournal } from "../tests/helpers/own_journal.ts";
import { eventLine } from "../src/workflow/event_line.ts";
import type { SessionEvent } from "../src/workflow/session_event.ts";
import { NO_USAGE } from "../src/workflow/usage.ts";
import type { Outcome } from "../src/workflow/run_events.ts";

/** What lies behind a session. */
export interface Past {
  readonly iterations: number;
  /** Where the agents worked. */
  readonly project: string;
  /** The branch that is checked out there, if it is a worktree. */
  readonly branch?: string | undefined;
  /** The home folder of the user; left out, it is the project's. */
  readonly home?: string;
  /** How it came to rest; left out, it stands before its next iteration. */
  readonly outcome?: Outcome;
  /** Whether each iteration left an empty log. */
  readonly withLogs?: boolean;
}

/** Writes the journal of a session that came so far; returns how many events are in it. */
export function writePast(
  path: string,
  { iterations, project, branch, home = project, outcome, withLogs = true }: Past,
): number {
  const layout = layoutOf(path);
  Deno.mkdirSync(layout.logs, { recursive: true });
  const lines: string[] = [];
  const add = (event: SessionEvent) =>
    lines.push(eventLine({ seq: lines.length + 1, at: "2026-01-01T12:00:00.000Z", ...event }));
  add({ type: "session.created", name: layout.name, task: "Measure the loop", dive: "" });
  add({ type: "session.prepared", workplace: { path: project, branch, base: undefined, note: "" } });
  for (let iteration = 1; iteration <= iterations; iteration++) {
    const phase = "testing";
    const log = `01-01-1200-${String(iteration).padStart(3, "0")}-${phase}.jsonl`;
    if (withLogs) Deno.writeTextFileSync(join(layout.logs, log), "");
    add({ type: "iteration.started", iteration, attempt: 1, phase, marker: crypto.randomUUID(), log });
    for (let act = 0; act < 10; act++) add({ type: "agent.acted", tool: "Bash", about: `deno test --filter ${act}` });
    const usage = { ...NO_USAGE, costUsd: 0.25, inputTokens: 1000, outputTokens: 100, modelCalls: 11 };
    const facts = { iteration, attempt: 1, phase, durationMs: 60_000, usage, denials: 0, unrecorded: 0 } as const;
    add({ type: "iteration.ended", ...facts, end: { kind: "finished" } });
    add({ type: "signal.received", signal: { status: "continue", phase } });
  }
  add({ type: "phase.entered", phase: "implementation", from: "testing", by: "worker" });
  if (outcome !== undefined) add({ type: "session.stopped", outcome, notebookPhase: "implementation" });
  Deno.writeTextFileSync(layout.journal, lines.join(""));
  ownJournal(layout.journal, stateFolder({ HOME: home }));
  return lines.length;
}
