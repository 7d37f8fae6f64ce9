import assert from "node:assert/strict";
import { WorktreeScene } from "../helpers/worktree_scene.ts";

const isUnix = Deno.build.os !== "windows";

Deno.test("makeCheckpoint() keeps changed, staged, new and deleted files, and touches nothing else", async () => {
  using scene = new WorktreeScene({ "a.txt": "one\n", "gone.txt": "x\n", "moved.txt": "m\n", ".gitignore": "*.log\n" });
  scene.file("work/a.txt", "staged\n");
  scene.git("work", "add", "a.txt");
  scene.file("work/a.txt", "on disk\n");
  scene.file("work/new\nline.txt", "new\n");
  scene.file("work/deep/er/b.txt", "b\n");
  scene.file("work/x.log", "ignored\n");
  scene.file("work/intent.txt", "i\n");
  scene.git("work", "add", "--intent-to-add", "intent.txt");
  scene.git("work", "rm", "--quiet", "gone.txt");
  scene.git("work", "mv", "moved.txt", "there.txt");
  const before = scene.untouchable();
  const status = scene.git("work", "status", "--porcelain");
  const made = await scene.mustKeep();
  assert.deepEqual({ ...made, commit: "", tree: "" }, {
    ref: "refs/samocode/checkpoints/add-jwt/1",
    commit: "",
    tree: "",
    files: 7,
    left: [],
  });
  assert.equal(
    scene.git("repo", "-c", "core.quotePath=true", "diff-tree", "-r", "--name-status", "--no-commit-id", made.ref),
    [
      "M\ta.txt",
      "A\tdeep/er/b.txt",
      "D\tgone.txt",
      "A\tintent.txt",
      "D\tmoved.txt",
      'A\t"new\\nline.txt"',
      "A\tthere.txt",
    ]
      .join("\n"),
  );
  assert.equal(scene.git("repo", "show", `${made.ref}:a.txt`), "on disk");
  assert.equal(scene.git("repo", "rev-parse", `${made.ref}^`), scene.git("work", "rev-parse", "HEAD"));
  assert.deepEqual(scene.untouchable(), before);
  assert.equal(scene.git("work", "status", "--porcelain"), status);
  assert.deepEqual([scene.locks(), scene.names("cache", "checkpoint")], [[], []]);
});

Deno.test("makeCheckpoint() keeps nothing where all is committed, and the same state only once", async () => {
  using scene = new WorktreeScene();
  assert.equal(await scene.keep(), undefined);
  scene.file("work/b.txt", "b\n");
  assert.equal((await scene.mustKeep()).ref, "refs/samocode/checkpoints/add-jwt/1");
  assert.equal(await scene.keep(), undefined);
  scene.file("work/b.txt", "c\n");
  assert.equal((await scene.mustKeep()).ref, "refs/samocode/checkpoints/add-jwt/2");
  scene.git("work", "add", "--all");
  // What is staged is not committed yet, but kept.
  assert.equal(await scene.keep(), undefined);
  scene.git("work", "commit", "--quiet", "--message=Work");
  assert.equal(await scene.keep(), undefined);
  assert.equal(scene.git("repo", "for-each-ref", "--format=%(refname)", "refs/samocode").split("\n").length, 2);
});

Deno.test("makeCheckpoint() sees a change of the same size in the second in which the index was written", async () => {
  using scene = new WorktreeScene();
  for (let round = 0; round < 5; round++) {
    scene.file("work/a.txt", `s${round}\n`);
    scene.git("work", "add", "a.txt");
    scene.file("work/a.txt", `d${round}\n`);
    const { commit } = await scene.mustKeep();
    assert.equal(scene.git("repo", "show", `${commit}:a.txt`), `d${round}`);
  }
});

