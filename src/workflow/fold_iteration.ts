/**
 * What the events of an iteration add to the history.
 *
 * @module
 */
import { commandLine } from "../text/command_words.ts";
import { addAmounts, type Amounts, amountsOf, dayOf, NOTHING_SPENT } from "./budget.ts";
import { countsAsFailure } from "./error_classes.ts";
import { type History, NO_WAIT } from "./history.ts";
import type { ITERATION_EVENTS } from "./iteration_events.ts";
import { PHASES } from "./phases.ts";
import { noteAttempt, noteState } from "./progress.ts";
import type { RecordedEvent, RecordedIn } from "./session_event.ts";
import type { SignalReading } from "./signal.ts";
import { addUsage, NO_USAGE } from "./usage.ts";

/** Adds one of these events to a history. */
export function foldIteration(history: History, event: RecordedIn<typeof ITERATION_EVENTS>): History {
  switch (event.type) {
    case "iteration.started": {
      // Each provider has its own retries.
      const isFirst = event.attempt === 1 || event.provider !== history.attempt?.provider;
      return {
        ...history,
        owed: undefined,
        iterationsInVisit: history.iterationsInVisit + (event.attempt === 1 ? 1 : 0),
        starts: history.starts + 1,
        work: undefined,
        finish: undefined,
        ...spentOn(history, { day: dayOf(new Date(event.at)), more: { ...NOTHING_SPENT, starts: 1 } }),
        budget: { ...history.budget, isFresh: false },
        qualityIterations: history.qualityIterations + (event.attempt === 1 && PHASES[event.phase].isReview ? 1 : 0),
        failures: isFirst ? 0 : history.failures,
        ...(isFirst ? NO_WAIT : { rest: undefined }),
        relieved: event.attempt > 1 && history.relieved,
        repairs: event.attempt === 1 ? 0 : history.repairs,
        pause: undefined,
        resumedAfter: undefined,
        ...told(history, event.attempt),
        progress: event.found === undefined ? history.progress : noteState(history.progress, event.found),
        activity: "",
        doing: { kind: "starting", since: event.at },
        lastActs: [],
        attempt: {
          iteration: event.iteration,
          attempt: event.attempt,
          phase: event.phase,
          earlierTasks: history.earlierTasks,
          marker: event.marker,
          log: event.log,
          startedAt: event.at,
          seenAt: event.at,
          timeoutMs: event.timeoutMs,
          used: NO_USAGE,
          provider: event.provider,
          model: event.model,
          end: undefined,
          reading: undefined,
          decided: false,
        },
      };
    }
    case "iteration.ended": {
      const limits = history.limits + (event.end.kind === "rate-limited" ? 1 : 0);
      return {
        ...history,
        attempt: history.attempt && { ...history.attempt, end: event.end, used: NO_USAGE },
        failures: history.failures + (countsAsFailure(event.end, { at: new Date(event.at), limits }) ? 1 : 0),
        limits,
        outage: history.outage && { ...history.outage, spentMs: history.outage.spentMs + event.durationMs },
        usage: addUsage(history.usage, event.usage),
        workedMs: history.workedMs + event.durationMs,
        ...spentOn(history, { day: history.today, more: amountsOf(event.usage, { time: event.durationMs }) }),
        progress: event.left === undefined
          ? history.progress
          : noteAttempt(history.progress, { ...event, left: event.left, failed: event.failed ?? [] }),
        activity: "",
        doing: { kind: "deciding", since: event.at },
      };
    }
    case "signal.received":
      return {
        ...history,
        deaths: 0,
        attempt: history.attempt && { ...history.attempt, reading: { kind: "signal", signal: event.signal } },
      };
    case "signal.refused":
      return { ...history, attempt: history.attempt && { ...history.attempt, reading: refused(event.problem) } };
    case "checkpoint.made":
      return { ...history, checkpoints: kept(history.checkpoints, event) };
    case "checkpoint.failed":
      return { ...history, checkpoints: { ...history.checkpoints, problem: event.detail } };
    case "checkpoint.restored":
      return { ...history, checkpoints: { ...history.checkpoints, tree: event.tree } };
    case "iteration.retried":
      return {
        ...history,
        // The attempt has no usable signal, whatever was read: its iteration is retried.
        attempt: history.attempt && {
          ...history.attempt,
          // Where only the signal was wrong, how the process ended does not matter any more.
          end: event.repair ? { kind: "finished" } : history.attempt.end,
          reading: refused(event.because),
          decided: true,
        },
        repairs: history.repairs + (event.repair ? 1 : 0),
        outage: event.fallback === undefined ? outageAfter(history.outage, event) : undefined,
        rest: {
          endsAtMs: Date.parse(event.at) + event.delayMs,
          delayMs: event.delayMs,
          because: event.because,
          wait: event.wait,
        },
        ...(event.fallback && { fallback: { ...event.fallback, since: event.at }, relieved: true }),
      };
    case "review.ended": {
      const { report, verdict, findings } = event;
      const others = (history.review?.rounds ?? []).filter((name) => name !== report);
      const rounds = verdict === undefined ? others : [...others, report];
      return { ...history, review: { report, verdict, findings, rounds, isFresh: true } };
    }
    case "check.started": {
      const { command, number, of } = event;
      const activity = `Check ${number} of ${of}: ${commandLine(command)}`;
      return { ...history, activity, doing: { kind: "checking", since: event.at } };
    }
    case "check.ended":
      return { ...history, activity: "", doing: { kind: "deciding", since: event.at } };
    case "progress.missed":
      return { ...history, progress: { ...history.progress, told: event.starts } };
    case "settings.left_out":
      return { ...history, leftOut: [...history.leftOut, ...event.paths] };
    case "processes.ended":
    case "log.cut":
    case "hosts.refused":
    case "locks.found":
      return history;
  }
}

/** A new iteration gets new guidance; another attempt gets the same again. */
function told(history: History, attempt: number): Pick<History, "guidance" | "guidanceTold"> {
  const guidance = attempt === 1 ? history.guidance.slice(history.guidanceTold) : history.guidance;
  return { guidance, guidanceTold: guidance.length };
}

/** An attempt counts for the day on which it began, however long it lasts. A clock that is set back leads to an old day. */
function spentOn(
  { spentOn: before }: History,
  { day, more }: { readonly day: string; readonly more: Amounts },
): Pick<History, "today" | "spentOn"> {
  return { today: day, spentOn: { ...before, [day]: addAmounts(before[day] ?? NOTHING_SPENT, more) } };
}

/** The event has it in words that begin with the file's name, and so will whoever tells of the reading. */
function refused(text: string): SignalReading {
  const problem = text.replace(/^_signal\.json /, "");
  return problem === "was not written" ? { kind: "missing" } : { kind: "malformed", problem };
}

function kept(
  { count }: History["checkpoints"],
  { ref, files, iteration, tree }: Extract<RecordedEvent, { type: "checkpoint.made" }>,
): History["checkpoints"] {
  return { count: count + 1, tree, problem: "", last: { ref, files, iteration } };
}

/** Its time is added up from what attempts and pauses take: a wall clock is set, and runs while the machine is off. */
function outageAfter(
  before: History["outage"],
  { wait, delayMs }: Extract<RecordedEvent, { type: "iteration.retried" }>,
): History["outage"] {
  if (wait?.for !== "outage") return before;
  // A run that goes on with a pause records it again.
  const isSame = before?.since === wait.since && before.tries === wait.tries;
  return { ...wait, spentMs: (before?.spentMs ?? 0) + (isSame ? 0 : delayMs) };
}
