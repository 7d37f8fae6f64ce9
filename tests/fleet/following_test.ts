import assert from "node:assert/strict";
import { join } from "node:path";
import { FleetDesk } from "../helpers/fleet_desk.ts";
import { slowPostgresTest } from "../helpers/postgres.ts";
import type { JournalPage, SessionFacts, StoryAnswer } from "../../src/view/contract.ts";
import { type Browser, ViewServer } from "../helpers/view_page.ts";

/** The only session, as soon as the page has it in a state; it is told of each change. */
async function seen(browser: Browser, state: string): Promise<SessionFacts> {
  for await (const { event, data } of browser.hear()) {
    if (event !== "sessions") continue;
    if (data.rows.some((row) => row.state === state)) return await browser.session();
  }
  return assert.fail(`no session is ${state}`);
}

slowPostgresTest(
  "the page, the log and a channel follow a session of the fleet, and the page decides",
  async (postgres) => {
    await using desk = await FleetDesk.open(postgres);
    const { project } = desk;
    await using server = await ViewServer.start(project, ["--fleet"]);
    const browser = await server.open();
    await desk.submit();
    const queued = await seen(browser, "queued");
    assert.deepEqual([queued.session, queued.detail], ["top", "No worker of pool default is running"]);
    assert.deepEqual((await browser.json<JournalPage>(`/api/sessions/${queued.key}/journal`)).rows, []);
    assert.deepEqual((await browser.json<StoryAnswer>(`/api/sessions/${queued.key}/story`)).attempts, []);
    await desk.work();
    const asked = await seen(browser, "waiting");
    assert.equal(asked.key, queued.key, "its address stays");
    assert.deepEqual([asked.session, asked.needs], ["top", "answers"]);
    assert.deepEqual(asked.next[0]?.command, "samocode answer top --fleet");
    const answers = Object.fromEntries(asked.questions.map(({ id }) => [id, "A"]));
    const answer = { verb: "answer", run: asked.run, answers, sha256: asked.asked?.sha256 };
    const { answer: { words } } = await browser.act(asked.key, answer);
    assert.equal(words, "Answered. top is queued: No worker of pool default is running.");
    assert.equal(await desk.decisions(), 1);

    const log = project.start(["logs", "top", "--fleet", "--follow"]).output();
    const planned = (async () => {
      for await (const message of browser.hear(asked.key)) {
        if (message.event === "facts" && message.data.needs === "approval") return true;
      }
      return false;
    })();
    await desk.work();
    assert.equal(await planned, true);
    assert.match(new TextDecoder().decode((await log).stdout), /Waiting for you: The plan needs your approval\n$/);

    const { run, due } = await browser.session();
    const approve = { verb: "approve", run, sha256: due?.sha256, label: due?.label };
    const stale = await browser.act(asked.key, { ...approve, sha256: "0".repeat(64) });
    assert.equal(stale.status, 409);
    assert.match(stale.answer.hint, /: samocode plan top --json --fleet$/);

    const told = join(project.root, "told.jsonl");
    const script = join(project.root, "tell.sh");
    Deno.writeTextFileSync(script, `#!/bin/sh\ncat >> ${told}; echo >> ${told}\n`, { mode: 0o755 });
    Deno.writeTextFileSync(told, "");
    const listener = project.start(["listen", "--fleet", "--keep"], { SAMOCODE_NOTIFY_COMMAND: script });
    const hears = async (text: string): Promise<boolean> => {
      const deadline = performance.now() + 30_000;
      while (!Deno.readTextFileSync(told).includes(text) && performance.now() < deadline) {
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
      return Deno.readTextFileSync(told).includes(text);
    };
    assert.ok(await hears("plan"));
    assert.equal((await browser.act(asked.key, approve)).status, 200);
    await desk.work();
    assert.ok(await hears("Next: samocode fleet take top, in a terminal"), Deno.readTextFileSync(told));
    listener.kill("SIGINT");
    assert.doesNotMatch(new TextDecoder().decode((await listener.output()).stderr), /trust/);
  },
);
