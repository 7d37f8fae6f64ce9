/**
 * What the project's own checks said about a session, and a person's decision to go on although they failed before any
 * change.
 *
 * @module
 */
import type { CheckRun, CheckStage } from "../workflow/evidence.ts";
import { hintFor } from "../workflow/next_action.ts";
import { rawLogsOf } from "../session/raw_log.ts";
import type { SessionFolder } from "../session/session_folder.ts";
import { SamocodeError } from "../text/errors.ts";
import { handOver, lockIfHere } from "./hand_over.ts";
import { statusOf } from "./read_status.ts";
import type { Status } from "./status.ts";
import { openSession, type Samocode } from "./samocode.ts";

/** A check as it was run. */
export interface CheckView extends Omit<CheckRun, "stage"> {
  /** The path of all that it printed. */
  readonly log: string;
}

/** All checks of a session that still say something, oldest first. */
export interface ChecksView {
  /** In one line. */
  readonly summary: string;
  readonly rounds: readonly {
    readonly stage: CheckStage;
    /** Whether no agent has worked since. */
    readonly isFresh: boolean;
    readonly runs: readonly CheckView[];
  }[];
}

/**
 * Reads them.
 *
 * @throws {SamocodeError} If there is no such session.
 */
export function viewChecks(samocode: Samocode, { session }: { readonly session: string }): ChecksView {
  using folder = openSession(samocode, session, { readOnly: true });
  const { baseline, round } = folder.history.evidence;
  return {
    summary: statusOf(folder).checks,
    rounds: [baseline, round].flatMap((found) =>
      found === undefined ? [] : [{
        stage: found.stage,
        isFresh: found.isFresh,
        runs: found.runs.map(({ stage: _, ...run }) => ({ ...run, log: rawLogsOf(folder.layout, run.log)[0] })),
      }]
    ),
  };
}

/**
 * Lets a session go on although checks failed before any change. Doing it twice is one decision.
 *
 * @param by Who decided; recorded in the journal.
 * @throws {SamocodeError} If it does not wait for that.
 */
export async function acceptBaseline(folder: SessionFolder, { by }: { readonly by: string }): Promise<Status> {
  using _lock = await lockIfHere(folder);
  const { pause, evidence } = folder.history;
  if (pause?.for === "red_baseline") {
    const isHandedOver = await handOver(folder, { verb: "accept_baseline" }, by);
    if (!isHandedOver) folder.journal.append({ type: "baseline.accepted", by });
  } else if (evidence.acceptedBy === undefined) {
    const { session, next } = statusOf(folder);
    const why = "it does not wait because of checks that fail before any change";
    throw new SamocodeError("conflict", `Cannot accept the checks of ${session}: ${why}`, hintFor(next));
  }
  return statusOf(folder);
}
