/**
 * Reads the status of a session, the same at every door.
 *
 * @module
 */
import { basename, join } from "node:path";
import { plainText } from "../text/terminal_text.ts";
import { dayOf, NOTHING_SPENT, raisedLimits, sharesOf, spentBySession } from "../workflow/budget.ts";
import { type History, NO_HISTORY } from "../workflow/history.ts";
import { type Now, usedSoFar, workedSoFar } from "../workflow/attempt.ts";
import { isWithoutAgent, nextActions } from "../workflow/next_action.ts";
import { planProgress } from "../workflow/plan.ts";
import { openQuestions } from "../workflow/questions.ts";
import { describeRoute } from "../workflow/route.ts";
import type { RecordedEvent } from "../workflow/session_event.ts";
import { restLeftMs, timeAfter } from "../workflow/retry.ts";
import { isUnderWay, type Snapshot, takeSnapshot } from "../workflow/snapshot.ts";
import { describeEvent, describeGuard } from "../messages/describe_event.ts";
import { describeWait } from "../messages/describe_wait.ts";
import { describeEvidence } from "../messages/describe_checks.ts";
import { describeWho } from "../messages/who_decided.ts";
import type { Awaited, Elsewhere } from "../session/elsewhere.ts";
import { isByHand } from "../session/by_hand.ts";
import { findSession, shortNames } from "../session/find_session.ts";
import { findHandover } from "../session/handover.ts";
import { type Commit, lastCommit } from "../session/last_commit.ts";
import { type Layout, layoutOf } from "../session/layout.ts";
import { rawLogsOf } from "../session/raw_log.ts";
import { SessionFolder } from "../session/session_folder.ts";
import { unlessFailing } from "../text/errors.ts";
import { lstatIfExists } from "../system/files/files.ts";
import { withChannelNotes } from "./channel_notes.ts";
import { awaitedSession, openSession, type Samocode } from "./samocode.ts";
import type { Status, StatusRow, WaitStatus } from "./status.ts";
import { documentsOf, type Known, knownByHand, knownOf } from "./status_sources.ts";

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
  if (folder !== undefined) return withChannelNotes(stateFolder, statusOf(folder));
  const awaited = exists ? undefined : awaitedSession(samocode, session);
  if (awaited !== undefined) return statusOfAwaited(awaited, { sessions, now: now() });
  // It says what is missing.
  using missing = openSession(samocode, session, { readOnly: true });
  return statusOf(missing);
}

/** The status of a session elsewhere that nobody has begun yet. */
export function statusOfAwaited(
  { name, task, since, elsewhere }: Awaited,
  { sessions, now }: { readonly sessions: string; readonly now: Date },
): Status {
  const history = { ...NO_HISTORY, task, createdAt: since };
  const known = { history, news: [], name, holder: undefined, elsewhere, now, failure: undefined };
  // Of its documents, none is there to be read.
  return { ...statusFrom(layoutOf(join(sessions, name)), known), note: "" };
}

/** The status of an open session. Its note names documents that cannot be read. */
export function statusOf(folder: SessionFolder): Status {
  return statusFrom(folder.layout, knownOf(folder, folder.name));
}

/** What a list shows of a session. Reads only those of its documents that its state depends on. */
export function rowFrom(layout: Layout, known: Known): StatusRow {
  return row(known, snapshotOf(known, documentsOf(layout, known)));
}

/** The snapshot, with who stopped the session in words. */
function snapshotOf({ history, elsewhere }: Known, documents: Parameters<typeof takeSnapshot>[1]): Snapshot {
  const snapshot = takeSnapshot(history, documents);
  const { state, detail = "", epoch = 0 } = elsewhere ?? {};
  if ((state === "queued" || state === "failed") && snapshot.state !== state) {
    return { ...snapshot, state, needs: "none", obstacle: undefined, detail };
  }
  // Whoever took it after a decision has not begun the run yet, or the copy does not have it.
  if (state === "running" && (snapshot.state === "ready" || epoch > history.epoch)) {
    return { ...snapshot, state, needs: "none", obstacle: undefined, detail: "" };
  }
  const { outcome } = history;
  if (snapshot.state !== "stopped" || outcome?.kind !== "stopped") return snapshot;
  return { ...snapshot, detail: `Stopped by ${describeWho(outcome.by)}` };
}

function row({ history, name, now, failure, elsewhere }: Known, snapshot: Snapshot): StatusRow {
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
    ...(elsewhere && { fleet: { worker: elsewhere.holder } }),
    ...(failure && { state: "failed", needs: "none", movedTo: undefined, obstacle: undefined, detail: failure.detail }),
  };
}

function elapsed({ createdAt }: History, until: Date): number {
  return createdAt === undefined ? 0 : Math.max(0, until.getTime() - Date.parse(createdAt));
}

/** The status of a session, with all of its documents. */
export function statusFrom(layout: Layout, known: Known): Status {
  const { history, news, name, holder: worker, now, failure, elsewhere } = known;
  const documents = documentsOf(layout, known);
  const { questions, plan, problems } = documents;
  const snapshot = snapshotOf(known, documents);
  const usage = usedSoFar(history);
  const { workplace, work, finish } = history;
  const isFinished = finish !== undefined;
  const isStopping = snapshot.state === "running" && history.stopRequestedBy !== undefined;
  const where = elsewhere === undefined || elsewhere.state === "queued" ? "" : describePlace(elsewhere);
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
    note: [stopping, where, history.workplace?.note ?? "", ...problems].filter((text) => text !== "").join("; "),
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

function describePlace({ holder, detail }: Elsewhere): string {
  return holder === undefined ? detail : `it runs on ${holder}`;
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
