/**
 * Which session a branch belongs to, and how it is kept from working there.
 *
 * @module
 */
import { join } from "node:path";
import { sessionNames } from "../session/find_session.ts";
import { SessionFolder } from "../session/session_folder.ts";
import { SamocodeError, unlessFailing } from "../text/errors.ts";
import { hintFor } from "../workflow/next_action.ts";
import { isUnderWay } from "../workflow/snapshot.ts";
import { statusOf } from "./read_status.ts";
import { openSession, type Samocode } from "./samocode.ts";

/** Whose branch to look for. */
export interface OwnerRequest {
  readonly branch: string;
  /** The folder's name of the session that asks. */
  readonly except: string;
}

/**
 * The folder's name of another session that has this branch. It reads all journals, as a list does: a session's branch may
 * have had another prefix.
 */
export function branchOwner(
  { settings: { sessions }, stateFolder }: Pick<Samocode, "settings" | "stateFolder">,
  { branch, except }: OwnerRequest,
): string | undefined {
  return sessionNames(sessions).find((name) => {
    const open = () => SessionFolder.openIfExists(join(sessions, name), { stateFolder, readOnly: true });
    using other = name === except ? undefined : unlessFailing(open);
    return other?.history.workplace?.branch === branch;
  });
}

/**
 * Takes the lock of a session while somebody else changes its branch.
 *
 * @throws {SamocodeError} If it works there, or was cut short.
 */
export async function keepAtRest(
  samocode: Samocode,
  { session, branch }: { readonly session: string; readonly branch: string },
): Promise<Disposable> {
  using held = new DisposableStack();
  const folder = held.use(openSession(samocode, session));
  const { state, next } = statusOf(folder);
  if (isUnderWay(state) || state === "crashed") {
    const what = `Cannot merge into ${branch}: it is the branch of the session ${session}, which is ${state}`;
    throw new SamocodeError("conflict", what, hintFor(next));
  }
  held.use(await folder.lock({ now: samocode.now() }));
  return held.move();
}
