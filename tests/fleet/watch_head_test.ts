import assert from "node:assert/strict";
import { watchHead } from "../../src/fleet/watch_head.ts";
import { WorktreeScene } from "../helpers/worktree_scene.ts";

Deno.test("watchHead() tells of each commit of an agent, one at a time, and of nothing else", async () => {
  using scene = new WorktreeScene();
  const seen: string[] = [];
  let told = Promise.withResolvers<void>();
  let hold = Promise.resolve();
  let busy = 0;
  const watch = watchHead(scene.at("work"), async (commit) => {
    assert.equal(++busy, 1);
    seen.push(commit);
    told.resolve();
    told = Promise.withResolvers();
    await hold;
    busy--;
  });
  const head = () => scene.git("work", "rev-parse", "HEAD");
  const commit = (text: string) => {
    scene.file("work/a.txt", text);
    scene.git("work", "add", "--all");
    scene.git("work", "commit", "--quiet", "--message=x");
  };
  // Commit until the first call: a commit from before the watch started is not reported.
  for (let count = 0; seen.length === 0; count++) {
    commit(`${count}\n`);
    await Promise.race([told.promise, new Promise((wake) => setTimeout(wake, 1_000))]);
  }
  while (seen.at(-1) !== head()) await told.promise;
  const release = Promise.withResolvers<void>();
  hold = release.promise;
  const known = seen.length;
  const held = told.promise;
  scene.git("work", "commit", "--quiet", "--amend", "--message=y");
  await held;
  assert.deepEqual(seen.slice(known), [head()]);
  const next = told.promise;
  commit("three\n");
  commit("four\n");
  release.resolve();
  await next;
  assert.deepEqual(seen.slice(known + 1), [head()]);
  watch[Symbol.dispose]();
  watchHead(scene.at("repo", "nowhere"), () => Promise.reject(new Error("never")))[Symbol.dispose]();
});
