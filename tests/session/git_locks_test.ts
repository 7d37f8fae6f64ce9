import assert from "node:assert/strict";
import { join } from "node:path";
import { lastingGitLocks } from "../../src/session/git_locks.ts";
import { prepareWorkplace } from "../../src/session/worktree.ts";
import { TempProject } from "../helpers/temp_project.ts";

Deno.test("lastingGitLocks() names what keeps git from committing in a worktree, and no other worktree's locks", async () => {
  using project = new TempProject();
  const workplace = await prepareWorkplace({
    mainRepo: project.repo,
    worktrees: join(project.root, "worktrees"),
    name: "foo",
    branchPrefix: "me/",
  });
  const common = join(project.repo, ".git");
  assert.deepEqual(await lastingGitLocks(workplace), []);
  const locks = ["worktrees/foo/index.lock", "worktrees/foo/HEAD.lock", "refs/heads/me/foo.lock", "packed-refs.lock"]
    .map((name) => join(common, name));
  // The last two stand in nobody's way here: the main worktree's index, and another session's branch.
  for (const path of [...locks, join(common, "index.lock"), join(common, "refs", "heads", "bar.lock")]) {
    Deno.writeTextFileSync(path, "");
  }
  assert.deepEqual(await lastingGitLocks(workplace, { momentMs: 0 }), locks);
  const direct = { path: project.repo, branch: undefined, base: undefined, note: "" };
  assert.deepEqual(await lastingGitLocks(direct, { momentMs: 0 }), [
    join(common, "index.lock"),
    join(common, "packed-refs.lock"),
  ]);
  assert.deepEqual(await lastingGitLocks({ ...direct, path: project.root }), []);
});

Deno.test("lastingGitLocks() ignores a lock that a running git releases", async () => {
  using project = new TempProject();
  const lock = join(project.repo, ".git", "index.lock");
  Deno.writeTextFileSync(lock, "");
  const found = lastingGitLocks({ path: project.repo, branch: undefined, base: undefined, note: "" });
  Deno.removeSync(lock);
  assert.deepEqual(await found, []);
});
