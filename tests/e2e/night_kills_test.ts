/**
 * Workers of the real clients' sessions are killed while they wait for a limit, make a checkpoint or run a check. No agent
 * is at work then, so none may ever be started again for it.
 *
 * @module
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { programPath } from "../../src/system/processes/program_path.ts";
import { readTextIfExists } from "../../src/system/files/files.ts";
import type { RecordedEvent } from "../../src/workflow/session_event.ts";
import { processesMarked } from "../helpers/agent_stage.ts";
import { startFakeModel } from "../helpers/fake_model.ts";
import { aheadFile, FAST_PROGRAM, RATE } from "../helpers/fast_program.ts";
import { slowClientTest } from "../helpers/find_clients.ts";
import {
  CHECK_MS,
  COMMIT,
  gitLocks,
  NIGHT_CLIENTS,
  nightScenario,
  passEvening,
  usageLimit,
} from "../helpers/night_model.ts";
import { randomNumbers } from "../helpers/random_numbers.ts";
import { finished, type TempProject } from "../helpers/temp_project.ts";

const RUN = ["run", "greet"];

/** How long each of the limits lasts by the calendar. */
const LIMIT_MS = 3_600_000;

/** In the order in which the session comes by. */
const STAGES = ["wait", "checkpoint", "wait", "checkpoint", "check"] as const;

/** So many workers are killed at each client. */
const KILLS = Number(Deno.env.get("SAMOCODE_TEST_KILLS") ?? 5);
const EACH = Math.ceil(KILLS / STAGES.length);

/** So many gits make a checkpoint. */
const GITS = 6;

/** In the place of git: of those that work for a checkpoint, the one that the file names kills the worker. */
const KILLER = `#!/bin/sh
armed=$HOME/../armed
if [ -z "$GIT_INDEX_FILE" ] || ! read -r left how < "$armed"; then exec "$GIT" "$@"; fi 2>/dev/null
if [ "$left" -gt 0 ]; then echo $((left - 1)) $how > "$armed"; exec "$GIT" "$@"; fi
rm "$armed"
case $how in
before) kill -9 $PPID ;;
during) "$GIT" "$@" & sleep 0.001; kill -9 $! $PPID ;;
after) "$GIT" "$@"; kill -9 $PPID ;;
esac
`;

for (const [index, name] of (["claude", "codex"] as const).entries()) {
  slowClientTest(
    `workers killed during waits, checks and checkpoints: nothing is lost, and no agent called for it: ${name}`,
    name,
    async ({ path, fakeModel }) => {
      const { told, project: projectWith } = NIGHT_CLIENTS[name];
      let calendar = () => 0;
      const limits = new Map<string, number>();
      const { scenario, calls } = nightScenario(told, ({ phase, turn }) => {
        if (turn > 0 || phase === "done") return undefined;
        const until = limits.get(phase) ?? calendar() + LIMIT_MS;
        limits.set(phase, until);
        return calendar() < until ? usageLimit(until) : undefined;
      });
      await using model = await startFakeModel(fakeModel, scenario);
      using project = projectWith(path, model, FAST_PROGRAM);
      calendar = () => Date.now() + Number(readTextIfExists(aheadFile(project.root)) ?? 0);
      const env = withKiller(project);
      await passEvening(project);

      const random = randomNumbers(index + 1);
      let kills = 0;
      for (const stage of STAGES) {
        for (let kill = 0; kill < EACH; kill++, kills++) await killAt(stage, { project, env, random });
      }
      const { code, stdout, stderr } = await project.run(RUN, env);
      assert.equal(code, 0, stdout + stderr);
      const begun = calls.filter(({ turn }) => turn === 0).map(({ phase, isAnswered }) => `${phase} ${isAnswered}`);
      assert.deepEqual(begun, [
        ...["implementation false", "implementation true", "testing false", "testing true", "done true"],
      ]);
      const events = project.events();
      const attempts = events.filter(({ type }) => type === "iteration.started");
      // Four of them in the evening.
      assert.equal(attempts.length, 4 + begun.length);
      assert.deepEqual(events.map(({ seq }) => seq), events.map((_, at) => at + 1), "no event is lost");
      const unfinished = countOf(events, "session.started") - countOf(events, "session.stopped");
      assert.ok(unfinished <= kills, `${unfinished} workers died, ${kills} were killed`);
      assert.equal(project.git("log", "--format=%s", "greet"), `${COMMIT}\nBegin`);
      const drafts = project.git("for-each-ref", "--format=%(refname)", "refs/samocode/checkpoints").split("\n")
        .map((ref) => project.git("show", `${ref}:draft.txt`));
      assert.deepEqual([...new Set(drafts)].sort(), ["one", "one\ntwo"], "each draft is kept");
      project.git("fsck", "--strict", "--no-dangling");
      assert.deepEqual(gitLocks(project), []);
      assert.deepEqual(processesMarked(`HOME=${project.env["HOME"]}`), []);
      if (Deno.env.get("SHOW")) console.log(name, `${kills} kills`, begun);
    },
  );
}

/** Starts a worker and kills it there. */
async function killAt(
  stage: (typeof STAGES)[number],
  { project, env, random }: {
    readonly project: TempProject;
    readonly env: Readonly<Record<string, string>>;
    readonly random: () => number;
  },
): Promise<void> {
  const how = ["before", "during", "after"][Math.floor(random() * 3)];
  if (stage === "checkpoint") {
    Deno.writeTextFileSync(join(project.root, "armed"), `${Math.floor(random() * GITS)} ${how}\n`);
  }
  const met = stage === "wait" ? "iteration.retried" : "check.started";
  const before = countOf(project.events(), met);
  const worker = project.start(RUN, env);
  const end = finished(worker);
  if (stage !== "checkpoint") {
    await project.until((events) => countOf(events, met) > before);
    await delay(random() * (stage === "wait" ? LIMIT_MS / RATE / (EACH + 1) : CHECK_MS));
    worker.kill("SIGKILL");
  }
  const { signal, code, stdout, stderr } = await end;
  assert.equal(signal, "SIGKILL", `${stage} ${code} ${stdout} ${stderr}`);
}

function countOf(events: readonly RecordedEvent[], wanted: RecordedEvent["type"]): number {
  return events.filter(({ type }) => type === wanted).length;
}

/** The environment in which a checkpoint's git may kill. */
function withKiller({ root, env }: TempProject): Readonly<Record<string, string>> {
  const { program: git = assert.fail("there is no git") } = programPath("git", { env });
  const bin = join(root, "bin");
  Deno.mkdirSync(bin);
  Deno.writeTextFileSync(join(bin, "git"), KILLER, { mode: 0o755 });
  return { PATH: `${bin}:${env["PATH"]}`, GIT: git };
}
