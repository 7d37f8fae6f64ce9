/**
 * Sets aside the copy of a session that an earlier lease left on this machine, once the session has continued
 * elsewhere. No copy is deleted here: it may be the only trace of what its agent did last.
 *
 * @module
 */
import { basename, join } from "node:path";
import { askGit, mustGit } from "../session/git.ts";
import { myTurn } from "../session/worktree.ts";
import { lstatIfExists, removeIfExists, writeAtomic } from "../system/files/files.ts";
import { asideRef, asideStamp } from "./aside_refs.ts";
import { knownCheckpoint } from "./checkpoint.ts";
import { fleetFolder, type FleetPlace, machineMarker, type ProjectPlace } from "./machine.ts";

/** A local copy of a session. */
export interface LocalCopy {
  readonly place: ProjectPlace;
  /** The session's name, without its date. */
  readonly name: string;
  /** The name of the session's folder, with its date. Without it, the folder stays where it is. */
  readonly folder?: string | undefined;
  /** The worktree and its branch. Without it, both stay as they are. */
  readonly workplace?: { readonly path: string; readonly branch: string | undefined } | undefined;
  readonly now?: Date;
}

/** Describes what was set aside; kept next to it as `aside.json`. */
export interface AsideNote {
  readonly repo: string;
  /** The session's name. */
  readonly name: string;
  /** The commit that its branch pointed to; empty if it had no branch. */
  readonly head: string;
  /** Prefix of the refs that keep its commits. */
  readonly refs: string;
}

/** File name of the note. */
export const NOTE = "aside.json";

/** The folder that holds everything set aside. */
export function asideFolder(place: FleetPlace): string {
  return join(fleetFolder(place), "aside");
}

/**
 * Moves the given parts of a session out of the way. The branch's commit is kept under `refs/samocode/aside`. The
 * branch itself is deleted only if the remote has no work to restore; otherwise it stays until the restore moves it,
 * since other sessions of the repository would take a deleted branch for the work of one of their agents.
 *
 * @returns The folder that they are in now; `undefined` if there was nothing to move.
 */
export async function setAside(
  { place, name, folder, workplace, now = new Date() }: LocalCopy,
): Promise<string | undefined> {
  const session = folder === undefined ? undefined : join(place.sessions, basename(folder));
  const { path: worktree, branch } = workplace ?? {};
  const repo = { folder: place.repo, marker: machineMarker(place) };
  using _turn = await myTurn(place.repo);
  const head = branch && await askGit(repo, "rev-parse", "--verify", "--quiet", `refs/heads/${branch}`);
  const [hasSession, hasWorktree] = [session, worktree].map((path) => path && lstatIfExists(path) !== undefined);
  if (!hasSession && !hasWorktree && !head) return undefined;
  const aside = join(asideFolder(place), `${asideStamp(now)}-${name}`);
  Deno.mkdirSync(aside, { recursive: true, mode: 0o700 });
  const note: AsideNote = { repo: place.repo, name, head: head ?? "", refs: asideRef(now, "") };
  writeAtomic(join(aside, NOTE), `${JSON.stringify(note)}\n`, { newMode: 0o600 });
  // Refs before folders: after a kill in between, the folders are still there and everything is done again.
  if (branch && head) {
    const isRestored = (await knownCheckpoint(repo, basename(worktree ?? name)))?.head !== undefined;
    const lines = [`update ${asideRef(now, `heads/${branch}`)} ${head}`];
    if (!isRestored) lines.push(`delete refs/heads/${branch} ${head}`);
    await mustGit({ ...repo, input: lines.map((line) => `${line}\n`).join("") }, ["update-ref", "--stdin"], HINT);
  }
  if (session && hasSession) Deno.renameSync(session, join(aside, basename(session)));
  if (worktree && hasWorktree) {
    const moved = join(aside, "worktree");
    Deno.renameSync(worktree, moved);
    // It would point git to the new worktree of the same name.
    removeIfExists(join(moved, ".git"));
  }
  if (worktree) await askGit(repo, "worktree", "remove", "--force", "--force", worktree);
  return aside;
}

const HINT = "Run git status in the project's clone";
