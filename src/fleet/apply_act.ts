/**
 * Applies people's decisions to a fleet session with the same operations as every other door, which refuse stale ones.
 *
 * @module
 */
import { acceptBaseline } from "../operations/view_checks.ts";
import { answerQa } from "../operations/answer_qa.ts";
import { approvePlan } from "../operations/approve_plan.ts";
import { guideSession } from "../operations/guide_session.ts";
import { movePhase } from "../operations/move_phase.ts";
import { raiseBudget } from "../operations/raise_budget.ts";
import { statusOf } from "../operations/read_status.ts";
import { OBSTACLES } from "../operations/resume_session.ts";
import type { Samocode } from "../operations/samocode.ts";
import { stopSession } from "../operations/stop_session.ts";
import type { SessionFolder } from "../session/session_folder.ts";
import { SamocodeError } from "../text/errors.ts";
import { hintFor } from "../workflow/next_action.ts";
import type { Act, ActOutcome } from "./contract.ts";

/**
 * Applies an act to a session on this machine. If the operation refuses it, the refusal is the outcome.
 *
 * @param decision.act `undefined` if it could not be read.
 */
export async function applyAct(
  samocode: Samocode,
  folder: SessionFolder,
  { act, by }: { readonly act: Act | undefined; readonly by: string },
): Promise<ActOutcome> {
  if (act === undefined) {
    return {
      ok: false,
      text: "Cannot apply the decision: its record cannot be read",
      hint: "Install the same version of samocode on your machine and on the worker",
    };
  }
  try {
    folder.journal.refresh();
    return { ok: true, text: await decide(samocode, folder, { act, by }), hint: "" };
  } catch (error) {
    if (!(error instanceof SamocodeError)) throw error;
    return { ok: false, text: error.message, hint: error.hint };
  }
}

async function decide(
  samocode: Samocode,
  folder: SessionFolder,
  { act, by }: { readonly act: Act; readonly by: string },
): Promise<string> {
  const { name } = folder;
  switch (act.verb) {
    case "answer": {
      const { answers, acceptSuggestions, sha256 } = act;
      const given = { answers, acceptSuggestions, by, ...(sha256 !== undefined && { sha256 }) };
      const { answered, status } = await answerQa(folder, given);
      const said = answered.length === 0 ? "Nothing new was answered." : `Answered ${answered.join(", ")}.`;
      return status.needs === "answers" ? `${said} Other questions are still open.` : `${said} ${name} continues.`;
    }
    case "approve": {
      const label = act.label === undefined ? {} : { label: act.label };
      await approvePlan(folder, { feedback: undefined, sha256: act.sha256, ...label, mustNameText: true, by });
      return `Approved. ${name} continues.`;
    }
    case "revise":
      await approvePlan(folder, { feedback: act.feedback, sha256: act.sha256, by });
      return "The plan goes back to the agent.";
    case "guide":
      await guideSession(folder, { text: act.text, by });
      return "The next iteration gets the note.";
    case "stop":
      return await stop(folder, { now: act.now, by });
    case "phase":
      await movePhase(folder, { to: act.to, sha256: act.sha256, by });
      return `${name} continues in ${act.to}.`;
    case "raise":
      await raiseBudget(samocode, folder, { to: act.to, span: act.span, by });
      return `Raised the budget of ${name}.`;
    case "resume":
      await resume(folder, { guidance: act.guidance, by });
      return `${name} continues.`;
    case "accept_baseline":
      await acceptBaseline(folder, { by });
      return `${name} continues.`;
  }
}

/** Stops a session. If no process runs it, records the stop, so that it does not continue. */
async function stop(folder: SessionFolder, order: { readonly now: boolean; readonly by: string }): Promise<string> {
  if (folder.holder !== undefined) {
    await stopSession(folder, order);
    return order.now ? `${folder.name} has stopped.` : `${folder.name} stops after this iteration.`;
  }
  const { history: { outcome } } = folder;
  if (outcome !== undefined && outcome.kind !== "stopped") await stopSession(folder, order);
  else folder.journal.append({ type: "stop.requested", ...order });
  return `${folder.name} has stopped.`;
}

/** Records what {@linkcode resumeSession} does, but starts no worker. */
async function resume(
  folder: SessionFolder,
  { guidance, by }: { readonly guidance: string | undefined; readonly by: string },
): Promise<void> {
  folder.journal.check();
  const { obstacle, session, next } = statusOf(folder);
  if (obstacle !== undefined && obstacle !== "worker") {
    throw new SamocodeError("conflict", `Cannot resume ${session}: ${OBSTACLES[obstacle]}`, hintFor(next));
  }
  if (guidance !== undefined) await guideSession(folder, { text: guidance, by });
  folder.journal.append({ type: "resume.requested", by });
}
