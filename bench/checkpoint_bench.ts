/**
 * What keeping uncommitted work adds to an iteration, beside one `git status` of the same worktree.
 *
 * @module
 */
import { join } from "node:path";
import { makeCheckpoint } from "../src/session/checkpoint.ts";
import { git } from "../src/session/git.ts";
import type { BenchOptions } from "./bench_options.ts";
import { figureLine, inTurns, ratioLine, Series } from "./figures.ts";

const GIT = { GIT_AUTHOR_NAME: "b", GIT_AUTHOR_EMAIL: "b@b", GIT_COMMITTER_NAME: "b", GIT_COMMITTER_EMAIL: "b@b" };
/** Of about 2 KB each. */
const DIRTY = 10;

/** Measures and says what came of it. */
export async function benchCheckpoints({ scratch, quick, write }: BenchOptions): Promise<void> {
  write("A checkpoint after an iteration, and its floor: one git status");
  for (const files of quick ? [20] : [100, 10_000]) {
    const worktree = makeWorktree(join(scratch, `checkpoints-${files}`), files);
    const subject = {
      name: "bench",
      sessionFolder: join(scratch, "session"),
      cacheFolder: join(scratch, "cache"),
      workplace: worktree,
    };
    let known: string | undefined;
    let round = 0;
    const timed = async (act: () => Promise<unknown>): Promise<number> => {
      const begun = performance.now();
      await act();
      return performance.now() - begun;
    };
    const keep = async (): Promise<void> => {
      const made = await makeCheckpoint(subject, { title: "bench", known });
      if (made !== undefined && "tree" in made) known = made.tree;
    };
    const status = () => timed(() => git(worktree, "status", "--porcelain"));
    const clean = { kept: new Series(() => timed(keep)), floor: new Series(status) };
    await inTurns(Object.values(clean), { rounds: quick ? 2 : 25 });
    const dirty = new Series(() => {
      round++;
      for (let file = 0; file < DIRTY; file++) {
        Deno.writeTextFileSync(join(worktree, `file-${file}`), text(file, round));
      }
      return timed(keep);
    });
    const same = new Series(() => timed(keep));
    const floor = new Series(status);
    await inTurns([dirty, same, floor], { rounds: quick ? 2 : 25 });
    write(figureLine(`${files} files, clean`, { figures: clean.kept.figures, unit: "ms" }));
    write(ratioLine(`${files} files, clean / git status`, { of: clean.kept.figures, to: clean.floor.figures }));
    write(figureLine(`${files} files, ${DIRTY} of them changed since`, { figures: dirty.figures, unit: "ms" }));
    write(ratioLine(`${files} files, ${DIRTY} changed / git status`, { of: dirty.figures, to: floor.figures }));
    write(figureLine(`${files} files, ${DIRTY} changed, the same as before`, { figures: same.figures, unit: "ms" }));
  }
}

function makeWorktree(folder: string, files: number): string {
  const repo = join(folder, "repo");
  Deno.mkdirSync(repo, { recursive: true });
  for (let file = 0; file < files; file++) Deno.writeTextFileSync(join(repo, `file-${file}`), text(file, 0));
  const git = (...args: readonly string[]) =>
    void new Deno.Command("git", { args: ["-C", repo, ...args], env: GIT }).outputSync();
  git("init", "--quiet");
  git("add", "--all");
  git("commit", "--quiet", "--message=Begin");
  git("worktree", "add", "--quiet", "-b", "own", join(folder, "work"));
  return join(folder, "work");
}

function text(file: number, round: number): string {
  return `${file} ${round}\n`.repeat(300);
}
