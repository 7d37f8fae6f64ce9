/**
 * Races: what a session accepts from people, given by several processes in the same moment.
 *
 * @module
 */
import type { Problem } from "./oracle.ts";
import { Play } from "./play.ts";
import { type Program, type Running, SESSION, StormProject } from "./project.ts";
import { type Random } from "./random.ts";
import { soon } from "./kills.ts";

/** Rounds enough for a session whose every run is stopped early. */
const MAX_ROUNDS = 12;

/** Plays one session by races; returns what went wrong. */
export async function playRaces(
  { root, program, random, onActs }: {
    readonly root: string;
    readonly program: Program;
    readonly random: Random;
    readonly onActs: (count: number) => void;
  },
): Promise<readonly Problem[]> {
  const project = new StormProject(root, { program, guard: false, steps: 2, pace: 0 });
  const play = new Play(project, 2);
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const { gate } = play;
    const acts: (() => Running)[] = [() => play.run(), () => play.run()];
    if (round > 0) acts.push(() => play.guide(), () => play.guide());
    if (gate !== undefined) acts.push(() => play.act(gate), () => play.act(gate), () => play.act(gate));
    if (round % 3 === 2) acts.push(() => project.start(["stop", SESSION]));
    const order = acts.map((act) => ({ act, rank: random.next() })).sort((a, b) => a.rank - b.rank);
    const running: Running[] = [];
    for (const { act } of order) {
      running.push(act());
      // Most at once, some a moment later: a worker is then already at work.
      if (random.next() < 0.3) await soon(random.next() * 100, new Promise(() => {}));
    }
    for (const { ended } of running) play.ended(await ended);
    onActs(running.length);
    const last = play.lines.at(-1);
    if (last?.type === "session.stopped" && JSON.stringify(last.fields["outcome"]).includes('"done"')) break;
  }
  const problems = await play.finish();
  if (problems.length === 0) project.remove();
  return problems;
}
