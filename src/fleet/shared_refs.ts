/**
 * Fetches and pushes the refs of a session's checkpoints, and reads checkpoint commits.
 *
 * @module
 */
import { complaintOf, git, type GitPlace, type GitResult, mustGit } from "../session/git.ts";
import { CHECKPOINTS } from "../session/layout.ts";
import { SamocodeError } from "../text/errors.ts";
import { shellWord } from "../text/terminal_text.ts";

/** The ref of the newest fleet checkpoint. It moves, unlike the numbered checkpoints next to it. */
export const MOVING = "fleet";

/** The name of the project's remote. */
export const REMOTE = "origin";

/**
 * Local copies of the remote's checkpoint refs as of the last fetch. Kept apart from the session's own checkpoint refs:
 * a change there during an iteration would count as its agent's work.
 */
const SHARED = "refs/samocode/shared";

/** A fleet checkpoint. */
export interface FleetCheckpoint {
  readonly commit: string;
  readonly tree: string;
  readonly epoch: number;
  /** Id of its session's row. */
  readonly session: string;
  /** The commit that the branch points to; `undefined` if the session had no worktree yet. */
  readonly head: string | undefined;
}

/** Commits by ref name: {@linkcode MOVING}, and numbers. */
export type SharedRefs = ReadonlyMap<string, string>;

/** The local copy of a checkpoint ref; without `ref`, the prefix of all of a session's. */
export function sharedRef(name: string, ref = ""): string {
  return `${SHARED}/${name}/${ref}`;
}

const NUMBER = /^[1-9]\d{0,8}$/;

/**
 * Fetches a session's checkpoints from the remote.
 *
 * @throws {SamocodeError} If the remote cannot be reached.
 */
export async function fetchShared(place: GitPlace & object, name: string): Promise<SharedRefs> {
  const refspec = `+${CHECKPOINTS}/${name}/*:${sharedRef(name, "*")}`;
  const fetched = await git(place, "fetch", "--quiet", "--no-tags", "--prune", "--", REMOTE, refspec);
  if (fetched.code !== 0) throw outOfReach(place, { found: fetched, what: `fetch the checkpoints of ${name}` });
  return await refsIn(place, sharedRef(name));
}

/** The moving and the numbered refs below a prefix. */
export async function refsIn(place: GitPlace, folder: string): Promise<SharedRefs> {
  const listed = await mustGit(place, ["for-each-ref", "--format=%(objectname) %(refname)", folder], LOOK);
  const refs = listed.split("\n").flatMap((line): [string, string][] => {
    const [commit = "", ref = ""] = line.split(" ");
    const name = ref.slice(folder.length);
    return name === MOVING || NUMBER.test(name) ? [[name, commit]] : [];
  });
  return new Map(refs);
}

/**
 * Pushes refs atomically and without force: git refuses if the remote has moved on.
 *
 * @returns The error if the push failed. The remote may have the refs even so: the answer can get lost.
 */
export async function pushShared(
  place: GitPlace & object,
  { name, refs }: { readonly name: string; readonly refs: SharedRefs },
): Promise<SamocodeError | undefined> {
  const refspecs = [...refs].map(([ref, commit]) => `${commit}:${CHECKPOINTS}/${name}/${ref}`);
  const pushed = await git(
    place,
    "push",
    "--quiet",
    "--atomic",
    "--no-verify",
    "--no-follow-tags",
    "--",
    REMOTE,
    ...refspecs,
  );
  if (pushed.code !== 0) return outOfReach(place, { found: pushed, what: `push the checkpoint of ${name}` });
  const lines = [...refs].map(([ref, commit]) => `update ${sharedRef(name, ref)} ${commit}\n`);
  await mustGit({ ...place, input: lines.join("") }, ["update-ref", "--stdin"], LOOK);
  return undefined;
}

const LOOK = "Run git status in the project's clone";

function outOfReach(
  { folder, abort }: GitPlace & object,
  { found, what }: { readonly found: GitResult; readonly what: string },
): SamocodeError {
  const reason = abort?.aborted ? "it was stopped" : /^ ! \[.*$/m.exec(found.stderr)?.[0].trim() ?? complaintOf(found);
  return new SamocodeError("system", `Cannot ${what}: ${reason}`, {
    hint: `Check that this machine can fetch from the repository and push to it: git -C ${
      shellWord(folder)
    } fetch ${REMOTE}`,
  });
}

/**
 * Reads a checkpoint. It is untrusted: others push to the remote, too.
 *
 * @throws {SamocodeError} If it is not a fleet checkpoint.
 */
export async function readCheckpoint(place: GitPlace, commit: string): Promise<FleetCheckpoint> {
  const text = await mustGit(place, ["cat-file", "commit", commit], LOOK);
  const end = text.indexOf("\n\n");
  const [headers, message] = [text.slice(0, end), text.slice(end)];
  const parents = [...headers.matchAll(/^parent ([0-9a-f]{40,64})$/gm)].map(([, parent]) => parent);
  const tree = /^tree ([0-9a-f]{40,64})$/m.exec(headers)?.[1];
  const trailer = (name: string) => new RegExp(`^${name}: (\\S{1,64})$`, "m").exec(message)?.[1];
  const [epoch, session, head] = [Number(trailer("Epoch")), trailer("Session"), trailer("Head")];
  // Only a parent is certain to be fetched with the checkpoint.
  const isWhole = tree !== undefined && session !== undefined && Number.isSafeInteger(epoch) && epoch > 0 &&
    (head === undefined || parents.includes(head));
  if (isWhole) return { commit, tree, epoch, session, head };
  throw new SamocodeError("conflict", `Cannot use the checkpoint ${commit.slice(0, 10)}: it was not made by a fleet`, {
    hint: `Find out who pushed it to ${CHECKPOINTS} of the repository`,
  });
}

/** The message of a checkpoint's commit, as {@linkcode readCheckpoint} parses it. */
export function messageFor(
  name: string,
  { epoch, head, session }: Pick<FleetCheckpoint, "epoch" | "head" | "session">,
): string {
  const trailers = [`Session: ${session}`, `Epoch: ${epoch}`, ...(head === undefined ? [] : [`Head: ${head}`])];
  return `${name}: as its worker left it\n\n${trailers.join("\n")}\n`;
}
