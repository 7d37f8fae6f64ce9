import assert from "node:assert/strict";
import { join } from "node:path";
import { markedProcesses, TempProject } from "../helpers/temp_project.ts";
import { readEventLine } from "../../src/workflow/event_line.ts";
import { slowTest } from "../helpers/slow.ts";

Deno.test("the demo plays a whole session where no project is, and leaves its commits", async () => {
  using project = new TempProject({ SAMOCODE_DEMO_PACE: "0" });
  Deno.removeSync(join(project.root, ".samocode"));
  const { code, stdout, stderr } = await project.run(["demo", "--yes"]);
  assert.equal(code, 0, stderr);
  assert.match(stdout, /Done: Added --top N to tally in 4 commits/);

  const [made = "", ...others] = [...Deno.readDirSync(project.root)].map(({ name }) => name)
    .filter((name) => name.startsWith("samocode-demo-"));
  assert.deepEqual(others, []);
  const [session = ""] = [...Deno.readDirSync(join(project.root, made, "sessions"))].map(({ name }) => name);
  const journal = Deno.readTextFileSync(join(project.root, made, "sessions", session, "_journal.jsonl"));
  const events = journal.split("\n").flatMap((line) => readEventLine(line) ?? []);
  assert.deepEqual(
    events.flatMap((event) => event.type === "gate.opened" ? [event.gate] : []),
    ["qa_answers", "plan_approval"],
  );
  assert.equal(events.at(-1)?.type, "session.stopped");
  assert.deepEqual(markedProcesses(events), []);
  const report = Deno.readTextFileSync(join(project.root, made, "sessions", session, "report.html"));
  assert.match(
    report,
    /All of them, as today[^]*3 of 3 steps ticked[^]*Reject a --top that is not a number[^]*tally\.sh/,
  );
  const log = new Deno.Command("git", {
    args: ["-C", join(project.root, made, "worktrees", "tally-top"), "log", "--oneline", "HEAD", "--not", "main"],
  }).outputSync();
  assert.equal(new TextDecoder().decode(log.stdout).trim().split("\n").length, 4);
});

slowTest(
  "the demo's commands can be typed where a folder has a space, and git settings do not disturb it",
  async () => {
    using project = new TempProject({ SAMOCODE_DEMO_PACE: "0" });
    const scratch = join(project.root, "two words");
    Deno.mkdirSync(scratch);
    const [config, hooks, ignored] = ["config", "hooks", "ignored"].map((name) => join(scratch, name));
    Deno.mkdirSync(join(scratch, "hooks"));
    Deno.writeTextFileSync(join(scratch, "hooks", "pre-commit"), "#!/bin/sh\nexit 1\n", { mode: 0o755 });
    Deno.writeTextFileSync(join(scratch, "ignored"), "*.sh\n*.md\n");
    Deno.writeTextFileSync(
      join(scratch, "config"),
      `[commit]\n gpgSign = true\n[gpg]\n program = false\n[core]\n hooksPath = "${hooks}"\n excludesFile = "${ignored}"
 autocrlf = true\n safecrlf = true\n[color]\n ui = always\n[log]\n showSignature = true\n`,
    );
    const { stdout } = await project.run(["demo", "--yes"], { TMPDIR: scratch, GIT_CONFIG_GLOBAL: config ?? "" });
    const [, cd, commits] = /^ +(cd .+)\n +(git .+)$/m.exec(stdout) ?? assert.fail(stdout);
    const log = new Deno.Command("sh", { args: ["-c", `${cd} && ${commits} HEAD --not main`], cwd: "/" }).outputSync();
    assert.equal(new TextDecoder().decode(log.stdout).trim().split("\n").length, 4);
  },
);

Deno.test("the demo fails with a hint if it cannot create a folder", async () => {
  using project = new TempProject({ SAMOCODE_DEMO_PACE: "0" });
  const { code, stdout, stderr } = await project.run(["demo", "--yes"], { TMPDIR: join(project.root, "gone") });
  assert.deepEqual({ code, stdout }, { code: 1, stdout: "" });
  assert.match(stderr, /^samocode: Cannot create a folder for the demo: .+\n {2}Set TMPDIR to a folder [^\n]+\n$/);
});
