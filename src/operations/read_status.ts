/**
 * The status of a session, or of all, the same at every door.
 *
 * @module
 */
import { join } from "node:path";
import type { Action } from "../text/action.ts";
import { plainText } from "../text/terminal_text.ts";
import { dayOf, NOTHING_SPENT, raisedLimits, type Share, sharesOf, spentBySession } from "../workflow/budget.ts";
import { type History, NO_HISTORY } from "../workflow/history.ts";
import { nextActions } from "../workflow/next_action.ts";
import { readStatus as readNotebook } from "../workflow/notebook.ts";
import { type Phase, readPhase } from "../workflow/phases.ts";
import { planProgress } from "../workflow/plan.ts";
import { openQuestions, type Question } from "../workflow/questions.ts";
import type { RecordedEvent } from "../workflow/session_event.ts";
import { restLeftMs, timeAfter } from "../workflow/retry.ts";
import { type Snapshot, takeSnapshot } from "../workflow/snapshot.ts";
import { describeEvent, describeGuard, describeWait } from "../messages/describe_event.ts";
import { readPlan, readQuestionsDocument } from "../session/documents.ts";
import { type Layout, layoutOf } from "../session/layout.ts";
import type { LockHolder } from "../session/lock.ts";
import { SessionFolder } from "../session/session_folder.ts";
import { messageOf, unlessFailing } from "../text/errors.ts";
import { readSoleTextIfExists, statIfExists } from "../system/files/files.ts";
import { openSession, type Samocode } from "./samocode.ts";
import { sessionNames as folderNames, shortNames } from "../session/find_session.ts";
import { loadSettings, type SettingsRequest } from "../settings/load_settings.ts";

/** The status of a session. */
export interface Status extends Snapshot {
  /** The shortest name that identifies it. */
  readonly session: string;
  readonly phase: Phase;
  readonly iteration: number;
  /** The next actions, likeliest first. */
  readonly next: readonly Action[];
  /** The latest events, one line each, newest last; the reason why the session rests is in `detail`. */
  readonly events: readonly string[];
  /** What the agent is doing, or what the session waits for; empty unless the session is running. */
  readonly activity: string;
  /** The pause before the next attempt; `undefined` unless there is one. */
  readonly wait: WaitStatus | undefined;
  readonly questions: readonly Question[];
  readonly plan: { readonly path: string; readonly sha256: string } & ReturnType<typeof planProgress> | undefined;
  readonly task: string;
  /** The agent that works, or worked last. */
  readonly provider: string | undefined;
  /** The requested model; `undefined` if the provider's own configuration decides. */
  readonly model: string | undefined;
  /** What guards the agents, in words; empty where that is not known. */
  readonly guard: string;
  readonly folder: string;
  readonly worktree: string | undefined;
  readonly branch: string | undefined;
  readonly note: string;
  /** In US dollars; `undefined` if no provider reported a cost. */
  readonly costUsd: number | undefined;
  /** The list price of what no cost was reported of. */
  readonly estimatedUsd: number | undefined;
  /** What the session's ended attempts used of its own limits, the most used first. */
  readonly budget: readonly Omit<Share, "span">[];
  readonly tokens: { readonly input: number; readonly output: number };
  readonly workedMs: number;
  /** What is kept of work that is not committed: how many checkpoints, and why not all. */
  readonly kept: { readonly checkpoints: number; readonly problem: string };
  readonly startedAt: string | undefined;
  readonly updatedAt: string | undefined;
  readonly workerPid: number | undefined;
  /** The number of the last event. */
  readonly cursor: number;
}

/** A pause before an attempt. A run that was stopped or killed goes on with it. */
export interface WaitStatus {
  readonly for: "limit" | "outage" | "retry";
  readonly because: string;
  /** When the next attempt begins, ISO 8601. */
  readonly until: string;
  readonly leftMs: number;
  /** When an outage is given up, ISO 8601. */
  readonly givesUpAt: string | undefined;
}

/**
 * Reads a session's status from its files, and changes nothing.
 *
 * @throws {SamocodeError} If there is no such session.
 */
export function readStatus(samocode: Samocode, { session }: { readonly session: string }): Status {
  using folder = openSession(samocode, session, { readOnly: true });
  return statusOf(folder);
}

/** The status of an open session. Its note names documents that cannot be read. */
export function statusOf(folder: SessionFolder, { name = folder.name } = {}): Status {
  const { layout, journal, holder } = folder;
  const { history, news, doubt } = journal;
  const status = statusFrom(layout, { history, news, name, holder, now: journal.now() });
  if (doubt === undefined) return status;
  // What it says about gates and phases may be somebody else's word.
  const next: readonly Action[] = [...(holder ? [{ verb: "stop", session: name } as const] : []), {
    verb: "accept",
    session: name,
  }];
  const detail = `The journal cannot be trusted: ${doubt}. Restore it, or accept it as it is`;
  return { ...status, state: "failed", needs: "none", movedTo: undefined, obstacle: undefined, next, detail };
}

interface Known {
  readonly history: History;
  readonly news: readonly RecordedEvent[];
  readonly name: string;
  readonly holder: LockHolder | undefined;
  readonly now: Date;
}

