import assert from "node:assert/strict";
import { join } from "node:path";
import { putInto } from "../../src/session/put_back.ts";
import { WorktreeScene } from "../helpers/worktree_scene.ts";

Deno.test("putBack() makes the files what they were, and leaves branch, index and ignored files", async () => {
  using scene = new WorktreeScene({ "a.txt": "one\n", "gone.txt": "x\n", ".gitignore": "*.log\n" });
  scene.file("work/a.txt", "first\n");
  scene.file("work/first.txt", "1\n");
  Deno.removeSync(scene.at("work", "gone.txt"));
  const first = await scene.mustKeep();
  scene.file("work/a.txt", "second\n");
  scene.file("work/second.txt", "2\n");
  scene.file("work/x.log", "ignored\n");
  Deno.removeSync(scene.at("work", "first.txt"));
  scene.git("work", "add", "a.txt");
  const second = await scene.mustKeep();
  const before = scene.untouchable();
  await scene.restore(first);
  assert.deepEqual(files(scene), {
    ".gitignore": "*.log\n",
    "a.txt": "first\n",
    "first.txt": "1\n",
    "x.log": "ignored\n",
  });
  await scene.restore(second);
  const all = {
    ".gitignore": "*.log\n",
    "a.txt": "second\n",
    "gone.txt": undefined,
    "second.txt": "2\n",
    "x.log": "ignored\n",
  };
  assert.deepEqual({ ...files(scene), "gone.txt": undefined }, all);
  assert.deepEqual(scene.untouchable(), before);
});

Deno.test("putBack() refuses where something is in the way that no checkpoint has, and changes nothing", async () => {
  const ways: Readonly<Record<string, (scene: WorktreeScene) => void>> = {
    "a file that is ignored now": (scene) => scene.file("work/kept.txt", "other\n"),
    "a folder in its place": (scene) => scene.file("work/kept.txt/inside", "other\n"),
    "a file in the place of its folder": (scene) => scene.file("work/deep", "other\n"),
    "a file in an ignored folder": (scene) => scene.file("work/deep/kept.txt", "other\n"),
  };
  for (const [what, act] of Object.entries(ways)) {
    using scene = new WorktreeScene();
    scene.file("work/kept.txt", "k\n");
    scene.file("work/deep/kept.txt", "k\n");
    const kept = await scene.mustKeep();
    Deno.removeSync(scene.at("work", "kept.txt"));
    Deno.removeSync(scene.at("work", "deep"), { recursive: true });
    scene.file("work/.gitignore", "kept.txt\ndeep\n");
    act(scene);
    await scene.mustKeep();
    const before = files(scene);
    await assert.rejects(scene.restore(kept), /is in the way, which no checkpoint has/, what);
    assert.deepEqual(files(scene), before, what);
  }
});

Deno.test("putBack() refuses while something is there that is not kept", async () => {
  using scene = new WorktreeScene();
  scene.file("work/b.txt", "b\n");
  const kept = await scene.mustKeep();
  scene.file("work/b.txt", "c\n");
  await assert.rejects(scene.restore(kept), /its files are changing/);
  assert.equal(files(scene)["b.txt"], "c\n");
  Deno.truncateSync(scene.file("work/b.txt", ""), 100_000_001);
  await assert.rejects(scene.restore(kept), /b\.txt/);
  assert.equal(Deno.statSync(scene.at("work", "b.txt")).size, 100_000_001);
});

Deno.test("putInto() writes all files into a new folder, and into no other", async () => {
  using scene = new WorktreeScene();
  scene.file("work/b.txt", "b\n");
  const { commit } = await scene.mustKeep();
  Deno.removeSync(scene.at("work"), { recursive: true });
  const before = scene.untouchable();
  const request = { subject: scene.subject, mainRepo: scene.at("repo"), commit };
  await putInto(scene.at("new", "folder"), request);
  assert.deepEqual(scene.names("new", "folder"), [".gitignore", "a.txt", "b.txt"]);
  assert.deepEqual(scene.untouchable(), before);
  await assert.rejects(putInto(scene.at("new", "folder"), request), /it exists and is not an empty folder/);
  await assert.rejects(putInto(scene.file("file", ""), request), /it exists and is not an empty folder/);
});

/** The names and texts of the files at the top of the worktree; `folder` for a folder. */
function files(scene: WorktreeScene): Record<string, string> {
  return Object.fromEntries(
    scene.names("work").filter((name) => name !== ".git").map((name) => {
      const path = join(scene.at("work"), name);
      return [name, Deno.statSync(path).isFile ? Deno.readTextFileSync(path) : "folder"];
    }),
  );
}
