/**
 * What the page can ask for of a session, by real requests.
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import type {
  ChecksAnswer,
  DiffAnswer,
  DocumentAnswer,
  DocumentRow,
  JournalPage,
  LogAnswer,
  PlanAnswer,
  SessionFacts,
  StoryAnswer,
} from "../../src/view/contract.ts";
import { TempProject } from "../helpers/temp_project.ts";
import { type Browser, ViewServer } from "../helpers/view_page.ts";
import { slowTest } from "../helpers/slow.ts";

const DEMO = { SAMOCODE_PROVIDER: "demo", SAMOCODE_DEMO_PACE: "0" };

/** The smallest picture: https://www.w3.org/TR/png-3/#5PNG-file-signature */
const PNG = Uint8Array.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 0]);

async function doneSession(project: TempProject): Promise<void> {
  Deno.writeTextFileSync(join(project.root, ".samocode"), "CHECK=git --version\n", { append: true });
  project.trust();
  await project.run(["run", "--session", "tally", "--task", "Count words", "--dive", "How"]);
  await project.run(["answer", "tally", "--accept-suggestions"]);
  await project.run(["run", "tally"]);
  await project.approve("tally");
  const { stdout } = await project.run(["run", "tally"]);
  assert.match(stdout, /Done/i);
}

