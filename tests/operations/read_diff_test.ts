import assert from "node:assert/strict";
import { join } from "node:path";
import { readDiff } from "../../src/operations/read_diff.ts";
import { eventLine } from "../../src/workflow/event_line.ts";
import type { RecordedEvent } from "../../src/workflow/session_event.ts";
import { EndedSession } from "../helpers/ended_session.ts";
import { samocodeIn } from "../helpers/background.ts";
import { TempProject } from "../helpers/temp_project.ts";

function reader(
  project: TempProject,
): (request?: Partial<Parameters<typeof readDiff>[1]>) => ReturnType<typeof readDiff> {
  const samocode = samocodeIn(project.root, project.env);
  return (request) => readDiff(samocode, { session: "top", file: "diff", offset: 0, limit: 40_000, ...request });
}

Deno.test("readDiff() has what a session committed since it began, and counts what it has not committed", async () => {
  using project = new TempProject();
  const session = new EndedSession(project);
  project.git("commit", "--quiet", "--allow-empty", "--message=Meanwhile");
  session.commit("top.txt", "one\n\x1b[31mtwo\u202e\n");
  const read = reader(project);
  const whole = await read();
  assert.deepEqual([whole.name, whole.offset, whole.next], ["diff", 0, undefined]);
  assert.match(whole.text, /^diff --git a\/top\.txt b\/top\.txt\n[^]*\+one\n\+two\n$/);
  const stat = await read({ file: "diff --stat" });
  assert.match(stat.text, /^ top\.txt \| 2 \+\+\n 1 file changed, 2 insertions\(\+\)\n$/);
  Deno.writeTextFileSync(join(session.worktree, "new.txt"), "x");
  assert.equal((await read()).name, "diff (without 1 uncommitted file)");
});

Deno.test("readDiff() reads page by page, and from the end", async () => {
  using project = new TempProject();
  const session = new EndedSession(project);
  session.commit("top.txt", "añb\n".repeat(2_000));
  const read = reader(project);
  let text = "";
  for (let offset: number | undefined = 0; offset !== undefined;) {
    const page: Awaited<ReturnType<typeof readDiff>> = await read({ offset, limit: 1_999 });
    text += page.text;
    offset = page.next;
  }
  assert.equal(text.split("+añb\n").length, 2_001);
  assert.equal((await read({ offset: -6 })).text, "+añb\n");
});

Deno.test("readDiff() says that a session has no branch, and takes no commit of a forged journal for an option", async () => {
  using project = new TempProject();
  const session = new EndedSession(project);
  const head = session.commit("top.txt", "one\n");
  const journal = join(session.folder, "_journal.jsonl");
  const text = Deno.readTextFileSync(journal);
  const base = `--output=${join(project.root, "forged")}`;
  const counted = { commits: 1, newest: [], files: 1, added: 1, removed: 0, changes: [] };
  const event: RecordedEvent = { type: "work.counted", base, head, ...counted, seq: 5, at: new Date().toISOString() };
  Deno.writeTextFileSync(journal, text + eventLine(event));
  project.own(session.folder);
  project.git("worktree", "remove", session.worktree);
  project.git("branch", "--delete", "--force", session.branch);
  await assert.rejects(reader(project)(), /Cannot compare what top changed: /);
  assert.equal([...Deno.readDirSync(project.root)].some(({ name }) => name.startsWith("forged")), false);
  Deno.writeTextFileSync(journal, text.replace(/^.*session\.prepared.*\n/m, ""));
  await assert.rejects(reader(project)(), /Cannot show what top did: it has no branch/);
});
