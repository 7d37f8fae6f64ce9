/**
 * Decisions on the page: a whole session of the demo's agent, acts that come too late, and acts that are none.
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { stateFolder } from "../../src/system/user_folders.ts";
import type { SessionFacts, SessionRow } from "../../src/view/contract.ts";
import { TempProject } from "../helpers/temp_project.ts";
import { type Browser, ViewServer } from "../helpers/view_page.ts";
import { slowTest } from "../helpers/slow.ts";

const DEMO = { SAMOCODE_PROVIDER: "demo", SAMOCODE_DEMO_PACE: "0" };
const BEGIN = ["run", "--session", "tally", "--task", "Count words"];

slowTest("a session is answered, sent back and approved on the page, up to its end", async () => {
  using project = new TempProject(DEMO);
  await project.run(BEGIN);
  await using server = await ViewServer.start(project);
  const browser = await server.open();
  const asked = await browser.session();
  assert.equal(asked.needs, "answers");
  const answers = Object.fromEntries(asked.questions.map(({ id }) => [id, "A"]));
  const answer = { verb: "answer", run: asked.run, answers, sha256: asked.asked?.sha256 };
  assert.deepEqual(
    (await browser.act(asked.key, answer)).answer.words,
    "Answered. tally continues.",
  );
  const planned = await untilNeeds(browser, asked.key, "approval");
  // The same once more: the run that it was for is over.
  const late = await browser.act(asked.key, answer);
  assert.equal(late.status, 409);
  assert.match(late.answer.error, /settled\. .*the page \(samocode view, without a terminal\)$/);
  assert.equal(late.answer.facts?.needs, "approval");
  const { run, due } = planned;
  const sent = await browser.act(planned.key, { verb: "revise", run, sha256: due?.sha256, feedback: "Shorter" });
  assert.match(sent.answer.words, /^The plan goes back to the agent\. /);
  const again = await untilNeeds(browser, planned.key, "approval", run);
  const wrong = { verb: "approve", run: again.run, sha256: "0".repeat(64), label: again.due?.label };
  assert.deepEqual([(await browser.act(again.key, wrong)).status, await needsOf(browser, again.key)], [
    409,
    "approval",
  ]);
  const label = { verb: "approve", run: again.run, sha256: again.due?.sha256, label: "another plan" };
  assert.deepEqual([(await browser.act(again.key, label)).status, await needsOf(browser, again.key)], [
    400,
    "approval",
  ]);
  const approve = { ...wrong, sha256: again.due?.sha256 };
  assert.match((await browser.act(again.key, approve)).answer.words, /^Approved\. tally continues\.$/);
  const done = await until(browser, again.key, ({ state }) => state === "done");
  assert.equal(done.state, "done");
  const by = actsIn(project).map((event) => `${event.type} ${event.by}`);
  assert.deepEqual([...new Set(by)], [
    "answers.given page:unattended",
    "gate.opened page:unattended",
    "plan.rejected page:unattended",
  ]);
});

slowTest("a guide reaches a session, a stop ends it, and continuing goes on", async () => {
  using project = new TempProject({ ...DEMO, SAMOCODE_DEMO_PACE: "5" });
  await using server = await ViewServer.start(project);
  const browser = await server.open();
  await project.run(["start", ...BEGIN.slice(1)]);
  const running = await untilListed(browser, ({ state }) => state === "running");
  const told = await browser.act(running.key, { verb: "guide", run: running.run, text: "Mind the tests" });
  assert.equal(told.answer.words, "The next agent of tally will be told.");
  const stop = await browser.act(running.key, { verb: "stop", run: running.run, now: true });
  assert.equal(stop.answer.words, "tally has stopped.");
  assert.equal(stop.answer.facts.state, "stopped");
  const resume = await browser.act(running.key, { verb: "resume", run: stop.answer.facts.run, guidance: "" });
  assert.equal(resume.answer.words, "tally continues.");
  const now = resume.answer.facts;
  await browser.act(now.key, { verb: "stop", run: now.run, now: false });
  const { detail } = await until(browser, now.key, ({ state }) => state !== "running");
  assert.equal(detail, "Stopped by the page (samocode view, without a terminal)");
  assert.deepEqual(actsIn(project).map(({ type }) => type), [
    "guidance.given",
    "stop.requested",
    "resume.requested",
    "stop.requested",
  ]);
});

Deno.test("an agent's page over a state folder of its own, which leads to the person's, decides nothing", async () => {
  using project = new TempProject(DEMO);
  await project.run(BEGIN);
  const state = stateFolder(project.env);
  const own = join(project.root, "own");
  Deno.mkdirSync(join(own, "samocode"), { recursive: true });
  for (const { name } of Deno.readDirSync(state)) {
    Deno.symlinkSync(join(state, name), join(own, "samocode", name));
  }
  const env = { CLAUDECODE: "1", TMPDIR: own, XDG_STATE_HOME: own };
  await using server = await ViewServer.start(project, [], env);
  const browser = await server.open();
  const { key, run, asked, questions } = await browser.session();
  assert.equal(questions.length, 2);
  const answers = Object.fromEntries(questions.map(({ id }) => [id, "A"]));
  const { answer } = await browser.act(key, { verb: "answer", run, answers, sha256: asked?.sha256 });
  assert.match(answer.error, /^Cannot decide on this page: only a person may/);
  assert.deepEqual(actsIn(project), []);
});

Deno.test("what is no act, and what cannot be done, is refused in words", async () => {
  using project = new TempProject(DEMO);
  await project.run(BEGIN);
  await using server = await ViewServer.start(project);
  const browser = await server.open();
  const { key, run, asked } = await browser.session();
  const tries: readonly (readonly [number, object])[] = [
    [400, { verb: "rm", run }],
    [400, { verb: "guide", run, text: 7 }],
    [400, { verb: "guide", run, text: "  " }],
    [400, { verb: "answer", run, answers: { Q9: "A" }, sha256: asked?.sha256 }],
    [409, { verb: "answer", run, answers: { Q1: "A" }, sha256: "0".repeat(64) }],
    [409, { verb: "approve", run, sha256: "", label: "" }],
    [409, { verb: "accept_baseline", run }],
    [409, { verb: "resume", run, guidance: "" }],
    [400, { verb: "raise", run, to: { words: 9 } }],
    [400, { verb: "raise", run, to: { cost: -1 } }],
    [409, { verb: "stop", run, now: true }],
    [409, { verb: "stop", run: undefined, now: true }],
  ];
  for (const [status, act] of tries) {
    const { status: got, answer } = await browser.act(key, act);
    assert.deepEqual([got, act], [status, act], answer.error);
    assert.ok(answer.error.length > 0);
  }
  assert.equal((await browser.session()).needs, "answers");
  assert.deepEqual(actsIn(project), []);
  assert.equal((await browser.act("0".repeat(16), { verb: "guide", text: "x" })).status, 400);
});

function actsIn(project: TempProject): readonly { readonly type: string; readonly by: unknown }[] {
  return project.events().flatMap((event) =>
    "by" in event && event.by !== "worker" && event.type !== "session.created" ? [event] : []
  );
}

async function needsOf(browser: Browser, key: string): Promise<string> {
  return (await browser.json<SessionFacts>(`/api/sessions/${key}`)).needs;
}

async function untilNeeds(browser: Browser, key: string, needs: string, after = ""): Promise<SessionFacts> {
  return await until(browser, key, (facts) => facts.needs === needs && facts.run !== after);
}

/** The facts as the stream tells them, once they are so. */
async function until(browser: Browser, key: string, isSo: (facts: SessionFacts) => boolean): Promise<SessionFacts> {
  for await (const message of browser.hear(key)) {
    if (message.event === "facts" && isSo(message.data)) return message.data;
  }
  throw new Error("the stream ended");
}

