import assert from "node:assert/strict";
import { join } from "node:path";
import { Terminal } from "../helpers/terminal.ts";
import { TempProject } from "../helpers/temp_project.ts";

const DEMO = { SAMOCODE_PROVIDER: "demo", SAMOCODE_DEMO_PACE: "0" };
const RUN = ["run", "--session", "top", "--task", "Add --top"];
const [LEFT, CTRL_C, CTRL_D] = ["\u001b[D", "\u0003", "\u0004"];

Deno.test("one run in a terminal goes from a task to reviewed commits, and what is typed early answers nothing", async () => {
  using project = new TempProject(DEMO);
  const pager = join(project.root, "pager.sh");
  Deno.writeTextFileSync(pager, '#!/bin/sh\necho "PAGED $(wc -l)"\nread -r key < /dev/tty; echo "KEY $key"\n', {
    mode: 0o755,
  });
  await using terminal = new Terminal(project, { args: RUN, env: { PAGER: pager, NO_COLOR: "1" } });
  await terminal.at(/Iteration 1/, "B\r\rB\r");
  await terminal.at(/Your answer:/, `C${LEFT}${LEFT}\u007f\u001b[3~A\r`);
  await terminal.at(/Q2:[^]*Your answer:/, "\r");
  await terminal.at(/PAGED \d\d/, "x\r");
  await terminal.at(/KEY x[^]*Your decision:/, "first line\rsecond line\r");
  await terminal.at(/PAGED \d\d/, "y\r");
  await terminal.at(/KEY y[^]*Your decision:/, "d\r");
  await terminal.at(/PAGED \d+/, "z\r");
  await terminal.at(/KEY z[^]*Your decision:/, "a\r");
  await terminal.at(/How\?/, "\r");
  assert.equal(await terminal.ended(), 0, terminal.shown);
  assert.match(terminal.shown, /mode icanon/);
  const rejected = project.events().find(({ type }) => type === "plan.rejected");
  assert.equal(rejected?.type === "plan.rejected" && rejected.feedback, "first line\nsecond line");
  const notebook = Deno.readTextFileSync(join(project.sessionFolder(), "_qa.md"));
  assert.deepEqual(notebook.match(/(?<=Answer:\*\* ).*/g), ["A", "A"]);
});

Deno.test("Ctrl-C and Ctrl-D at a prompt end it at once, and leave the terminal as it was", async () => {
  using project = new TempProject(DEMO);
  {
    await using terminal = new Terminal(project, { args: RUN });
    await terminal.at(/Your answer:/, `half ${CTRL_C}`);
    assert.equal(await terminal.ended(), 130);
    assert.match(terminal.shown, /For later:\r\n {4}samocode answer top\r\n[^]*mode icanon/);
  }
  for (const [args, env] of [[["answer", "top"], {}], [["run", "top"], { TERM: "dumb" }]] as const) {
    await using terminal = new Terminal(project, { args, env });
    await terminal.at(/Your answer:/, CTRL_C);
    assert.equal(await terminal.ended(), 130, args[0]);
    assert.match(terminal.shown, /mode icanon/);
  }
  await using terminal = new Terminal(project, { args: ["run", "top"], columns: 40 });
  await terminal.at(/Your answer:/, CTRL_D);
  assert.equal(await terminal.ended(), 10);
  Deno.removeSync(join(project.root, "home", ".config"), { recursive: true });
  await using asked = new Terminal(project, { args: ["run", "top"] });
  await asked.at(/Trust them\? \[y\/N\]/, CTRL_C);
  assert.equal(await asked.ended(), 130);
});

Deno.test("diff obeys the person's pager and nothing that the repository names, and counts what is not committed", async () => {
  using project = new TempProject(DEMO);
  const ran = join(project.root, "ran");
  const { code, stdout } = await project.run([...RUN.slice(0, -1), "x"]);
  assert.equal(code, 10, stdout);
  const tree = join(project.root, "worktrees", "top");
  Deno.writeTextFileSync(join(tree, "README.md"), "# changed\n");
  const hostile = "\u001b]0;title\u0007\u001b[2Jgone\n";
  Deno.writeTextFileSync(join(tree, "hostile"), hostile);
  for (const args of [["add", "--all"], ["commit", "--quiet", "--message=Change"]]) {
    new Deno.Command("git", { args: ["-C", tree, ...args], env: project.env }).outputSync();
  }
  Deno.writeTextFileSync(join(tree, "new"), "");
  Deno.writeTextFileSync(join(project.repo, ".gitattributes"), "* diff=evil filter=evil\n");
  for (const key of ["core.pager", "pager.diff", "diff.external", "diff.evil.command", "diff.evil.textconv"]) {
    project.git("config", key, `touch ${ran}; cat`);
  }
  for (const key of ["core.fsmonitor", "filter.evil.clean", "filter.evil.smudge", "interactive.diffFilter"]) {
    project.git("config", key, `touch ${ran}; cat`);
  }
  await using terminal = new Terminal(project, { args: ["diff", "top"], env: { PAGER: "sed s/^/PAGED/" } });
  assert.equal(await terminal.ended(), 0, terminal.shown);
  assert.match(terminal.shown, /PAGED.*-# demo[^]*PAGED.*# changed[^]*not shown: 1 file in /);
  // Without a pager, nothing else would keep a file from the terminal.
  for (const [env, isPaged] of [[{ TERM: "dumb" }, false], [{ PAGER: "cat" }, false], [{}, true]] as const) {
    // A repository cannot switch the pager off.
    project.git("config", "pager.diff", "false");
    await using plain = new Terminal(project, { args: ["diff", "top"], env: { PAGER: "sed s/^/PAGED/", ...env } });
    assert.equal(await plain.ended(), 0, plain.shown);
    assert.equal(/PAGED/.test(plain.shown), isPaged);
    // deno-lint-ignore no-control-regex -- these are what must not be there
    if (!isPaged) assert.doesNotMatch(plain.shown, /\x1b\](?!0;samocode)|\x07|\x1b\[2J/);
    assert.match(plain.shown, /gone/);
  }
  Deno.writeTextFileSync(join(project.root, "home", ".gitconfig"), "[pager]\n\tdiff = false\n", { append: true });
  await using chosen = new Terminal(project, { args: ["diff", "top"], env: { PAGER: "sed s/^/PAGED/" } });
  assert.equal(await chosen.ended(), 0, chosen.shown);
  // deno-lint-ignore no-control-regex -- these are what must not be there
  assert.doesNotMatch(chosen.shown, /PAGED|\x07|\x1b\[2J/);
  assert.ok(chosen.shown.includes("\u001b[32m+"), "in color");
  assert.match(chosen.shown, /gone/);
  assert.equal((await project.run(["diff", "top"])).stdout.includes(hostile.trim()), true);
  const stat = await project.run(["diff", "top", "--stat"]);
  assert.match(stat.stdout, /^ README\.md \| 2 \+-\n hostile {3}\| 1 \+\n 2 files changed/);
  assert.equal(await Deno.stat(ran).then(() => "ran", () => "not run"), "not run");
});
