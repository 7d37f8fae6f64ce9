/**
 * Ends a session that is done: brings its branch where it belongs, then removes its worktree and branch. Each step can be
 * repeated, and the record comes between bringing and removing: whatever a crash leaves, finishing again completes.
 *
 * @module
 */
import { basename } from "node:path";
import type { SessionFolder } from "../session/session_folder.ts";
import { shortNames } from "../session/find_session.ts";
import { findHandover } from "../session/handover.ts";
import { isMerged, mergeBranch } from "../session/merge_branch.ts";
import { hooksLeftOut, pushBranch } from "../session/push_branch.ts";
import { type Removal, retireWorkplace } from "../session/remove_workplace.ts";
import { changeSince, commitOf, listed, lookForWork } from "../session/work_left.ts";
import { remoteOf } from "../session/worktree_base.ts";
import { SamocodeError } from "../text/errors.ts";
import { shellWord } from "../text/terminal_text.ts";
import { hintFor } from "../workflow/next_action.ts";
import type { Finish, Work } from "../workflow/work.ts";
import { baseBranchOf } from "../workflow/workplace_base.ts";
import { branchOwner, keepAtRest } from "./branch_owner.ts";
import { openPullRequest, preparePullRequest } from "./open_pull_request.ts";
import { statusOf } from "./read_status.ts";
import type { Status } from "./status.ts";
import { refuseCopy } from "./hand_over.ts";
import { openAtRest, type Samocode } from "./samocode.ts";

/** How to bring the work home. */
export type FinishWay = "merge" | "ff-only" | "push" | "pr";

/** What to finish. */
export interface FinishRequest {
  readonly session: string;
  /** `undefined` is enough where it is merged already, or was finished before. */
  readonly way: FinishWay | undefined;
  /** The branch to merge into, or that the pull request is for; by default the one that the session began from. */
  readonly into: string | undefined;
  /** The branch's commit that the person was shown, perhaps shortened; needed where it is not the one that was done. */
  readonly head?: string | undefined;
  /** Who asked; recorded in the journal. */
  readonly by: string;
}

/** What there is to finish. */
export interface FinishView {
  readonly branch: string;
  readonly into: string | undefined;
  /** The session that works on that branch, if one does. */
  readonly intoSession: string | undefined;
  readonly remote: string | undefined;
  /** The last commit of the branch; `undefined` once it was finished. */
  readonly head: string | undefined;
  /** What happened on the branch after the session was done, in words; `undefined` if nothing is known to have. */
  readonly since: string | undefined;
  readonly work: Work | undefined;
  readonly pullRequest: string | undefined;
  /** Whether nothing is left to decide: it is merged already, or was finished before. */
  readonly isBrought: boolean;
}

/** What came of it. */
export interface Finished extends Removal {
  readonly finish: Finish;
  /** The repository's own hooks that a person's git would have run. */
  readonly hooks: readonly string[];
  readonly status: Status;
}

/**
 * Looks at what there is to finish.
 *
 * @throws {SamocodeError} If the session is not done, or something would be lost.
 */
export async function viewFinish(
  samocode: Samocode,
  request: Pick<FinishRequest, "session" | "into">,
): Promise<FinishView> {
  using folder = await openAtRest(samocode, request.session);
  refuseCopy(folder);
  return await view(samocode, folder, request);
}

/**
 * Finishes.
 *
 * @throws {SamocodeError} If it is not possible; neither branches nor files are changed then.
 */
export async function finishSession(samocode: Samocode, request: FinishRequest): Promise<Finished> {
  const { mainRepo } = samocode.settings;
  using folder = await openAtRest(samocode, request.session);
  using _lock = await folder.lock({ now: samocode.now() });
  const found = await view(samocode, folder, request);
  const finish = folder.history.finish ?? await bring(samocode, folder, { ...request, ...found, seen: request.head });
  const isNew = folder.history.finish === undefined;
  if (isNew) folder.journal.append({ type: "session.finished", ...finish });
  // A merge can be taken back; what was pushed may be under a name that git keeps no record of.
  const safeHead = finish.how === "pushed" ? finish.head : undefined;
  const removal = await retireWorkplace(mainRepo, folder, { safeHead, by: request.by });
  const hooks = !isNew || found.isBrought ? [] : await hooksLeftOut(mainRepo, HOOKS[finish.how]);
  return { finish, ...removal, hooks, status: statusOf(folder) };
}

const HOOKS: Readonly<Record<Finish["how"], readonly string[]>> = {
  merged: ["pre-merge-commit", "post-merge"],
  pushed: ["pre-push"],
};

interface Found extends FinishView {
  readonly mergedInto: string | undefined;
}

