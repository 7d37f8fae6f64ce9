/**
 * Tells the next iteration something, also while one runs.
 *
 * @module
 */
import { SamocodeError } from "../system/errors.ts";
import { type Status, statusOf } from "./read_status.ts";
import { openSession, type Samocode } from "./samocode.ts";

/** What to tell. */
export interface GuidanceRequest {
  readonly session: string;
  readonly text: string;
  /** Who says so, for the record. */
  readonly by: string;
}

/**
 * Records guidance; the next iteration's agent is told.
 *
 * @throws {SamocodeError} Where there is nothing to tell, or nobody to tell it to.
 */
export function guideSession(samocode: Samocode, { session, text, by }: GuidanceRequest): Status {
  if (text.trim() === "") {
    throw new SamocodeError("usage", "Cannot guide: no text was given", {
      hint: 'Say it in quotes: samocode guide NAME "…"',
    });
  }
  using folder = openSession(samocode, session);
  if (statusOf(folder).state === "done") {
    throw new SamocodeError("conflict", `Cannot guide ${folder.name}: it is done, no iteration will follow`, {
      hint: "Start a new session, or move Phase in its notebook back to the phase that is to be done again",
    });
  }
  folder.journal.append({ type: "guidance.given", text: text.trim(), by });
  return statusOf(folder);
}
