import assert from "node:assert/strict";
import { lastCommit } from "../../src/session/last_commit.ts";
import { WorktreeScene } from "../helpers/worktree_scene.ts";

Deno.test("lastCommit() tells the commit that the worktree is at, if it was made there", () => {
  using scene = new WorktreeScene();
  const commit = () => lastCommit(scene.at("work"));
  assert.equal(commit(), undefined, "it was only checked out");
  for (const subject of ["Add a greeting", "Test it: twice"]) {
    scene.git("work", "commit", "--quiet", "--allow-empty", `--message=${subject}\n\nBecause`);
    assert.equal(commit()?.subject, subject);
  }
  assert.deepEqual(commit(), {
    hash: scene.git("work", "rev-parse", "--short=10", "HEAD"),
    subject: "Test it: twice",
    at: new Date(Number(scene.git("work", "log", "-1", "--format=%ct")) * 1000).toISOString(),
  });
  scene.git("work", "commit", "--quiet", "--allow-empty", "--amend", "--message=Test it");
  assert.equal(commit()?.subject, "Test it");
  scene.git("work", "reset", "--quiet", "--hard", "main");
  assert.equal(commit(), undefined);
});

Deno.test("lastCommit() reads no pipe, and nothing where git keeps no record", () => {
  using scene = new WorktreeScene();
  const record = scene.at("repo/.git/worktrees/work/logs/HEAD");
  Deno.removeSync(record);
  assert.equal(lastCommit(scene.at("work")), undefined);
  if (Deno.build.os !== "windows") new Deno.Command("mkfifo", { args: [record] }).outputSync();
  assert.equal(lastCommit(scene.at("work")), undefined);
  assert.equal(lastCommit(scene.at("nowhere")), undefined);
});
