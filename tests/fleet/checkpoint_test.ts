import assert from "node:assert/strict";
import { FencedError } from "../../src/fleet/contract.ts";
import { makeCheckpoint } from "../../src/session/checkpoint.ts";
import { foreignChanges, readRepository } from "../../src/session/repository_state.ts";
import { SamocodeError } from "../../src/text/errors.ts";
import { FleetScene } from "../helpers/fleet_scene.ts";

const isUnix = Deno.build.os !== "windows";

/** Files by name: text, mode, and the target of links. */
function filesIn(folder: string): Readonly<Record<string, string>> {
  const found: Record<string, string> = {};
  const walk = (below: string) => {
    for (const { name, isDirectory, isSymlink } of Deno.readDirSync(`${folder}/${below}`)) {
      const path = `${below}${name}`;
      if (path === ".git") continue;
      if (isDirectory) walk(`${path}/`);
      else if (isSymlink) found[path] = `-> ${Deno.readLinkSync(`${folder}/${path}`)}`;
      else {
        const isExecutable = ((Deno.statSync(`${folder}/${path}`).mode ?? 0) & 0o100) !== 0;
        found[path] = `${isExecutable ? "x" : "-"} ${Deno.readTextFileSync(`${folder}/${path}`)}`;
      }
    }
  };
  walk("");
  return found;
}

Deno.test("FleetCheckpoints carry what is committed and what is not to another machine", {
  ignore: !isUnix,
}, async () => {
  using scene = new FleetScene({
    ".gitignore": "*.log\n",
    "changed": "c\n",
    "deleted": "d\n",
    "from": "a long enough text to be found as renamed\n",
    "run.sh": "#!/bin/sh\n",
    "deep/kept": "k\n",
    "file-to-link": "f\n",
  });
  for (const machine of ["one", "two"]) scene.machine(machine);
  const work = scene.work("one");
  const first = await scene.begin("one", 1);
  assert.equal(first.restored, undefined);
  scene.file("one/worktrees/add-jwt/committed", "x\n");
  scene.git("one/worktrees/add-jwt", "add", "--all");
  scene.git("one/worktrees/add-jwt", "commit", "--quiet", "--message=Never pushed by hand");
  scene.file("one/worktrees/add-jwt/changed", "staged\n");
  scene.git("one/worktrees/add-jwt", "add", "changed");
  scene.file("one/worktrees/add-jwt/changed", "on disk\n");
  scene.file("one/worktrees/add-jwt/new/ü \n file", "n\n");
  scene.file("one/worktrees/add-jwt/x.log", "ignored\n");
  Deno.chmodSync(scene.file("one/worktrees/add-jwt/run2.sh", "#!/bin/sh\n"), 0o755);
  Deno.chmodSync(scene.at("one/worktrees/add-jwt/run.sh"), 0o755);
  for (const name of ["deleted", "file-to-link"]) Deno.removeSync(`${work.worktree}/${name}`);
  Deno.symlinkSync("../elsewhere", `${work.worktree}/file-to-link`);
  scene.git("one/worktrees/add-jwt", "mv", "from", "to");
  const status = scene.git("one/worktrees/add-jwt", "status", "--porcelain", "-z");
  const index = Deno.readFileSync(scene.at("one/repo/.git/worktrees/add-jwt/index"));
  const pushed = await first.push(work);
  assert.deepEqual(pushed, { commit: scene.newest, isNew: true, left: [] });
  assert.deepEqual(Deno.readFileSync(scene.at("one/repo/.git/worktrees/add-jwt/index")), index);
  assert.equal(scene.git("one/worktrees/add-jwt", "status", "--porcelain", "-z"), status);
  assert.deepEqual(await first.push(work), { ...pushed, isNew: false });

  const second = await scene.begin("two", 2);
  const head = scene.git("one/worktrees/add-jwt", "rev-parse", "HEAD");
  assert.deepEqual(second.restored, { commit: scene.newest, head });
  const there = scene.place("two");
  assert.equal(await second.isCurrent(there), false);
  await second.restore(there);
  const expected = { ...filesIn(work.worktree) };
  delete expected["x.log"];
  assert.deepEqual(filesIn(there.worktree), expected);
  assert.equal(scene.git("two/worktrees/add-jwt", "rev-parse", "HEAD"), head);
  assert.equal(scene.git("two/worktrees/add-jwt", "symbolic-ref", "HEAD"), "refs/heads/me/add-jwt");
  assert.equal(scene.git("two/worktrees/add-jwt", "diff", "--cached", "--name-only"), "");
  assert.equal(await second.isCurrent(there), true);
  assert.equal((await second.push(there)).isNew, false);
  scene.file("two/worktrees/add-jwt/changed", "there\n");
  assert.equal(await second.isCurrent(there), false);
  assert.equal((await second.push(there)).isNew, true);
});

