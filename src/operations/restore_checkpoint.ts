/**
 * Lists a session's checkpoints, and puts the files of one back. What is there before is a checkpoint first.
 *
 * @module
 */
import { checkpointName, makeCheckpoint } from "../session/checkpoint.ts";
import { askGit } from "../session/git.ts";
import { CHECKPOINTS } from "../session/layout.ts";
import { putBack, putInto } from "../session/put_back.ts";
import type { SessionFolder } from "../session/session_folder.ts";
import { guardWorkplace } from "../session/workplace_guard.ts";
import { restoreWorkplace } from "../session/worktree.ts";
import { sweep } from "../system/processes/end_processes.ts";
import { SamocodeError } from "../text/errors.ts";
import type { RecordedEvent } from "../workflow/session_event.ts";
import { openSession, type Samocode } from "./samocode.ts";

/** A checkpoint of a session. */
export interface CheckpointView {
  readonly number: number;
  /** ISO 8601. */
  readonly at: string;
  readonly iteration: number;
  readonly ref: string;
  readonly commit: string;
  readonly files: number;
  readonly left: readonly string[];
  /** Whether its ref is still there, and the same. */
  readonly isThere: boolean;
}

/** What to restore. */
export interface RestoreRequest {
  readonly session: string;
  readonly number: number;
  /** A folder to write the files into; `undefined` puts them back into the worktree. */
  readonly into: string | undefined;
  /** Who asked; recorded in the journal. */
  readonly by: string;
}

/** What was restored. */
export interface Restored {
  /** Where the files are now. */
  readonly folder: string;
  /** The checkpoint of what was there before; `undefined` if all of it was kept already, or nothing was replaced. */
  readonly before: number | undefined;
}

/** Lists the checkpoints, oldest first. The journal says which there are: an agent may reach refs, where it has no guard. */
export async function listCheckpoints(
  samocode: Samocode,
  { session }: { readonly session: string },
): Promise<readonly CheckpointView[]> {
  const made = checkpointsOf(samocode, session);
  if (made.length === 0) return [];
  const format = "--format=%(refname) %(objectname)";
  const found = await askGit(samocode.settings.mainRepo, "for-each-ref", format, `${CHECKPOINTS}/`) ?? "";
  const refs = new Set(found.split("\n"));
  return made.map(({ ref, commit, at, iteration, files, left }) => {
    const isThere = refs.has(`${ref} ${commit}`);
    return { number: numberOf(ref), at, iteration, ref, commit, files, left, isThere };
  });
}

/**
 * Restores a checkpoint.
 *
 * @throws {SamocodeError} If a worker runs, there is no such checkpoint, or something is in the way; nothing is changed.
 */
export async function restoreCheckpoint(samocode: Samocode, request: RestoreRequest): Promise<Restored> {
  const { settings: { mainRepo }, cacheFolder } = samocode;
  using folder = openSession(samocode, request.session);
  using _lock = await folder.lock({ now: samocode.now() });
  const made = checkpointsOf(samocode, request.session);
  const { history, layout } = folder;
  const wanted = made.find(({ ref }) => numberOf(ref) === request.number);
  const { workplace } = history;
  if (wanted === undefined || workplace === undefined) {
    throw new SamocodeError("usage", `Cannot restore checkpoint ${request.number} of ${folder.name}: not found`, {
      hint: made.length === 0 ? "It has none" : `It has ${made.map(({ ref }) => numberOf(ref)).slice(-8).join(", ")}`,
    });
  }
  const name = checkpointName(layout, workplace);
  const subject = { name, sessionFolder: layout.folder, cacheFolder, workplace: workplace.path };
  if (request.into !== undefined) {
    await putInto(request.into, { subject, mainRepo, commit: wanted.commit });
    return { folder: request.into, before: undefined };
  }
  await endLeftovers(folder);
  await restoreWorkplace(mainRepo, workplace);
  await (await guardWorkplace(mainRepo, workplace))();
  const iteration = history.attempt?.iteration ?? 0;
  const title = `${layout.name}: uncommitted before checkpoint ${request.number} was restored`;
  const kept = await makeCheckpoint(subject, { title, known: history.checkpoints.tree });
  const hasKept = kept !== undefined && "commit" in kept;
  if (hasKept) folder.journal.append({ type: "checkpoint.made", iteration, ...kept });
  await putBack(subject, { commit: wanted.commit, kept: folder.history.checkpoints.tree });
  folder.journal.append({ type: "checkpoint.restored", ref: wanted.ref, tree: wanted.tree, by: request.by });
  return { folder: workplace.path, before: hasKept ? numberOf(kept.ref) : undefined };
}

type Made = Extract<RecordedEvent, { readonly type: "checkpoint.made" }>;

/** The checkpoints that the journal has, oldest first. */
export function checkpointsOf(samocode: Samocode, session: string): readonly Made[] {
  const made: Made[] = [];
  const see = (event: RecordedEvent) => void (event.type === "checkpoint.made" && made.push(event));
  using _folder = openSession(samocode, session, { readOnly: true, see });
  return made;
}

/** What a worker that died has left must not write while files are put back or removed. */
export async function endLeftovers({ history: { running, workerMarker, attempt } }: SessionFolder): Promise<void> {
  if (!running) return;
  for (const marker of [workerMarker, attempt?.marker]) if (marker !== undefined) await sweep(marker);
}

function numberOf(ref: string): number {
  return Number(/\d+$/.exec(ref)?.[0] ?? 0);
}
