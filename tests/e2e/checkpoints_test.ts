import assert from "node:assert/strict";
import { join } from "node:path";
import { hostileProject } from "../helpers/hostile_project.ts";
import type { TempProject } from "../helpers/temp_project.ts";
import { slowTest } from "../helpers/slow.ts";

const RUN = ["run", "--session", "own", "--task", "Work"];
const SIGNAL = `echo '{"status":"continue"}' > "$SAMOCODE_SIGNAL"`;
const BLOCKED = `echo '{"status":"blocked","reason":"enough","needs":"clarification"}' > "$SAMOCODE_SIGNAL"`;
/** What the agent does in each iteration: writes, breaks, destroys, asks for a person. */
const AGENT = `
n=$(cat "$root/n" 2>/dev/null || echo 0); n=$((n + 1)); echo $n > "$root/n"
case $n in
1) echo first > draft.txt; ${SIGNAL};;
2) echo second > draft.txt; exit 3;;
3) rm draft.txt; ${BLOCKED};;
*) test "$(cat draft.txt)" = second && git add --all && git commit -qm Draft
   ${BLOCKED};;
esac`;

slowTest(
  "what an agent left uncommitted is kept after each iteration, broken ones too, and can be put back",
  async () => {
    using project = hostileProject(AGENT, { SAMOCODE_MAX_RETRIES: "1" });
    const worktree = join(project.root, "worktrees", "own");
    const { code, stdout } = await project.run(RUN);
    assert.equal(code, 20, stdout);
    assert.deepEqual(kept(project), [[1, 1], [2, 2]]);

    const list = await project.run(["restore", "own"]);
    assert.match(list.stdout, /^ +1 {2}\S+Z {2}iteration +1 {2}1 file\n +2 {2}\S+Z {2}iteration +2 {2}1 file\n\n/);
    assert.match(list.stdout, /put it back {2}samocode restore own 2\n$/);
    assert.match((await project.run(["status", "own"])).stdout, /Kept +2 checkpoints: samocode restore own/);
    const { code: refused, stderr } = await project.run(["restore", "own", "2"], { CLAUDECODE: "1" });
    assert.deepEqual([refused, /only a person may/.test(stderr)], [2, true]);
    const unknown = await project.run(["restore", "own", "9"]);
    assert.deepEqual([unknown.code, /Cannot restore checkpoint 9 of own: not found/.test(unknown.stderr)], [2, true]);

    // Even the whole worktree can be gone.
    Deno.removeSync(worktree, { recursive: true });
    const restored = await project.run(["restore", "own", "2"]);
    assert.equal(restored.code, 0, restored.stderr);
    assert.equal(Deno.readTextFileSync(join(worktree, "draft.txt")), "second\n");
    Deno.writeTextFileSync(join(worktree, "draft.txt"), "by hand\n");
    const again = await project.run(["restore", "own", "1"]);
    assert.match(again.stdout, /What was there before is checkpoint 3: samocode restore own 3\n$/);
    assert.equal(Deno.readTextFileSync(join(worktree, "draft.txt")), "first\n");
    await project.run(["restore", "own", "3", "--into", "look"]);
    assert.equal(Deno.readTextFileSync(join(project.root, "look", "draft.txt")), "by hand\n");

    await project.run(["restore", "own", "2"]);
    await project.run(RUN.slice(0, 3));
    assert.equal(project.git("log", "-1", "--format=%s", "own"), "Draft");
    assert.match(
      (await project.run(["logs", "own"])).stdout,
      /The files of \S+\/own\/2 were put back \(.*samocode restore/,
    );
  },
);

Deno.test("restore refuses while a worker runs, and a failure to keep work ends no run", async () => {
  using project = hostileProject(
    `touch "$root/begun"; while ! test -e "$root/go"; do sleep 0.05; done; echo x >> draft.txt
n=$(wc -l < draft.txt); if [ $n -gt 2 ]; then ${BLOCKED}; else ${SIGNAL}; fi`,
  );
  // A ref where git needs a folder of refs.
  project.git("update-ref", "refs/samocode/checkpoints", "HEAD");
  const worker = project.start(RUN);
  await project.until((events) => events.some(({ type }) => type === "iteration.started"));
  const { code, stderr } = await project.run(["restore", "own", "1"]);
  assert.deepEqual([code, /locked by process/.test(stderr)], [2, true], stderr);
  Deno.writeTextFileSync(join(project.root, "go"), "");
  const { code: ended } = await worker.output();
  assert.equal(ended, 20);
  // Two iterations failed to keep their work, and that is told once.
  const failed = project.events().filter(({ type }) => type === "checkpoint.failed");
  assert.equal(failed.length, 1);
  assert.match(
    (await project.run(["status", "own"])).stdout,
    /not all uncommitted work is kept: Cannot run git update-ref/,
  );
});

Deno.test("a worker that died in an iteration: the next one keeps its work before another agent begins", async () => {
  using project = hostileProject(
    `if test -e draft.txt; then rm draft.txt; ${BLOCKED}
else echo mine > draft.txt; touch "$root/begun"; sleep 60; fi`,
  );
  const worker = project.start(RUN);
  while (!exists(join(project.root, "begun"))) await new Promise((wake) => setTimeout(wake, 20));
  worker.kill("SIGKILL");
  await worker.output();
  const { code, stdout } = await project.run(RUN.slice(0, 3));
  assert.equal(code, 20, stdout);
  assert.equal(project.git("show", "refs/samocode/checkpoints/own/1:draft.txt"), "mine");
});

/** Of each checkpoint: its iteration and number. */
function kept(project: TempProject): readonly (readonly [number, number])[] {
  return project.events().flatMap((event) =>
    event.type === "checkpoint.made" ? [[event.iteration, Number(/\d+$/.exec(event.ref)?.[0])] as const] : []
  );
}

function exists(path: string): boolean {
  try {
    Deno.lstatSync(path);
    return true;
  } catch {
    return false;
  }
}
