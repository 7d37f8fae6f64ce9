/**
 * What a status costs after a long past: a session's journal is read from its first event to its last.
 *
 * @module
 */
import { join } from "node:path";
import type { BenchOptions } from "./bench_options.ts";
import { figureLine, inTurns, ratioLine, Series } from "./figures.ts";
import { writePast } from "./past_session.ts";
import { answer, samocodeProgram } from "./program.ts";
import { writeProject } from "./project.ts";
import type { Reading } from "./journal_worker.ts";

/** 13 events each, and 4 beside them: 100,000 in all. */
const ITERATIONS = 7_692;

const BLOCKED = { kind: "blocked", reason: "Which key store", needs: "human_decision" } as const;

/** Measures and says what came of it. */
export async function benchJournal({ root, scratch, quick, write }: BenchOptions): Promise<void> {
  const project = join(scratch, "journal");
  writeProject(project);
  const past = (name: string, iterations: number) =>
    writePast(join(project, `26-01-01-${name}`), { iterations, project, outcome: BLOCKED, withLogs: false });
  const events = { long: past("long", quick ? ITERATIONS / 12 : ITERATIONS), short: past("short", 7) };
  const measure = (way: string, session: keyof typeof events) =>
    new Series(() => reading({ worker: join(root, "bench", "journal_worker.ts"), way, project, session }, events));
  const program = samocodeProgram(root);
  const status = (session: string) => new Series(() => answer(program, { args: ["status", session], cwd: project }));
  const [long, parsed, short] = [measure("status", "long"), measure("parse", "long"), measure("status", "short")];
  const [longProcess, shortProcess] = [status("long"), status("short")];
  const rounds = quick ? 1 : 11;
  await inTurns([long, parsed, short], { rounds });
  await inTurns([longProcess, shortProcess], { rounds });

  const after = `after ${events.long} events`;
  const ms = ({ figures }: Series<Reading>) => figures.map((reading) => reading.ms);
  const peak = ({ figures }: Series<Reading>) => figures.map((reading) => reading.peakMegabytes);
  write(`Status ${after}, ${rounds} rounds; the program is ${program.name}`);
  write(ratioLine("readStatus / the journal split and parsed", { of: ms(long), to: ms(parsed) }));
  write(ratioLine(`readStatus ${after} / after ${events.short}`, { of: ms(long), to: ms(short) }));
  write(ratioLine(`samocode status ${after} / after ${events.short}`, {
    of: longProcess.figures,
    to: shortProcess.figures,
  }));
  write(ratioLine(`resident at most ${after} / after ${events.short}`, { of: peak(long), to: peak(short) }));
  write(figureLine(`readStatus ${after}`, { figures: ms(long), unit: "ms" }));
  write(figureLine("the journal split and parsed", { figures: ms(parsed), unit: "ms" }));
  write(figureLine(`readStatus after ${events.short} events`, { figures: ms(short), unit: "ms" }));
  write(figureLine(`samocode status ${after}`, { figures: longProcess.figures, unit: "ms" }));
  write(figureLine(`samocode status after ${events.short} events`, { figures: shortProcess.figures, unit: "ms" }));
  write(figureLine(`resident at most ${after}`, { figures: peak(long), unit: "MB" }));
  write(figureLine(`resident at most after ${events.short} events`, { figures: peak(short), unit: "MB" }));
}

interface Task {
  readonly worker: string;
  readonly way: string;
  readonly project: string;
  readonly session: "long" | "short";
}

async function reading(
  { worker, way, project, session }: Task,
  events: Readonly<Record<Task["session"], number>>,
): Promise<Reading> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--quiet", "--no-check", worker, way, project, session],
    stdin: "null",
  }).output();
  if (code !== 0) throw new Error(`${way} ended with ${code}: ${new TextDecoder().decode(stderr)}`);
  const read: Reading = JSON.parse(new TextDecoder().decode(stdout));
  if (read.events === events[session]) return read;
  throw new Error(`${way} saw ${read.events} events of ${events[session]}`);
}
