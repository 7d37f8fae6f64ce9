/**
 * What a session has no business to change in the repository it shares with others: their branches and tags, its own
 * checkpoints, which branch the main checkout is on, and what is at the top of the git folder. Read from git's files,
 * since asking git would cost more than a whole pause between iterations may.
 *
 * @module
 */
import { basename, join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { lstatIfExists, readBytesIfExists, statIfExists } from "../system/files/files.ts";
import { type GitFolders, worktreeGitFolders } from "../system/worktree_git_folders.ts";
import { SamocodeError } from "../text/errors.ts";
import type { Workplace } from "../workflow/work.ts";
import { CHECKPOINTS } from "./layout.ts";

/** A repository at one moment. */
export interface RepositoryState extends GitFolders {
  /** The session's checkpoints: a folder of refs. */
  readonly checkpoints: string;
  /** Commits by the names of branches, tags and the session's checkpoints. */
  readonly refs: ReadonlyMap<string, string>;
  /** What the main checkout's HEAD says. */
  readonly head: string;
  /** What is at the top of the git folder, and where each leads that is a link. */
  readonly names: ReadonlyMap<string, string>;
  /** How long the record of each checkout's moves is. Guarded agents cannot write to those of others. */
  readonly logs: ReadonlyMap<string, Log>;
}

interface Log {
  readonly size: number;
  /** Tells it from one of the same name that was made anew, with its worktree. */
  readonly made: string;
}

/** What git obeys at the top of its folder, and does not have to be there. */
const OBEYED = ["commondir", "config", "config.worktree", "hooks", "info", "modules", "remotes", "branches"] as const;
/** What a person's own git leaves there in the middle of a rebase, and then goes on with. */
const UNDER_WAY = ["rebase-merge", "rebase-apply", "sequencer"] as const;

const MAX_REFS_BYTES = 16 * 1024 * 1024;

/** Reads the state; `undefined` where the session has no worktree of its own. */
export function readRepository(workplace: Workplace | undefined): RepositoryState | undefined {
  if (workplace?.branch === undefined) return undefined;
  const found = worktreeGitFolders(workplace.path);
  return found && readState({ ...found, checkpoints: `${CHECKPOINTS}/${basename(workplace.path)}` });
}

function readState({ own, common, checkpoints }: GitFolders & Pick<RepositoryState, "checkpoints">): RepositoryState {
  // Before the refs: a commit of another session in between must not be in the record but missing from the refs.
  const logs = new Map(checkoutLogs(common).map((path) => [path, logAt(path)] as const));
  const kinds = ["refs/heads", "refs/tags", checkpoints];
  const refs = new Map(packedRefs(common).filter(([name]) => kinds.some((kind) => name.startsWith(`${kind}/`))));
  for (const kind of kinds) readLoose(common, kind, refs);
  return {
    own,
    common,
    checkpoints,
    refs,
    head: readText(join(common, "HEAD")).trim(),
    names: new Map(entriesIn(common).map((entry) => [entry.name, targetOf(common, entry)])),
    logs,
  };
}

/**
 * What changed that was not the session's to change, in words. What another checkout's own record says that it did is
 * its owner's work: a person who commits in the main checkout, or another session.
 *
 * @param branch The session's own.
 */
export function foreignChanges(before: RepositoryState, branch: string): readonly string[] {
  // Where it was, not where the worktree leads now.
  const after = readState(before);
  const isForeign = (name: string) => name !== `refs/heads/${branch}`;
  const moved = [...before.refs].filter(([name, id]) => isForeign(name) && after.refs.get(name) !== id);
  const isSwitched = before.head !== after.head;
  const added = moved.length > 0 || isSwitched ? newLogLines(before, after) : "";
  const unexplained = moved.filter(([name]) => !added.includes(after.refs.get(name) ?? name))
    .map(([name]) => `${name} ${after.refs.has(name) ? "was moved" : "was deleted"}`);
  const watched = isSameLog(before, after) ? [...OBEYED, ...UNDER_WAY] : OBEYED;
  const planted = watched.filter((name) => {
    const found = after.names.get(name);
    return found !== undefined && found !== before.names.get(name) && !isMade(after, name);
  }).map((name) => `${join(after.common, name)} ${before.names.has(name) ? "was replaced" : "is new"}`);
  return [...unexplained, ...(isSwitched && added === "" ? ["the main checkout was switched"] : []), ...planted];
}

/** git moves a branch a moment before it records the move. */
const RECORDED_WITHIN = { looks: 10, pauseMs: 100 } as const;

/**
 * Stops the run where an agent changed what belongs to others in the repository. Takes longer only where it finds
 * something.
 *
 * @throws {SamocodeError} With what it changed.
 */
export async function checkRepository(before: RepositoryState, branch: string): Promise<void> {
  let changes = foreignChanges(before, branch);
  for (let looks = 1; changes.length > 0 && looks < RECORDED_WITHIN.looks; looks++) {
    await setTimeout(RECORDED_WITHIN.pauseMs);
    changes = foreignChanges(before, branch);
  }
  if (changes.length === 0) return;
  throw new SamocodeError(
    "conflict",
    `Cannot go on: the repository changed during the iteration: ${changes.join(", ")}`,
    {
      hint: "Look at it with git reflog and git status in the main checkout; then run the session again",
    },
  );
}

/** The guard makes these two where they are missing, to protect them; git obeys nothing in an empty one. */
function isMade({ common }: RepositoryState, name: string): boolean {
  const path = join(common, name);
  return (name === "hooks" || name === "info") && lstatIfExists(path)?.isDirectory === true &&
    namesIn(path).length === 0;
}

/** What other checkouts recorded about themselves meanwhile. */
function newLogLines(before: RepositoryState, after: RepositoryState): string {
  const others = [...after.logs.keys()].filter((log) => log !== join(before.own, "logs", "HEAD"));
  return others.map((path) => {
    const [old, now] = [before.logs.get(path), after.logs.get(path)];
    return readText(path).slice(old?.made === now?.made ? old?.size : 0);
  }).join("");
}

/** Whether nothing was done in the main checkout that git keeps a record of. */
function isSameLog(before: RepositoryState, after: RepositoryState): boolean {
  const log = join(after.common, "logs", "HEAD");
  const [old, now] = [before.logs.get(log), after.logs.get(log)];
  return old?.size === now?.size && old?.made === now?.made;
}

function logAt(path: string): Log {
  const { size = 0, ino, birthtime } = statIfExists(path) ?? {};
  return { size, made: `${ino} ${birthtime?.getTime()}` };
}

/** A wall protects what a link leads to, and not the link. */
function targetOf(folder: string, { name, isSymlink }: Deno.DirEntry): string {
  try {
    return isSymlink ? Deno.readLinkSync(join(folder, name)) : "";
  } catch {
    return "gone";
  }
}

/** Links are not followed: an agent could lead round in circles. */
function readLoose(common: string, folder: string, refs: Map<string, string>): void {
  for (const { name, isDirectory, isFile } of entriesIn(join(common, folder))) {
    const ref = `${folder}/${name}`;
    if (isDirectory) readLoose(common, ref, refs);
    else if (!name.endsWith(".lock")) refs.set(ref, isFile ? readText(join(common, ref)).trim() : "not a file");
  }
}

function packedRefs(common: string): readonly (readonly [string, string])[] {
  return readText(join(common, "packed-refs")).split("\n").flatMap((line) => {
    const [, id, name] = /^([0-9a-f]{40,64}) (refs\/.+)$/.exec(line) ?? [];
    return id === undefined || name === undefined ? [] : [[name, id] as const];
  });
}

function checkoutLogs(common: string): readonly string[] {
  const worktrees = join(common, "worktrees");
  return [common, ...namesIn(worktrees).map((name) => join(worktrees, name))].map((folder) =>
    join(folder, "logs", "HEAD")
  );
}

function namesIn(folder: string): readonly string[] {
  return entriesIn(folder).map(({ name }) => name);
}

function entriesIn(folder: string): readonly Deno.DirEntry[] {
  try {
    return [...Deno.readDirSync(folder)];
  } catch {
    return [];
  }
}

function readText(path: string): string {
  try {
    const bytes = readBytesIfExists(path, MAX_REFS_BYTES);
    return bytes instanceof Uint8Array ? new TextDecoder().decode(bytes) : "";
  } catch {
    return "";
  }
}