async function view(
  samocode: Samocode,
  folder: SessionFolder,
  { into: given }: Pick<FinishRequest, "into">,
): Promise<Found> {
  const { mainRepo } = samocode.settings;
  const { name, history, layout } = folder;
  const status = statusOf(folder);
  if (status.state !== "done" || status.movedTo !== undefined) {
    throw new SamocodeError("conflict", `Cannot finish ${name}: it is ${status.state}`, hintFor(status.next));
  }
  const { workplace, work, finish } = history;
  const { branch, path } = workplace ?? {};
  if (finish !== undefined) {
    const place = { branch: branch ?? "", into: undefined, intoSession: undefined, remote: undefined };
    const nothing = { head: undefined, since: undefined, mergedInto: undefined, pullRequest: undefined };
    return { ...place, ...nothing, work, isBrought: true };
  }
  if (path === undefined || branch === undefined) {
    throw new SamocodeError("conflict", `Cannot finish ${name}: it has no branch of its own`, {
      hint: `What it changed is in ${path ?? mainRepo}`,
    });
  }
  const remote = await remoteOf(mainRepo);
  const from = given ?? baseBranchOf(workplace?.base);
  const into = remote !== undefined && from?.startsWith(`${remote}/`) ? from.slice(remote.length + 1) : from;
  if (into === branch) {
    throw new SamocodeError("usage", `Cannot finish ${name}: ${branch} is its own branch`, {
      hint: "Name another branch",
      actions: [{ verb: "finish", session: name, into: "BRANCH" }],
    });
  }
  const { head, uncommitted, problem } = await lookForWork(mainRepo, workplace);
  const owner = into && branchOwner(samocode, { branch: into, except: basename(layout.folder) });
  const intoSession = owner && shortNames(samocode.settings.sessions)(owner);
  const since = head === undefined || work === undefined
    ? undefined
    : await changeSince(mainRepo, { branch, head, done: work.head });
  const { pullRequest } = findHandover(layout);
  const shared = { branch, into, intoSession, remote, work, head, since, pullRequest };
  if (uncommitted.length > 0 || problem !== "") {
    const why = problem || `not all is committed in its worktree: ${listed(uncommitted)}`;
    throw new SamocodeError("conflict", `Cannot finish ${name}: ${why}`, {
      hint: `Commit it or put it away (git -C ${shellWord(path)} status), then type the same again`,
    });
  }
  if (head === undefined) {
    throw new SamocodeError("conflict", `Cannot finish ${name}: its branch ${branch} is gone`, {
      hint: "Restore the branch from a remote or a backup; if it is meant to be gone, archive the session",
    });
  }
  const places = into === undefined ? [] : [`refs/heads/${into}`, ...remote ? [`refs/remotes/${remote}/${into}`] : []];
  for (const place of places) {
    if (await isMerged(mainRepo, { head, into: place })) return { ...shared, mergedInto: place, isBrought: true };
  }
  return { ...shared, mergedInto: undefined, isBrought: false };
}

async function bring(
  samocode: Samocode,
  folder: SessionFolder,
  { way, by, seen, ...found }: Found & Pick<FinishRequest, "way" | "by"> & { readonly seen: string | undefined },
): Promise<Finish> {
  const { mainRepo } = samocode.settings;
  const { branch, into, intoSession, remote, head = "", since, mergedInto } = found;
  if (mergedInto !== undefined) {
    const commit = await commitOf(mainRepo, mergedInto) ?? head;
    return { how: "merged", into: mergedInto.replace(/^refs\/(?:heads|remotes)\//, ""), head, commit, by };
  }
  if (way === undefined) {
    throw new SamocodeError("usage", `Cannot finish ${folder.name}: say how`, {
      hint: "Use --merge or --ff-only to merge it, --push to push its branch, or --pr to open a pull request, too",
    });
  }
  if (into === undefined && way !== "push") {
    throw new SamocodeError("usage", `Cannot finish ${folder.name}: nobody knows from which branch it began`, {
      hint: "Name the branch",
      actions: [{ verb: "finish", session: folder.name, into: "BRANCH" }],
    });
  }
  if (seen === undefined ? since !== undefined : !isCommit(head, seen)) {
    throw new SamocodeError("conflict", `Cannot finish ${folder.name}: ${since ?? `${branch} has moved meanwhile`}`, {
      hint: "Look at it, or bring it as it is",
      actions: [{ verb: "diff", session: folder.name }, {
        verb: "finish",
        session: folder.name,
        way,
        head: head.slice(0, 10),
      }],
    });
  }
  if (way === "merge" || way === "ff-only") {
    using _other = intoSession === undefined
      ? undefined
      : await keepAtRest(samocode, { session: intoSession, branch: into ?? "" });
    const commit = await mergeBranch(mainRepo, {
      session: folder.name,
      branch,
      head,
      into: into ?? "",
      isFastForward: way === "ff-only",
    });
    return { how: "merged", into: into ?? "", head, commit, by };
  }
  if (remote === undefined) {
    throw new SamocodeError("conflict", `Cannot push ${branch}: the repository has no remote`, {
      hint: `Add one (git -C ${shellWord(mainRepo)} remote add origin URL), or merge`,
      actions: [{ verb: "finish", session: folder.name, way: "merge" }],
    });
  }
  const prepared = way === "pr" ? preparePullRequest(samocode, folder) : undefined;
  await pushBranch(mainRepo, { remote, branch, head });
  const url = prepared && await openPullRequest(samocode, { prepared, session: folder.name, branch, into: into ?? "" });
  return { how: "pushed", into: `${remote}/${branch}`, head, commit: head, ...(url !== undefined && { url }), by };
}

/** Whether a name that may be shortened, as git does it, is that of a commit. */
function isCommit(commit: string, name: string): boolean {
  return /^[0-9a-f]{7,64}$/i.test(name) && commit.startsWith(name.toLowerCase());
}
