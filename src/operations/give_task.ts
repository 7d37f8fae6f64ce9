/**
 * Gives an existing session new work, on its branch and in its worktree. Only a person may, or their agent for them.
 *
 * @module
 */
import { askGit } from "../session/git.ts";
import type { SessionFolder } from "../session/session_folder.ts";
import { branchExists } from "../session/worktree.ts";
import { statIfExists } from "../system/files/files.ts";
import { SamocodeError } from "../text/errors.ts";
import { type Assignment, checkAssignment, recordable, subjectOf } from "./assignment.ts";
import { statusOf } from "./read_status.ts";
import type { Status } from "./status.ts";
import type { Samocode } from "./samocode.ts";

/** The new work. */
export interface NewTask extends Assignment {
  /** Who gave it; recorded in the journal. */
  readonly by: string;
}

/**
 * Records the new task. The next run begins with it, at the first phase or behind the plan that was given: all gates are
 * closed again, and what was asked, planned and reported before is set aside. What the session has used still counts.
 *
 * @throws {SamocodeError} If nothing is given, or the session is running or has not begun with its own task.
 */
export async function giveTask(
  { settings: { mainRepo } }: Pick<Samocode, "settings">,
  folder: SessionFolder,
  request: NewTask,
): Promise<Status> {
  checkAssignment(request);
  if (subjectOf(request) === undefined) {
    throw new SamocodeError("usage", `Cannot continue ${folder.name} with a new task: none was given`, {
      hint: "To go on with the task that it has",
      actions: [{ verb: "resume", session: folder.name }],
    });
  }
  await record(mainRepo, folder, request);
  return statusOf(folder);
}

async function record(mainRepo: string, folder: SessionFolder, request: NewTask): Promise<void> {
  using _lock = await folder.lock();
  const { workplace, attempt } = folder.history;
  if (workplace === undefined && attempt === undefined) {
    throw new SamocodeError("conflict", `Cannot give ${folder.name} a new task: it has not begun with the one it has`, {
      hint: "Let it begin, or start a new session",
      actions: [{ verb: "resume", session: folder.name }],
    });
  }
  const { path = "", branch } = workplace ?? {};
  const isThere = branch !== undefined && statIfExists(path) !== undefined;
  const commit = isThere ? await askGit(path, "rev-parse", "--verify", "--quiet", "HEAD") : undefined;
  // Merged and removed by hand: the new task gets a workplace of its own.
  if (branch !== undefined && !isThere && !(await branchExists(mainRepo, branch))) {
    folder.journal.append({ type: "workplace.removed", path, branch, by: request.by });
  }
  folder.journal.append({
    type: "task.given",
    ...recordable(folder.layout, request, folder.journal.now()),
    by: request.by,
    ...(commit !== undefined && { commit }),
  });
}
