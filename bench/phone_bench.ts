/**
 * How long after a tap on the phone a session continues, compared with typed commands; and what the listener takes
 * while it waits. The phone is a Telegram server on this machine.
 *
 * @module
 */
import { join } from "node:path";
import { findSession } from "../src/session/find_session.ts";
import { layoutOf } from "../src/session/layout.ts";
import { readListenerRecord } from "../src/session/listener_record.ts";
import { stateFolder } from "../src/system/user_folders.ts";
import { readEventLine } from "../src/workflow/event_line.ts";
import type { RecordedEvent } from "../src/workflow/session_event.ts";
import { BotApi, type Button } from "../tests/helpers/bot_api.ts";
import type { BenchOptions } from "./bench_options.ts";
import { makeCrowdProject } from "./crowd_project.ts";
import { figureLine, inTurns, ratioLine, Series } from "./figures.ts";
import { residentMegabytes } from "./peak_memory.ts";
import { answer, environment, samocodeProgram } from "./program.ts";

/** The units of /proc/PID/stat; see proc(5). Linux has no other on any machine that Deno runs on. */
const TICKS_PER_SECOND = 100;

/** Measures and says what came of it. */
export async function benchPhone({ root, scratch, quick, write }: BenchOptions): Promise<void> {
  const home = await Deno.makeTempDir({ dir: scratch });
  makeCrowdProject(home);
  await using phone = new BotApi();
  const program = samocodeProgram(root);
  const env = { ...phone.env, SAMOCODE_PROVIDER: "demo", SAMOCODE_DEMO_PACE: "0", SAMOCODE_GUARD: "off" };
  const run = (args: readonly string[]) => answer(program, { args, cwd: home, env });
  let count = 0;
  const tap = new Series(async () => {
    const session = `tapped-${++count}`;
    await run(["start", "--session", session, "--task", "Be measured"]);
    await phone.until(() => phone.isPolled);
    const button = await phone.until(() => buttonOf(phone, session, "All as suggested"));
    const begun = Date.now();
    await phone.press(button);
    return await goesOn(home, session, begun);
  });
  const typed = new Series(async () => {
    const session = `tapped-${count}`;
    await phone.until(() => buttonOf(phone, session, "Approve"));
    const begun = Date.now();
    await run(["approve", session, "--sha256", planOf(home, session)]);
    await run(["start", session]);
    return await goesOn(home, session, begun);
  });
  const seconds = quick ? 1 : 60;
  await run(["start", "--session", "waiting", "--task", "Be measured"]);
  await phone.until(() => buttonOf(phone, "waiting", "All as suggested"));
  const unused = await watchListener(home, seconds);

  const rounds = quick ? 1 : 10;
  await inTurns([tap, typed], { rounds });
  // What it did for them is over by then.
  await new Promise((wake) => setTimeout(wake, quick ? 0 : 10_000));
  const used = await watchListener(home, seconds);

  write(`From a tap to a session that goes on, ${rounds} rounds; the program is ${program.name}`);
  write(ratioLine("tap / approve and start, typed", { of: tap.figures, to: typed.figures }));
  write(figureLine("tap", { figures: tap.figures, unit: "ms" }));
  write(figureLine("approve and start, typed", { figures: typed.figures, unit: "ms" }));
  write(`A listener with one waiting session, after ${seconds} s and again after the rounds`);
  for (const [when, { megabytes, share }] of [["at first", unused], ["after the rounds", used]] as const) {
    write(figureLine(`listener, ${when}`, { figures: [megabytes], unit: "MB" }));
    write(figureLine(`listener, ${when}`, { figures: [share], unit: "% of a core" }));
  }
  const pid = listenerOf(home);
  Deno.kill(pid, "SIGTERM");
  while (residentMegabytes(pid) > 0) await new Promise((wake) => setTimeout(wake, 20));
}

/** What the listener takes while it waits. */
interface Waiting {
  readonly megabytes: number;
  /** Of a core, in percent. */
  readonly share: number;
}

async function watchListener(home: string, seconds: number): Promise<Waiting> {
  const pid = listenerOf(home);
  const before = ticksOf(pid);
  await new Promise((wake) => setTimeout(wake, seconds * 1000));
  const share = (ticksOf(pid) - before) / TICKS_PER_SECOND / seconds * 100;
  return { megabytes: residentMegabytes(pid), share };
}

function listenerOf(home: string): number {
  return readListenerRecord(stateFolder(environment(home)))?.pid ?? 0;
}

function buttonOf(phone: BotApi, session: string, label: string): Button | undefined {
  return phone.buttons().findLast((button) => button.label.includes(label) && button.message.text.includes(session));
}

/** Milliseconds until the journal holds the start of the run that follows. */
async function goesOn(home: string, session: string, begun: number): Promise<number> {
  for (;;) {
    const started = eventsOf(home, session).find(({ type, at }) =>
      type === "session.started" && Date.parse(at) >= begun
    );
    if (started !== undefined) return Date.parse(started.at) - begun;
    await new Promise((wake) => setTimeout(wake, 20));
  }
}

function planOf(home: string, session: string): string {
  const gates = eventsOf(home, session).flatMap((event) => event.type === "gate.reached" ? [event.sha256] : []);
  return gates.at(-1) ?? "";
}

function eventsOf(home: string, session: string): readonly RecordedEvent[] {
  const { journal } = layoutOf(findSession(join(home, "sessions"), session).path);
  return Deno.readTextFileSync(journal).split("\n").flatMap((line) => readEventLine(line) ?? []);
}

/** What a process has used of the processors, in ticks. */
function ticksOf(pid: number): number {
  const [, , , , , , , , , , , user = "0", system = "0"] = Deno.readTextFileSync(`/proc/${pid}/stat`)
    .replace(/^.*\) /, "")
    .split(" ");
  return Number(user) + Number(system);
}
