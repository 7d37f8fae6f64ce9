/**
 * `deno task bench`: prints what the program costs beside its agents, as ratios to floors that are measured in turns
 * with it. `--quick` only shows that all of it runs.
 *
 * @module
 */
import { join } from "node:path";
import type { BenchOptions } from "./bench_options.ts";
import { benchIterations } from "./iteration_bench.ts";
import { benchMcp } from "./mcp_bench.ts";
import { benchStartUp } from "./start_up_bench.ts";
import { benchStreams } from "./stream_bench.ts";

/** Runs all benchmarks, one after the other. */
export async function runBenchmarks(
  { root, quick, write = console.log }: Partial<BenchOptions> & Pick<BenchOptions, "root" | "quick">,
): Promise<void> {
  const scratch = await Deno.makeTempDir({ prefix: "samocode-bench-" });
  try {
    const { os, arch } = Deno.build;
    write(
      `Deno ${Deno.version.deno} on ${os} ${arch}, ${navigator.hardwareConcurrency} processors; median (least … most)`,
    );
    const options = { root, scratch, quick, write };
    await benchIterations(options);
    await benchStreams(options);
    await benchStartUp(options);
    await benchMcp(options);
  } finally {
    await Deno.remove(scratch, { recursive: true });
  }
}

if (import.meta.main) {
  await runBenchmarks({ root: join(import.meta.dirname ?? ".", ".."), quick: Deno.args.includes("--quick") });
}