Deno.test("makeCheckpoint() follows files that became folders or links, and conflicts of a merge", {
  ignore: !isUnix,
}, async () => {
  using scene = new WorktreeScene({ "file": "f\n", "folder/x": "x\n", "both": "base\n", "run.sh": "#!/bin/sh\n" });
  scene.git("repo", "switch", "--quiet", "--create", "other");
  scene.file("repo/both", "theirs\n");
  scene.git("repo", "commit", "--quiet", "--all", "--message=Theirs");
  scene.file("work/both", "ours\n");
  scene.git("work", "commit", "--quiet", "--all", "--message=Ours");
  assert.throws(() => scene.git("work", "merge", "--quiet", "other"));
  Deno.removeSync(scene.at("work", "file"));
  scene.file("work/file/inside", "i\n");
  Deno.removeSync(scene.at("work", "folder"), { recursive: true });
  Deno.symlinkSync("/tmp", scene.at("work", "folder"));
  Deno.chmodSync(scene.at("work", "run.sh"), 0o755);
  const before = scene.untouchable();
  const { commit } = await scene.mustKeep();
  const listed = scene.git("repo", "ls-tree", "-r", commit).split("\n").map((line) => line.replace(/ \w+ \w+\t/, " "));
  assert.deepEqual(listed, ["100644 both", "100644 file/inside", "120000 folder", "100755 run.sh"]);
  assert.match(scene.git("repo", "show", `${commit}:both`), /^<<<<<<< HEAD\nours\n=======\ntheirs\n/);
  assert.equal(scene.git("repo", "show", `${commit}:folder`), "/tmp");
  assert.deepEqual(scene.untouchable(), before);
});

Deno.test("makeCheckpoint() says what it leaves out, and keeps the rest", { ignore: !isUnix }, async () => {
  using scene = new WorktreeScene();
  scene.git("work", "init", "--quiet", "nested");
  scene.file("work/nested/n.txt", "n\n");
  Deno.truncateSync(scene.file("work/huge.bin", ""), 100_000_001);
  scene.file("work/b.txt", "b\n");
  new Deno.Command("sh", { args: ["-c", "echo x > $(printf 'lat\\351')"], cwd: scene.at("work") }).outputSync();
  const left = [
    "huge.bin (larger than 100 MB)",
    "lat\u{fffd} (its name is not UTF-8)",
    "nested/ (a repository of its own)",
  ];
  const hasLeft = await scene.keep();
  assert.ok(hasLeft !== undefined && "commit" in hasLeft);
  assert.deepEqual([...hasLeft.left].sort(), left);
  assert.deepEqual([hasLeft.files], [1]);
});

Deno.test("makeCheckpoint() says what it leaves out where there is nothing else", async () => {
  using scene = new WorktreeScene();
  Deno.truncateSync(scene.file("work/huge.bin", ""), 100_000_001);
  assert.deepEqual(await scene.keep(), { left: ["huge.bin (larger than 100 MB)"] });
  assert.equal(scene.git("repo", "for-each-ref", "refs/samocode"), "");
});

Deno.test("makeCheckpoint() works before the first commit, and without an index", async () => {
  using scene = new WorktreeScene();
  scene.git("", "init", "--quiet", "--initial-branch=main", "work/../unborn");
  scene.file("unborn/a.txt", "a\n");
  const unborn = { ...scene.subject, workplace: scene.at("unborn") };
  const { makeCheckpoint } = await import("../../src/session/checkpoint.ts");
  const first = await makeCheckpoint(unborn, { title: "first", known: undefined });
  assert.ok(first !== undefined && "commit" in first);
  assert.equal(scene.git("unborn", "rev-list", "--count", first.ref), "1");
  assert.equal(scene.git("unborn", "show", `${first.ref}:a.txt`), "a");
  // An agent can delete the index.
  Deno.removeSync(scene.at("repo", ".git", "worktrees", "work", "index"));
  scene.file("work/b.txt", "b\n");
  const { commit } = await scene.mustKeep();
  assert.equal(scene.git("repo", "diff-tree", "-r", "--name-status", "--no-commit-id", commit), "A\tb.txt");
});