Deno.test("FleetCheckpoints.push() keeps the branch of a worktree in the middle of a rebase", async () => {
  using scene = new FleetScene();
  for (const machine of ["one", "two"]) scene.machine(machine);
  const work = scene.work("one");
  const first = await scene.begin("one", 1);
  for (const text of ["two\n", "three\n"]) {
    scene.file("one/worktrees/add-jwt/a.txt", text);
    scene.git("one/worktrees/add-jwt", "commit", "--quiet", "--all", `--message=${text}`);
  }
  const head = scene.git("one/worktrees/add-jwt", "rev-parse", "HEAD");
  scene.git("one/worktrees/add-jwt", "checkout", "--quiet", "--detach", "HEAD~1");
  await first.push(work);
  const second = await scene.begin("two", 2);
  await second.restore(scene.place("two"));
  assert.equal(scene.git("two/worktrees/add-jwt", "rev-parse", "refs/heads/me/add-jwt"), head);
  assert.equal(filesIn(scene.at("two/worktrees/add-jwt"))["a.txt"], "- two\n");
});

Deno.test("FleetCheckpoints refuse the worker that was overtaken", async () => {
  using scene = new FleetScene();
  for (const machine of ["one", "two"]) scene.machine(machine);
  const work = scene.work("one");
  const first = await scene.begin("one", 1);
  await first.push(work);
  scene.file("one/worktrees/add-jwt/a.txt", "before\n");
  await first.push(work);
  const second = await scene.begin("two", 2);
  const marked = scene.newest;
  scene.file("one/worktrees/add-jwt/a.txt", "too late\n");
  await assert.rejects(first.push(work), FencedError);
  await assert.rejects(first.push(work), FencedError);
  assert.equal(scene.newest, marked);
  await second.restore(scene.place("two"));
  assert.equal(Deno.readTextFileSync(scene.at("two/worktrees/add-jwt/a.txt")), "before\n");
  // A worker that starts so slowly that a later one has begun already.
  await scene.begin("one", 4);
  await assert.rejects(scene.begin("two", 3), FencedError);
});

Deno.test("FleetCheckpoints.begin() goes on from what the worker before pushed at the same time", async () => {
  using scene = new FleetScene();
  for (const machine of ["one", "two"]) scene.machine(machine);
  const work = scene.work("one");
  let before = await scene.begin("one", 1);
  await before.push(work);
  for (let round = 1; round < 4; round++) {
    scene.file("one/worktrees/add-jwt/a.txt", `${round}\n`);
    const [pushed, begun] = await Promise.allSettled([before.push(work), scene.begin("two", round * 2)]);
    if (begun.status === "rejected") throw begun.reason;
    assert.equal(begun.value.restored?.commit, scene.newest);
    // Either the push came first and the new worker continues from it, or it was refused.
    if (pushed.status === "rejected") assert.ok(pushed.reason instanceof FencedError, String(pushed.reason));
    else assert.equal(scene.git("origin.git", "rev-parse", `${scene.newest}^1`), pushed.value.commit);
    before = await scene.begin("one", round * 2 + 1);
  }
});

Deno.test("FleetCheckpoints: of workers that begin at once, all but the last are refused", async () => {
  using scene = new FleetScene();
  const epochs = [1, 2, 3, 4];
  for (const epoch of epochs) scene.machine(`m${epoch}`);
  const begun = await Promise.allSettled(epochs.map((epoch) => scene.begin(`m${epoch}`, epoch)));
  const ends = [];
  for (const [at, each] of begun.entries()) {
    const pushed = each.status === "rejected"
      ? each
      : (await Promise.allSettled([each.value.push(scene.work(`m${epochs[at]}`))]))[0];
    ends.push(
      pushed.status === "fulfilled" ? "pushed" : pushed.reason instanceof FencedError ? "fenced" : pushed.reason,
    );
  }
  assert.deepEqual(ends, ["fenced", "fenced", "fenced", "pushed"]);
});

