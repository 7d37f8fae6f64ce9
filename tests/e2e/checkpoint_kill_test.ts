import assert from "node:assert/strict";
import { programPath } from "../../src/system/processes/program_path.ts";
import { sweep } from "../../src/system/processes/end_processes.ts";
import { startRestore } from "../helpers/restore_program.ts";
import { WorktreeScene } from "../helpers/worktree_scene.ts";
import { slow } from "../helpers/slow.ts";

/** In the place of git: at its call number `KILL_AT`, it kills the program that called it, and perhaps itself. */
const KILLER = `#!/bin/sh
echo x >> "$CALLS"
if [ "$(wc -l < "$CALLS")" -ne "$KILL_AT" ]; then exec "$GIT" "$@"; fi
case $KILL_HOW in
during) "$GIT" "$@" & sleep 0.001; kill -9 $! $PPID ;;
after) "$GIT" "$@"; kill -9 $PPID ;;
esac`;

/** More than a restore has. */
const MAX_CALLS = 40;
/** It has 14 calls: fewer kills would not be at all of them. */
const KILLS = 28;

Deno.test(slow({
  name: "kill -9 at every moment of a checkpoint and of putting one back loses nothing and leaves no lock",
  ignore: Deno.build.os === "windows",
  async fn(): Promise<void> {
    using scene = new WorktreeScene();
    Deno.chmodSync(scene.file("bin/git", KILLER), 0o755);
    const { program: git = assert.fail("there is no git") } = programPath("git", { env: Deno.env.toObject() });
    scene.file("work/draft.txt", "wanted\n");
    const wanted = await scene.mustKeep();
    const untouched = scene.untouchable();
    let kills = 0;
    // Before a call is after the one before it.
    for (const how of ["during", "after"]) {
      for (let call = 1; call <= MAX_CALLS; call++) {
        const text = `${how} call ${call}\n`;
        scene.file("work/draft.txt", text);
        scene.file("work/new.txt", text);
        const marker = crypto.randomUUID();
        const env = { GIT: git, CALLS: scene.file("calls", ""), KILL_AT: String(call), KILL_HOW: how };
        const task = { subject: { ...scene.subject, marker }, commit: wanted.commit };
        const { code, signal, stderr } = await startRestore(task, scene.at("bin"), env).output();
        // It has no more calls.
        if (code === 0) break;
        assert.equal(signal, "SIGKILL", new TextDecoder().decode(stderr));
        kills++;
        // As a new worker does.
        await sweep(marker);
        assert.ok(readIfThere(scene.at("work", "draft.txt")) === text || isKept(scene, text), `${text} is lost`);
        await scene.keep();
        assert.deepEqual([scene.locks(), scene.names("cache", "checkpoint")], [[], []], text);
        await scene.restore(wanted);
        assert.equal(Deno.readTextFileSync(scene.at("work", "draft.txt")), "wanted\n");
        assert.deepEqual(scene.names("work"), [".git", ".gitignore", "a.txt", "draft.txt"]);
      }
    }
    assert.ok(kills >= KILLS, `only ${kills} kills`);
    assert.deepEqual(scene.untouchable(), untouched);
    scene.git("repo", "fsck", "--strict", "--no-dangling");
  },
}));

/** Whether one of the last two checkpoints has it: the program made no other after its own. */
function isKept(scene: WorktreeScene, text: string): boolean {
  const last = ["for-each-ref", "--sort=-version:refname", "--count=2", "--format=%(refname)", "refs/samocode"];
  return scene.git("repo", ...last).split("\n").some((ref) =>
    `${scene.git("repo", "show", `${ref}:draft.txt`)}\n` === text
  );
}

function readIfThere(path: string): string | undefined {
  try {
    return Deno.readTextFileSync(path);
  } catch {
    return undefined;
  }
}
