/**
 * Workers are killed in each place: the agent ends with them, and the person is told once.
 *
 * @module
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { CodexProject } from "../helpers/codex_project.ts";
import { claudeEnvironment, startFakeModel } from "../helpers/fake_model.ts";
import { slowClientTest } from "../helpers/find_clients.ts";
import { FakeTelegram } from "../helpers/fake_telegram.ts";
import { GUARDS } from "../helpers/guarded_project.ts";
import type { RecordedEvent } from "../../src/workflow/session_event.ts";
import { finished, markedProcesses, TempProject } from "../helpers/temp_project.ts";

const RUN = ["run", "--session", "work", "--task", "Work"];

/** Half of each kind of end that no program hears of, or can do anything about. */
const KILLS = ["SIGKILL", "SIGQUIT"] as const;

/** How long an agent may be there without its worker. A killed worker takes a while to be gone itself. */
const SOON_MS = 2_000;

/** Changes something, starts a shell that has left its group and its parent, and one that did not, and is at work. */
const AGENT = `#!/bin/sh
echo '{"type":"system","subtype":"init","session_id":"a","model":"m"}'
(setsid sh -c 'sleep 300; :' &)
sh -c 'sleep 300; :' &
echo $$ >> changed
touch "$(dirname "$SAMOCODE_SIGNAL")/at-work"
wait
`;

/** Where a worker is killed: as soon as its journal has this, and a while later. */
const PLACES = {
  "before its agent is started": { type: "session.started", laterMs: 0 },
  "while its agent is being started": { type: "iteration.started", laterMs: 25 },
  "while its agent works": { type: "agent.started", laterMs: 300 },
} as const;

/** So many workers are killed in each place. */
const EACH = Number(Deno.env.get("SAMOCODE_TEST_KILLS") ?? 3);

for (const guard of GUARDS) {
  for (const [place, { type, laterMs }] of Object.entries(PLACES)) {
    Deno.test(`a worker killed ${place}: its agent is gone (guard: ${guard})`, async () => {
      using project = projectWith(AGENT, { SAMOCODE_GUARD: guard });
      const took: number[] = [];
      const count = (events: readonly RecordedEvent[]) => events.filter((event) => event.type === type).length;
      let before = 0;
      for (let kill = 0; kill < EACH; kill++) {
        const worker = project.start(RUN);
        const end = finished(worker);
        await project.until((events) => count(events) > before);
        await new Promise((wake) => setTimeout(wake, laterMs * kill / EACH));
        took.push(await killAndLook(project, worker, KILLS[kill % 2] ?? "SIGKILL"));
        await end;
        before = count(project.events());
      }
      assert.ok(Math.max(...took) < SOON_MS, `${took}`);
    });
  }
}

/** @param key Where the client sends its instructions. */
const longCommand = (key: "system" | "prompt") => ({
  strict: true,
  extract: { [key]: ["\\*\\*Session path:\\*\\* (?<S>\\S+)"] },
  rules: [
    {
      name: "a long command",
      when: { [key]: "^\\*\\*Phase:\\*\\* investigation$" },
      conversations: 1,
      steps: [{
        tools: [{
          bash:
            "echo half > half.txt; nohup setsid sh -c 'touch {{S}}/at-work; sleep 300; :' >/dev/null 2>&1 & sleep 300; :",
        }],
      }],
    },
    {
      name: "the next one is told what it did",
      when: {
        [key]: [
          "^\\*\\*Phase:\\*\\* investigation$",
          "^Its last steps, the newest at the end:\\n(?:> .*\\n)*> .*echo half > half.txt",
          "^What is not committed in the working directory:\\n> half.txt$",
          "^A copy of what was not committed is in `refs/samocode/checkpoints/work/1`.$",
        ],
      },
      steps: [
        {
          tools: [{
            bash:
              `printf '%s' '{"status":"blocked","reason":"Enough of it","needs":"human_decision"}' > {{S}}/_signal.json`,
          }],
        },
        { text: "Done." },
      ],
    },
  ],
});

for (const [index, guard] of GUARDS.entries()) {
  for (const client of ["claude", "codex"] as const) {
    const signal = KILLS[(index + (client === "codex" ? 1 : 0)) % 2] ?? "SIGKILL";
    const name =
      `the real ${client} ends with its worker on ${signal}, and the next is told what it did (guard: ${guard})`;
    slowClientTest(name, client, async (found) => {
      const scenario = longCommand(client === "claude" ? "system" : "prompt");
      await using model = await startFakeModel(found.fakeModel, scenario);
      const env = { SAMOCODE_GUARD: guard };
      using project = client === "codex"
        ? new CodexProject(found, model, env)
        : new TempProject({ ...claudeEnvironment(found.path, model), ...env });
      await killAndGoOn(project, signal);
    });
  }
}

