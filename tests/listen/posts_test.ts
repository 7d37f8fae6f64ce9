import assert from "node:assert/strict";
import { join } from "node:path";
import { openSession } from "../../src/operations/samocode.ts";
import { viewPlan } from "../../src/operations/view_plan.ts";
import { dueOf } from "../../src/listen/due.ts";
import { postsFor, withoutOffers } from "../../src/listen/posts.ts";
import type { Post } from "../../src/channels/post.ts";
import { hashOf } from "../../src/trust/seen_file.ts";
import type { Outcome } from "../../src/workflow/run_events.ts";
import { atPlan, atQuestions, Phone, PLAN, stopped } from "../helpers/phone.ts";

/** What a person sees of a post. */
function seen({ topic, mark, title, text, offers, reply, isSilent }: Post): unknown {
  return { topic, mark, title, text, offers: offers.map(({ label }) => label), reply, isSilent };
}

Deno.test("each open question is a post with a button for each option, the suggested one first", async () => {
  await using phone = new Phone();
  phone.session(atQuestions(
    "### Q1: Which database?\n\nA) Postgres\nB) SQLite\n\n**Suggestion:** B: it is small\n\n**Answer:** _waiting_\n\n" +
      "### Q2: Which port?\n\n**Answer:** _waiting_\n\n### Q3: Which name?\n\n**Suggestion:** as it is\n\n**Answer:** _waiting_\n",
  ));
  const own = "Reply with your own answer, or with ? to read the background of the question";
  const about = { topic: "gate", mark: "✋", isSilent: false };
  assert.deepEqual(phone.posts().map(seen), [
    {
      ...about,
      title: "top asks Q1: Which database?",
      text: "Q1: Which database?\n\nA) Postgres\nB) SQLite\n\nSuggested: B: it is small",
      offers: ["B) SQLite", "A) Postgres"],
      reply: own,
    },
    { ...about, title: "top asks Q2: Which port?", text: "Q2: Which port?", offers: [], reply: own, isSilent: true },
    {
      ...about,
      isSilent: true,
      title: "top asks Q3: Which name?",
      text: "Q3: Which name?\n\nSuggested: as it is",
      offers: ["As suggested"],
      reply: own,
    },
    {
      ...about,
      title: "top asks 3 questions",
      text: "Q1: B) SQLite\nQ2: nothing suggested\nQ3: as it is",
      offers: ["Accept the 2 suggestions", "Later"],
      reply: "Reply with several answers, one per line: Q1=A",
      isSilent: true,
    },
  ]);
  await phone.replies("answers 2026-01-02T03:04:05.000Z all", "Q1=A\nQ3=other");
  assert.deepEqual(phone.posts().map(({ title }) => title), ["top asks Q2: Which port?"]);
});

Deno.test("a short plan is shown whole, a long one as its beginning with a file", async () => {
  await using phone = new Phone();
  phone.session(atPlan());
  const [post] = phone.posts();
  assert.deepEqual(post && seen(post), {
    topic: "gate",
    mark: "✋",
    title: "top: its plan needs your approval",
    text: `11-20-0500-plan-top.md · 63 bytes · 2 steps · Add --top\n\n${PLAN.trim()}`,
    offers: ["Approve", "Change", "Later"],
    reply: "Reply with what to change to send the plan back to the agent",
    isSilent: false,
  });
  assert.equal(post?.document, undefined);
  assert.match(await phone.taps("Change"), /^Reply to the message with the plan/);
  const long = `${PLAN}${"- [ ] Phase: write very much\n".repeat(40_000)}`;
  phone.session(atPlan(long, "long"));
  const [whole] = phone.posts("long");
  assert.deepEqual(whole?.document, { name: "11-20-0500-plan-top.md", text: long.trim() });
  assert.ok((whole?.text.length ?? 0) < 3_300, `${whole?.text.length}`);
  assert.match(
    whole?.text ?? "",
    /write very much\n\n… This is only the beginning: the attached file has the whole plan\.$/,
  );
});

Deno.test("a revised plan says what has changed since the person sent it back", async () => {
  await using phone = new Phone();
  const waiting = atPlan();
  const folder = phone.session(waiting);
  {
    using opened = openSession(phone.samocode, "top");
    viewPlan(opened)?.keepShown();
  }
  assert.equal(phone.posts()[0]?.title, "top: its plan needs your approval");
  await phone.replies("plan", "say what it costs");
  const path = join(folder, "11-20-0500-plan-top.md");
  const now = `${Deno.readTextFileSync(path).replace("- [ ]", "- [x]")}\n- [ ] Phase 3: Say what it costs\n`;
  Deno.writeTextFileSync(path, now);
  phone.append({ type: "session.started", provider: "demo", version: "1", pid: 1 });
  for (const event of waiting.events) phone.append(event);
  const [post] = phone.posts();
  assert.equal(post?.title, "top: its changed plan needs your approval");
  assert.match(
    post?.text ?? "",
    /\n\nChanged since you saw it: 1 line added, 0 removed\n\+ - \[ \] Phase 3: Say what it costs\n\n/,
  );
});

