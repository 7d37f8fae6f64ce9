/**
 * What a session still lacks at its end: documents, and commits. Apart from the documents themselves, which every status
 * reads, because it needs git.
 *
 * @module
 */
import { missingAtEnd } from "../workflow/rules.ts";
import { handoverKinds } from "./handover.ts";
import type { SessionFolder } from "./session_folder.ts";
import { uncommittedPaths } from "./work_state.ts";

/** What the end of the session still needs, each in words. */
export async function findMissing({ layout, history }: SessionFolder): Promise<readonly string[]> {
  return missingAtEnd({
    hasBuilt: history.hasBuilt,
    ...handoverKinds(layout),
    uncommitted: history.workplace?.branch === undefined ? [] : await uncommittedPaths(history.workplace.path),
  });
}