/** Kills the worker at work, and lets the next one come to its end. */
async function killAndGoOn(project: TempProject, signal: Deno.Signal): Promise<void> {
  const worker = project.start(RUN);
  const end = finished(worker);
  await project.untilFile("at-work");
  const tookMs = await killAndLook(project, worker, signal);
  assert.ok(tookMs < SOON_MS, `${tookMs} ms`);
  await end;
  const { code, stdout, stderr } = await project.run(["run", "work"]);
  assert.equal(code, 20, stdout + stderr);
}

/** Returns how long something of the agent was still there, in milliseconds. */
async function killAndLook(project: TempProject, worker: Deno.ChildProcess, signal: Deno.Signal): Promise<number> {
  const events = project.events();
  worker.kill(signal);
  await worker.status;
  const begun = performance.now();
  let seenMs = 0;
  // What was being started when the worker died may come up a moment later.
  for (let calm = 0; calm < 5;) {
    const isLeft = markedProcesses([...events, ...project.events()]).length > 0;
    calm = isLeft ? 0 : calm + 1;
    if (isLeft) seenMs = performance.now() - begun;
    assert.ok(seenMs < 10_000, "its agent works on");
    await new Promise((wake) => setTimeout(wake, 20));
  }
  return seenMs;
}

Deno.test("of a worker's death the person is told once, by the next command, of any session", async () => {
  await using telegram = new FakeTelegram();
  // Without channels the worker starts no listener, which would tell.
  using project = projectWith(AGENT, {});
  const worker = project.start(RUN);
  await project.untilFile("at-work");
  worker.kill("SIGKILL");
  await finished(worker);
  assert.deepEqual(telegram.texts, []);
  for (const args of [["list"], ["status", "work"], ["list", "--json"]]) {
    assert.equal((await project.run(args, telegram.env)).code, 0);
    assert.equal(telegram.texts.length, 1, telegram.texts.join());
  }
  assert.match(
    telegram.texts[0] ?? "",
    /^<b>💀 work: its worker died<\/b>\n\nIt was in iteration 1 \(investigation\).*Continue it: samocode run work$/,
  );
  // Another run is another death.
  const again = project.start(RUN);
  await project.until((events) => events.filter(({ type }) => type === "iteration.started").length === 2);
  again.kill("SIGQUIT");
  await finished(again);
  const both = await Promise.all([project.run(["list"], telegram.env), project.run(["list"], telegram.env)]);
  assert.deepEqual(both.map(({ code }) => code), [0, 0]);
  assert.equal(telegram.texts.length, 2, "two commands at once tell once");
});

Deno.test("a message that cannot be sent is not tried by each command, and holds none of them", async () => {
  const unreachable = { TELEGRAM_BOT_TOKEN: "1:t", TELEGRAM_CHAT_ID: "7", TELEGRAM_API_BASE: "http://127.0.0.1:1" };
  using project = projectWith(AGENT, {});
  const worker = project.start(RUN);
  await project.untilFile("at-work");
  worker.kill("SIGKILL");
  await finished(worker);
  const [first, second] = [await project.run(["list"], unreachable), await project.run(["list"], unreachable)];
  assert.match(first.stderr, /^work: its worker died.*\nCannot notify you on Telegram: Cannot reach Telegram/);
  assert.deepEqual([first.code, second.code, second.stderr], [0, 0, ""]);
});

Deno.test("a worker that cannot write its journal any more says so itself, once", async () => {
  await using telegram = new FakeTelegram();
  using project = projectWith(AGENT, telegram.env);
  const worker = project.start(RUN);
  await project.untilFile("at-work");
  const journal = join(project.sessionFolder(), "_journal.jsonl");
  const text = Deno.readTextFileSync(journal);
  // What is lost cannot be written to again; a stop has the worker write.
  Deno.removeSync(journal);
  worker.kill("SIGINT");
  assert.equal((await finished(worker)).code, 1);
  Deno.writeTextFileSync(journal, text);
  await project.run(["list"]);
  assert.equal(telegram.texts.length, 1, telegram.texts.join());
  assert.match(telegram.texts[0] ?? "", /^<b>💀 work: it cannot go on<\/b>\n\nCannot write the journal .*deleted/);
});

function projectWith(agent: string, env: Readonly<Record<string, string>>): TempProject {
  const project = new TempProject({ SAMOCODE_MAX_RETRIES: "0", ...env });
  const path = join(project.root, "agent.sh");
  Deno.writeTextFileSync(path, agent, { mode: 0o755 });
  Deno.writeTextFileSync(join(project.root, ".env"), `CLAUDE_PATH=${path}\n`);
  project.trust();
  return project;
}
