/**
 * A real session on disk whose loop is run one iteration at a time.
 *
 * @module
 */
import { join } from "node:path";
import { fanOut } from "../src/event_listeners/fan_out.ts";
import { statusOf } from "../src/operations/read_status.ts";
import { createEventListeners } from "../src/operations/run_listeners.ts";
import type { LoopContext } from "../src/loop/loop_context.ts";
import { runSession } from "../src/loop/run_session.ts";
import { readPlugin } from "../src/prompt/shipped_files.ts";
import { claudeClient } from "../src/agents/claude/client.ts";
import { agentRunner } from "../src/agents/engine.ts";
import { unguarded } from "../src/guard/guard.ts";
import type { AgentRunner } from "../src/agents/agent_runner.ts";
import { SessionFolder } from "../src/session/session_folder.ts";
import { stateFolder } from "../src/system/user_folders.ts";
import { eventLine } from "../src/workflow/event_line.ts";
import type { RecordedEvent, SessionEvent } from "../src/workflow/session_event.ts";
import { SYSTEM_CLOCK } from "../src/system/clock.ts";
import { AGENT_ENVIRONMENT, readVisit, type Visit } from "./instant_agent.ts";
import { writePast } from "./past_session.ts";

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
  /** Whether it works in a git worktree, as most do. */
  readonly hasGit?: boolean;
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
    const project = join(options.root, "project");
    Deno.mkdirSync(project);
    const branch = options.hasGit ? makeWorktree(options.root, project) : undefined;
    writePast(path, { iterations: options.pastIterations, project, branch, home: options.root });
    this.#folder = SessionFolder.open(path, { stateFolder: stateFolder({ HOME: options.root }) });
    this.#events = this.#heard(options);
  }

  /** Runs to the next signal. */
  async step(): Promise<LoopStep> {
    // The loop stops where nothing changes any more.
    Deno.writeTextFileSync(join(this.#folder.layout.folder, "notes.md"), crypto.randomUUID());
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

  async *#heard(options: LoopSessionOptions): AsyncGenerator<RecordedEvent> {
    const { layout, journal } = this.#folder;
    const listeners = createEventListeners({
      sessionName: layout.name,
      paths: { sessionLog: layout.sessionLog, signalHistory: layout.signalHistory },
      terminal: undefined,
      nextSteps: () => ({ documents: [], commands: [] }),
      view: () => statusOf(this.#folder),
      history: () => journal.history,
      before: journal.history,
    });
    const report = (event: SessionEvent) => Promise.resolve(journal.append(event));
    yield* fanOut(this.#recorded(this.#contextFor(options)), listeners, { report });
  }

  async *#recorded(context: LoopContext): AsyncGenerator<RecordedEvent> {
    for await (const event of runSession(this.#folder, context)) yield this.#folder.journal.append(event);
  }

  #contextFor(options: LoopSessionOptions): LoopContext {
    const { root, shippedRoot, agent } = options;
    const client = claudeClient({
      binary: agent,
      model: "opus",
      maxTurns: 300,
      permissionMode: "dontAsk",
      settingSources: "project",
    });
    const runner = agentRunner(client, {
      name: "claude",
      env: AGENT_ENVIRONMENT,
      timeoutMs: 60_000,
      stallMs: 60_000,
    });
    const observed: AgentRunner = {
      ...runner,
      run: (iteration, options) => {
        this.#contextBytes = Deno.statSync(iteration.contextPath).size;
        return runner.run(iteration, options);
      },
    };
    const checks = { commands: [], env: {}, guard: unguarded({ note: "", tie: undefined }), timeoutMs: 60_000 };
    const whyUnreachable = () => Promise.resolve(undefined);
    return {
      guard: { kind: "none", open: [], network: "open", note: "" },
      provider: runner.name,
      isProviderNamed: false,
      agentFor: () => ({
        runner: observed,
        model: "opus",
        timeoutMs: 60_000,
        strangeSettings: () => [],
        whyUnreachable,
      }),
      fallbackProvider: undefined,
      version: "bench",
      shippedRoot,
      plugin: readPlugin(shippedRoot),
      cacheFolder: join(root, "cache"),
      mainRepo: options.hasGit ? join(root, "repo") : join(root, "project"),
      worktrees: root,
      branchPrefix: "",
      checks,
      policy: { maxRetries: 0, retryDelayMs: 0, outagePatienceMs: 0, maxLimitWaitMs: 0 },
      limits: NO_LIMITS,
      stateFolder: join(root, "state"),
      takesHandEdits: false,
      abort: new AbortController().signal,
      now: () => new Date(),
      clock: SYSTEM_CLOCK,
      random: () => 0,
    };
  }
}

/** Makes a worktree of a new repository; returns its branch. */
function makeWorktree(root: string, path: string): string {
  const repo = join(root, "repo");
  const identity = ["-c", "user.name=b", "-c", "user.email=b@b"];
  for (
    const args of [
      ["init", "--quiet", repo],
      ["-C", repo, ...identity, "commit", "--quiet", "--allow-empty", "--message=Begin"],
      ["-C", repo, "worktree", "add", "--quiet", "-b", "bench", path],
    ]
  ) new Deno.Command("git", { args }).outputSync();
  return "bench";
}

const NONE = { cost: undefined, tokens: undefined, starts: undefined, time: undefined };
const NO_LIMITS = { session: NONE, day: NONE };