slowTest("a session's story, plan, diff, documents, log, checks and journal come as the contract says", async () => {
  using project = new TempProject(DEMO);
  await doneSession(project);
  const folder = project.sessionFolder();
  Deno.writeFileSync(join(folder, "shot.png"), PNG);
  Deno.writeTextFileSync(join(folder, "fake.png"), "<svg onload='alert(1)'/>");
  Deno.writeTextFileSync(join(folder, "hostile.md"), "# <script>alert(1)</script>\n\n[x](javascript:alert(1))\n");
  await using server = await ViewServer.start(project);
  const browser = await server.open();
  const facts = await browser.session();
  const ask = <T>(path: string) => browser.json<T>(`/api/sessions/${facts.key}/${path}`);
  assert.equal(facts.state, "done");
  assert.ok(facts.next.some(({ verb, command }) => verb === "finish" && command === "samocode finish tally"));

  const story = await ask<StoryAnswer>("story");
  assert.ok(story.attempts.length > 3);
  assert.equal(story.storyVersion, facts.storyVersion);

  const plan = await ask<PlanAnswer>("plan");
  assert.match(plan.html, /^<h3/);
  assert.match(plan.label, /\.md · \d+/);

  const diff = await ask<DiffAnswer>("diff");
  assert.ok(diff.commits.length > 0 && diff.files.length > 0);
  assert.match(diff.html, /^<table/);
  const [commit] = diff.commits;
  const last = diff.files.at(-1)?.path ?? "";
  const one = await ask<DiffAnswer>(`diff?commit=${commit?.hash}&file=${encodeURIComponent(last)}`);
  assert.match(one.html, /^<table/);
  await assertFails(browser, `/api/sessions/${facts.key}/diff?commit=HEAD`, 400);
  await assertFails(browser, `/api/sessions/${facts.key}/diff?commit=--output=/tmp/x`, 400);

  const documents = await ask<readonly DocumentRow[]>("documents");
  const names = documents.map(({ name }) => name);
  for (const name of ["_overview.md", "_qa.md", "shot.png", "hostile.md"]) assert.ok(names.includes(name), name);
  assert.deepEqual(names.filter((name) => /^_(?:journal|signal|logs)/.test(name)), []);
  const hostile = await ask<DocumentAnswer>("documents/hostile.md");
  assert.ok(!/<script|href="javascript/.test(hostile.html), hostile.html);

  const image = await browser.get(`/api/sessions/${facts.key}/images/shot.png`);
  assert.equal(image.headers.get("content-type"), "image/png");
  assert.deepEqual(await image.bytes(), PNG);
  for (
    const name of ["fake.png", "_overview.md", "..%2f..%2f.samocode", "%2e%2e%2fshot.png", "%00", "%ff", "nothing.png"]
  ) {
    await assertFails(browser, `/api/sessions/${facts.key}/images/${name}`, 400);
    await assertFails(browser, `/api/sessions/${facts.key}/documents/${name === "_overview.md" ? "x" : name}`, 400);
  }

  const log = await ask<LogAnswer>("log?iteration=1");
  assert.deepEqual(log.rows[0], { n: 1, kind: "attempt", text: "Attempt 1 · demo" });
  assert.ok(log.rows.some(({ kind }) => kind === "said") && log.rows.some(({ kind }) => kind === "acted"));
  const found = await ask<LogAnswer>("log?iteration=1&search=OVERVIEW");
  assert.ok(found.rows.length > 0 && found.rows.every(({ text }) => /overview/i.test(text)));
  const before = await ask<LogAnswer>(`log?iteration=1&before=${found.rows[0]?.n}`);
  assert.ok(before.rows.every(({ n }) => n < (found.rows[0]?.n ?? 0)));

  const { rounds } = await ask<ChecksAnswer>("checks");
  assert.deepEqual(rounds.map(({ stage, runs }) => [stage, runs.map(({ command, result }) => [command, result])]), [
    ["at the end", [["git --version", "passed"]]],
    ["before the first change", [["git --version", "passed"]]],
  ]);

  const all = await ask<JournalPage>("journal");
  assert.deepEqual([all.from, all.to], [0, facts.journalBytes]);
  const gates = await ask<JournalPage>("journal?types=gate");
  assert.ok(gates.rows.length > 0 && gates.rows.every(({ type }) => type.startsWith("gate")));
  await assertFails(browser, `/api/sessions/${facts.key}/nothing`, 404);
  await assertFails(browser, `/api/sessions/${facts.key}/toString`, 404);
});

slowTest("a plan says what has changed since a person was shown it, and who only looks is nobody", async () => {
  using project = new TempProject(DEMO);
  await project.run(["run", "--session", "tally", "--task", "Count words"]);
  await project.run(["answer", "tally", "--accept-suggestions"]);
  await project.run(["run", "tally"]);
  await using server = await ViewServer.start(project);
  const browser = await server.open();
  const { key, due } = await browser.session();
  const path = join(project.sessionFolder(), (due?.label ?? "").split(" · ")[0] ?? "");
  const change = (line: string) => Deno.writeTextFileSync(path, `\n${line}\n`, { append: true });
  const plan = async (key_ = browser.key) =>
    await (await browser.get(`/api/sessions/${key}/plan`, { "x-samocode-key": key_ })).json() as PlanAnswer;
  assert.equal((await plan()).changesHtml, "");
  change("- [ ] A second thought");
  assert.match((await plan("")).changesHtml, /A second thought/);
  change("- [ ] A third one");
  const now = await plan();
  assert.match(now.changesHtml, /A second thought[\s\S]*A third one/);
  assert.equal(now.sha256, (await browser.json<SessionFacts>(`/api/sessions/${key}`)).due?.sha256);
});

Deno.test("keys are masked in documents and plans before they become HTML, which would tear them", async () => {
  using project = new TempProject(DEMO);
  await project.run(["run", "--session", "tally", "--task", "Count words"]);
  const key = "sk_one_*two*<three>&four";
  Deno.writeTextFileSync(join(project.sessionFolder(), "key.md"), `Use ${key} here.\n`);
  Deno.writeTextFileSync(join(project.sessionFolder(), "key.txt"), `Use ${key} here.\n`);
  await using server = await ViewServer.start(project, [], { ANTHROPIC_API_KEY: key });
  const browser = await server.open();
  const session = await browser.session();
  for (const name of ["key.md", "key.txt"]) {
    const { html } = await browser.json<DocumentAnswer>(`/api/sessions/${session.key}/documents/${name}`);
    assert.match(html, /Use \[secret\]\*+ here/);
    assert.ok(!/two|three|four/.test(html), html);
  }
});

async function assertFails(browser: Browser, path: string, status: number): Promise<void> {
  const response = await browser.get(path);
  const { error } = await response.json();
  assert.deepEqual([path, response.status, typeof error], [path, status, "string"]);
}
