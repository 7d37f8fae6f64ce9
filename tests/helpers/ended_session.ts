/**
 * A session that has ended, on a branch and in a worktree of its own, without a worker: for tests of what comes after.
 *
 * @module
 */
import { join } from "node:path";
import { eventLine } from "../../src/workflow/event_line.ts";
import type { Outcome } from "../../src/workflow/run_events.ts";
import type { SessionEvent } from "../../src/workflow/session_event.ts";
import type { Work } from "../../src/workflow/work.ts";
import type { TempProject } from "./temp_project.ts";

/** What is different about it. */
export interface EndedOptions {
  readonly outcome?: Outcome;
  /** ISO 8601. */
  readonly at?: string;
  readonly day?: string;
  /** What it began from; by default the branch main as it is. */
  readonly base?: string;
  /** Whether its work was counted at its end: before anything that a test commits. */
  readonly isCounted?: boolean;
}

/** A session called `name`, on the branch `me/NAME`. */
export class EndedSession {
  readonly folder: string;
  readonly worktree: string;
  readonly branch: string;
  readonly #project: TempProject;

  constructor(project: TempProject, name = "top", options: EndedOptions = {}) {
    const { outcome = { kind: "done", summary: "All of it" }, at = new Date().toISOString(), day = "26-01-02" } =
      options;
    this.#project = project;
    this.folder = join(project.root, "sessions", `${day}-${name}`);
    this.worktree = join(project.root, "worktrees", name);
    this.branch = `me/${name}`;
    // Merges are made with the environment of the test itself, which may name nobody.
    project.git("config", "user.name", "me");
    project.git("config", "user.email", "me@localhost");
    const commit = project.git("rev-parse", "HEAD");
    const { base = `main (${commit.slice(0, 10)})` } = options;
    project.git("worktree", "add", "--quiet", "-b", this.branch, this.worktree, "HEAD");
    const events: readonly SessionEvent[] = [
      { type: "session.created", name, task: "Add --top", dive: "" },
      { type: "session.prepared", workplace: { path: this.worktree, branch: this.branch, base, note: "" } },
      { type: "session.started", provider: "demo", version: "1", pid: 1 },
      ...options.isCounted ? [{ type: "work.counted", head: commit, ...noWork(commit) } as const] : [],
      { type: "session.stopped", outcome },
    ];
    Deno.mkdirSync(this.folder, { recursive: true });
    Deno.writeTextFileSync(
      join(this.folder, "_journal.jsonl"),
      events.map((event, index) => eventLine({ ...event, seq: index + 1, at })).join(""),
    );
    project.own(this.folder);
  }

  /** Runs git in the worktree. */
  git(...args: readonly string[]): string {
    return this.#project.git("-C", this.worktree, ...args);
  }

  /** Commits a file on its branch. */
  commit(name: string, text: string): string {
    Deno.writeTextFileSync(join(this.worktree, name), text);
    this.git("add", "--all");
    this.git("commit", "--quiet", `--message=Change ${name}`);
    return this.git("rev-parse", "HEAD");
  }

  /** Writes a document of the session. */
  document(name: string, text: string): string {
    Deno.writeTextFileSync(join(this.folder, name), text);
    return join(this.folder, name);
  }
}

function noWork(base: string): Omit<Work, "head"> {
  return { base, commits: 0, newest: [], files: 0, added: 0, removed: 0, changes: [] };
}