function statusFrom(layout: Layout, { history, news, name, holder: worker, now }: Known): Status {
  const problems: string[] = [];
  const readable = <Found>(read: (layout: Layout) => Found): Found | undefined => {
    try {
      return read(layout);
    } catch (error) {
      problems.push(messageOf(error));
      return undefined;
    }
  };
  const questions = readable(readQuestionsDocument);
  const plan = readable(readPlan);
  const notebookPhase = history.notebookPhase === undefined ? undefined : readable(readNotebookPhase);
  const snapshot = takeSnapshot(history, { hasWorker: worker !== undefined, questions, plan, notebookPhase });
  const { state, needs } = snapshot;
  const { usage } = history;
  const pause = pauseOf(history, now.getTime());
  const branch = history.workplace?.branch;
  return {
    session: name,
    ...snapshot,
    phase: history.phase,
    iteration: history.attempt?.iteration ?? 0,
    next: nextActions({ ...snapshot, session: name, plan, branch }),
    events: news.filter(({ type, seq }) => type !== "session.stopped" || seq !== history.lastSeq).map(tell),
    activity: state !== "running" ? "" : pause === undefined ? history.activity : pause.words,
    wait: pause?.status,
    questions: needs === "answers" ? openQuestions(questions?.text ?? "") : [],
    plan: plan && { path: plan.name, sha256: plan.sha256, ...planProgress(plan.text) },
    task: history.task,
    provider: history.attempt?.provider ?? history.provider,
    model: history.attempt?.model,
    guard: history.guard === undefined ? "" : describeGuard(history.guard),
    folder: layout.folder,
    worktree: history.workplace?.path,
    branch,
    note: [history.workplace?.note ?? "", ...problems].filter((text) => text !== "").join("; "),
    costUsd: usage.costUsd,
    estimatedUsd: usage.estimatedUsd,
    budget: budgetOf(history, now),
    tokens: { input: usage.inputTokens + usage.cacheReadTokens + usage.cacheWriteTokens, output: usage.outputTokens },
    workedMs: history.workedMs,
    kept: { checkpoints: history.checkpoints.count, problem: history.checkpoints.problem },
    startedAt: history.createdAt,
    updatedAt: history.lastAt,
    workerPid: worker?.pid,
    cursor: history.lastSeq,
  };
}

function budgetOf(history: History, now: Date): Status["budget"] {
  const { limits, raised } = history.budget;
  if (limits === undefined) return [];
  const { session } = raisedLimits(limits, raised, dayOf(now));
  const own = sharesOf({ ...limits, session }, { session: spentBySession(history), day: NOTHING_SPENT });
  return own.filter(({ span }) => span === "session").map(({ measure, spent, limit }) => ({ measure, spent, limit }));
}

function readNotebookPhase({ notebook }: Layout): Phase | undefined {
  return readPhase(readNotebook(readSoleTextIfExists(notebook) ?? "").Phase ?? "");
}

function pauseOf({ rest }: History, now: number): { readonly status: WaitStatus; readonly words: string } | undefined {
  const leftMs = rest === undefined ? 0 : restLeftMs(rest, now);
  if (rest === undefined || !(leftMs > 0)) return undefined;
  const { because, wait } = rest;
  const givesUpAt = wait?.for === "outage" ? wait.until : undefined;
  const until = timeAfter(now, leftMs);
  return {
    status: { for: wait?.for ?? "retry", because, until, leftMs, givesUpAt },
    words: `${describeWait(wait, leftMs)}: ${because}`,
  };
}

function tell(event: RecordedEvent): string {
  return plainText(describeEvent(event, { maxText: 70 }), 90);
}

/** The status of every session, newest first. A folder without a journal is not a session. */
export function listSessions({ settings, stateFolder }: Pick<Samocode, "settings" | "stateFolder">): readonly Status[] {
  return placesIn(settings.sessions).map(({ path, name }) => {
    // A broken folder must not hide the others.
    try {
      using folder = SessionFolder.open(path, { stateFolder, readOnly: true });
      return statusOf(folder, { name });
    } catch (error) {
      const now = new Date();
      const unread = statusFrom(layoutOf(path), { history: NO_HISTORY, news: [], name, holder: undefined, now });
      return { ...unread, state: "failed", next: [], detail: messageOf(error) };
    }
  });
}

/** The names of all sessions, without opening them. */
export function sessionNames({ settings }: Pick<Samocode, "settings">): readonly string[] {
  return placesIn(settings.sessions).map(({ name }) => name);
}

/** Stricter than the rules for names: a shell reads these, and a folder can have any name. */
const SAFE_IN_SHELL = /^[A-Za-z0-9_][A-Za-z0-9._-]*$/;

/** Names for a shell's completion; empty if there is no project or its settings are invalid. */
export function completableNames(request: SettingsRequest): readonly string[] {
  const names = unlessFailing(() => sessionNames({ settings: loadSettings(request) })) ?? [];
  return names.filter((name) => SAFE_IN_SHELL.test(name));
}

function placesIn(sessions: string): readonly { readonly path: string; readonly name: string }[] {
  const nameOf = shortNames(sessions);
  return folderNames(sessions).sort().reverse().flatMap((folder) => {
    const path = join(sessions, folder);
    return statIfExists(layoutOf(path).journal) === undefined ? [] : [{ path, name: nameOf(folder) }];
  });
}
