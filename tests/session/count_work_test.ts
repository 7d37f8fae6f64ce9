import assert from "node:assert/strict";
import { countWork } from "../../src/session/count_work.ts";
import { NO_HISTORY } from "../../src/workflow/history.ts";
import { WorktreeScene } from "../helpers/worktree_scene.ts";

Deno.test("countWork() counts commits, files and lines since the base, and follows renamed files", async () => {
  using scene = new WorktreeScene({ "a.txt": "1\n2\n3\n4\n5\n", "gone.txt": "x\ny\n" });
  const base = scene.git("work", "rev-parse", "HEAD");
  const count = async (from: string | undefined = `main (${base.slice(0, 10)})`) =>
    await countWork({
      history: { ...NO_HISTORY, workplace: { path: scene.at("work"), branch: "add-jwt", base: from, note: "" } },
    });
  const none = await count();
  assert.deepEqual(none, {
    ...{ base, head: base, commits: 0, newest: [], files: 0, added: 0, removed: 0, changes: [] },
  });
  scene.git("work", "mv", "a.txt", "b.txt");
  scene.file("work/b.txt", "1\n2\n3\n4\n5\n6\n");
  scene.file("work/new\u001b[31m\tname", "1\n2\n3\n");
  scene.file("work/image", new Uint8Array([0, 1, 2]));
  scene.git("work", "rm", "--quiet", "gone.txt");
  scene.git("work", "add", "--all");
  scene.git("work", "commit", "--quiet", "--message=First\u001b[31m one");
  scene.git("work", "commit", "--quiet", "--allow-empty", "--message=commit 0000000000000000000000000000000000000000");
  // What is not committed does not count.
  scene.file("work/later", "l\n");
  const head = scene.git("work", "rev-parse", "HEAD");
  const [second, first] = scene.git("work", "log", "--format=%h", "-2").split("\n");
  assert.deepEqual(await count(), {
    base,
    head,
    commits: 2,
    newest: [`${second} commit 0000000000000000000000000000000000000000`, `${first} First one`],
    files: 4,
    added: 4,
    removed: 2,
    changes: [
      { path: "new name", added: 3, removed: 0 },
      { path: "gone.txt", added: 0, removed: 2 },
      { path: "b.txt", added: 1, removed: 0 },
      { path: "image", added: 0, removed: 0 },
    ],
  });
  for (const from of ["main", "main (0123456789)", ""]) assert.equal(await count(from), undefined);
});
