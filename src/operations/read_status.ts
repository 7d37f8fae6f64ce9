/**
 * The status of a session, the same at every door.
 *
 * @module
 */
import { basename } from "node:path";
import type { Action } from "../text/action.ts";
import { plainText } from "../text/terminal_text.ts";
import { dayOf, NOTHING_SPENT, raisedLimits, type Share, sharesOf, spentBySession } from "../workflow/budget.ts";
import { type History, NO_HISTORY } from "../workflow/history.ts";
import { type Now, usedSoFar, workedSoFar } from "../workflow/attempt.ts";
import { isWithoutAgent, nextActions } from "../workflow/next_action.ts";
import { readStatus as readNotebook } from "../workflow/notebook.ts";
import { type Phase, readPhase } from "../workflow/phases.ts";
import { planProgress } from "../workflow/plan.ts";
import { openQuestions, type Question } from "../workflow/questions.ts";
import { describeRoute } from "../workflow/route.ts";
import type { RecordedEvent } from "../workflow/session_event.ts";
import type { Finish, Work } from "../workflow/work.ts";
import { restLeftMs, timeAfter } from "../workflow/retry.ts";
import { isUnderWay, type Snapshot, type SnapshotSources, takeSnapshot } from "../workflow/snapshot.ts";
import { describeEvent, describeGuard } from "../messages/describe_event.ts";
import { describeWait } from "../messages/describe_wait.ts";
import { describeEvidence } from "../messages/describe_checks.ts";
import { historyByHand, isByHand, readAdoptable } from "../session/by_hand.ts";
import { findSession, shortNames } from "../session/find_session.ts";
import { readPlan, readQuestionsDocument, type SessionDocument } from "../session/documents.ts";
import { findHandover } from "../session/handover.ts";
import { type Commit, lastCommit } from "../session/last_commit.ts";
import { type Layout, layoutOf } from "../session/layout.ts";
import type { LockHolder } from "../session/lock.ts";
import { rawLogsOf } from "../session/raw_log.ts";
import { SessionFolder } from "../session/session_folder.ts";
import { messageOf, SamocodeError, unlessFailing } from "../text/errors.ts";
import { lstatIfExists, readSoleTextIfExists } from "../system/files/files.ts";
import { channelNotes } from "./channel_notes.ts";
import { openSession, type Samocode } from "./samocode.ts";

/** What a list shows of a session. */
export interface StatusRow extends Snapshot {
  /** The shortest name that identifies it. */
  readonly session: string;
  readonly phase: Phase;
  readonly iteration: number;
  /** What the agent is doing, or what the session waits for; empty unless the session is running. */
  readonly activity: string;
  readonly task: string;
  /** In US dollars, so far; `undefined` if no provider reported a cost. */
  readonly costUsd: number | undefined;
  /** The list price of what no cost was reported of. */
  readonly estimatedUsd: number | undefined;
  readonly startedAt: string | undefined;
  readonly updatedAt: string | undefined;
  /** Since it was started, until now or until it came to rest. */
  readonly elapsedMs: number;
}

/** The status of a session. */
export interface Status extends StatusRow {
  /** The next actions, likeliest first. */
  readonly next: readonly Action[];
  /** The latest events, one line each, newest last; the reason why the session rests is in `detail`. */
  readonly events: readonly string[];
  /** What goes on; `undefined` unless the session is running. */
  readonly now: Now | undefined;
  /** Which try of the iteration the last attempt was. */
  readonly attempt: number;
  /** The pause before the next attempt; `undefined` unless there is one. */
  readonly wait: WaitStatus | undefined;
  readonly questions: readonly Question[];
  /** What is special about its way, in words; empty if nothing is. */
  readonly route: string;
  readonly plan: { readonly path: string; readonly sha256: string } & ReturnType<typeof planProgress> | undefined;
  /** The agent that works, or worked last. */
  readonly provider: string | undefined;
  /** The requested model; `undefined` if the provider's own configuration decides. */
  readonly model: string | undefined;
  /** What guards the agents, in words; empty where that is not known. */
  readonly guard: string;
  readonly folder: string;
  /** `undefined` before it is made, and once it is removed. */
  readonly worktree: string | undefined;
  /** `undefined` without one, and once it was merged or pushed. */
  readonly branch: string | undefined;
  /** What a session that is done has committed; `undefined` before that. */
  readonly work: Work | undefined;
  /** Where a person brought that; `undefined` until then. */
  readonly finish: Finish | undefined;
  /** The documents that a session which is done leaves, as paths. */
  readonly handover: ReturnType<typeof findHandover>;
  /** The commit that the worktree is at, if it was made in this session. */
  readonly commit: Commit | undefined;
  readonly note: string;
  /** What the session has used of its own limits so far, the most used first. */
  readonly budget: readonly Omit<Share, "span">[];
  readonly tokens: { readonly input: number; readonly output: number };
  /** How long its agents have worked; until the last sign of one that is at work. */
  readonly workedMs: number;
  /** What is kept of work that is not committed: how many checkpoints, and why not all. */
  readonly kept: { readonly checkpoints: number; readonly problem: string };
  /** What the project's own checks said, in words; empty before the first run. */
  readonly checks: string;
  /** When the last run began, ISO 8601. */
  readonly runStartedAt: string | undefined;
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
  const { settings: { sessions }, stateFolder, now, kept } = samocode;
  const { path, exists } = findSession(sessions, session);
  const layout = layoutOf(path);
  using folder = exists ? SessionFolder.openIfExists(path, { stateFolder, now, kept, readOnly: true }) : undefined;
  if (exists && isByHand(layout, folder)) {
    return statusFrom(
      layout,
      knownByHand(layout, { stateFolder, now: now(), name: shortNames(sessions)(basename(path)) }),
    );
  }
  if (folder !== undefined) {
    const status = statusOf(folder);
    const note = [status.note, ...channelNotes(stateFolder, status)].filter((text) => text !== "").join("; ");
    return { ...status, note };
  }
  // It says what is missing.
  using missing = openSession(samocode, session, { readOnly: true });
  return statusOf(missing);
}

