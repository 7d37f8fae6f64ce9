/**
 * Many sessions at once on one machine, each in a worker of its own.
 *
 * @module
 */
import { join } from "node:path";
import type { BenchOptions } from "./bench_options.ts";
import { VISITS, writeBriefAgent } from "./brief_agent.ts";
import { compiledFloor, floorSource } from "./compiled_floor.ts";
import { figureLine, inTurns, ratioLine, Series } from "./figures.ts";
import { compiledProgram, type Program, samocodeProgram, sourceProgram } from "./program.ts";
import { assertWhole, makeCrowdProject } from "./crowd_project.ts";
import { runCrowd } from "./worker_crowd.ts";

const WORKERS = 50;

/** `samocode run` ends so where its session is blocked. */
const BLOCKED_CODE = 20;

/** Measures and says what came of it. */
export async function benchWorkers(options: BenchOptions): Promise<void> {
  const { scratch, quick, write } = options;
  const count = quick ? 4 : WORKERS;
  const agent = writeBriefAgent(scratch);
  const { program, floor } = await programsFor(options);
  const workers = async ({ watch }: { readonly watch: boolean }) => {
    const root = await Deno.makeTempDir({ dir: scratch });
    const names = Array.from({ length: count }, (_, index) => `worker-${index}`);
    makeCrowdProject(root);
    const members = names.map((name) => ["run", "--session", name, "--task", "Be measured"]);
    const taken = await runCrowd(program, { root, agent, members, code: BLOCKED_CODE, watch });
    for (const name of names) assertWhole(join(root, "sessions"), { name, visits: VISITS });
    return taken;
  };
  const bare = async ({ watch }: { readonly watch: boolean }) => {
    const root = await Deno.makeTempDir({ dir: scratch });
    const members = Array.from({ length: count }, (_, index) => {
      const folder = join(root, String(index));
      Deno.mkdirSync(folder);
      return [agent, folder, String(VISITS)];
    });
    return await runCrowd(floor, { root, agent, members, code: 0, watch });
  };
  const series = [workers, bare].map((run) => new Series(async () => (await run({ watch: false })).ms));
  const [ofWorkers, ofBare] = series.map(({ figures }) => figures);
  const rounds = quick ? 1 : 3;
  await inTurns(series, { rounds });
  // Apart from the time: to look at the memory of so many takes time, too.
  const [memory, bareMemory] = [await workers({ watch: true }), await bare({ watch: true })];

  write(`${count} workers at once, ${VISITS} iterations each, ${rounds} rounds; the program is ${program.name}`);
  write(ratioLine("all workers / as many bare ones", { of: ofWorkers ?? [], to: ofBare ?? [] }));
  write(ratioLine("resident, sum of peaks / bare", { of: [memory.peaks], to: [bareMemory.peaks] }));
  write(ratioLine("resident at one moment / bare", { of: [memory.atOnce], to: [bareMemory.atOnce] }));
  write(figureLine("all workers", { figures: ofWorkers ?? [], unit: "ms" }));
  write(figureLine("as many bare ones", { figures: ofBare ?? [], unit: "ms" }));
  write(figureLine("resident, sum of peaks", { figures: [memory.peaks], unit: "MB" }));
  write(figureLine("resident at one moment", { figures: [memory.atOnce], unit: "MB" }));
  write(figureLine("bare, resident, sum of peaks", { figures: [bareMemory.peaks], unit: "MB" }));
  write(figureLine("bare, resident at one moment", { figures: [bareMemory.atOnce], unit: "MB" }));
  write(`  All ${count} journals whole, no process left`);
}

/** Both compiled, or both from source. */
async function programsFor(options: BenchOptions): Promise<{ readonly program: Program; readonly floor: Program }> {
  const { root } = options;
  const compiled = await compiledFloor("bare_worker", options);
  return "path" in compiled
    ? { program: samocodeProgram(root), floor: compiledProgram(compiled.path) }
    : { program: sourceProgram(join(root, "main.ts")), floor: sourceProgram(floorSource(root, "bare_worker")) };
}
