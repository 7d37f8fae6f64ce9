/**
 * A human's word on the plan: approve it, as it stands, or send it back.
 *
 * @module
 */
import { readPlan } from "../session/documents.ts";
import { takeLock } from "../session/lock.ts";
import type { SessionFolder } from "../session/session_folder.ts";
import { SamocodeError } from "../system/errors.ts";
import { type Status, statusOf } from "./read_status.ts";
import { openSession, type Samocode } from "./samocode.ts";
import { wayOn } from "./way_on.ts";

/** The decision. */
export interface ApprovalRequest {
  readonly session: string;
  /** What is to be changed; `undefined` approves. */
  readonly feedback: string | undefined;
  /** The hash of the text that the human saw; `undefined` where they look at the file itself. */
  readonly sha256: string | undefined;
  /** Who decided, for the record. */
  readonly by: string;
}

/**
 * Approves the plan as it stands, or sends it back with feedback. Approving twice is one approval.
 *
 * @throws {SamocodeError} Where no plan waits, or it is not the one that the human saw.
 */
export function approvePlan(samocode: Samocode, request: ApprovalRequest): Status {
  using folder = openSession(samocode, request.session);
  using _lock = takeLock(folder.layout.lock, samocode.now());
  folder.journal.refresh();
  if (folder.history.pause?.gate !== "plan_approval") throw nothingToApprove(folder);
  if (request.feedback === undefined) approve(folder, request);
  else reject(folder, request.feedback, request.by);
  return statusOf(folder);
}

function approve(folder: SessionFolder, { sha256, by }: ApprovalRequest): void {
  const plan = readPlan(folder.layout);
  if (plan === undefined) {
    throw new SamocodeError("conflict", "Cannot approve: the plan's file is gone", {
      hint: 'Send it back instead: samocode approve --reject "write the plan again"',
    });
  }
  if (sha256 !== undefined && sha256 !== plan.sha256) {
    throw new SamocodeError("conflict", `Cannot approve: ${plan.name} changed since it was shown`, {
      hint: `Read it again; its hash is now ${plan.sha256}`,
    });
  }
  const opened = folder.history.gates.plan_approval;
  if (opened?.sha256 === plan.sha256 && opened.document === plan.name) return;
  folder.journal.append({ type: "gate.opened", gate: "plan_approval", by, document: plan.name, sha256: plan.sha256 });
}

function reject(folder: SessionFolder, feedback: string, by: string): void {
  if (feedback.trim() === "") {
    throw new SamocodeError("usage", "Cannot send the plan back: no feedback was given", {
      hint: 'Say what is to be changed: --reject "…"',
    });
  }
  folder.journal.append({ type: "plan.rejected", feedback: feedback.trim(), by });
}

function nothingToApprove(folder: SessionFolder): SamocodeError {
  const status = statusOf(folder);
  const { state, phase } = status;
  return new SamocodeError("conflict", `Cannot approve: no plan waits, the session is ${state} in ${phase}`, {
    hint: wayOn(status),
  });
}
