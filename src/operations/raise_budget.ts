/**
 * Raises a session's budget, or the day's for this session. Only a person may.
 *
 * @module
 */
import { DayLedger } from "../session/day_ledger.ts";
import type { SessionFolder } from "../session/session_folder.ts";
import { limitsIn } from "../settings/settings.ts";
import type { Action } from "../text/action.ts";
import { SamocodeError, unlessFailing } from "../text/errors.ts";
import {
  amountIn,
  dayOf,
  type Measure,
  MEASURES,
  ownLimits,
  type Raise,
  raisedLimits,
  sharesOf,
  type Span,
  spentBySession,
  usedOf,
} from "../workflow/budget.ts";
import { handOver } from "./hand_over.ts";
import { statusOf } from "./read_status.ts";
import type { Status } from "./status.ts";
import type { Samocode } from "./samocode.ts";

/** What to raise. */
export interface RaiseRequest {
  /** The new limits; without any, each that is used up is raised by its whole setting. */
  readonly to: Readonly<Partial<Record<Measure, number>>>;
  readonly span: Span;
  /** Who raised it; recorded in the journal. */
  readonly by: string;
}

/**
 * What a request comes to, before anybody is asked.
 *
 * @throws {SamocodeError} If it would raise nothing.
 */
export function plannedRaise(samocode: Samocode, folder: SessionFolder, request: RaiseRequest): readonly Raise[] {
  folder.journal.refresh();
  const day = dayOf(samocode.now());
  const { history } = folder;
  const set = ownLimits(limitsIn(samocode.settings), history.budget);
  const limits = raisedLimits(set, history.budget, day);
  const raiseOf = (measure: Measure, span: Span, to: number): Raise => ({
    ...{ measure, span, to },
    ...(span === "day" && { day }),
  });
  const named = MEASURES.flatMap((measure): readonly Raise[] => {
    const to = request.to[measure];
    if (to === undefined) return [];
    const limit = limits[request.span][measure];
    if (limit !== undefined && to > limit) return [raiseOf(measure, request.span, to)];
    const what = `Cannot raise the budget of ${folder.name} to ${amountIn(measure, to)}`;
    throw limit === undefined
      ? new SamocodeError("usage", `${what}: it has no such limit`, {
        hint: "See what it has used",
        actions: [{ verb: "status", session: folder.name }],
      })
      : new SamocodeError("usage", what, {
        hint: `Name more than ${amountIn(measure, limit)}, the limit now`,
        actions: [raiseTo(folder.name, raiseOf(measure, request.span, limit * 2))],
      });
  });
  if (named.length > 0) return named;
  const spent = { session: spentBySession(history), day: DayLedger.sum(samocode.stateFolder, day) };
  const due = sharesOf(limits, spent).filter((share) => usedOf(share) >= 1);
  if (due.length > 0) {
    return due.map(({ measure, span, spent }) => raiseOf(measure, span, spent + (set[span][measure] ?? 0)));
  }
  const measure = MEASURES.find((each) => limits[request.span][each] !== undefined) ?? "cost";
  throw new SamocodeError("usage", `Cannot raise the budget of ${folder.name}: none of its limits is used up`, {
    hint: "Name the new limit",
    actions: [raiseTo(folder.name, raiseOf(measure, request.span, (limits[request.span][measure] ?? 50) * 2))],
  });
}

/** As it is typed: time in seconds. */
function raiseTo(session: string, { measure, span, to }: Raise): Action {
  const flag: string = span === "day" ? `day --${measure}` : measure;
  return { verb: "raise_budget", session, limit: `${flag} ${Math.ceil(measure === "time" ? to / 1000 : to)}` };
}

/** Raises it. A running session notices at its next model call. */
export async function raiseBudget(
  samocode: Samocode,
  folder: SessionFolder,
  request: RaiseRequest,
): Promise<{ readonly raised: readonly Raise[]; readonly status: Status }> {
  folder.journal.check();
  if (folder.elsewhere !== undefined) {
    // The limits of the settings there, and what was used there today, may be others.
    const raised = unlessFailing(() => plannedRaise(samocode, folder, request)) ?? [];
    await handOver(folder, { verb: "raise", to: request.to, span: request.span }, request.by);
    return { raised, status: statusOf(folder) };
  }
  const raised = plannedRaise(samocode, folder, request);
  folder.journal.append({ type: "budget.raised", raised, by: request.by });
  return { raised, status: statusOf(folder) };
}

/** Raises it, and resumes the session in the background if it waits for that. */
export async function raiseAndResume(
  samocode: Samocode,
  folder: SessionFolder,
  request: RaiseRequest,
): Promise<Status> {
  const { needs } = statusOf(folder);
  const { status } = await raiseBudget(samocode, folder, request);
  if (folder.elsewhere !== undefined || needs !== "budget") return status;
  const { resumeSession } = await import("./resume_session.ts");
  return await resumeSession(samocode, folder, { by: request.by });
}
