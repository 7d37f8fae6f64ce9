/**
 * What processes take of the machine's memory, as Linux counts it; see proc(5).
 *
 * @module
 */

/** The most that was ever resident of a process, in MB; 0 of one that is gone. */
export function peakMegabytes(pid: number | "self"): number {
  return readKibibytes(`/proc/${pid}/status`, /^VmHWM:\s+(\d+)/m);
}

/** What a process has resident now, in MB; 0 of one that is gone. */
export function residentMegabytes(pid: number): number {
  return readKibibytes(`/proc/${pid}/status`, /^VmRSS:\s+(\d+)/m);
}

/** What a process has resident now, in MB: of pages that several share, its part. */
export function shareMegabytes(pid: number): number {
  return readKibibytes(`/proc/${pid}/smaps_rollup`, /^Pss:\s+(\d+)/m);
}

function readKibibytes(path: string, pattern: RegExp): number {
  try {
    return Number(pattern.exec(Deno.readTextFileSync(path))?.[1] ?? 0) * 1024 / 1e6;
  } catch {
    // It ended in between.
    return 0;
  }
}

/** The memory that several processes took together, in MB. */
export interface Taken {
  /** The sum of what each took at its most, whenever that was. */
  readonly peaks: number;
  /** The most that they took at one moment, shared pages counted once. */
  readonly atOnce: number;
}

/** Looks at processes until it is disposed. A process's last milliseconds may be missed. */
export class MemoryWatch implements Disposable {
  readonly #peaks = new Map<number, number>();
  #atOnce = 0;
  readonly #timer: ReturnType<typeof setInterval>;

  constructor(pids: readonly number[]) {
    this.#timer = setInterval(() => this.#look(pids), LOOK_MS);
  }

  get taken(): Taken {
    return { peaks: sum([...this.#peaks.values()]), atOnce: this.#atOnce };
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }

  #look(pids: readonly number[]): void {
    for (const pid of pids) this.#peaks.set(pid, Math.max(this.#peaks.get(pid) ?? 0, peakMegabytes(pid)));
    this.#atOnce = Math.max(this.#atOnce, sum(pids.map(shareMegabytes)));
  }
}

const LOOK_MS = 20;

function sum(numbers: readonly number[]): number {
  return numbers.reduce((a, b) => a + b, 0);
}
