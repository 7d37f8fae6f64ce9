/**
 * A whole night with the real clients, on a calendar on which an hour takes half a second. From the evening on nobody does
 * anything but the system, which starts the supervisor when the machine has booted.
 *
 * @module
 */
import assert from "node:assert/strict";
import { setTimeout as delay } from "node:timers/promises";
import { unlessFailing } from "../../src/text/errors.ts";
import type { RecordedEvent } from "../../src/workflow/session_event.ts";
import { isGone, isRunning, processesMarked } from "../helpers/agent_stage.ts";
import { checkPauses } from "../helpers/check_pauses.ts";
import { startFakeModel } from "../helpers/fake_model.ts";
import { slowClientTest } from "../helpers/find_clients.ts";
import { COMMIT, gitLocks, NIGHT_CLIENTS, nightScenario, passEvening, usageLimit } from "../helpers/night_model.ts";
import { beginNight, NIGHT_PROGRAM, NIGHT_RATE, reboot } from "../helpers/night_program.ts";
import { DiskUnder, SmallDisk } from "../helpers/temp_folder.ts";
import type { TempProject } from "../helpers/temp_project.ts";

const HOUR_MS = 3_600_000;

/** What the night has in store, in hours. The disk is full for so long after a worker has died of it. */
const NIGHT = { overload: 2, limit: 5, reboot: 2, sleep: 5, "full disk": 2 } as const;

/** How long so many hours take. */
const inReal = (hours: number): number => hours * HOUR_MS / NIGHT_RATE;

const canMount = SmallDisk.isPossible();

for (const name of ["claude", "codex"] as const) {
  const title = `after an overload, a limit, a reboot, a full disk, a sleep and a held terminal it is done: ${name}`;
  if (canMount) slowClientTest(title, name, (found) => passNight(name, found));
  else Deno.test({ name: `${title} (skipped: this user may not mount a file system)`, ignore: true, fn: () => {} });
}

