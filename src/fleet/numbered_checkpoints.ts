/**
 * The numbered checkpoints that a session's journal refers to, which move between machines with it.
 *
 * @module
 */
import { type GitPlace, mustGit } from "../session/git.ts";
import { CHECKPOINTS } from "../session/layout.ts";
import { asideRef } from "./aside_refs.ts";
import { MOVING, refsIn, type SharedRefs } from "./shared_refs.ts";

/** Whose checkpoints they are, and which of them the remote has. */
interface Numbered {
  readonly name: string;
  readonly shared: SharedRefs;
}

/** The numbered checkpoints that the remote does not have. */
export async function unshared(place: GitPlace, { name, shared }: Numbered): Promise<SharedRefs> {
  const own = await refsIn(place, `${CHECKPOINTS}/${name}/`);
  return new Map([...own].filter(([ref, commit]) => ref !== MOVING && shared.get(ref) !== commit));
}

/** Replaces this machine's numbered checkpoints with the remote's. Others, in no shipped journal, are set aside. */
export async function takeNumbered(place: GitPlace & object, { name, shared }: Numbered): Promise<void> {
  const own = await unshared(place, { name, shared });
  const now = new Date();
  const lines = [
    ...[...own].map(([ref, commit]) => `update ${asideRef(now, `checkpoints/${name}/${ref}`)} ${commit}`),
    ...[...own].filter(([ref]) => !shared.has(ref)).map(([ref]) => `delete ${CHECKPOINTS}/${name}/${ref}`),
    ...[...shared].filter(([ref]) => ref !== MOVING)
      .map(([ref, commit]) => `update ${CHECKPOINTS}/${name}/${ref} ${commit}`),
  ];
  if (lines.length === 0) return;
  const input = lines.map((line) => `${line}\n`).join("");
  await mustGit({ ...place, input }, ["update-ref", "--stdin"], "Run git status in the project's clone");
}