const RESTS: readonly (readonly [Outcome, Partial<Post>, readonly string[]])[] = [
  [{ kind: "blocked", reason: "No network", needs: "error_resolution" }, {
    topic: "blocked",
    mark: "⛔",
    title: "top is blocked",
    text: "No network",
  }, ["Continue", "Later"]],
  [{ kind: "waiting", for: "human_action", gate: undefined, detail: "Log in" }, {
    topic: "gate",
    mark: "✋",
    title: "top is waiting for you",
    text: "Log in",
  }, ["Continue", "Later"]],
  [{ kind: "failed", reason: "It broke" }, {
    topic: "blocked",
    mark: "❌",
    title: "top failed",
    text: "It broke\n\nRun samocode doctor on that machine to see what is missing.",
  }, ["Continue", "Later"]],
  [{ kind: "waiting", for: "red_baseline", gate: undefined, detail: "npm test fails" }, {
    topic: "gate",
    title: "top: checks fail before any change",
    text: "npm test fails\n\nTo see their output: samocode checks top, in a terminal",
  }, ["Continue anyway", "Run the checks again", "Later"]],
];

for (const [outcome, expected, labels] of RESTS) {
  Deno.test(`${outcome.kind}${outcome.kind === "waiting" ? ` for ${outcome.for}` : ""}: what it says and offers`, async () => {
    await using phone = new Phone();
    phone.session({ events: [stopped(outcome)] });
    const [post, ...more] = phone.posts();
    assert.deepEqual(more, []);
    for (const [name, value] of Object.entries(expected)) assert.deepEqual(Reflect.get(post ?? {}, name), value, name);
    assert.deepEqual(post?.offers.map(({ label }) => label), labels);
  });
}

Deno.test("a session whose worker died, or was ended by the system, can be continued; one that a person stopped is left alone", async () => {
  await using phone = new Phone();
  phone.session({ name: "died", events: [] });
  phone.session({ name: "ended", events: [stopped({ kind: "stopped", by: "the system (SIGTERM)" })] });
  phone.session({ name: "stopped", events: [stopped({ kind: "stopped", by: "you" })] });
  assert.deepEqual(
    ["died", "ended", "stopped"].map((name) => phone.posts(name).map(({ title, offers }) => [title, offers.length])),
    [
      [["died: its worker died", 2]],
      [["ended was ended by the system", 2]],
      [],
    ],
  );
});

Deno.test("a journal that cannot be trusted offers nothing", async () => {
  await using phone = new Phone();
  const folder = phone.session(atPlan());
  Deno.writeTextFileSync(join(folder, "_journal.jsonl"), "{}\n", { append: true });
  const [post] = phone.posts();
  assert.match(post?.text ?? "", /^The journal cannot be trusted/);
  assert.deepEqual([post?.offers, post?.reply], [[], ""]);
});

Deno.test("a finished session's report goes along, unless it is to stay, or is too large", async () => {
  await using phone = new Phone();
  const html = "<!doctype html>\n<!-- samocode report -->\n";
  const done = { events: [stopped({ kind: "done", summary: "Added --top" })] };
  const folder = phone.session({ ...done, documents: { "report.html": html } });
  assert.deepEqual(phone.posts()[0]?.document, { name: "top-report.html", text: html });
  assert.match(phone.posts()[0]?.text ?? "", /Documents: report\.html/);
  Deno.writeTextFileSync(join(folder, "report.html"), html + "x".repeat(1_500_000));
  assert.equal(phone.posts()[0]?.document, undefined);
  Deno.writeTextFileSync(join(folder, "report.html"), html);
  const { samocode, status } = phone.view();
  const report = (kind: "attach" | "keep") =>
    dueOf({ samocode: { ...samocode, settings: { ...samocode.settings, report: kind } }, status }).report;
  assert.deepEqual([report("attach")?.text, report("keep")], [html, undefined]);
});

Deno.test("the report has the summary, the branch, the work, the checks and the documents", async () => {
  await using phone = new Phone();
  const summary = `# Summary\n\n${"It works. ".repeat(400)}`;
  phone.session({
    documents: { "11-20-0600-summary-top.md": summary },
    events: [
      {
        ...{ type: "work.counted", base: "a".repeat(40), head: "b".repeat(40), commits: 3, newest: [] } as const,
        ...{ files: 5, added: 120, removed: 8, changes: [] },
      },
      stopped({ kind: "done", summary: "Added --top" }),
    ],
  });
  const [post] = phone.posts();
  assert.match(
    post?.text ?? "",
    /^Added --top\n\nWork: 3 commits · 5 files · \+120 −8\nChecks: unchecked.*\nDocuments: 11-20-0600-summary-top\.md\n\nIt works\./,
  );
  assert.equal(post?.document?.text, summary.trim());
  assert.deepEqual([post?.topic, post?.offers, post?.reply, post?.isSettled], ["done", [], "", false]);
});

