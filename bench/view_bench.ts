/**
 * How soon the page has what it shows, of many sessions and of a long one; how soon an appended line is there; and what
 * its server takes.
 *
 * @module
 */
import { join } from "node:path";
import { stateFolder } from "../src/system/user_folders.ts";
import type { JournalPage, SessionRow, StoryAnswer, StreamEvents } from "../src/view/contract.ts";
import { openJournal } from "../tests/helpers/own_journal.ts";
import { type Browser, ViewServer } from "../tests/helpers/view_page.ts";
import type { BenchOptions } from "./bench_options.ts";
import { figureLine, inTurns, Series } from "./figures.ts";
import { writePast } from "./past_session.ts";
import { residentMegabytes } from "./peak_memory.ts";
import { environment, samocodeProgram } from "./program.ts";
import { writeProject } from "./project.ts";

const SESSIONS = 500;
/** 13 events each, and 3 beside them: 99,999 in all. */
const LONG = 7_692;

/** V8 gives back what it does not need after some seconds without work. */
const AT_REST_MS = 15_000;

const BLOCKED = { kind: "blocked", reason: "Which key store", needs: "human_decision" } as const;

/** Measures and says what came of it. */
export async function benchView({ root, scratch, quick, write }: BenchOptions): Promise<void> {
  const project = join(scratch, "view");
  writeProject(project);
  const [count, iterations] = quick ? [5, 10] : [SESSIONS, LONG];
  for (let index = 0; index < count; index++) {
    const path = join(project, `26-01-01-session-${index}`);
    writePast(path, { iterations: 20, project, outcome: BLOCKED, withLogs: false });
  }
  const long = join(project, "26-01-02-long");
  const events = writePast(long, { iterations, project, withLogs: false });
  begin(long, project);
  const program = samocodeProgram(root);
  const start = (args: readonly string[]) =>
    new Deno.Command(program.command, {
      args: [...program.before, ...args],
      cwd: project,
      clearEnv: true,
      env: { ...environment(project), TMPDIR: project },
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
  const startUp = new Series(async () => {
    const begun = performance.now();
    await using server = await ViewServer.start({ start });
    const browser = await server.open();
    await (await browser.get("/")).bytes();
    return performance.now() - begun;
  });
  await inTurns([startUp], { rounds: quick ? 1 : 5 });
  await using server = await ViewServer.start({ start });
  const browser = await server.open();
  const begun = performance.now();
  const { rows } = await browser.json<StreamEvents["sessions"]>("/api/sessions");
  const listMs = performance.now() - begun;
  const key = keyOf(rows, "long");
  const ask = <Answer>(path: string) => new Series(async () => await timed(() => browser.json<Answer>(path)));
  const [facts, story, journal, search] = [
    new Series(async () => await timed(() => untilFacts(browser, key))),
    ask<StoryAnswer>(`/api/sessions/${key}/story`),
    ask<JournalPage>(`/api/sessions/${key}/journal`),
    ask<JournalPage>(`/api/sessions/${key}/journal?search=nothing-of-this-kind`),
  ];
  const rounds = quick ? 1 : 11;
  const first = await timed(() => untilFacts(browser, key));
  await inTurns([facts, story, journal, search], { rounds });
  const took = await appended(browser, {
    key,
    path: join(long, "_journal.jsonl"),
    state: stateFolder({ HOME: project }),
  }, rounds);

  write(`The page of ${rows.length} sessions, one with ${events} events; the program is ${program.name}`);
  write(figureLine("start to the page's shell", { figures: startUp.figures, unit: "ms" }));
  write(figureLine("the list, just after the start", { figures: [listMs], unit: "ms" }));
  write(figureLine("facts of the long one by the stream, first", { figures: [first], unit: "ms" }));
  write(figureLine("the same, again", { figures: facts.figures, unit: "ms" }));
  write(figureLine("its story", { figures: story.figures, unit: "ms" }));
  write(figureLine("the newest page of its journal", { figures: journal.figures, unit: "ms" }));
  write(figureLine("a search in its journal, one page", { figures: search.figures, unit: "ms" }));
  write(figureLine("an appended line in the stream", { figures: took, unit: "ms" }));
  const busyMb = residentMegabytes(server.pid);
  await new Promise((wake) => setTimeout(wake, quick ? 0 : AT_REST_MS));
  write(figureLine("resident, the server, just after all this", { figures: [busyMb], unit: "MB" }));
  write(figureLine("the same, at rest", { figures: [residentMegabytes(server.pid)], unit: "MB" }));
}

async function timed(act: () => Promise<unknown>): Promise<number> {
  const begun = performance.now();
  await act();
  return performance.now() - begun;
}

async function untilFacts(browser: Browser, key: string): Promise<void> {
  for await (const { event } of browser.hear(key)) if (event === "facts") return;
}

/** Has its worker begun: what it appends is read on, and nothing is read whole again. */
function begin(session: string, project: string): void {
  using journal = openJournal(join(session, "_journal.jsonl"), { stateFolder: stateFolder({ HOME: project }) });
  journal.append({ type: "session.started", provider: "demo", version: "bench", pid: Deno.pid });
}

/** Milliseconds from appending a line until a browser has it. */
async function appended(
  browser: Browser,
  { key, path, state }: { readonly key: string; readonly path: string; readonly state: string },
  rounds: number,
): Promise<readonly number[]> {
  using journal = openJournal(path, { stateFolder: state });
  const stream = browser.hear(key);
  for (let event = ""; event !== "facts";) event = (await stream.next()).value?.event ?? "facts";
  const took: number[] = [];
  for (let round = 0; round < rounds; round++) {
    await new Promise((wake) => setTimeout(wake, 300));
    const begun = performance.now();
    journal.append({ type: "guidance.given", text: `note ${round}`, by: "bench" });
    for (let event = ""; event !== "lines";) event = (await stream.next()).value?.event ?? "lines";
    took.push(performance.now() - begun);
  }
  await stream.return(undefined);
  return took;
}

function keyOf(rows: readonly SessionRow[], session: string): string {
  const found = rows.find((row) => row.session === session);
  if (found === undefined) throw new Error(`${session} is not in the list`);
  return found.key;
}
