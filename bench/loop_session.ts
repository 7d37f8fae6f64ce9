/**
 * A real session on disk whose loop is run one iteration at a time.
 *
 * @module
 */
import { join } from "node:path";
import { fanOut } from "../src/listeners/fan_out.ts";
import { createListeners } from "../src/listeners/registry.ts";
import type { LoopContext } from "../src/loop/loop_context.ts";
import { runSession } from "../src/loop/run_session.ts";
import { claudeClient } from "../src/providers/claude.ts";
import { cliProvider } from "../src/providers/cli_provider.ts";
import type { Provider } from "../src/providers/provider.ts";
import { layoutOf } from "../src/session/layout.ts";
import { SessionFolder } from "../src/session/session_folder.ts";
import { eventLine, NO_USAGE, type RecordedEvent, type SessionEvent } from "../src/workflow/session_event.ts";
import { AGENT_ENVIRONMENT, readVisit, type Visit } from "./instant_agent.ts";

/** What is needed for a session. */
export interface LoopSessionOptions {
  /** An empty folder for the session, its project and its cache. */
  readonly root: string;
  /** Where the shipped files lie. */
  readonly shippedRoot: string;
  /** The agent's program. */
  readonly agent: string;
  /** So many iterations stand in the journal already. */
  readonly pastIterations: number;
}

/** What one iteration wrote, so that the floor can write as much. */
export interface Written {
  readonly journalLines: readonly string[];
  readonly notebookBytes: number;
  readonly contextBytes: number;
}

/** One iteration as it was measured. */
export interface LoopStep extends Visit {
  readonly ms: number;
  readonly written: Written;
}

/** The loop with everything a worker has around it: journal, listeners, provider, a child process. */
export class LoopSession implements AsyncDisposable {
  readonly #folder: SessionFolder;
  readonly #events: AsyncGenerator<RecordedEvent>;
  #contextBytes = 0;

  /** Makes the session; it stands in the implementation phase, which may take 100 iterations. */
  constructor(options: LoopSessionOptions) {
    const path = join(options.root, "26-01-01-bench");
    writePast(path, { iterations: options.pastIterations, project: options.root });
    this.#folder = SessionFolder.open(path);
    const listeners = createListeners({
      sessionName: this.#folder.layout.name,
      paths: { logFile: this.#folder.layout.sessionLog, signalHistory: this.#folder.layout.signalHistory },
      terminal: undefined,
      telegram: undefined,
      nextSteps: () => [],
      before: { costUsd: undefined, iterations: options.pastIterations },
    });
    const report = (event: SessionEvent) => Promise.resolve(this.#folder.journal.append(event));
    this.#events = fanOut(this.#recorded(this.#contextFor(options)), listeners, { report });
  }

  /** Runs to the next signal. */
  async step(): Promise<LoopStep> {
    const begun = performance.now();
    const journalLines: string[] = [];
    let logPath = "";
    while (true) {
      const { value: event, done } = await this.#events.next();
      if (done || event.type === "session.stopped") throw new Error(`the loop stopped: ${JSON.stringify(event)}`);
      journalLines.push(eventLine(event));
      if (event.type === "iteration.started") logPath = join(this.#folder.layout.logs, event.log);
      if (event.type !== "signal.received") continue;
      const ms = performance.now() - begun;
      const notebookBytes = Deno.statSync(this.#folder.layout.notebook).size;
      return { ms, ...readVisit(logPath), written: { journalLines, notebookBytes, contextBytes: this.#contextBytes } };
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#events.return(undefined);
    this.#folder[Symbol.dispose]();
  }

  async *#recorded(context: LoopContext): AsyncGenerator<RecordedEvent> {
    for await (const event of runSession(this.#folder, context)) yield this.#folder.journal.append(event);
  }

  #contextFor({ root, shippedRoot, agent }: LoopSessionOptions): LoopContext {
    const client = claudeClient({
      binary: agent,
      model: "opus",
      maxTurns: 300,
      permissionMode: "dontAsk",
      settingSources: "project",
    });
    const provider = cliProvider(client, { env: AGENT_ENVIRONMENT, timeoutMs: 60_000, stallMs: 60_000 });
    const observed: Provider = {
      ...provider,
      run: (iteration, options) => {
        this.#contextBytes = iteration.context.length;
        return provider.run(iteration, options);
      },
    };
    return {
      provider: provider.name,
      providerFor: () => ({ provider: observed, model: "opus", timeoutMs: 60_000 }),
      fallback: undefined,
      version: "bench",
      shippedRoot,
      cacheFolder: join(root, "cache"),
      mainRepo: root,
      worktrees: root,
      branchPrefix: "",
      policy: { maxRetries: 0, retryDelayMs: 0 },
      maxCostUsd: undefined,
      abort: new AbortController().signal,
      now: () => new Date(),
    };
  }
}

/** Writes the journal of a session that came so far, and an empty log for each past iteration. */
export function writePast(
  path: string,
  { iterations, project }: { readonly iterations: number; readonly project: string },
): void {
  const layout = layoutOf(path);
  Deno.mkdirSync(layout.logs, { recursive: true });
  const lines: string[] = [];
  const add = (event: SessionEvent) =>
    lines.push(eventLine({ seq: lines.length + 1, at: "2026-01-01T12:00:00.000Z", ...event }));
  add({ type: "session.created", name: layout.name, task: "Measure the loop", dive: "" });
  add({ type: "session.prepared", workplace: { path: project, branch: undefined, base: undefined, note: "" } });
  for (let iteration = 1; iteration <= iterations; iteration++) {
    const phase = "testing";
    const log = `01-01-1200-${String(iteration).padStart(3, "0")}-${phase}.jsonl`;
    Deno.writeTextFileSync(join(layout.logs, log), "");
    add({ type: "iteration.started", iteration, attempt: 1, phase, marker: crypto.randomUUID(), log });
    for (let act = 0; act < 10; act++) add({ type: "agent.acted", tool: "Bash", about: `deno test --filter ${act}` });
    const usage = { ...NO_USAGE, costUsd: 0.25, inputTokens: 1000, outputTokens: 100, modelCalls: 11 };
    const facts = { iteration, attempt: 1, phase, durationMs: 60_000, usage, denials: 0, unrecorded: 0 } as const;
    add({ type: "iteration.ended", ...facts, end: { kind: "finished" } });
    add({ type: "signal.received", signal: { status: "continue", phase } });
  }
  add({ type: "phase.entered", phase: "implementation", from: "testing", by: "worker" });
  Deno.writeTextFileSync(layout.journal, lines.join(""));
}
