import assert from "node:assert/strict";
import { readPullRequest } from "../../src/workflow/pull_request.ts";
import { baseBranchOf, baseCommitOf } from "../../src/workflow/workplace_base.ts";

Deno.test("readPullRequest() takes the first line as the title, however it is marked", () => {
  for (const first of ["Add --top", "# Add --top", "Title: Add --top", "## Title: Add --top  "]) {
    assert.deepEqual(readPullRequest(`\n${first}\r\n\r\nWhy: asked\n\n`), { title: "Add --top", body: "Why: asked\n" });
  }
  assert.equal(readPullRequest(" \n\n"), undefined);
  assert.equal(readPullRequest("x".repeat(300))?.title.length, 256);
});

Deno.test("baseBranchOf() and baseCommitOf() read what a workplace says that it began from", () => {
  const read = (base: string | undefined) => [baseBranchOf(base), baseCommitOf(base)];
  assert.deepEqual(read("origin/feature (x) (4f1c2aa7d0)"), ["origin/feature (x)", "4f1c2aa7d0"]);
  assert.deepEqual(read("detached HEAD (4f1c2aa7d0)"), [undefined, "4f1c2aa7d0"]);
  for (const base of ["main", "", undefined]) assert.deepEqual(read(base), [undefined, undefined]);
});