/** The status of an open session. Its note names documents that cannot be read. */
export function statusOf(folder: SessionFolder): Status {
  return statusFrom(folder.layout, knownOf(folder, folder.name));
}

/** What a status is made of, beside the session's documents. */
export interface Known {
  readonly history: History;
  readonly news: readonly RecordedEvent[];
  /** The session's shortest name. */
  readonly name: string;
  /** The living worker. */
  readonly holder: LockHolder | undefined;
  readonly now: Date;
  /** Why the session's own state does not count, and what to do about it; `undefined` if it does. */
  readonly failure: { readonly detail: string; readonly next: readonly Action[] } | undefined;
}

/** What is known of an open session. The worker is looked for when it is first asked for. */
export function knownOf(folder: SessionFolder, name: string): Known {
  const { history, news, doubt } = folder.journal;
  const holder = once(() => folder.holder);
  return {
    history,
    news,
    name,
    get holder(): LockHolder | undefined {
      return holder();
    },
    now: folder.journal.now(),
    // What it says about gates and phases may be somebody else's word.
    failure: doubt === undefined ? undefined : {
      detail: `The journal cannot be trusted: ${doubt}. Restore it, or accept it as it is`,
      next: [...(holder() ? [{ verb: "stop", session: name } as const] : []), { verb: "accept", session: name }],
    },
  };
}

/** What is known of a session that was started by hand, from its notebook. */
export function knownByHand(
  layout: Layout,
  { stateFolder, ...about }: Pick<Known, "name" | "now"> & { readonly stateFolder: string },
): Known {
  const known = { ...about, news: [], holder: undefined };
  try {
    const history = historyByHand(layout);
    // Whether samocode could adopt what is done matters to nobody.
    if (history.outcome === undefined) readAdoptable(layout, stateFolder);
    return { ...known, history, failure: undefined };
  } catch (error) {
    if (!(error instanceof SamocodeError)) throw error;
    const history = unlessFailing(() => historyByHand(layout)) ?? NO_HISTORY;
    return { ...known, history, failure: { detail: `${error.message}. ${error.hint}`, next: [] } };
  }
}

/** What a list shows of a session. Reads only those of its documents that its state depends on. */
export function rowFrom(layout: Layout, known: Known): StatusRow {
  return row(known, takeSnapshot(known.history, documentsOf(layout, known)));
}

function row({ history, name, now, failure }: Known, snapshot: Snapshot): StatusRow {
  return {
    session: name,
    ...snapshot,
    phase: history.phase,
    iteration: history.attempt?.iteration ?? history.adopted?.iterations ?? 0,
    activity: snapshot.state !== "running" ? "" : pauseOf(history, now.getTime())?.words ?? history.activity,
    task: history.task,
    costUsd: usedSoFar(history).costUsd,
    estimatedUsd: usedSoFar(history).estimatedUsd,
    startedAt: history.createdAt,
    updatedAt: history.lastAt,
    elapsedMs: elapsed(history, isUnderWay(snapshot.state) ? now : new Date(history.lastAt ?? now)),
    ...(failure && { state: "failed", needs: "none", movedTo: undefined, obstacle: undefined, detail: failure.detail }),
  };
}

function elapsed({ createdAt }: History, until: Date): number {
  return createdAt === undefined ? 0 : Math.max(0, until.getTime() - Date.parse(createdAt));
}

