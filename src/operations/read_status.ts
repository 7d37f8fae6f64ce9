/**
 * Says where a session stands: the one answer behind every door.
 *
 * @module
 */
import type { History } from "../workflow/history.ts";
import type { Phase } from "../workflow/phase.ts";
import { planProgress } from "../workflow/plan.ts";
import { openQuestions, type Question } from "../workflow/questions.ts";
import type { Outcome } from "../workflow/session_event.ts";
import { readPlan, readQuestionsDocument } from "../session/documents.ts";
import { lockHolder } from "../session/lock.ts";
import type { SessionFolder } from "../session/session_folder.ts";
import { openSession, type Samocode } from "./samocode.ts";

/** How a session is. */
export type SessionState = "running" | "waiting" | "blocked" | "done" | "failed" | "stopped" | "crashed";

/** What a human has to give. */
export type SessionNeed = "none" | "answers" | "approval" | "budget" | "unblock";

/** Where a session stands. */
export interface Status {
  readonly session: string;
  readonly state: SessionState;
  readonly phase: Phase;
  readonly iteration: number;
  readonly needs: SessionNeed;
  /** What to do next: an operation and its arguments. */
  readonly next: { readonly operation: string; readonly arguments: Readonly<Record<string, string>> } | undefined;
  /** Why it is as it is: the reason of a block, the summary of an end; empty while it runs. */
  readonly detail: string;
  /** What the agent was last seen doing; empty when it does not run. */
  readonly activity: string;
  readonly questions: readonly Question[];
  readonly plan: {
    readonly path: string;
    readonly sha256: string;
    readonly done: number;
    readonly total: number;
  } | undefined;
  readonly task: string;
  readonly provider: string | undefined;
  readonly folder: string;
  readonly worktree: string | undefined;
  readonly branch: string | undefined;
  readonly note: string;
  /** In US dollars; `undefined` where no provider told. */
  readonly costUsd: number | undefined;
  readonly tokens: { readonly input: number; readonly output: number };
  readonly workedMs: number;
  readonly startedAt: string | undefined;
  readonly updatedAt: string | undefined;
  readonly workerPid: number | undefined;
  /** The number of the last event: whoever asks again can tell whether anything happened. */
  readonly cursor: number;
}

/**
 * Reads a session's status from its files. Only looks.
 *
 * @throws {SamocodeError} Where there is no such session.
 */
export function readStatus(samocode: Samocode, { session }: { readonly session: string }): Status {
  using folder = openSession(samocode, session, { readOnly: true });
  return statusOf(folder);
}

/** The status of an open session. */
export function statusOf(folder: SessionFolder): Status {
  const { history, layout } = folder;
  const worker = lockHolder(layout.lock);
  const state = stateOf(history, worker !== undefined);
  const needs = needsOf(history, state);
  const questions = openQuestions(readQuestionsDocument(layout)?.text ?? "");
  const plan = readPlan(layout);
  const { usage } = history;
  return {
    session: layout.name,
    state,
    phase: history.phase,
    iteration: history.attempt?.iteration ?? 0,
    needs,
    next: nextFor(layout.name, { state, needs, plan: plan?.sha256 }),
    detail: state === "running"
      ? ""
      : state === "crashed"
      ? "The worker died; run the session again to go on"
      : detailOf(history.outcome),
    activity: state === "running" ? history.activity : "",
    questions: needs === "answers" ? questions : [],
    plan: plan && { path: plan.name, sha256: plan.sha256, ...planProgress(plan.text) },
    task: history.task,
    provider: history.provider,
    folder: layout.folder,
    worktree: history.workplace?.path,
    branch: history.workplace?.branch,
    note: history.workplace?.note ?? "",
    costUsd: usage.costUsd,
    tokens: { input: usage.inputTokens + usage.cacheReadTokens + usage.cacheWriteTokens, output: usage.outputTokens },
    workedMs: history.workedMs,
    startedAt: history.createdAt,
    updatedAt: history.lastAt,
    workerPid: worker?.pid,
    cursor: history.lastSeq,
  };
}

function stateOf(history: History, hasWorker: boolean): SessionState {
  if (history.running) return hasWorker ? "running" : "crashed";
  if (history.outcome === undefined) return hasWorker ? "running" : "stopped";
  return history.outcome.kind;
}

function needsOf({ pause, gates, outcome }: History, state: SessionState): SessionNeed {
  if (state === "blocked") return outcome?.kind === "blocked" && outcome.needs === "budget" ? "budget" : "unblock";
  if (state !== "waiting" && state !== "crashed") return "none";
  if (pause?.for === "qa_answers" && gates.qa_answers === undefined) return "answers";
  if (pause?.for === "plan_approval" && gates.plan_approval === undefined) return "approval";
  return "none";
}

function nextFor(
  session: string,
  { state, needs, plan }: {
    readonly state: SessionState;
    readonly needs: SessionNeed;
    readonly plan: string | undefined;
  },
): Status["next"] {
  if (state === "done") return undefined;
  if (state === "running") return { operation: "wait_session", arguments: { session } };
  if (needs === "answers") return { operation: "answer_qa", arguments: { session } };
  if (needs === "approval") return { operation: "approve_plan", arguments: { session, ...(plan && { sha256: plan }) } };
  return { operation: "resume_session", arguments: { session } };
}

function detailOf(outcome: Outcome | undefined): string {
  switch (outcome?.kind) {
    case undefined:
      return "It has not begun";
    case "done":
      return outcome.summary;
    case "waiting":
      return outcome.detail;
    case "blocked":
    case "failed":
      return outcome.reason;
    case "stopped":
      return `Stopped by ${outcome.by}`;
  }
}
