import assert from "node:assert/strict";
import { join } from "node:path";
import { SessionFolder } from "../../src/session/session_folder.ts";
import { readWorkState, uncommittedPaths } from "../../src/session/work_state.ts";
import type { SessionEvent } from "../../src/workflow/session_event.ts";
import type { WorkState } from "../../src/workflow/work.ts";
import { TempProject } from "../helpers/temp_project.ts";

/** A session in a project, whose workplace is the repository itself. */
class Work implements Disposable {
  readonly project = new TempProject();
  readonly path = join(this.project.root, "sessions", "26-11-20-work");
  readonly folder = SessionFolder.create(this.path, { stateFolder: join(this.project.root, "state") });

  constructor({ hasGit = true } = {}) {
    const branch = hasGit ? "main" : undefined;
    const workplace = { path: this.project.repo, branch, base: undefined, note: "" };
    this.folder.journal.append({ type: "session.prepared", workplace } satisfies SessionEvent);
    this.folder.updateNotebook({ Phase: "planning" });
  }

  write(name: string, text: string): void {
    Deno.writeTextFileSync(join(this.project.repo, name), text);
  }

  note(text: string): void {
    Deno.writeTextFileSync(join(this.path, "_overview.md"), text, { append: true });
  }

  async read(): Promise<WorkState> {
    return (await readWorkState(this.folder)).state;
  }

  /** Which parts differ after an act. */
  async changedBy(act: () => void): Promise<string> {
    const before = await this.read();
    act();
    const after = await this.read();
    return (["tree", "documents", "notebook"] as const).filter((part) => before[part] !== after[part]).join(" ");
  }

  [Symbol.dispose](): void {
    this.folder[Symbol.dispose]();
    this.project[Symbol.dispose]();
  }
}

Deno.test("readWorkState() sees what is committed, changed and new, and not what only looks like it", async () => {
  using work = new Work();
  const { project } = work;
  const index = join(project.repo, ".git", "index");
  assert.equal(await work.changedBy(() => work.write("README.md", "# other\n")), "tree", "a change");
  assert.equal(await work.changedBy(() => work.write("README.md", "# third\n")), "tree", "of the same length");
  assert.equal(await work.changedBy(() => work.write("README.md", "# third\n")), "", "the same content again");
  assert.equal(await work.changedBy(() => work.write("new file", "x")), "tree", "a new file");
  assert.equal(await work.changedBy(() => Deno.symlinkSync("nowhere", join(project.repo, "link"))), "tree", "a link");
  const before = Deno.readFileSync(index);
  await work.read();
  assert.deepEqual(Deno.readFileSync(index), before, "the index is not touched");
  assert.deepEqual(await uncommittedPaths(project.repo), ["README.md", "link", "new file"]);
  assert.equal(
    await work.changedBy(() => {
      project.git("add", "--all");
      project.git("commit", "--quiet", "--message=All of it");
    }),
    "tree",
    "a commit",
  );
  assert.deepEqual(await uncommittedPaths(project.repo), []);
  assert.equal(
    await work.changedBy(() => {
      project.git("commit", "--quiet", "--allow-empty", "--message=Nothing");
      project.git("commit", "--quiet", "--amend", "--allow-empty", "--message=Nothing else");
      project.git("branch", "another");
    }),
    "",
    "a commit without a change",
  );
  const state = await work.read();
  work.write("README.md", "# away\n");
  work.write("README.md", "# third\n");
  assert.deepEqual(await work.read(), state, "there and back");
});

Deno.test("readWorkState() sees new documents and words, and not the program's own", async () => {
  using work = new Work();
  const document = join(work.path, "11-20-0500-plan-top.md");
  assert.equal(await work.changedBy(() => Deno.writeTextFileSync(document, "- [ ] one\n")), "documents");
  assert.equal(await work.changedBy(() => Deno.writeTextFileSync(document, "- [x] one\n")), "documents", "a tick");
  assert.equal(await work.changedBy(() => Deno.writeTextFileSync(join(work.path, "_qa.md"), "?")), "documents");
  assert.equal(await work.changedBy(() => work.note("- [007 @ 11-20 14:37] Tried it\n")), "notebook");
  assert.equal(await work.changedBy(() => work.note("- [008 @ 11-20 15:01] Tried it\n")), "", "only said again");
  assert.equal(
    await work.changedBy(() => {
      work.folder.updateNotebook({ Phase: "testing", Iteration: 9, "Total Iterations": 30, Blocked: "yes, it is" });
      work.folder.journal.append({ type: "guidance.given", text: "x", by: "ada" });
      Deno.writeTextFileSync(join(work.path, "_signal.json"), "{}");
      Deno.writeTextFileSync(join(work.path, "session.log"), "x");
    }),
    "",
  );
  assert.equal(await work.changedBy(() => work.folder.updateNotebook({ Next: "Rest" })), "notebook");
});

Deno.test("readWorkState() reads a folder without git, and never throws because of what is there", async () => {
  using work = new Work({ hasGit: false });
  assert.equal(await work.changedBy(() => work.write("a.txt", "1")), "tree");
  assert.equal(await work.changedBy(() => work.write("a.txt", "2")), "tree");
  assert.equal(await work.changedBy(() => work.project.git("branch", "another")), "", "git's own files do not count");
  Deno.removeSync(join(work.path, "_overview.md"));
  Deno.mkdirSync(join(work.path, "_overview.md"));
  Deno.removeSync(work.project.repo, { recursive: true });
  assert.equal((await work.read()).tree.length, 16);
  using gone = new Work();
  Deno.removeSync(join(gone.project.repo, ".git"), { recursive: true });
  assert.equal(await gone.changedBy(() => gone.write("a.txt", "1")), "", "without git nothing can be told");
  assert.match((await uncommittedPaths(gone.project.repo)).join(), /^git status: not a git repository/);
  Deno.removeSync(gone.project.repo, { recursive: true });
  assert.equal((await gone.read()).tree.length, 16);
  assert.match((await uncommittedPaths(gone.project.repo)).join(), /^git status: Cannot run git in /);
});
