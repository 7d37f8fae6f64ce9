/**
 * The verbs on a session that a test names; the real ones take one that is open.
 *
 * @module
 */
import * as answering from "../../src/operations/answer_qa.ts";
import * as approving from "../../src/operations/approve_plan.ts";
import type { Status } from "../../src/operations/status.ts";
import * as resuming from "../../src/operations/resume_session.ts";
import { openAtRest, openSession, type Samocode } from "../../src/operations/samocode.ts";
import * as stopping from "../../src/operations/stop_session.ts";

type Named<Request> = Request & { readonly session: string };

export async function answerQa(
  samocode: Samocode,
  request: Named<answering.Answers>,
): Promise<answering.AnswerResult> {
  using folder = openSession(samocode, request.session);
  return await answering.answerQa(folder, request);
}

export async function approvePlan(samocode: Samocode, request: Named<approving.Approval>): Promise<Status> {
  using folder = openSession(samocode, request.session);
  return await approving.approvePlan(folder, request);
}

export async function resumeSession(samocode: Samocode, request: Named<resuming.Resumption>): Promise<Status> {
  using folder = await openAtRest(samocode, request.session);
  return await resuming.resumeSession(samocode, folder, request);
}

export async function stopSession(samocode: Samocode, request: Named<stopping.StopOrder>): Promise<Status> {
  using folder = openSession(samocode, request.session);
  return await stopping.stopSession(folder, request);
}
