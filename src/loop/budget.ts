/**
 * Holds a session to its budget: between attempts, and while an agent works.
 *
 * @module
 */
import type { AttemptBudget } from "../agents/agent_runner.ts";
import { DayLedger } from "../session/day_ledger.ts";
import type { SessionFolder } from "../session/session_folder.ts";
import {
  addAmounts,
  type Amounts,
  dayOf,
  describeShare,
  keyOf,
  NOTHING_SPENT,
  raisedLimits,
  type Share,
  sharesOf,
  spentBySession,
  usedOf,
  WARNING_SHARE,
} from "../workflow/budget.ts";
import type { SessionEvent } from "../workflow/session_event.ts";
import type { LoopContext } from "./loop_context.ts";

type Warning = Extract<SessionEvent, { readonly type: "budget.warned" }>;

/** The limit that is used up, in words; `undefined` while another agent may be started. */
export function overBudget(folder: SessionFolder, context: LoopContext): string | undefined {
  return spentLimit(measure(folder, context, { day: dayOf(context.now()) }));
}

/** Whether limits were raised, or a new day has begun, since the last attempt was given what was left. */
export function hasNewBudget({ history: { budget, today } }: SessionFolder, { now }: LoopContext): boolean {
  return budget.isFresh || today !== dayOf(now());
}

/** Warns, once for each limit, when most of it is used up. */
export function* warnOfBudget(folder: SessionFolder, context: LoopContext): Generator<SessionEvent> {
  const day = dayOf(context.now());
  yield* warnings(folder, measure(folder, context, { day }), day);
}

/** What the attempt that has just begun may use. */
export function attemptBudget(folder: SessionFolder, context: LoopContext): AttemptBudget {
  const { today: day } = folder.history;
  // Of the starts, this attempt is the last one that is allowed.
  const look = (running: Amounts) =>
    measure(folder, context, { day, running }).filter((share) => share.measure !== "starts");
  const atFirst = look(NOTHING_SPENT);
  // A warning is in the journal only once the runner has passed it on.
  const told = new Set<string>();
  const rest = (measured: Share["measure"]) =>
    least(atFirst.filter((share) => share.measure === measured).map(({ limit, spent }) => limit - spent));
  return {
    restUsd: rest("cost"),
    restMs: rest("time"),
    used(amounts): ReturnType<AttemptBudget["used"]> {
      const shares = look(amounts);
      const due = warnings(folder, shares, day).filter((share) => !told.has(keyOf(share, day)));
      for (const share of due) told.add(keyOf(share, day));
      return { warnings: due, over: spentLimit(shares) };
    },
  };
}

/** What is used of each limit, with the attempt that is under way. An attempt counts for the day on which it began. */
function measure(
  folder: SessionFolder,
  { stateFolder, limits }: LoopContext,
  { day, running = NOTHING_SPENT }: { readonly day: string; readonly running?: Amounts },
): readonly Share[] {
  // A person may have raised it meanwhile.
  folder.journal.refresh();
  const { history } = folder;
  const { name, createdAt = "", spentOn, budget } = history;
  const own = addAmounts(spentOn[day] ?? NOTHING_SPENT, running);
  ledgers.set(folder, ledgers.get(folder) ?? new DayLedger(stateFolder, { name, createdAt }));
  const all = ledgers.get(folder)?.note(day, own) ?? own;
  const session = addAmounts(spentBySession(history), running);
  return sharesOf(raisedLimits(limits, budget, day), { session, day: all });
}

const ledgers = new WeakMap<SessionFolder, DayLedger>();

function warnings({ history }: SessionFolder, shares: readonly Share[], day: string): readonly Warning[] {
  const due = shares.filter((share) =>
    usedOf(share) >= WARNING_SHARE && usedOf(share) < 1 && !history.budget.warned.includes(keyOf(share, day))
  );
  return due.map((share) => ({ type: "budget.warned", ...share, day }));
}

function spentLimit(shares: readonly Share[]): string | undefined {
  const spent = shares.filter((share) => usedOf(share) >= 1).map(describeShare);
  return spent.length === 0 ? undefined : spent.join(", ");
}

function least(amounts: readonly number[]): number | undefined {
  return amounts.length === 0 ? undefined : Math.max(0, Math.min(...amounts));
}
