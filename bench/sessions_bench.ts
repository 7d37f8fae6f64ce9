/**
 * What it costs to find one session among many, and to list them all.
 *
 * @module
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { listSessions } from "../src/operations/list_sessions.ts";
import { stateFolder } from "../src/system/user_folders.ts";
import { findSession } from "../src/session/find_session.ts";
import { layoutOf } from "../src/session/layout.ts";
import type { BenchOptions } from "./bench_options.ts";
import { figureLine, inTurns, ratioLine, Series } from "./figures.ts";
import { writePast } from "./past_session.ts";
import { openProject, writeProject } from "./project.ts";

const SESSIONS = 10_000;

const BLOCKED = { kind: "blocked", reason: "Which key store", needs: "human_decision" } as const;

/** Measures and says what came of it. */
export async function benchSessions({ scratch, quick, write }: BenchOptions): Promise<void> {
  const count = quick ? SESSIONS / 100 : SESSIONS;
  const project = join(scratch, "sessions");
  writeProject(project);
  const names = Array.from({ length: count }, (_, index) => `26-01-0${index % 9 + 1}-session-${index >> 1}`);
  for (const name of names) writeSession(join(project, name), project);
  const locks = releaseLocks(join(stateFolder({ HOME: project }), "journals"));
  const samocode = openProject(project);

  // Of each name there are two, a day apart.
  const wanted = names[count / 2 + 1] ?? "";
  const find = timed(() => assert.equal(findSession(project, wanted.slice(9)).path, join(project, wanted)));
  const readDir = timed(() => assert.ok([...Deno.readDirSync(project)].length > count));
  const list = timed(() => assert.equal(listSessions(samocode).length, count));
  const readAll = timed(() => assert.equal(readEveryFile(project, locks), count * FILES));
  const [lookups, lists] = quick ? [1, 1] : [101, 7];
  await inTurns([find, readDir], { rounds: lookups });
  await inTurns([list, readAll], { rounds: lists });

  write(`Among ${count} sessions, ${lookups} rounds of lookups, ${lists} of lists`);
  write(ratioLine("find by its bare name / one look into the folder", { of: find.figures, to: readDir.figures }));
  write(ratioLine("list all / each file read once", { of: list.figures, to: readAll.figures }));
  write(figureLine("find by its bare name", { figures: find.figures, unit: "ms" }));
  write(figureLine("one look into the folder", { figures: readDir.figures, unit: "ms" }));
  write(figureLine("list all", { figures: list.figures, unit: "ms" }));
  write(figureLine("each file read once", { figures: readAll.figures, unit: "ms" }));
}

/** What a session has that a status looks at: journal, questions, plan, lock. */
const FILES = 4;

function writeSession(path: string, project: string): void {
  const layout = layoutOf(path);
  writePast(path, { iterations: 2, project, outcome: BLOCKED, withLogs: false });
  Deno.writeTextFileSync(layout.questions, "# Questions\n\n### Q1: Which key store?\n\nAnswer: the old one\n");
  Deno.writeTextFileSync(join(path, "01-01-1200-plan.md"), "# Plan\n\n- [x] one\n- [ ] two\n".repeat(5));
}

/** A session at rest has an empty lock beside the head of its journal. */
function releaseLocks(folder: string): readonly string[] {
  const heads = [...Deno.readDirSync(folder)].filter(({ name }) => name.endsWith(".head"));
  const locks = heads.map(({ name }) => join(folder, name.replace(/head$/, "lock")));
  for (const lock of locks) Deno.writeTextFileSync(lock, "");
  return locks;
}

/** Returns how many files there were. */
function readEveryFile(project: string, locks: readonly string[]): number {
  let files = locks.map((lock) => Deno.readTextFileSync(lock)).length;
  for (const session of Deno.readDirSync(project)) {
    if (!session.isDirectory) continue;
    for (const { name, isFile } of Deno.readDirSync(join(project, session.name))) {
      if (!isFile) continue;
      Deno.readTextFileSync(join(project, session.name, name));
      files++;
    }
  }
  return files;
}

function timed(act: () => void): Series {
  return new Series(() => {
    const begun = performance.now();
    act();
    return Promise.resolve(performance.now() - begun);
  });
}