async function passNight(
  name: keyof typeof NIGHT_CLIENTS,
  { path, fakeModel }: { readonly path: string; readonly fakeModel: string },
): Promise<void> {
  const client = NIGHT_CLIENTS[name];
  const isAsleep = Promise.withResolvers<void>();
  const happened = new Map<string, number>();
  let calendar = () => 0;
  let disk: DiskUnder | undefined = undefined;
  /** Whether it begins now. */
  const begins = (what: keyof typeof NIGHT): boolean =>
    !happened.has(what) && happened.set(what, calendar()) !== undefined;
  const lasts = (what: keyof typeof NIGHT): boolean =>
    calendar() < (happened.get(what) ?? -Infinity) + NIGHT[what] * HOUR_MS;
  const { scenario, calls } = nightScenario(client.told, ({ phase, turn }) => {
    const at = `${phase} ${turn}`;
    if (at === "implementation 0" && (begins("overload") || lasts("overload"))) return { error: "overloaded" };
    if (at === "implementation 1" && begins("sleep")) isAsleep.resolve();
    if (at === "testing 0" && (begins("limit") || lasts("limit"))) {
      return usageLimit((happened.get("limit") ?? 0) + NIGHT.limit * HOUR_MS);
    }
    if (at === "testing 1" && begins("full disk")) disk?.fill();
    return undefined;
  });
  await using model = await startFakeModel(fakeModel, scenario);
  using project = client.project(path, model, NIGHT_PROGRAM);
  using mounted = new DiskUnder(project.root, { sizeMiB: 64 });
  disk = mounted;
  const machine = `HOME=${project.env["HOME"]}`;
  calendar = beginNight(project.root).calendar;

  await passEvening(project);
  const bedtime = calendar();
  let supervisor = project.start(["supervise"]);
  await using terminal = new Terminal(project, ["run", "greet"]);
  await project.until((events) => events.some((event) => isSince(event, bedtime) && event.type === "session.started"));
  await terminal.hold();

  await isAsleep.promise;
  const running = processesMarked(machine);
  signal(running, "SIGSTOP");
  await delay(inReal(NIGHT.sleep));
  signal(running, "SIGCONT");

  await project.until((events) =>
    events.some((event) => event.type === "iteration.retried" && event.wait?.for === "limit")
  );
  await delay(inReal(NIGHT.reboot));
  // The terminal last: its end is told to who works in it.
  signal(processesMarked(machine).toSorted((a, b) => b - a), "SIGKILL");
  await supervisor.output();
  reboot(project.root);
  supervisor = project.start(["supervise"]);
  const said = supervisor.output();

  const startsOf = (events: readonly RecordedEvent[]) =>
    events.flatMap((event) => isSince(event, bedtime) && event.type === "session.started" ? [event.pid] : []);
  await project.until((events) => startsOf(events).length === 2);
  const [, worker = 0] = startsOf(project.events());
  while (isRunning(worker)) await delay(20);
  await delay(inReal(NIGHT["full disk"]));
  disk.free();

  await project.until((events) => events.at(-1)?.type === "session.stopped" && isSince(events.at(-1), bedtime));
  supervisor.kill("SIGTERM");
  const { stdout } = await said;
  const told = new TextDecoder().decode(stdout);
  for (const pid of processesMarked(machine)) assert.ok(await isGone(pid), `process ${pid} is left`);

  const { code, stdout: status } = await project.run(["status", "greet", "--json"]);
  assert.deepEqual([code, JSON.parse(status).state, JSON.parse(status).detail], [0, "done", "Added a greeting"], told);
  const events = project.events();
  assert.deepEqual(events.map(({ seq }) => seq), events.map((_, index) => index + 1), "no event is lost");
  const night = events.filter((event) => isSince(event, bedtime));
  // The terminal, the reboot, the disk; then it is over.
  assert.deepEqual(night.flatMap(({ type }) => /^session\.(?!prepared)/.test(type) ? [type] : []), [
    "session.started",
    ...["session.started", "session.recovered"],
    ...["session.started", "session.recovered"],
    "session.stopped",
  ]);
  const begun = calls.filter(({ turn }) => turn === 0).map(({ phase, isAnswered }) => `${phase} ${isAnswered}`);
  const overloads = begun.lastIndexOf("implementation false") + 1;
  assert.ok(overloads >= 1, "the overload was met");
  const calm = begun.slice(overloads);
  // One call tells of the limit. The agent that loses its disk is repeated, unless it had left its signal.
  const once = ["implementation true", "testing false", "testing true", "done true"];
  assert.deepEqual(calm.filter((call, index) => call !== calm[index - 1]), once);
  assert.ok(calm.length <= once.length + 1, calm.join(", "));
  assert.equal(countOf(night, "iteration.started"), begun.length, "what was called is recorded");
  checkPauses(night);
  const sleeper = night.find((event) => event.type === "iteration.ended" && event.end.kind === "finished");
  const started = night.findLast(({ seq, type }) => type === "iteration.started" && seq < (sleeper?.seq ?? 0));
  const tookMs = (Date.parse(sleeper?.at ?? "") - Date.parse(started?.at ?? "")) / NIGHT_RATE;
  const countedMs = sleeper?.type === "iteration.ended" ? sleeper.durationMs : Infinity;
  assert.ok(countedMs < tookMs - inReal(NIGHT.sleep) / 2, `of ${tookMs} ms with a sleep ${countedMs} ms are counted`);
  assert.match(told, /the disk of \S+ is full; it is continued when there is room/);
  assert.equal(project.git("log", "--format=%s", "greet"), `${COMMIT}\nBegin`);
  assert.deepEqual(gitLocks(project), []);
  const shown = await terminal.shown();
  assert.doesNotMatch(shown, /Iteration 6/, `the terminal was held: ${shown}`);
  if (Deno.env.get("SHOW")) console.log(name, begun, `${Math.round((calendar() - bedtime) / HOUR_MS)} hours`);
}

function isSince(event: RecordedEvent | undefined, time: number): boolean {
  return event !== undefined && Date.parse(event.at) >= time;
}

function countOf(events: readonly RecordedEvent[], wanted: RecordedEvent["type"]): number {
  return events.filter(({ type }) => type === wanted).length;
}

function signal(processes: readonly number[], name: Deno.Signal): void {
  // One may end with another.
  for (const pid of processes) unlessFailing(() => Deno.kill(pid, name));
}

/** A terminal in which somebody pressed Ctrl-S and went to bed. */
class Terminal implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #shown: Promise<string>;

  constructor(project: TempProject, args: readonly string[]) {
    const command = [...NIGHT_PROGRAM, ...args].map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(" ");
    this.#child = new Deno.Command("script", {
      args: ["--quiet", "--return", "--command", command, "/dev/null"],
      cwd: project.root,
      clearEnv: true,
      env: { ...project.env, TERM: "xterm", SHELL: "/bin/sh" },
      stdin: "piped",
      stdout: "piped",
      stderr: "null",
    }).spawn();
    this.#shown = new Response(this.#child.stdout).text();
  }

  async hold(): Promise<void> {
    const keys = this.#child.stdin.getWriter();
    await keys.write(new TextEncoder().encode("\x13"));
    keys.releaseLock();
  }

  /** All that it has shown, once it is gone. */
  async shown(): Promise<string> {
    return await this.#shown;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    unlessFailing(() => this.#child.kill("SIGKILL"));
    await this.#child.stdin.close().catch(() => {});
    await this.#child.status;
  }
}
