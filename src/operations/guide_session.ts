/**
 * Leaves a note for the next iteration, even while one is running.
 *
 * @module
 */
import type { SessionFolder } from "../session/session_folder.ts";
import { SamocodeError } from "../text/errors.ts";
import { type Status, statusOf } from "./read_status.ts";
import { openSession, type Samocode } from "./samocode.ts";

/** A note for the next iteration. */
export interface Guidance {
  readonly text: string;
  /** Who wrote it; recorded in the journal. */
  readonly by: string;
}

/** Guides the session of that name; see {@linkcode guideIn}. */
export function guideSession(
  samocode: Samocode,
  { session, ...guidance }: Guidance & { readonly session: string },
): Status {
  using folder = openSession(samocode, session);
  return guideIn(folder, guidance);
}

/**
 * Records guidance for the agent of the next iteration.
 *
 * @throws {SamocodeError} If there is no text, or no further iteration.
 */
export function guideIn(folder: SessionFolder, { text, by }: Guidance): Status {
  if (text.trim() === "") {
    throw new SamocodeError("usage", "Cannot guide: no text was given", {
      hint: "Say what the agent should know",
      actions: [{ verb: "guide", session: folder.name }],
    });
  }
  if (statusOf(folder).obstacle === "done") {
    throw new SamocodeError("conflict", `Cannot guide ${folder.name}: it is done, no iteration will follow`, {
      hint: "Move Phase in its notebook back to the phase to repeat, or start a new session",
      actions: [{ verb: "start" }],
    });
  }
  folder.journal.append({ type: "guidance.given", text: text.trim(), by });
  return statusOf(folder);
}
