/**
 * A human's decision on the plan: approve it, or send it back.
 *
 * @module
 */
import { planLabel } from "../messages/plan_label.ts";
import { gateOpenedBy } from "../workflow/gates.ts";
import { hintFor } from "../workflow/next_action.ts";
import { readPlan, type SessionDocument } from "../session/documents.ts";
import type { SessionFolder } from "../session/session_folder.ts";
import { keepShownPlan } from "../session/shown_plans.ts";
import { SamocodeError } from "../text/errors.ts";
import { handOver, lockIfHere } from "./hand_over.ts";
import { statusOf } from "./read_status.ts";
import type { Status } from "./status.ts";
import { refuseRunning } from "./refuse_running.ts";
import type { Samocode } from "./samocode.ts";

/** The decision. */
export interface Approval {
  /** What to change; `undefined` approves. */
  readonly feedback: string | undefined;
  /** The hash of the text that the human saw; `undefined` if they read the file itself. */
  readonly sha256: string | undefined;
  /** The plan's label, word for word, where the human was shown that. */
  readonly label?: string;
  /** Whether the hash must be given: there is nobody at a terminal who could have looked. */
  readonly mustNameText?: boolean;
  /** Who decided; recorded in the journal. */
  readonly by: string;
}

/**
 * Approves the plan, or sends it back with feedback. Approving it twice changes nothing.
 *
 * @throws {SamocodeError} If no plan is waiting, or it differs from the one that the human saw.
 */
export async function approvePlan(folder: SessionFolder, approval: Approval): Promise<Status> {
  refuseRunning(folder, approval.feedback === undefined ? "approve" : "send the plan back");
  using _lock = await lockIfHere(folder);
  checkWaits(folder);
  if (approval.feedback === undefined) await approve(folder, approval);
  else await reject(folder, approval.feedback, approval);
  return statusOf(folder);
}

/**
 * The plan that an approval is for; records nothing, so that it can be asked about first.
 *
 * @throws {SamocodeError} As `approvePlan`.
 */
export function planToApprove(folder: SessionFolder, approval: Omit<Approval, "by" | "feedback">): SessionDocument {
  checkWaits(folder);
  return approvable(folder, approval);
}

const GATE = gateOpenedBy("approve");

function checkWaits(folder: SessionFolder): void {
  if (folder.history.pause?.gate === GATE) return;
  const { state, phase, next } = statusOf(folder);
  const what = `Cannot approve: no plan is waiting, the session is ${state} in ${phase}`;
  throw new SamocodeError("conflict", what, hintFor(next));
}

/** Records the decision, and resumes the session in the background. */
export async function approveAndResume(samocode: Samocode, folder: SessionFolder, approval: Approval): Promise<Status> {
  const status = await approvePlan(folder, approval);
  if (folder.elsewhere !== undefined) return status;
  const { resumeSession } = await import("./resume_session.ts");
  return await resumeSession(samocode, folder, { by: approval.by });
}

/** Whether this exact plan is already approved: a client that got no reply approves again. */
export function isApproved({ history }: SessionFolder, sha256: string): boolean {
  return history.gates[GATE]?.sha256 === sha256;
}

async function approve(folder: SessionFolder, { by, ...approval }: Approval): Promise<void> {
  const plan = approvable(folder, approval);
  const opened = folder.history.gates[GATE];
  if (opened?.sha256 === plan.sha256 && opened.document === plan.name) return;
  const act = { verb: "approve", sha256: plan.sha256, label: approval.label } as const;
  if (await handOver(folder, act, by)) return;
  folder.journal.append({ type: "gate.opened", gate: GATE, by, document: plan.name, sha256: plan.sha256 });
}

function approvable(
  folder: SessionFolder,
  { sha256, label, mustNameText = false }: Omit<Approval, "by" | "feedback">,
): SessionDocument {
  const plan = readPlan(folder.layout);
  if (plan === undefined) {
    throw new SamocodeError("conflict", "Cannot approve: the plan's file is gone", {
      hint: "Ask the agent to write it again",
      actions: [{ verb: "revise", session: folder.name }],
    });
  }
  if (mustNameText && sha256 === undefined) {
    throw new SamocodeError("usage", "Cannot approve: without a terminal, the plan must be named by its hash", {
      hint: "Read the plan, then give its sha256 as --sha256",
      actions: [{ verb: "hash_plan", session: folder.name }],
    });
  }
  checkShown(folder, plan, { sha256, verb: "approve" });
  if (label === undefined || label === planLabel(plan)) return plan;
  throw new SamocodeError("usage", `Cannot approve: the given line is not that of ${plan.name}`, readAgain(folder));
}

/** Names neither the new hash nor the new line: these come with the text only. */
function checkShown(
  folder: SessionFolder,
  plan: SessionDocument,
  { sha256, verb }: Pick<Approval, "sha256"> & { readonly verb: string },
): void {
  if (sha256 === undefined || sha256 === plan.sha256) return;
  throw new SamocodeError("conflict", `Cannot ${verb}: ${plan.name} changed since it was shown`, readAgain(folder));
}

function readAgain({ name }: SessionFolder): ReturnType<typeof hintFor> {
  return { hint: "Read it again", actions: [{ verb: "hash_plan", session: name }] };
}

async function reject(folder: SessionFolder, feedback: string, { sha256, by }: Approval): Promise<void> {
  if (feedback.trim() === "") {
    throw new SamocodeError("usage", "Cannot send the plan back: no feedback was given", {
      hint: "Say what to change",
      actions: [{ verb: "revise", session: folder.name }],
    });
  }
  const plan = readPlan(folder.layout);
  if (plan !== undefined) checkShown(folder, plan, { sha256, verb: "send the plan back" });
  if (await handOver(folder, { verb: "revise", sha256: plan?.sha256, feedback: feedback.trim() }, by)) return;
  if (plan !== undefined) keepShownPlan(folder, plan.text);
  folder.journal.append({ type: "plan.rejected", feedback: feedback.trim(), by });
}