/** The status of a session, with all of its documents. */
export function statusFrom(layout: Layout, known: Known): Status {
  const { history, news, name, holder: worker, now, failure } = known;
  const documents = documentsOf(layout, known);
  const { questions, plan, problems } = documents;
  const snapshot = takeSnapshot(history, documents);
  const usage = usedSoFar(history);
  const { workplace, work, finish } = history;
  const isFinished = finish !== undefined;
  const isStopping = snapshot.state === "running" && history.stopRequestedBy !== undefined;
  const stopping = isStopping ? "it stops after this iteration" : "";
  const worktree = workplace && lstatIfExists(workplace.path) && workplace.path;
  const branch = isFinished && worktree === undefined ? undefined : workplace?.branch;
  return {
    ...row(known, snapshot),
    next: failure?.next ??
      nextActions({ ...snapshot, session: name, plan, branch, isFinished, hasNoAgent: isWithoutAgent(history) }),
    events: news.filter(({ type, seq }) => type !== "session.stopped" || seq !== history.lastSeq).map(tell),
    now: snapshot.state === "running" ? nowIn(history, layout) : undefined,
    attempt: history.attempt?.attempt ?? 0,
    wait: pauseOf(history, now.getTime())?.status,
    questions: snapshot.needs === "answers" ? openQuestions(questions?.text ?? "") : [],
    route: describeRoute(history),
    plan: plan && { path: plan.name, sha256: plan.sha256, ...planProgress(plan.text) },
    provider: history.attempt?.provider ?? history.provider,
    model: history.attempt?.model,
    guard: history.guard === undefined ? "" : describeGuard(history.guard),
    folder: layout.folder,
    worktree,
    branch,
    work,
    finish,
    handover: snapshot.state === "done" ? findHandover(layout) : {},
    commit: commitOf(history),
    note: [stopping, history.workplace?.note ?? "", ...problems].filter((text) => text !== "").join("; "),
    budget: budgetOf(history, now),
    tokens: { input: usage.inputTokens + usage.cacheReadTokens + usage.cacheWriteTokens, output: usage.outputTokens },
    workedMs: workedSoFar(history),
    kept: { checkpoints: history.checkpoints.count, problem: history.checkpoints.problem },
    checks: plainText(describeEvidence(history.evidence), 1_000),
    runStartedAt: history.runStartedAt,
    workerPid: worker?.pid,
    cursor: history.lastSeq,
  };
}

function budgetOf(history: History, now: Date): Status["budget"] {
  const { limits } = history.budget;
  if (limits === undefined) return [];
  const { session } = raisedLimits(limits, history.budget, dayOf(now));
  const spent = { usage: usedSoFar(history), starts: history.starts, workedMs: workedSoFar(history) };
  const own = sharesOf({ ...limits, session }, { session: spentBySession(spent), day: NOTHING_SPENT });
  return own.filter(({ span }) => span === "session").map(({ measure, spent, limit }) => ({ measure, spent, limit }));
}

function nowIn({ doing, attempt }: History, layout: Layout): Now | undefined {
  if (doing === undefined) return undefined;
  if (attempt === undefined || attempt.end !== undefined || attempt.decided) return { ...doing, attempt: undefined };
  const { startedAt, timeoutMs, seenAt } = attempt;
  const printed = rawLogsOf(layout, attempt.log).map((path) => lstatIfExists(path)?.mtime?.getTime() ?? 0);
  const heardAt = new Date(Math.max(Date.parse(seenAt), ...printed)).toISOString();
  return { ...doing, attempt: { startedAt, timeoutMs, heardAt } };
}

function commitOf({ workplace, createdAt = "" }: History): Commit | undefined {
  const commit = workplace && unlessFailing(() => lastCommit(workplace.path));
  // Git counts whole seconds.
  return commit !== undefined && Date.parse(commit.at) + 1_000 > Date.parse(createdAt) ? commit : undefined;
}

interface Documents extends SnapshotSources {
  readonly questions: SessionDocument | undefined;
  readonly plan: SessionDocument | undefined;
  /** Why some could not be read. */
  readonly problems: readonly string[];
}

/** The documents of a session, each read when it is first asked for. */
function documentsOf(layout: Layout, known: Known): Documents {
  const problems: string[] = [];
  const reading = <Found>(read: (layout: Layout) => Found): () => Found | undefined =>
    once(() => {
      try {
        return read(layout);
      } catch (error) {
        problems.push(messageOf(error));
        return undefined;
      }
    });
  const questions = reading(readQuestionsDocument);
  const plan = reading(readPlan);
  const notebookPhase = reading(readNotebookPhase);
  return {
    get questions(): SessionDocument | undefined {
      return questions();
    },
    get plan(): SessionDocument | undefined {
      return plan();
    },
    get notebookPhase(): Phase | undefined {
      return known.history.notebookPhase === undefined ? undefined : notebookPhase();
    },
    get hasWorker(): boolean {
      return known.holder !== undefined;
    },
    problems,
  };
}

function once<Found>(find: () => Found): () => Found {
  let found: { readonly value: Found } | undefined;
  return () => (found ??= { value: find() }).value;
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
