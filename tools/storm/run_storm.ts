/**
 * A whole storm: kills, then faults, then races.
 *
 * @module
 */
import { join } from "node:path";
import { type Fault, faultName, FaultStage } from "./faults.ts";
import { buildInjector } from "./injector.ts";
import { playWithKills } from "./kills.ts";
import type { Program } from "./project.ts";
import { playRaces } from "./races.ts";
import { Random } from "./random.ts";
import { Tally } from "./tally.ts";

/** What a storm does. */
export interface StormOptions {
  readonly program: Program;
  readonly seed: number;
  readonly kills: number;
  /** So many faults, chosen by the seed, or all of them, or these. */
  readonly faults: number | "all" | readonly Fault[];
  /** So many sessions. */
  readonly races: number;
  readonly write?: (line: string) => void;
  /** Begins nothing more once it fires; what has begun is finished and judged. */
  readonly abort?: AbortSignal;
}

/** More would be on top of one another in one session. */
const KILLS_PER_SESSION = 12;

/** Every so many sessions with kills, agents are guarded. */
const GUARDED_EVERY = 4;

/** As many sessions at once as there are processors. */
const AT_ONCE = navigator.hardwareConcurrency;

/**
 * Lets the storm loose. The scratch folder stays if anything is wrong.
 *
 * @throws {SamocodeError} If faults cannot be injected here.
 */
export async function runStorm(options: StormOptions): Promise<Tally> {
  const { seed, kills, faults, races, write = console.log } = options;
  const scratch = await Deno.makeTempDir({ prefix: "samocode-storm-" });
  const tally = new Tally(write);
  await killAll({ ...options, scratch, tally });
  if (faults !== 0) await breakAll({ ...options, scratch, tally });
  await raceAll({ ...options, scratch, tally });
  tally.tell();
  write(
    `again   deno task storm --seed ${seed} --kills ${kills} --faults ${
      faults === "all" ? faults : countOf(faults)
    } --races ${races}`,
  );
  if (tally.problems.length === 0) await Deno.remove(scratch, { recursive: true });
  else write(`kept    ${scratch}`);
  return tally;
}

interface Part extends StormOptions {
  readonly scratch: string;
  readonly tally: Tally;
}

async function killAll({ program, seed, kills, scratch, tally, abort }: Part): Promise<void> {
  const canBeGuarded = kills > 0 && canGuard();
  const random = new Random(seed);
  const sessions = Array.from({ length: Math.ceil(kills / KILLS_PER_SESSION) }, (_, index) => ({
    name: `kills-${index}`,
    quota: Math.min(KILLS_PER_SESSION, kills - index * KILLS_PER_SESSION),
    guard: canBeGuarded && index % GUARDED_EVERY === GUARDED_EVERY - 1,
    random: new Random(random.next() * 2 ** 32),
  }));
  await inParallel(sessions, abort, async ({ name, quota, guard, random }) => {
    // A session may end before all its kills: another one takes what is left.
    let left = quota;
    for (let more = 0; left > 0 && !abort?.aborted; more++) {
      const root = join(scratch, `${name}-${more}`);
      const problems = await playWithKills({
        ...{ root, program, guard, random, kills: left },
        onKill: (target) => {
          left--;
          tally.kills.add(target);
        },
        onGitLocks: (count) => tally.gitLocks += count,
      });
      if (guard) tally.guarded++;
      tally.over(problems, { where: root, again: `--seed ${seed} --kills ${kills} --faults 0 --races 0` });
    }
  });
}

async function breakAll({ program, seed, faults, scratch, tally, abort }: Part): Promise<void> {
  const library = buildInjector(scratch);
  // To prepare one costs as much as a fault.
  const stages = await Promise.all(
    Array.from(
      { length: faults === "all" ? AT_ONCE : Math.min(AT_ONCE, Math.ceil(countOf(faults) / 8)) },
      (_, index) => {
        const folder = join(scratch, `faults-${index}`);
        Deno.mkdirSync(folder);
        return FaultStage.prepare(folder, { program, library });
      },
    ),
  );
  const all = stages[0]?.faults ?? [];
  const chosen = faults === "all" ? all : typeof faults === "number" ? new Random(seed).sample(all, faults) : faults;
  tally.say(`${chosen.length} of ${all.length} faults at ${stages[0]?.size} file operations`);
  const queue = [...chosen];
  await Promise.all(stages.map(async (stage) => {
    for (let fault = queue.shift(); fault !== undefined && !abort?.aborted; fault = queue.shift()) {
      const { hit, problems, gitLocks } = await stage.strike(fault);
      const name = faultName(fault);
      if (hit === undefined) tally.unreached++;
      else tally.faults.add(`${fault.action} ${hit.name}`);
      tally.gitLocks += gitLocks;
      const where = `${stage.keptFolder(fault)}, ${hit?.name} ${hit?.path}`;
      tally.over(problems, { where, again: `--kills 0 --races 0 --fault ${name}` });
    }
    stage.remove();
  }));
}

function countOf(faults: Exclude<StormOptions["faults"], "all">): number {
  return typeof faults === "number" ? faults : faults.length;
}

async function raceAll({ program, seed, races, scratch, tally, abort }: Part): Promise<void> {
  const random = new Random(seed);
  const sessions = Array.from({ length: races }, (_, index) => ({
    root: join(scratch, `races-${index}`),
    random: new Random(random.next() * 2 ** 32),
  }));
  await inParallel(sessions, abort, async ({ root, random }) => {
    const problems = await playRaces({ root, program, random, onActs: (count) => tally.acts += count });
    tally.over(problems, { where: root, again: `--seed ${seed} --kills 0 --faults 0 --races ${races}` });
  });
}

async function inParallel<T>(
  tasks: readonly T[],
  abort: AbortSignal | undefined,
  work: (task: T) => Promise<void>,
): Promise<void> {
  const queue = [...tasks];
  await Promise.all(Array.from({ length: AT_ONCE }, async () => {
    for (let task = queue.shift(); task !== undefined && !abort?.aborted; task = queue.shift()) await work(task);
  }));
}

function canGuard(): boolean {
  try {
    const args = ["--ro-bind", "/", "/", "--unshare-pid", "--proc", "/proc", "true"];
    return new Deno.Command("bwrap", { args, stderr: "null" }).outputSync().success;
  } catch {
    return false;
  }
}
