import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { renderReport } from "../../src/report/render_report.ts";
import { learnSecrets } from "../../src/text/known_secrets.ts";
import type { Report } from "../../src/report/report.ts";
import { NO_STORY } from "../../src/workflow/story.ts";
import { NO_USAGE } from "../../src/workflow/usage.ts";
import { nightStory, sampleReport } from "../helpers/sample_report.ts";
import { hostileReport } from "../helpers/hostile_report.ts";

Deno.test("renderReport() is the same file for the same report", async () => {
  assert.equal(await renderReport(sampleReport()), await renderReport(sampleReport()));
});

Deno.test("renderReport() has no script, no address that is loaded, and a policy that forbids both", async () => {
  for (const report of [sampleReport(), hostileReport()]) {
    const html = await renderReport(report);
    assert.doesNotMatch(html, /<(?:script|img|iframe|object|embed|link|base|form|audio|video|foreignObject|use)\b/i);
    // A text's own quotes are escaped, so these are all of the values.
    const bare = html.replace(/<style>[^]*?<\/style>/, "").replace(/"[^"]*"/g, '""');
    assert.doesNotMatch(bare, /<[^>]*\s(?:on\w+|src|srcset|style|xlink:href|action|formaction)=/i);
    for (const [, href = ""] of html.matchAll(/<a [^>]*href="([^"]*)"/g)) {
      assert.match(href, /^(?:https?:\/\/|mailto:|#[a-z-]+$)/);
    }
    const [, style = ""] = /<style>([^]*?)<\/style>/.exec(html) ?? [];
    assert.doesNotMatch(style, /url\(|@import/);
    const hash = createHash("sha256").update(style).digest("base64");
    assert.ok(html.includes(`default-src 'none'; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'`));
  }
});

Deno.test("renderReport() says who decided what and when, the answers, and the plan with its hash", async () => {
  const html = await renderReport(sampleReport());
  assert.match(
    html,
    /<b>Sent the plan back<\/b>[^]*?Keep the old cookie name, others read it<\/p>\n<p[^>]*>approve_plan/,
  );
  assert.match(html, /<b>Approved 11-20-05:09-plan-auth-refresh\.md<\/b>[^]*?SHA-256 <code>9f86d081/);
  assert.match(html, /<b>Two minutes, our gateways cache for one<\/b> <span[^>]*>123456 on Telegram, <time/);
  assert.match(html, /<li class="chosen">A\) They wait for the new token<\/li>/);
  assert.match(html, /<span class="pill good">approved<\/span>[^]*?2 of 3 steps ticked/);
});

Deno.test("renderReport() tells the cost and time of each phase, what failed, and what was tried again or refused", async () => {
  const html = await renderReport(sampleReport());
  assert.match(
    html,
    />implementation<\/div>[^]*?aria-label="implementation: 2 agents, 16m 32s"[^]*?16m 32s<\/div>[^]*?\$3\.22/,
  );
  assert.match(html, /Iteration 4 · 5m 02s · \$1\.12 · [^<]*hit a usage limit until/);
  assert.match(html, /Iteration 2, attempt 1: The agent failed: 500 internal server error/);
  assert.match(html, /The agent was denied Bash: curl https:\/\/example\.com is not on the list/);
  assert.match(html, /<span class="pill bad">failed<\/span> <code>npm test<\/code>[^]*?<pre>1 of 214 tests failed/);
  assert.match(html, /Waited 5h 00m/);
  assert.match(html, /<code>tests\/auth\/clock\.bin<\/code> <\/summary>\n<p[^>]*>A binary file/);
});

Deno.test("renderReport() leaves out what there is nothing of", async () => {
  const html = await renderReport(sampleReport({
    ...{ story: NO_STORY, usage: NO_USAGE, questions: [], plan: undefined, summary: undefined, pullRequest: undefined },
    ...{ checks: { words: "", rounds: [] }, changes: { commits: [], diff: "", left: "" }, state: "running" },
  }));
  assert.deepEqual([...html.matchAll(/<section id="([a-z-]+)"/g)].map(([, id]) => id), ["about"]);
  assert.match(html, /So far, as of/);
});

Deno.test("renderReport() shows no secret from a task, an answer, a plan, a log, a diff or a name", async () => {
  const secret = `sk-test-<"&'>${crypto.randomUUID()}`;
  learnSecrets([secret]);
  const [question, ...questions] = sampleReport().questions;
  const [round] = sampleReport().checks.rounds;
  assert.ok(question !== undefined && round !== undefined && round.runs[0] !== undefined);
  const [run] = round.runs;
  const report = sampleReport({
    ...{ task: secret, detail: secret, branch: secret, guard: secret, session: secret, project: secret },
    summary: { name: "s.md", text: `**${secret}** \`${secret}\`` },
    pullRequest: { title: secret, body: `|a|\n|-|\n|${secret}|` },
    questions: [{ ...question, text: secret, answer: secret }, ...questions],
    plan: { name: "p.md", text: `- [ ] ${secret}`, sha256: "", done: 0, total: 1, isApproved: false },
    checks: { words: secret, rounds: [{ stage: "end", runs: [{ ...run, tail: `key ${secret}`, detail: secret }] }] },
    changes: {
      commits: [{ hash: "1", at: "2026-01-01T00:00:00Z", subject: secret }],
      diff: `diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -1 +1 @@\n-let key = "old words";\n+let key = "${secret}";\n`,
      left: secret,
    },
    story: nightStory([
      { type: "session.created", name: "a", task: secret, dive: "" },
      { type: "guidance.given", text: secret, by: secret },
      { type: "iteration.started", iteration: 1, attempt: 1, phase: "planning", marker: "m", log: "l", model: secret },
      { type: "agent.denied", tool: "Bash", detail: secret },
      { type: "session.stopped", outcome: { kind: "failed", reason: secret } },
    ]),
  });
  const html = await renderReport(report);
  assert.match(html, /\[secret\]/);
  // What is left of it once tags are gone and characters are themselves.
  const shown = html.replace(/<[^>]*>/g, "").replace(/&lt;/g, "<").replace(/&gt;/g, ">").replace(/&quot;/g, '"')
    .replace(/&#(?:39|x27);/g, "'").replace(/&#x2F;/g, "/").replace(/&amp;/g, "&");
  assert.ok(!shown.includes(secret));
  assert.ok(!shown.includes(secret.slice(-36)), "a part of it");
});

Deno.test("renderReport() stays a few megabytes, whatever a session has of anything", async () => {
  const many = Array.from({ length: 3_000 }, (_, index) => index);
  const huge = "word ".repeat(400_000);
  const { story } = sampleReport();
  const [attempt] = story.attempts;
  const [decision] = story.decisions;
  assert.ok(attempt !== undefined && decision !== undefined);
  const report: Report = sampleReport({
    task: huge,
    summary: { name: "s.md", text: huge },
    story: {
      ...story,
      attempts: many.map((iteration) => ({ ...attempt, iteration, end: "failed: x".repeat(40) })),
      decisions: many.map(() => ({ ...decision, text: "x".repeat(4_000) })),
    },
    changes: {
      commits: many.map(() => ({ hash: "1", at: "2026-01-01T00:00:00Z", subject: "x".repeat(100) })),
      diff: many.map((n) => `diff --git a/${n} b/${n}\n--- a/${n}\n+++ b/${n}\n@@ -1 +1 @@\n+${"x".repeat(200)}\n`)
        .join(""),
      left: "",
    },
  });
  const html = await renderReport(report);
  assert.ok(html.length < 5_000_000, `${html.length}`);
});
