/**
 * `deno task bench`: prints the program's own cost, without its agents, as ratios to floors measured alternately with
 * it. `--quick` only checks that everything runs; names of parts select what to measure.
 *
 * @module
 */
import { join } from "node:path";
import type { BenchOptions } from "./bench_options.ts";
import { benchCheckpoints } from "./checkpoint_bench.ts";
import { benchFleet } from "./fleet_bench.ts";
import { benchGuard } from "./guard_bench.ts";
import { benchIterations } from "./iteration_bench.ts";
import { benchJournal } from "./journal_bench.ts";
import { benchMcp } from "./mcp_bench.ts";
import { benchPhone } from "./phone_bench.ts";
import { benchSessions } from "./sessions_bench.ts";
import { benchStartUp } from "./start_up_bench.ts";
import { benchStreams } from "./stream_bench.ts";
import { benchView } from "./view_bench.ts";
import { benchViewPage } from "./view_page_bench.ts";
import { benchWorkers } from "./workers_bench.ts";

const PARTS: Readonly<Record<string, (options: BenchOptions) => Promise<void>>> = {
  iterations: benchIterations,
  guard: benchGuard,
  checkpoints: benchCheckpoints,
  streams: benchStreams,
  "start-up": benchStartUp,
  mcp: benchMcp,
  journal: benchJournal,
  sessions: benchSessions,
  phone: benchPhone,
  view: benchView,
  "view-page": benchViewPage,
  workers: benchWorkers,
  fleet: benchFleet,
};

/** What to measure. */
export interface BenchRequest extends Pick<BenchOptions, "root" | "quick"> {
  /** Names of parts; empty means all. */
  readonly parts?: readonly string[];
  readonly write?: (line: string) => void;
}

/**
 * Runs benchmarks, one after the other.
 *
 * @throws {RangeError} For an unknown part.
 */
export async function runBenchmarks({ root, quick, parts = [], write = console.log }: BenchRequest): Promise<void> {
  const names = Object.keys(PARTS);
  for (const part of parts) {
    if (!names.includes(part)) throw new RangeError(`Cannot measure ${part}: the parts are ${names.join(", ")}`);
  }
  const scratch = await Deno.makeTempDir({ prefix: "samocode-bench-" });
  try {
    const { os, arch } = Deno.build;
    write(
      `Deno ${Deno.version.deno} on ${os} ${arch}, ${navigator.hardwareConcurrency} processors; median (least … most)`,
    );
    for (const [name, bench] of Object.entries(PARTS)) {
      if (parts.length === 0 || parts.includes(name)) await bench({ root, scratch, quick, write });
    }
  } finally {
    await Deno.remove(scratch, { recursive: true });
  }
}

if (import.meta.main) {
  const root = join(import.meta.dirname ?? ".", "..");
  const parts = Deno.args.filter((arg) => arg !== "--quick");
  await runBenchmarks({ root, quick: Deno.args.includes("--quick"), parts });
}
