/**
 * What an iteration costs beside its agent, with a short and with a long past.
 *
 * @module
 */
import { join } from "node:path";
import { BareLoop } from "./bare_loop.ts";
import type { BenchOptions } from "./bench_options.ts";
import { figureLine, inTurns, ratioLine, Series } from "./figures.ts";
import { type Visit, writeInstantAgent } from "./instant_agent.ts";
import { LoopSession, type Written } from "./loop_session.ts";

const PAST_ITERATIONS = 10_000;

/** Measures and says what came of it. */
export async function benchIterations({ root, scratch, quick, write }: BenchOptions): Promise<void> {
  const folders = Object.fromEntries(["fresh", "old", "git", "bare", "durable"].map((name) => {
    const path = join(scratch, "iterations", name);
    Deno.mkdirSync(path, { recursive: true });
    return [name, path];
  }));
  const place = (name: string) => folders[name] ?? scratch;
  const agent = writeInstantAgent(scratch);
  const common = { shippedRoot: root, agent };
  const pastIterations = quick ? PAST_ITERATIONS / 100 : PAST_ITERATIONS;
  await using fresh = new LoopSession({ ...common, root: place("fresh"), pastIterations: 0 });
  await using old = new LoopSession({ ...common, root: place("old"), pastIterations });
  await using git = new LoopSession({ ...common, root: place("git"), pastIterations: 0, hasGit: true });
  let written: Written = { journalLines: [], notebookBytes: 0, contextBytes: 0 };
  const floor = { agent, written: () => written };
  using bare = new BareLoop({ ...floor, root: place("bare"), durable: false });
  using durable = new BareLoop({ ...floor, root: place("durable"), durable: true });
  const steps = {
    fresh: timed(async () => {
      const step = await fresh.step();
      written = step.written;
      return step;
    }),
    bare: timed(() => bare.step()),
    old: timed(() => old.step()),
    durable: timed(() => durable.step()),
    git: timed(() => git.step()),
  };
  // The implementation phase may take 100 iterations in one stay.
  const rounds = quick ? 3 : 90;
  await inTurns(Object.values(steps), { rounds });

  const ms = (series: Series<Step>) => series.figures.map((step) => step.ms);
  const gap = (series: Series<Step>) => series.figures.map((step) => step.gapMs);
  write(`One iteration with an agent that does nothing, ${rounds} rounds; the journal is synchronised at each event`);
  write(ratioLine("loop / bare floor", { of: ms(steps.fresh), to: ms(steps.bare) }));
  write(ratioLine("loop / floor that waits for the disk as often", { of: ms(steps.fresh), to: ms(steps.durable) }));
  write(figureLine("loop", { figures: ms(steps.fresh), unit: "ms" }));
  write(figureLine("bare floor", { figures: ms(steps.bare), unit: "ms" }));
  write(figureLine("floor that waits for the disk as often", { figures: ms(steps.durable), unit: "ms" }));
  // The agent's own start and exit, bash's, lie in every gap alike.
  write("The gap between one agent's last word and the next one's first; goal: at most 3 ms added");
  write(
    ratioLine(`gap after ${pastIterations} iterations / with no past`, { of: gap(steps.old), to: gap(steps.fresh) }),
  );
  write(ratioLine("gap of the loop / of the bare floor", { of: gap(steps.fresh), to: gap(steps.bare) }));
  const added = gap(steps.fresh).map((figure, round) => figure - (gap(steps.bare)[round] ?? NaN));
  write(figureLine("added to the bare floor's gap", { figures: added, unit: "ms" }));
  const inGit = gap(steps.git).map((figure, round) => figure - (gap(steps.fresh)[round] ?? NaN));
  write(figureLine("added to that by a git worktree", { figures: inGit, unit: "ms" }));
  write(figureLine("gap, no past", { figures: gap(steps.fresh), unit: "ms" }));
  write(figureLine(`gap after ${pastIterations} iterations`, { figures: gap(steps.old), unit: "ms" }));
  write(figureLine("gap of the bare floor", { figures: gap(steps.bare), unit: "ms" }));
  write(figureLine("gap of the floor that waits for the disk", { figures: gap(steps.durable), unit: "ms" }));
}

interface Step {
  readonly ms: number;
  readonly gapMs: number;
}

/** Between two steps of one loop come steps of others; that time is no part of its gap. */
function timed(step: () => Promise<Visit & { readonly ms: number }>): Series<Step> {
  let before: { readonly endedMs: number; readonly restsSince: number } | undefined;
  return new Series(async () => {
    const restedMs = performance.now() - (before?.restsSince ?? NaN);
    const { ms, beganMs, endedMs } = await step();
    const gapMs = beganMs - (before?.endedMs ?? NaN) - restedMs;
    before = { endedMs, restsSince: performance.now() };
    return { ms, gapMs };
  });
}
