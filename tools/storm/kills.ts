/**
 * Kills: at random moments the worker, its group, the agent, one of its commands, or everything dies, or the command
 * with which the person passes a gate.
 *
 * @module
 */
import type { Problem } from "./oracle.ts";
import { Play } from "./play.ts";
import { type Ended, kill, type Program, type Running, StormProject } from "./project.ts";
import type { Random } from "./random.ts";

/** Who is killed. */
export const TARGETS = ["worker", "group", "agent", "command", "all", "act"] as const;

/** One of them. */
export type Target = (typeof TARGETS)[number];

/** How a session is played. */
export interface KillOptions {
  readonly root: string;
  readonly program: Program;
  readonly guard: boolean;
  readonly random: Random;
  /** So many kills at most. */
  readonly kills: number;
  readonly onKill: (target: Target) => void;
  /** Is told how many locks of a killed git had to be deleted. */
  readonly onGitLocks: (count: number) => void;
}

/** The steps of the plan, each with a commit. */
const STEPS = 3;

/** Long enough for agents and their commands to be met at work. */
const PACE_S = 0.01;

/** A kill comes so long at most after the start of a run, or after an agent is seen at work. */
const LULL_MS = { run: 700, work: 200 } as const;

/** So often an agent or a command is looked for, which may not be at work just now. */
const LOOKS = 60;

/** Plays one session and kills meanwhile. */
export async function playWithKills(options: KillOptions): Promise<readonly Problem[]> {
  const { root, program, guard, random, kills } = options;
  const project = new StormProject(root, { program, guard, steps: STEPS, pace: PACE_S });
  const play = new Play(project, STEPS);
  const notes: Promise<Ended>[] = [];
  let count = 0;
  const onKill = (target: Target) => {
    count++;
    options.onKill(target);
  };
  while (count < kills) {
    const running = play.run();
    // An agent that comes after the note is told of it; after implementation the session may be over too soon.
    if (random.next() < 0.3) notes.push(play.guide().ended);
    const end = await killMeanwhile(project, running, { ...options, isEnough: () => count >= kills, onKill });
    play.ended(end);
    if (end.code === 0) break;
    const { gate } = play;
    if (end.code !== 10 || gate === undefined) continue;
    const act = play.act(gate);
    if (count < kills && random.next() < 0.5) {
      await soon(random.next() * LULL_MS.work, act.ended);
      kill(act.pid);
      if ((await act.ended).code === undefined) onKill("act");
    }
    play.ended(await act.ended);
  }
  for (const note of notes) play.ended(await note);
  const problems = await play.finish();
  options.onGitLocks(play.gitLocks);
  if (problems.length === 0) project.remove();
  return problems;
}

/** Kills until the run is over; returns how it ended. */
async function killMeanwhile(
  project: StormProject,
  running: Running,
  { random, isEnough, onKill }: Pick<KillOptions, "random" | "onKill"> & { readonly isEnough: () => boolean },
): Promise<Ended> {
  const { pid, ended } = running;
  while (!isEnough()) {
    const target = random.pick<Target>(["worker", "group", "agent", "command", "all"]);
    const isWorkers = target !== "agent" && target !== "command";
    // Half of the workers die at any moment, also while they start, and half of them while an agent works.
    const role = target === "command" ? target : target === "agent" || random.next() < 0.5 ? "agent" : undefined;
    const met = role === undefined ? pid : await meet(project, role, running);
    if (await soon(random.next() * (role === undefined ? LULL_MS.run : LULL_MS.work), ended)) break;
    if (!isWorkers) {
      if (met !== undefined && kill(met)) onKill(target);
      continue;
    }
    const pids = target === "all" ? project.processes().map((each) => each.pid) : [];
    for (const each of [...pids, target === "group" ? -pid : pid]) kill(each);
    if ((await ended).code === undefined) onKill(target);
    break;
  }
  return await ended;
}

/** Waits for an agent or a command to be at work; returns its id. */
async function meet(project: StormProject, role: string, { ended }: Running): Promise<number | undefined> {
  for (let look = 0; look < LOOKS; look++) {
    const found = project.processes().find((each) => each.role === role);
    if (found !== undefined) return found.pid;
    if (await soon(10, ended)) return undefined;
  }
  return undefined;
}

/** Waits for the time to pass, or the process to end; returns whether it ended. */
export async function soon(ms: number, ended: Promise<unknown>): Promise<boolean> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const time = new Promise<false>((resolve) => timer = setTimeout(() => resolve(false), ms));
  const isOver = await Promise.race([ended.then(() => true), time]);
  clearTimeout(timer);
  return isOver;
}
