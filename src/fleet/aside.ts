/**
 * Sets aside what an earlier lease left of a session on a machine, when the session has gone on elsewhere. It is never
 * deleted here: it may be the only trace of what its agent did last.
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
  /** The session's name: without its day. */
  readonly name: string;
  /** The name of the session's folder, with its day; it stays where it is if it is not named. */
  readonly folder?: string | undefined;
  /** The worktree and its branch; they stay as they are if they are not named. */
  readonly workplace?: { readonly path: string; readonly branch: string | undefined } | undefined;
  readonly now?: Date;
}

/** What was set aside, in its folder as `aside.json`. */
export interface AsideNote {
  readonly repo: string;
  /** Of the session. */
  readonly name: string;
  /** The commit that its branch led to; empty if it had none. */
  readonly head: string;
  /** The folder of the refs that keep it. */
  readonly refs: string;
}

/** The name of a note's file. */
export const NOTE = "aside.json";

/** The folder for what is set aside. */
export function asideFolder(place: FleetPlace): string {
  return join(fleetFolder(place), "aside");
}

/**
 * Moves what is named of a session out of the way. The branch is kept under `refs/samocode/aside`; it disappears
 * only if the remote has no work of the session, else restoring moves it: the other sessions of the repository would
 * take its disappearing for the work of one of their agents.
 *
 * @returns Where they are now; `undefined` if there was nothing.
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
  // First, so that whoever is killed here is repeated.
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
    // It would lead git to a new worktree of that name.
    removeIfExists(join(moved, ".git"));
  }
  if (worktree) await askGit(repo, "worktree", "remove", "--force", "--force", worktree);
  return aside;
}

const HINT = "Run git status in the project's clone";