Deno.test("FleetCheckpoints take the numbered checkpoints of the night along, and set others aside", async () => {
  using scene = new FleetScene();
  for (const machine of ["one", "two"]) scene.machine(machine);
  const work = scene.work("one");
  const keep = async (machine: string, text: string) => {
    scene.file(`${machine}/worktrees/add-jwt/a.txt`, text);
    const workplace = scene.place(machine).worktree;
    const subject = { name: "add-jwt", sessionFolder: "s", cacheFolder: scene.at(machine, "night"), workplace };
    const made = await makeCheckpoint(subject, { title: "add-jwt: night", known: undefined });
    if (made === undefined || !("commit" in made)) throw new Error("nothing was kept");
    return made.commit;
  };
  const first = await scene.begin("one", 1);
  await first.push(work);
  const kept = [await keep("one", "1\n"), await keep("one", "2\n")];
  await first.push(work);
  assert.deepEqual(scene.shared, ["1", "2", "fleet"]);
  // A push also sends a numbered checkpoint when nothing else is new.
  scene.file("one/worktrees/add-jwt/a.txt", "3\n");
  await first.push(work);
  kept.push(await keep("one", "3\n"));
  await first.push(work);
  assert.deepEqual(scene.shared, ["1", "2", "3", "fleet"]);
  const lost = await keep("one", "never pushed\n");

  const second = await scene.begin("two", 2);
  await second.restore(scene.place("two"));
  const list = "--format=%(refname:lstrip=2) %(objectname)";
  const listOf = () => kept.map((commit, index) => `checkpoints/add-jwt/${index + 1} ${commit}`).join("\n");
  assert.equal(scene.git("two/repo", "for-each-ref", list, "refs/samocode/checkpoints"), listOf());
  kept.push(await keep("two", "other\n"));
  await second.push(scene.place("two"));

  await scene.begin("one", 3);
  assert.equal(scene.git("one/repo", "for-each-ref", list, "refs/samocode/checkpoints"), listOf());
  assert.match(
    scene.git("one/repo", "for-each-ref", list, "refs/samocode/aside"),
    new RegExp(`^aside/\\d{8}T\\d{9}Z/checkpoints/add-jwt/4 ${lost}$`),
  );
});

Deno.test("FleetCheckpoints.push() says what it leaves out, and reads a worktree whose agent commits", {
  ignore: !isUnix,
}, async () => {
  using scene = new FleetScene();
  scene.machine("one");
  const work = scene.work("one");
  const first = await scene.begin("one", 1);
  scene.git("one/worktrees/add-jwt", "init", "--quiet", "own");
  assert.deepEqual((await first.push(work)).left, ["own/ (a repository of its own)"]);
  Deno.removeSync(scene.at("one/worktrees/add-jwt/own"), { recursive: true });
  const script = `for n in 1 2 3 4 5 6 7 8 9 10 11 12; do
    echo $n >f$n; git add f$n; git -c user.name=a -c user.email=a@localhost commit -qm $n; git rm -q f$n
  done`;
  const agent = new Deno.Command("sh", { args: ["-c", script], cwd: work.worktree }).spawn();
  let isOver = false;
  const over = agent.status.then(({ success }) => {
    isOver = true;
    return success;
  });
  while (!isOver) await first.push(work);
  assert.equal(await over, true);
  await first.push(work);
  const parents = scene.git("origin.git", "show", "--no-patch", "--format=%P", scene.newest).split(" ");
  assert.equal(parents[1], scene.git("one/worktrees/add-jwt", "rev-parse", "HEAD"));
});

Deno.test("FleetCheckpoints: a remote that is gone is an ordinary error, and the next push catches up", async () => {
  using scene = new FleetScene();
  scene.machine("one");
  const work = scene.work("one");
  const first = await scene.begin("one", 1);
  scene.file("one/worktrees/add-jwt/a.txt", "two\n");
  Deno.renameSync(scene.at("origin.git"), scene.at("away.git"));
  const isOrdinary = (error: unknown) => error instanceof SamocodeError && error.code === "system";
  await assert.rejects(first.push(work), isOrdinary);
  await assert.rejects(scene.begin("one", 2), isOrdinary);
  Deno.renameSync(scene.at("away.git"), scene.at("origin.git"));
  assert.equal((await first.push(work)).isNew, true);
  assert.equal(scene.git("origin.git", "show", `${scene.newest}:a.txt`), "two");
});

