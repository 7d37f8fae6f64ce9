/**
 * Moves a session at rest to another phase. Only a person may: that opens the gate in between, and leaves out what is
 * not ticked.
 *
 * @module
 */
import { moveByHand, notePhase, type PassedPlan, planPassed } from "../loop/transitions.ts";
import type { SessionFolder } from "../session/session_folder.ts";
import { SamocodeError } from "../text/errors.ts";
import { AGENT_PHASES, isAgentPhase, type Phase, readPhase } from "../workflow/phases.ts";
import { isApproved } from "./approve_plan.ts";
import { handOver, lockIfHere } from "./hand_over.ts";
import { refuseRunning } from "./refuse_running.ts";
import { statusOf } from "./read_status.ts";
import type { Status } from "./status.ts";

/** The move. */
export interface Move {
  readonly to: string;
  /** The hash of the plan that the human saw, if the session is moved to where one is carried out. */
  readonly sha256: string | undefined;
  /** Who moved it; recorded in the journal. */
  readonly by: string;
}

/**
 * Records the move; the next run works in that phase.
 *
 * @throws {SamocodeError} If there is no such phase, the session is in it, it is running or has not begun, or it would carry
 * out a plan that the human has not seen.
 */
export async function movePhase(folder: SessionFolder, move: Move): Promise<Status> {
  await record(folder, phaseIn(folder, move), move);
  return statusOf(folder);
}

/** Whether a move leads to where a plan is carried out that nobody has approved yet. */
export function needsPlanShown(folder: SessionFolder, move: Pick<Move, "to">): boolean {
  const plan = planPassed(folder, phaseIn(folder, move));
  return plan !== undefined && !isApproved(folder, plan.sha256);
}

function phaseIn(folder: SessionFolder, { to }: Pick<Move, "to">): Phase {
  const phase = readPhase(to);
  if (phase !== undefined && isAgentPhase(phase)) return phase;
  throw new SamocodeError("usage", `Cannot move ${folder.name} to ${JSON.stringify(to.slice(0, 80))}: no such phase`, {
    hint: `Name one of ${AGENT_PHASES.join(", ")}`,
  });
}

async function record(folder: SessionFolder, phase: Phase, { to, by, sha256 }: Move): Promise<void> {
  using _lock = await lockIfHere(folder);
  // Here, the lock would tell.
  if (folder.elsewhere !== undefined) refuseRunning(folder, "move it");
  const { phase: from, outcome } = folder.history;
  if (!isAgentPhase(from)) {
    throw new SamocodeError("conflict", `Cannot move ${folder.name}: it has not begun`, {
      hint: "Let it begin",
      actions: [{ verb: "resume", session: folder.name }],
    });
  }
  if (phase === from && outcome?.kind !== "done") {
    throw new SamocodeError("conflict", `Cannot move ${folder.name} to ${phase}: it is there already`, {
      hint: "Continue it there",
      actions: [{ verb: "resume", session: folder.name }],
    });
  }
  const plan = planPassed(folder, phase);
  if (plan !== undefined && needsPlanShown(folder, { to })) checkNamed(folder, { plan, sha256 });
  if (await handOver(folder, { verb: "phase", to: phase, sha256 }, by)) return;
  // The notebook first: if only that is written, the next run takes it for a move by hand, which it is.
  notePhase(folder, phase);
  for (const event of moveByHand(folder, phase, { by, plan })) folder.journal.append(event);
}

function checkNamed(
  { name }: SessionFolder,
  { plan, sha256 }: { readonly plan: PassedPlan; readonly sha256: string | undefined },
): void {
  if (sha256 === plan.sha256) return;
  const read = {
    hint: "Read the plan, then give its sha256 as --sha256",
    actions: [{ verb: "hash_plan", session: name }],
  } as const;
  throw sha256 === undefined
    ? new SamocodeError("usage", `Cannot move ${name}: without a terminal, its plan must be named by its hash`, read)
    : new SamocodeError("conflict", `Cannot move ${name}: ${plan.document} changed since it was shown`, read);
}
