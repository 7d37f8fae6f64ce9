/**
 * What a storm has done and found so far.
 *
 * @module
 */
import { type Problem, PROBLEM_KINDS } from "./oracle.ts";

/** Counts by name. */
export class Counts {
  readonly #counts = new Map<string, number>();

  add(name: string): void {
    this.#counts.set(name, (this.#counts.get(name) ?? 0) + 1);
  }

  get total(): number {
    return [...this.#counts.values()].reduce((sum, count) => sum + count, 0);
  }

  /** `3: a 1, b 2` */
  toString(): string {
    const each = [...this.#counts].sort(([a], [b]) => a < b ? -1 : 1).map(([name, count]) => `${name} ${count}`);
    return [String(this.total), ...(each.length === 0 ? [] : [each.join(", ")])].join(": ");
  }
}

const PROGRESS_MS = 15_000;

/** The counts of a storm; says every now and then how far it is, and at once what is wrong. */
export class Tally {
  /** By whom they hit. */
  readonly kills = new Counts();
  /** By what happened to which operation, as in `torn write`. */
  readonly faults = new Counts();
  readonly problems: Problem[] = [];
  /** Faults that did not happen, because the command had fewer operations this time. */
  unreached = 0;
  /** Commands in races. */
  acts = 0;
  sessions = 0;
  guarded = 0;
  /** Locks of a killed git that were deleted, as samocode asked. */
  gitLocks = 0;
  readonly #write: (line: string) => void;
  readonly #begun = performance.now();
  #told = performance.now();

  constructor(write: (line: string) => void) {
    this.#write = write;
  }

  /** Counts a session that is over. */
  over(problems: readonly Problem[], { where, again }: { readonly where: string; readonly again: string }): void {
    this.sessions++;
    this.problems.push(...problems);
    for (const { kind, what } of problems) {
      this.#write(`${kind}: ${what}\n  in ${where}; again: deno task storm ${again}`);
    }
    if (performance.now() - this.#told < PROGRESS_MS) return;
    this.#told = performance.now();
    const { kills, faults, acts } = this;
    this.say(`${kills.total} kills, ${faults.total} faults, ${acts} racing acts, ${this.problems.length} problems`);
  }

  /** Writes a line with the seconds that have passed. */
  say(text: string): void {
    this.#write(`${Math.round((performance.now() - this.#begun) / 1000)} s: ${text}`);
  }

  /** All of it. */
  tell(): void {
    this.say(
      `${this.sessions} sessions, ${this.guarded} of them guarded; ${this.gitLocks} of git's locks deleted as asked`,
    );
    this.#write(`kills   ${this.kills}`);
    this.#write(`faults  ${this.faults}${this.unreached === 0 ? "" : `; ${this.unreached} more were not reached`}`);
    this.#write(`races   ${this.acts} acts`);
    const counts = PROBLEM_KINDS.map((kind) =>
      `${this.problems.filter((problem) => problem.kind === kind).length} ${kind}`
    );
    this.#write(counts.join(", "));
  }
}