Deno.test("FleetCheckpoints: a push whose answer was lost counts, and one that was refused does not", {
  ignore: !isUnix,
}, async () => {
  using scene = new FleetScene();
  scene.machine("one");
  const work = scene.work("one");
  const first = await scene.begin("one", 1);
  const hook = (name: string, text: string) => Deno.chmodSync(scene.file(`origin.git/hooks/${name}`, text), 0o755);
  // The remote accepts the push, but its answer gets lost.
  hook("post-receive", "#!/bin/sh\nkill -9 $PPID\n");
  scene.file("one/worktrees/add-jwt/a.txt", "two\n");
  assert.deepEqual(await first.push(work), { commit: scene.newest, isNew: true, left: [] });
  assert.equal((await first.push(work)).isNew, false);
  hook("pre-receive", "#!/bin/sh\necho no more room >&2; exit 1\n");
  scene.file("one/worktrees/add-jwt/a.txt", "three\n");
  await assert.rejects(first.push(work), /Cannot push the checkpoint of add-jwt: .*pre-receive hook declined/);
});

Deno.test("FleetCheckpoints: an abort ends a git that waits for the network", { ignore: !isUnix }, async () => {
  using scene = new FleetScene();
  scene.machine("one");
  const abort = new AbortController();
  const first = await scene.begin("one", 1, { abort: abort.signal });
  const hook = scene.file("origin.git/hooks/pre-receive", `#!/bin/sh\ntouch ${scene.at("waits")}\nsleep 600\n`);
  Deno.chmodSync(hook, 0o755);
  const push = first.push(scene.work("one"));
  while (!scene.names().includes("waits")) await new Promise((wake) => setTimeout(wake, 10));
  abort.abort();
  await assert.rejects(push, /it was stopped/);
});

Deno.test("FleetCheckpoints.begin() refuses the name of another session, and what no fleet wrote", async () => {
  using scene = new FleetScene();
  scene.machine("one");
  await scene.begin("one", 1);
  await assert.rejects(
    scene.begin("one", 1, { session: "00000000-0000-4000-8000-000000000000" }),
    (error) => error instanceof SamocodeError && /contains the work of another session/.test(error.message),
  );
  const main = scene.git("seed", "rev-parse", "main");
  for (const text of ["x", `x\n\nSession: s\nEpoch: 1\nHead: ${main}`, "x\n\nSession: s\nEpoch: -1"]) {
    const commit = scene.git("origin.git", "commit-tree", `${main}^{tree}`, "-m", text);
    scene.git("origin.git", "update-ref", "refs/samocode/checkpoints/add-jwt/fleet", commit);
    await assert.rejects(scene.begin("one", 1), /it was not made by a fleet/);
  }
  await assert.rejects(scene.begin("one", 1, { name: "../x" }), /as a session name/);
});

Deno.test("FleetCheckpoints.restore() keeps what a branch of that name led to", async () => {
  using scene = new FleetScene();
  for (const machine of ["one", "two"]) scene.machine(machine);
  const first = await scene.begin("one", 1);
  await first.push(scene.work("one"));
  const second = await scene.begin("two", 2);
  const there = scene.work("two");
  scene.file("two/worktrees/add-jwt/old", "o\n");
  scene.git("two/worktrees/add-jwt", "add", "--all");
  scene.git("two/worktrees/add-jwt", "commit", "--quiet", "--message=Old");
  const old = scene.git("two/worktrees/add-jwt", "rev-parse", "HEAD");
  await assert.rejects(second.restore(there), /it already exists/);
  // Another session of the repository, whose agent works at the same time.
  const neighbour = scene.work("two", "other");
  const seen = readRepository({ path: neighbour.worktree, branch: neighbour.branch, base: undefined, note: "" });
  if (seen === undefined) throw new Error("no repository");
  Deno.renameSync(there.worktree, scene.at("two", "moved"));
  await second.restore(there);
  assert.equal(await second.isCurrent(there), true);
  assert.deepEqual(foreignChanges(seen, neighbour.branch), []);
  assert.match(
    scene.git("two/repo", "for-each-ref", "--format=%(refname:lstrip=4) %(objectname)", "refs/samocode/aside"),
    new RegExp(`heads/me/add-jwt ${old}$`),
  );
});