async function untilListed(browser: Browser, isIt: (row: SessionRow) => boolean): Promise<SessionFacts> {
  for await (const message of browser.hear()) {
    const row = message.event === "sessions" ? message.data.rows.find(isIt) : undefined;
    if (row !== undefined) return await browser.json(`/api/sessions/${row.key}`);
  }
  throw new Error("the stream ended");
}

slowTest("a used-up budget is raised, and failing checks are accepted, on the page", async () => {
  using project = new TempProject({ ...DEMO, SAMOCODE_MAX_STARTS: "1" });
  await project.run([...BEGIN, "--dive", "How"]);
  await using server = await ViewServer.start(project);
  const browser = await server.open();
  const { key, run, needs, budget } = await browser.session();
  assert.deepEqual([needs, budget.find(({ measure }) => measure === "starts")?.limit], ["budget", 1]);
  const low = await browser.act(key, { verb: "raise", run, to: { starts: 1 } });
  assert.deepEqual([low.status, /Name more than 1/.test(low.answer.hint)], [400, true]);
  const raised = await browser.act(key, { verb: "raise", run, to: { starts: 9 } });
  assert.match(raised.answer.words, /^The budget is raised\. tally continues\.$/);
  const asked = await untilNeeds(browser, key, "answers");
  assert.equal(asked.budget.find(({ measure }) => measure === "starts")?.limit, 9);

  Deno.writeTextFileSync(`${project.root}/.samocode`, "CHECK=false\n", { append: true });
  project.trust();
  await project.run(["run", "--session", "unready", "--task", "Count"]);
  const red = await untilListed(browser, ({ session, needs }) => session === "unready" && needs === "baseline");
  const went = await browser.act(red.key, { verb: "accept_baseline", run: red.run });
  assert.match(went.answer.words, /^unready continues\.$/);
  // Of its one start.
  await untilNeeds(browser, red.key, "budget");
  assert.ok(project.events().some((event) => event.type === "baseline.accepted" && event.by === "page:unattended"));
});
