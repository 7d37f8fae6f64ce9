/**
 * Watches the time of a running agent, and ends it.
 *
 * @module
 */
import {
  endGroup,
  endInside,
  type EndPatience,
  firstInside,
  leftInGroup,
  sweep,
} from "../system/processes/end_processes.ts";
import type { ProcessEntry } from "../system/processes/process_source.ts";
import type { AgentProcess } from "../system/processes/spawn_agent.ts";
import type { IterationEnd } from "../workflow/iteration_end.ts";
import type { AwakeTime } from "../system/awake_time.ts";
import type { Guard } from "../guard/guard.ts";

/** How long a process may take, and what guards it. */
export interface SupervisionOptions {
  readonly timeoutMs: number;
  /** How long it may be silent. */
  readonly stallMs: number;
  readonly guard?: Guard | undefined;
  readonly patience?: EndPatience;
}

/** Ends a process on timeout, silence or abort. The first cause wins. */
export class Supervision {
  readonly #process: AgentProcess;
  readonly #options: SupervisionOptions;
  readonly #abort: AbortSignal;
  readonly #time: AwakeTime;
  readonly #onAbort = () => this.endBecause({ kind: "aborted", by: reasonOf(this.#abort) });
  #heardAt: number;
  #ending: Promise<void> | undefined;
  #exited = false;
  cause: IterationEnd | undefined;
  /** The first process behind the guard: everything there ends with it. */
  inside: ProcessEntry | undefined;
  descendants: readonly ProcessEntry[] = [];

  constructor(
    process: AgentProcess,
    { options, abort, time, restMs }: {
      readonly options: SupervisionOptions;
      readonly abort: AbortSignal;
      readonly time: AwakeTime;
      /** What is left of the budget's time. */
      readonly restMs?: number | undefined;
    },
  ) {
    this.#process = process;
    this.#options = options;
    this.#abort = abort;
    this.#time = time;
    this.#heardAt = time.ms;
    process.exited.then(() => this.#exited = true);
    const { timeoutMs } = options;
    const isShort = restMs !== undefined && restMs < timeoutMs;
    const end: IterationEnd = isShort
      ? { kind: "over-budget", detail: "no time is left" }
      : { kind: "timed-out", afterMs: timeoutMs };
    time.after(isShort ? restMs : timeoutMs, () => this.endBecause(end));
    this.#watchSilence(options.stallMs);
    abort.addEventListener("abort", this.#onAbort, { once: true });
    if (abort.aborted) this.#onAbort();
  }

  /** Notes that output arrived. Resetting a timer for each chunk would cost more than reading it. */
  heard(): void {
    this.#heardAt = this.#time.ms;
    this.#lookInside();
  }

  /** Ends the process, if it still runs, and the supervision. */
  async end(): Promise<void> {
    if (!this.#exited) await this.#kill();
    await this.#ending;
    this.#abort.removeEventListener("abort", this.#onAbort);
  }

  /** Does that, and ends all that it left; returns the ids of those processes. */
  async endAll(marker: string): Promise<readonly number[]> {
    await this.end();
    if (this.inside !== undefined) {
      await endInside(this.inside);
      return [];
    }
    const seen = [...this.descendants, ...leftInGroup(this.#process.pid)];
    return await sweep(marker, seen, this.#options.patience);
  }

  #watchSilence(afterMs: number): void {
    this.#time.after(afterMs, () => {
      const silentMs = Math.round(this.#time.ms - this.#heardAt);
      if (silentMs >= this.#options.stallMs) this.endBecause({ kind: "stalled", silentMs });
      else this.#watchSilence(this.#options.stallMs - silentMs);
    });
  }

  /** Ends the process. The first cause wins. */
  endBecause(cause: IterationEnd): void {
    if (this.#exited) return;
    this.cause ??= cause;
    void this.#kill();
  }

  #lookInside(): void {
    const kind = this.#options.guard?.record.kind;
    if (kind !== "bubblewrap" && kind !== "pid-namespace") return;
    this.inside ??= firstInside(this.#process.pid);
  }

  #kill(): Promise<void> {
    this.#lookInside();
    // The guard's own program would die of the first signal, and the agent with it.
    const group = this.#options.guard?.record.kind === "bubblewrap" ? this.inside?.pid : undefined;
    const { patience } = this.#options;
    this.#ending ??= endGroup(this.#process.pid, this.#process.exited, { patience, group })
      .then((descendants) => void (this.descendants = descendants));
    return this.#ending;
  }
}

/** The reason that an abort was given, for people. */
export function reasonOf(abort: AbortSignal): string {
  return typeof abort.reason === "string" ? abort.reason : "interrupted";
}