Deno.test("makeCheckpoint() keeps nothing of a folder that is not the top of a worktree", async () => {
  using scene = new WorktreeScene();
  scene.folder("repo", "below");
  scene.file("repo/below/secret", "s\n");
  const { makeCheckpoint } = await import("../../src/session/checkpoint.ts");
  for (const workplace of [scene.at("repo", "below"), scene.folder("nowhere")]) {
    assert.equal(await makeCheckpoint({ ...scene.subject, workplace }, { title: "x", known: undefined }), undefined);
  }
});

Deno.test("makeCheckpoint() runs no hook, and no git in submodules", { ignore: !isUnix }, async () => {
  using scene = new WorktreeScene();
  const hooks = ["post-index-change", "reference-transaction", "pre-commit", "post-commit", "pre-auto-gc", "fsmonitor"];
  for (const name of hooks) {
    Deno.chmodSync(scene.file(`repo/.git/hooks/${name}`, `#!/bin/sh\necho ${name} >> ${scene.at("ran")}\n`), 0o755);
  }
  scene.git("", "init", "--quiet", "--initial-branch=main", "module");
  scene.git("module", "commit", "--quiet", "--allow-empty", "--message=Module");
  scene.git(
    "work",
    "-c",
    "core.hooksPath=/dev/null",
    "-c",
    "protocol.file.allow=always",
    "submodule",
    "--quiet",
    "add",
    scene.at("module"),
    "sub",
  );
  scene.git("work", "-c", "core.hooksPath=/dev/null", "commit", "--quiet", "--message=Sub");
  scene.git("work/sub", "config", "core.fsmonitor", scene.at("repo", ".git", "hooks", "fsmonitor"));
  scene.git("work/sub", "-c", "core.fsmonitor=", "commit", "--quiet", "--allow-empty", "--message=More");
  scene.file("work/sub/dirty.txt", "d\n");
  const { commit } = await scene.mustKeep();
  assert.equal(scene.git("repo", "diff-tree", "--name-status", "--no-commit-id", commit), "M\tsub");
  assert.throws(() => Deno.statSync(scene.at("ran")), Deno.errors.NotFound);
});

Deno.test("a checkpoint survives git gc, and the refs of an older session of that name", async () => {
  using scene = new WorktreeScene();
  scene.git("repo", "update-ref", "refs/samocode/checkpoints/add-jwt/7", "HEAD");
  scene.file("work/b.txt", "b\n");
  const made = await scene.mustKeep();
  assert.equal(made.ref, "refs/samocode/checkpoints/add-jwt/8");
  scene.git("repo", "pack-refs", "--all");
  scene.git("repo", "gc", "--quiet", "--prune=now");
  assert.equal(scene.git("repo", "show", `${made.ref}:b.txt`), "b");
  scene.file("work/b.txt", "c\n");
  assert.equal((await scene.mustKeep()).ref, "refs/samocode/checkpoints/add-jwt/9");
});

Deno.test("makeCheckpoint() replaces what a killed one left: the copy of the index, and the lock of its ref", async () => {
  using scene = new WorktreeScene();
  scene.file("work/b.txt", "b\n");
  const lock = "repo/.git/refs/samocode/checkpoints/add-jwt/1.lock";
  scene.file(lock, "");
  await scene.mustKeep();
  assert.deepEqual([scene.locks(), scene.names("cache", "checkpoint")], [[], []]);
});

Deno.test("makeCheckpoint() runs no filter that only the repository names, and keeps what is on disk", async () => {
  using scene = new WorktreeScene({ ".gitattributes": "*.txt filter=evil\n", "a.txt": "a\n" });
  scene.git("repo", "config", "filter.evil.clean", `echo ran >> '${scene.at("ran")}'; cat`);
  scene.file("work/a.txt", "b\n");
  scene.file("work/b.txt", "b\n");
  const { commit } = await scene.mustKeep();
  assert.equal(scene.git("repo", "show", `${commit}:a.txt`), "b");
  assert.throws(() => Deno.statSync(scene.at("ran")), Deno.errors.NotFound);
});
