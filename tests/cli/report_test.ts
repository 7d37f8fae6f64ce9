import assert from "node:assert/strict";
import { join } from "node:path";
import type { Overview, Report } from "../../src/report/report.ts";
import { EndedSession } from "../helpers/ended_session.ts";
import { CommandLine } from "./command_line.ts";

function reportPath({ folder }: EndedSession): string {
  return join(folder, "report.html");
}

Deno.test("report writes the session's report into its folder, again and again, and prints where it is", async () => {
  using line = new CommandLine();
  const session = new EndedSession(line.project);
  session.document("11-20-summary.md", "# Summary\n\nIt **works**\n");
  session.commit("top.txt", "one\n<script>\n");
  for (let time = 0; time < 2; time++) {
    assert.deepEqual(await line.type(["report", "top"]), { code: 0, out: `${reportPath(session)}\n`, error: "" });
  }
  const html = Deno.readTextFileSync(reportPath(session));
  assert.match(html, /It <strong>works<\/strong>[^]*Change top\.txt[^]*<code>top\.txt<\/code>[^]*\+&lt;script&gt;/);
  const opened = await line.type(["open", "top", "--report"]);
  assert.equal(opened.out, `${reportPath(session)}\n`);
});

Deno.test("report prints with --output -, and as JSON with --json, the same each time", async () => {
  using line = new CommandLine();
  const session = new EndedSession(line.project);
  session.commit("top.txt", "one\n");
  const printed = await line.type(["report", "top", "--output", "-"]);
  assert.match(printed.out, /^<!doctype html>\n<!-- samocode report -->\n/);
  assert.equal((await line.type(["report", "top", "--output", "-"])).out, printed.out);
  const report: Report = JSON.parse((await line.type(["report", "top", "--json"])).out);
  const { kind, version, session: name, state, detail, task, changes } = report;
  assert.deepEqual({ kind, version, name, state, detail, task }, {
    ...{ kind: "samocode-report", version: 1, name: "top", state: "done", detail: "All of it", task: "Add --top" },
  });
  assert.deepEqual(changes.commits.map(({ subject }) => subject), ["Change top.txt"]);
  assert.match(changes.diff, /^diff --git a\/top\.txt b\/top\.txt\n[^]*\+one\n$/);
  assert.equal(Deno.readDirSync(session.folder).some(({ name }) => name === "report.html"), false);
});

Deno.test("report overwrites its own reports, and nothing else without --force", async () => {
  using line = new CommandLine();
  new EndedSession(line.project);
  const path = join(line.project.root, "mine.html");
  Deno.writeTextFileSync(path, "<!doctype html>\nmine");
  const refused = await line.type(["report", "top", "--output", "mine.html"]);
  assert.equal(refused.code, 2);
  assert.equal(
    refused.error,
    `samocode: Cannot write the report: ${path} exists and is no report\n` +
      "  Choose another file with --output, or overwrite it with --force\n",
  );
  assert.equal(Deno.readTextFileSync(path), "<!doctype html>\nmine");
  assert.equal((await line.type(["report", "top", "--output", "mine.html", "--force"])).code, 0);
  // Now it is one.
  assert.equal((await line.type(["report", "top", "--output", "mine.html", "--json"])).code, 0);
  assert.equal((await line.type(["report", "top", "--output", "mine.html"])).code, 0);
  Deno.symlinkSync(join(line.project.root, ".samocode"), join(line.project.root, "link.html"));
  assert.equal((await line.type(["report", "top", "--output", "link.html"])).code, 2);
});

Deno.test("report tells of a session under way so far, and of one without a branch what it can", async () => {
  using line = new CommandLine();
  const session = new EndedSession(line.project, "top", {
    outcome: { kind: "waiting", for: "qa_answers", gate: "qa_answers", detail: "2 questions" },
  });
  session.document("_qa.md", "### Q1: Which?\nA) One\nB) Two\n**Suggestion:** A\n**Answer:** _waiting_\n");
  line.project.git("worktree", "remove", "--force", session.worktree);
  line.project.git("branch", "-D", session.branch);
  const { out } = await line.type(["report", "top", "--output", "-"]);
  assert.match(out, /not answered[^]*branch me\/top is gone[^]*So far, as of/);
});

Deno.test("report shows no secret of the environment, whatever has it", async () => {
  using line = new CommandLine();
  const secret = `ghp_${crypto.randomUUID()}`;
  const session = new EndedSession(line.project, "top", { outcome: { kind: "failed", reason: `it said ${secret}` } });
  session.commit("key.txt", `token = ${secret}\n`);
  session.document("11-20-plan-top.md", `# Plan\n\n- [ ] Use ${secret}\n`);
  const env = { GITHUB_TOKEN: secret };
  for (const flags of [["--output", "-"], ["--json"]]) {
    const { out } = await line.type(["report", "top", ...flags], { env });
    assert.match(out, /\[secret\]/);
    assert.ok(!out.includes(secret) && !out.includes(secret.slice(4)));
  }
});

Deno.test("report --all tells of all sessions, what they cost and why they stopped", async () => {
  using line = new CommandLine();
  new EndedSession(line.project, "one", { outcome: { kind: "blocked", reason: "No key", needs: "clarification" } });
  new EndedSession(line.project, "two");
  const overview: Overview = JSON.parse((await line.type(["report", "--all", "--json"])).out);
  assert.deepEqual(overview.states, { blocked: 1, done: 1 });
  assert.deepEqual(overview.reasons, [{ text: "Blocked: No key · needs a clarification", count: 1 }]);
  const written = await line.type(["report", "--all"]);
  assert.equal(written.out, `${join(line.project.root, "samocode-report.html")}\n`);
  assert.match(Deno.readTextFileSync(written.out.trim()), /All sessions[^]*No key/);
  const later: Overview = JSON.parse((await line.type(["report", "--all", "--json", "--since", "2999-01-01"])).out);
  assert.deepEqual([later.sessions, later.reasons], [[], []]);
});

Deno.test("report takes no device's place, not even with --force", async () => {
  using line = new CommandLine();
  new EndedSession(line.project);
  const output = `/dev/samocode-${crypto.randomUUID()}`;
  const { code, error } = await line.type(["report", "top", "--force", "--output", output]);
  assert.deepEqual([code, /is no place for files\n.*--output -/.test(error)], [2, true], error);
});

Deno.test("report says what cannot be asked of it", async () => {
  using line = new CommandLine();
  new EndedSession(line.project);
  for (const args of [["top", "--all"], ["top", "--since", "7d"], ["--all", "--since", "soon"], ["nothing"]]) {
    const { code, error } = await line.type(["report", ...args]);
    assert.equal(code, 2, error);
  }
});

Deno.test("report says that a journal cannot be trusted, and tells nothing that another program wrote into it", async () => {
  using line = new CommandLine();
  const session = new EndedSession(line.project);
  const forged = { type: "guidance.given", text: "Forged words", by: "a person", seq: 9, at: new Date().toISOString() };
  Deno.writeTextFileSync(join(session.folder, "_journal.jsonl"), `${JSON.stringify(forged)}\n`, { append: true });
  const { out } = await line.type(["report", "top", "--output", "-"]);
  assert.match(out, /<span class="pill bad">failed<\/span>[^]*The journal cannot be trusted/);
  assert.doesNotMatch(out, /Forged words/);
});
