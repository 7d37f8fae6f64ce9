import assert from "node:assert/strict";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { Status } from "../../src/operations/status.ts";
import type { RecordedEvent } from "../../src/workflow/session_event.ts";
import { stateFolder } from "../../src/system/user_folders.ts";
import { checkPauses } from "../helpers/check_pauses.ts";
import { CodexProject } from "../helpers/codex_project.ts";
import { aheadFile, FAST_PROGRAM } from "../helpers/fast_program.ts";
import { claudeEnvironment, startFakeModel } from "../helpers/fake_model.ts";
import { clientTest } from "../helpers/find_clients.ts";
import { ownJournal } from "../helpers/own_journal.ts";
import { SilentService } from "../helpers/silent_service.ts";
import { finished, TempProject } from "../helpers/temp_project.ts";
import { slowTest } from "../helpers/slow.ts";

const RUN = ["run", "--session", "work", "--task", "Work"];
const HOUR_MS = 3_600_000;

/** Plays Claude Code: notes when it was called by the project's calendar, then does what the test says. */
const AGENT = `#!/bin/sh
signal=$SAMOCODE_SIGNAL
cd "$(dirname "$0")"
ahead=$(cat ahead 2>/dev/null || echo 0)
now=$(( $(date +%s%3N) + \${ahead%.*} ))
echo $now >> calls
`;

const BLOCKED = `echo '{"status":"blocked","reason":"Done","needs":"human_decision"}' > "$signal"
echo '{"type":"result","subtype":"success","is_error":false,"result":""}'`;

/** So many workers are killed in each wait. */
const KILLS = 6;

slowTest("kill -9 during a limit of five hours: no agent is called before it ends, and one when it has", async () => {
  const reset = Math.ceil(Date.now() / 1000) + 5 * 3600;
  using project = projectWith(limitedOnce(reset));
  await killOften(project, KILLS);
  const { wait, activity, state } = await statusOf(project);
  assert.deepEqual([state, activity, wait?.for], ["crashed", "", "limit"], "what is left is known to who asks");
  const { code, stdout } = await project.run(RUN);
  assert.equal(code, 20, stdout);
  assert.match(stdout, /Waiting \dh \d\dm for a usage limit to end: rate-limited/);
  const [, second, ...more] = callsIn(project);
  assert.deepEqual(more, []);
  assert.ok((second ?? 0) >= reset * 1000, "not before the reset");
  assert.ok((second ?? 0) < reset * 1000 + HOUR_MS / 4, "and soon after it");
});

slowTest("kill -9 during an outage of two hours: the pauses are kept, and the patience is not begun anew", async () => {
  const over = Date.now() + 2 * HOUR_MS;
  using project = projectWith(`if [ $now -gt ${over} ]; then
${BLOCKED}
else
echo '{"type":"result","is_error":true,"api_error_status":529,"result":"overloaded"}'
fi`);
  await killOften(project, KILLS);
  const { code, stdout } = await project.run(RUN);
  assert.equal(code, 20, stdout);
  const events = project.events();
  const calls = callsIn(project);
  assert.ok(calls.length < 60, `${calls.length} attempts in two hours`);
  checkPauses(events);
  const outages = events.flatMap((event) =>
    event.type === "iteration.retried" && event.wait?.for === "outage"
      ? [{ ...event.wait, delayMs: event.delayMs, leftMs: Date.parse(event.wait.until) - Date.parse(event.at) }]
      : []
  );
  assert.equal(new Set(outages.map(({ since }) => since)).size, 1);
  for (const [index, { leftMs, tries }] of outages.entries()) {
    const before = outages.slice(0, index).findLast((outage) => outage.tries < tries);
    const first = outages.find((outage) => outage.tries === before?.tries);
    if (first !== undefined) assert.ok(leftMs <= first.leftMs - first.delayMs + 1_000, `${leftMs} ms after ${tries}`);
  }
  const tries = outages.map((wait) => wait.tries);
  assert.deepEqual(tries, tries.toSorted((a, b) => a - b));
  assert.ok(events.every((event) => event.type !== "session.stopped" || event.outcome.kind === "blocked"));
});

slowTest("run gives up an outage when its patience ends, and not before; run again, it tries at once", async () => {
  using project = projectWith(`echo '{"type":"result","is_error":true,"api_error_status":529,"result":"overloaded"}'`);
  const env = { SAMOCODE_OUTAGE_PATIENCE: "1800" };
  const { code, stdout } = await project.run(RUN, env);
  assert.equal(code, 1, stdout);
  assert.match(stdout, /Failed: The agent failed: overloaded \(waited 30m 00s, as SAMOCODE_OUTAGE_PATIENCE allows\)/);
  const calls = callsIn(project);
  const lasted = (calls.at(-1) ?? 0) - (calls[0] ?? 0);
  assert.ok(lasted >= 1_800_000 - 60_000 && lasted < 1_800_000 + 1_200_000, `gave up after ${lasted} ms`);
  await project.run(RUN, { SAMOCODE_OUTAGE_PATIENCE: "0" });
  assert.equal(callsIn(project).length, calls.length + 1);
});

slowTest("stop, then run during a limit means: try now; a signal does not", async () => {
  const reset = Math.ceil(Date.now() / 1000) + 10 * 3600;
  using project = projectWith(
    `echo '{"type":"rate_limit_event","rate_limit_info":{"status":"rejected","resetsAt":${reset}}}'
echo '{"type":"result","is_error":true,"api_error":"usage_limit_reached","result":"full"}'`,
  );
  const calls: number[] = [];
  for (const end of ["SIGTERM", "SIGINT", "stop", "SIGKILL"] as const) {
    const before = countWaits(project);
    const worker = project.start(RUN);
    const gone = finished(worker);
    await project.until((events) => waitsIn(events) > before);
    if (end !== "stop") worker.kill(end);
    else assert.equal((await project.run(["stop", "work"])).code, 0);
    await gone;
    calls.push(callsIn(project).length);
  }
  assert.deepEqual(calls, [1, 1, 1, 2]);
});