Deno.test("programs get the fields of a status under the same names", async () => {
  await using phone = new Phone();
  phone.session(atPlan());
  const { status } = phone.view();
  const data = phone.posts()[0]?.data ?? assert.fail();
  assert.deepEqual([data.type, data.project, data.session], ["gate.approval", "repo", "top"]);
  for (const [name, value] of Object.entries(data)) {
    if (!Object.hasOwn(status, name) || name === "elapsedMs") continue;
    assert.deepEqual(value, JSON.parse(JSON.stringify(Reflect.get(status, name))), name);
  }
  assert.deepEqual(data["plan"], { path: "11-20-0500-plan-top.md", sha256: hashOf(PLAN), done: 0, total: 2 });
  assert.equal(JSON.stringify(data), JSON.stringify(JSON.parse(JSON.stringify(data))));
});

Deno.test("reading the same session again gives the same posts, even after a restart", async () => {
  await using phone = new Phone();
  phone.session(atQuestions());
  phone.session(atPlan(PLAN, "planned"));
  const before = ["top", "planned"].map((name) => phone.posts(name));
  await phone.restart();
  assert.deepEqual(["top", "planned"].map((name) => phone.posts(name)), before);
});

Deno.test("what hostile agents write stays plain text in its place, and hides nothing", async () => {
  await using phone = new Phone();
  const evil = "<b>*x*</b> \u202eevil\u2066 \u0007\x1b[2J\u200b[a](tg://b) &amp; `c`";
  const questions = `### Q1: ${evil}\n\nA) ${evil}\nB) ${
    "y".repeat(10_000)
  }\n\n**Suggestion:** ${evil}\n\n**Answer:** _waiting_\n`;
  phone.session(atQuestions(questions));
  phone.session(atPlan(`# Plan: ${evil}\n\n- [ ] Phase 1: ${evil}\r\nTitle\u2028forged\n`, "planned"));
  phone.session({ name: "blocked", events: [stopped({ kind: "blocked", reason: evil, needs: "clarification" })] });
  phone.session({ name: "done", events: [stopped({ kind: "done", summary: evil })] });
  for (const name of ["top", "planned", "blocked", "done"]) {
    for (const { title, text, facts, offers, reply } of postsFor(phone.view(name), phone.book)) {
      const lines = [title, ...facts, reply, ...offers.map(({ label }) => label)];
      for (const line of lines) assert.doesNotMatch(line, /[\p{Cc}\p{Cf}\u2028\u2029]/u);
      assert.doesNotMatch(text, /(?![\n\t])[\p{Cc}\p{Cf}\u2028\u2029]/u);
      assert.ok(lines.every((line) => line.length <= 200) && text.length < 4_000, `${text.length}`);
    }
  }
  assert.match(phone.posts("planned")[0]?.text ?? "", /· 16 characters cannot be seen ·/);
});

Deno.test("of 200 questions the first 20 are shown, and the others follow as these are answered", async () => {
  await using phone = new Phone();
  const text = Array.from(
    { length: 200 },
    (_, index) =>
      `### Q${index + 1}: What?\n\n${
        "ABCDEFGHIJKLMNOPQRSTUVWXYZ".split("").map((letter) => `${letter}) x`).join("\n")
      }\n\n` +
      "**Suggestion:** C\n\n**Answer:** _waiting_\n",
  ).join("\n");
  phone.session(atQuestions(text));
  const posts = phone.posts();
  assert.equal(posts.length, 21);
  assert.ok(posts.every(({ offers, text }) => offers.length <= 10 && text.length < 4_000));
  assert.match(posts[20]?.text ?? "", /\nand 180 more, shown as you answer these$/);
  await phone.replies("answers", "C");
  assert.equal(phone.posts()[19]?.title, "top asks Q21: What?");
  assert.match(await phone.taps("All as suggested"), /^Answered 199 questions\. top is queued/);
});

Deno.test("a channel that takes no decisions shows the same without offers, and says why", async () => {
  await using phone = new Phone();
  phone.session(atPlan());
  const [post] = phone.posts();
  const { offers, reply, text } = withoutOffers(post ?? assert.fail(), "The topic is open.");
  assert.deepEqual([offers, reply], [[], ""]);
  assert.match(text, /\n\nThe topic is open\.$/);
});
