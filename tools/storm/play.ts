/**
 * Plays a session in the place of the person: runs it, passes its gates, and watches that its record only grows.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { join } from "node:path";
import { readTail, removeIfExists } from "../../src/system/files/files.ts";
import { judge, type Problem } from "./oracle.ts";
import { type Ended, type Running, SESSION, type StormProject } from "./project.ts";
import { type Line, readJournal } from "./records.ts";

/** Runs the session; new or not. */
export const RUN = ["run", "--session", SESSION, "--task", "Weather it", "--dive", "The sea"] as const;

/** Enough for every kill and fault of a session to be taken up again. */
const MAX_RUNS = 60;

const NEWLINE = 10;

/** The gate at which a session waits. */
export type GateName = "qa_answers" | "plan_approval";

/** A session that is being played. */
export class Play {
  readonly project: StormProject;
  readonly #steps: number;
  readonly #problems: Problem[] = [];
  readonly #notes: string[] = [];
  #brokenRuns = 0;
  #noteCount = 0;
  /** The journal's complete lines as they were last seen; half a line is an event that nobody was told of. */
  #seen: Uint8Array = new Uint8Array();
  /** Set where the file operation that failed was the reading of the signal. */
  signalUnreadable = false;
  /** How many locks of a killed git the storm deleted, as samocode asked. */
  gitLocks = 0;

  constructor(project: StormProject, steps: number) {
    this.project = project;
    this.#steps = steps;
  }

  /** The journal's events so far. */
  get lines(): readonly Line[] {
    return readJournal(new TextDecoder().decode(this.#journal()));
  }

  /** Where the session waits, if it does. */
  get gate(): GateName | undefined {
    const last = this.lines.findLast(({ type }) => /^gate\.|^phase\.entered$/.test(type));
    const gate = last?.fields["gate"];
    return last?.type === "gate.reached" && (gate === "qa_answers" || gate === "plan_approval") ? gate : undefined;
  }

  /** Starts a run. Its end goes to {@linkcode ended}. */
  run(env: Readonly<Record<string, string>> = {}): Running {
    return this.project.start(RUN, env);
  }

  /** Starts what opens a gate, and tells the ledger before. */
  act(gate: GateName, env: Readonly<Record<string, string>> = {}): Running {
    this.project.tell(gate === "qa_answers" ? "answer" : "approve", new Date().toISOString());
    if (gate === "qa_answers") return this.project.start(["answer", SESSION, "--accept-suggestions"], env);
    const plan = readTail(join(this.project.session ?? "", "01-01-0000-plan-storm.md"), 2 ** 16).replaceAll(
      "[x]",
      "[ ]",
    );
    const hash = createHash("sha256").update(plan).digest("hex");
    return this.project.start(["approve", SESSION, "--sha256", hash], env);
  }

  /** Leaves a note; what was confirmed must reach an agent. */
  guide(): Running {
    const note = `storm-note-${++this.#noteCount}`;
    const running = this.project.start(["guide", SESSION, note]);
    running.ended.then(({ code }) => code === 0 && this.#notes.push(note));
    return running;
  }

  /** Looks at how a command ended, and at the record. */
  ended({ args, code, output }: Ended): void {
    if (args[0] === "run" && code !== 0 && code !== 10) this.#brokenRuns++;
    if (output.includes("STORM: killed")) this.fail("unclear", `${args[0]} hangs: ${output}`);
    const isClear = code === 0 || code === undefined ||
      (output.trim() !== "" && !/^\s+at |panicked|Uncaught/m.test(output));
    if (!isClear) this.fail("unclear", `${args.join(" ")} ended with ${code}: ${output}`);
    this.#removeGitLock(output);
    const now = this.#journal();
    const isPrefix = this.#seen.length <= now.length && this.#seen.every((byte, index) => byte === now[index]);
    if (!isPrefix) this.fail("lost", `what the journal had before ${args[0]}`);
    this.#seen = now.subarray(0, now.lastIndexOf(NEWLINE) + 1);
  }

  /** Counts a problem. */
  fail(kind: Problem["kind"], what: string): void {
    this.#problems.push({ kind, what });
  }

  /** Plays to the end with nothing in the way, once more to see that it is one, and judges. */
  async finish(): Promise<readonly Problem[]> {
    for (let count = 0;; count++) {
      const end = await this.run().ended;
      this.ended(end);
      if (end.code === 0) break;
      const { gate } = this;
      if (count === MAX_RUNS || (end.code === 10 && gate === undefined)) {
        this.fail("lost", `the way to the end: run ended with ${end.code}: ${end.output}`);
        return this.#problems;
      }
      if (end.code === 10 && gate !== undefined) this.ended(await this.act(gate).ended);
    }
    const before = readTail(this.project.ledger, 2 ** 24);
    this.ended(await this.run().ended);
    if (readTail(this.project.ledger, 2 ** 24) !== before) this.fail("twice", "an agent worked after the end");
    const evidence = {
      steps: this.#steps,
      notes: this.#notes,
      brokenRuns: this.#brokenRuns,
      signalUnreadable: this.signalUnreadable,
    };
    return [...this.#problems, ...judge(this.project, evidence)];
  }

  /** A killed git leaves its locks; samocode deletes none, since a person's look the same, and says which to delete. */
  #removeGitLock(output: string): void {
    const [, lock] = /Unable to create '([^']+\.lock)': File exists.*Delete that lock file/s.exec(output) ?? [];
    if (lock === undefined || !lock.startsWith(join(this.project.root, "repo", ".git"))) return;
    this.gitLocks++;
    removeIfExists(lock);
  }

  #journal(): Uint8Array {
    const { session } = this.project;
    if (session === undefined) return new Uint8Array();
    try {
      return Deno.readFileSync(join(session, "_journal.jsonl"));
    } catch {
      return new Uint8Array();
    }
  }
}