slowTest("killed between a limit's end and the decision to wait for it, the next run decides it", async () => {
  const reset = Math.ceil(Date.now() / 1000) + 2 * 3600;
  using project = projectWith(limitedOnce(reset));
  await killOften(project, 1);
  const journal = join(project.sessionFolder(), "_journal.jsonl");
  const lines = Deno.readTextFileSync(journal).trimEnd().split("\n");
  const kept = lines.slice(0, lines.findIndex((line) => line.includes('"iteration.retried"')));
  Deno.writeTextFileSync(journal, `${kept.join("\n")}\n`);
  ownJournal(journal, stateFolder(project.env));
  assert.equal((await project.run(RUN)).code, 20);
  const [, second = 0, ...more] = callsIn(project);
  assert.deepEqual([second >= reset * 1000, more], [true, []]);
});

const DONE = {
  write: { path: "{{S}}/_signal.json", content: '{"status":"blocked","reason":"Done","needs":"human_decision"}' },
};
const WORKS = {
  extract: { system: ["\\*\\*Session path:\\*\\* (?<S>\\S+)"] },
  rules: [{ when: {}, steps: [{ tools: [DONE] }, { text: "Done." }] }],
};

for (const name of ["claude", "codex"] as const) {
  clientTest(
    `no agent is started while nobody answers at its service's address, and one when somebody does: ${name}`,
    name,
    async ({ path, fakeModel }) => {
      const broken = new SilentService({ cuts: true });
      const { url } = broken;
      const claude = { ...claudeEnvironment(path, { url }), CLAUDE_CODE_MAX_RETRIES: "0" };
      using project = name === "claude"
        ? new TempProject(claude, FAST_PROGRAM)
        : new CodexProject({ path }, { url, retries: 0 }, {}, FAST_PROGRAM);
      const running = project.run(RUN);
      await project.until((events) => waitsIn(events) === 1);
      broken[Symbol.dispose]();
      await project.until((events) => waitsIn(events) === 20);
      let status = await statusOf(project);
      // Between two pauses the address is tried.
      for (let look = 0; status.wait === undefined && look < 20; look++) status = await statusOf(project);
      assert.deepEqual([status.state, status.wait?.for], ["running", "outage"]);
      assert.match(
        status.activity,
        /^Waiting [0-9hms ]+ in an outage \(\d+ failures so far\): failed: http:\S+ cannot be reached: Connection refused/,
      );
      await using model = await startFakeModel(fakeModel, WORKS, { port: Number(new URL(url).port) });
      const { code, stdout } = await running;
      assert.equal(code, 20, stdout);
      const starts = project.attempts();
      assert.ok(
        starts.length <= 3,
        `an attempt that met the overload, perhaps one on the way, one that worked: ${starts}`,
      );
      assert.ok(model.requests.length >= 2);
      checkPauses(project.events());
      const [first, last] = [project.events().at(0), project.events().at(-1)].map((event) =>
        Date.parse(event?.at ?? "")
      );
      assert.ok((last ?? 0) - (first ?? 0) > HOUR_MS / 2, "it took a while by the calendar");
    },
  );
}

/** An agent that meets a usage limit until `reset`, in seconds since 1970, and is blocked when it is called again. */
function limitedOnce(reset: number): string {
  return `if [ $(wc -l < calls) -gt 1 ]; then
${BLOCKED}
else
echo '{"type":"rate_limit_event","rate_limit_info":{"status":"rejected","resetsAt":${reset}}}'
echo '{"type":"result","is_error":true,"api_error":"usage_limit_reached","result":"full"}'
fi`;
}

function projectWith(script: string): TempProject {
  const project = new TempProject({ SAMOCODE_PROVIDER: "claude" }, FAST_PROGRAM);
  const agent = join(project.root, "agent.sh");
  Deno.writeTextFileSync(agent, AGENT + script, { mode: 0o755 });
  return Object.assign(project, { env: { ...project.env, CLAUDE_PATH: agent } });
}

/** Kills workers a moment after each begins to wait. */
async function killOften(project: TempProject, times: number): Promise<void> {
  for (let kill = 0; kill < times; kill++) {
    const before = countWaits(project);
    const worker = project.start(RUN);
    const gone = finished(worker);
    await project.until((events) => waitsIn(events) > before);
    // Twelve minutes by the calendar at most.
    await delay(Math.random() * 200);
    worker.kill("SIGKILL");
    assert.equal((await gone).signal, "SIGKILL");
  }
}

function countWaits(project: TempProject): number {
  return [...Deno.readDirSync(join(project.root, "sessions"))].length === 0 ? 0 : waitsIn(project.events());
}

function waitsIn(events: readonly RecordedEvent[]): number {
  return events.filter(({ type }) => type === "iteration.retried").length;
}

function callsIn({ root }: TempProject): readonly number[] {
  return Deno.readTextFileSync(join(root, "calls")).trim().split("\n").map(Number);
}

async function statusOf(project: TempProject): Promise<Pick<Status, "state" | "activity" | "wait">> {
  assert.ok(Deno.statSync(aheadFile(project.root)).isFile, "the clock was used");
  return JSON.parse((await project.run(["status", "work", "--json"])).stdout);
}
