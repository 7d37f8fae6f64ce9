/**
 * Finds out for the next agent what the last one did before it was cut off.
 *
 * @module
 */
import { aboutWork } from "../prompt/iteration_context.ts";
import { askGit } from "../session/git.ts";
import type { SessionFolder } from "../session/session_folder.ts";

/** Describes the work of an attempt that did not come to its end; empty if there is none. */
export async function briefNext({ history }: SessionFolder, attempt: number): Promise<string> {
  const { attempt: last, workplace, workerMarker: marker, lastActs, checkpoints } = history;
  if (attempt === 1 || last === undefined || last.end?.kind === "finished" || workplace === undefined) return "";
  const kept = checkpoints.last?.iteration === last.iteration ? checkpoints.last : undefined;
  const ask = async (separator: string, ...args: readonly string[]): Promise<readonly string[]> => {
    const said = workplace.branch && await askGit({ folder: workplace.path, marker }, ...args);
    return (said ?? "").split(separator).filter((line) => line !== "");
  };
  return aboutWork({
    acts: lastActs,
    commits: await ask("\n", "log", "--no-color", "--format=%h %s", "-n", "5", `--since=${last.startedAt}`, "HEAD"),
    // Of the checkpoint, which has everything: staged, new and deleted files.
    uncommitted: kept === undefined ? [] : await ask("\0", "diff-tree", "-r", "--name-only", "-z", "HEAD", kept.ref),
    kept,
  });
}
