/**
 * Says where a session stands: the one answer behind every door.
 *
 * @module
 */
import { gateRule, isGate, isGateOpen } from "../workflow/gates.ts";
import { type History, NO_HISTORY } from "../workflow/history.ts";
import type { Phase } from "../workflow/phases.ts";
import { planProgress } from "../workflow/plan.ts";
import { openQuestions, type Question } from "../workflow/questions.ts";
import { readPlan, readQuestionsDocument, type SessionDocument } from "../session/documents.ts";
import type { Layout } from "../session/layout.ts";
import { lockHolder } from "../session/lock.ts";
import type { SessionFolder } from "../session/session_folder.ts";
import { messageOf } from "../system/errors.ts";
import { openSession, type Samocode } from "./samocode.ts";

/** How a session is. */
export type SessionState = "running" | "waiting" | "blocked" | "done" | "failed" | "stopped" | "crashed";

/** What a human has to give. */
export type SessionNeed = "none" | "answers" | "approval" | "budget" | "unblock";

/** Where a session stands. */
export interface Status {
  /** The shortest name that leads to it. */
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
  /** Who works, or worked last. */
  readonly provider: string | undefined;
  /** The model that was asked for; `undefined` where the provider's own configuration decides. */
  readonly model: string | undefined;
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

/** The status of a session whose journal cannot be read: nothing is known of it but why. */
export function unreadableStatus(
  layout: Layout,
  { name, problem }: { readonly name: string; readonly problem: string },
): Status {
  return { ...statusFrom(layout, { history: NO_HISTORY, name }), state: "failed", next: undefined, detail: problem };
}

/**
 * The status of an open session. A document that cannot be read is told in the note.
 *
 * @param name What it is called, where that is known already.
 */
export function statusOf(folder: SessionFolder, { name = folder.name } = {}): Status {
  return statusFrom(folder.layout, { history: folder.history, name });
}

function statusFrom(
  layout: Layout,
  { history, name }: { readonly history: History; readonly name: string },
): Status {
  const problems: string[] = [];
  const readable = (read: (layout: Layout) => SessionDocument | undefined): SessionDocument | undefined => {
    try {
      return read(layout);
    } catch (error) {
      problems.push(messageOf(error));
      return undefined;
    }
  };
  const worker = lockHolder(layout.lock);
  const state = stateOf(history, worker !== undefined);
  const questions = openQuestions(readable(readQuestionsDocument)?.text ?? "");
  const plan = readable(readPlan);
  const needs = needsOf(history, { state, openQuestions: questions.length, plan });
  const { usage } = history;
  return {
    session: name,
    state,
    phase: history.phase,
    iteration: history.attempt?.iteration ?? 0,
    needs,
    next: nextFor(name, { state, needs, plan: plan?.sha256 }),
    detail: detailOf(history, { state, needs }),
    activity: state === "running" ? history.activity : "",
    questions: needs === "answers" ? questions : [],
    plan: plan && { path: plan.name, sha256: plan.sha256, ...planProgress(plan.text) },
    task: history.task,
    provider: history.attempt?.provider ?? history.provider,
    model: history.attempt?.model,
    folder: layout.folder,
    worktree: history.workplace?.path,
    branch: history.workplace?.branch,
    note: [history.workplace?.note ?? "", ...problems].filter((text) => text !== "").join("; "),
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

/** A gate that was opened is shut again where a question is open again, or the plan is no longer the approved text. */
function needsOf(
  { pause, gates, outcome }: History,
  { state, openQuestions, plan }: {
    readonly state: SessionState;
    readonly openQuestions: number;
    readonly plan: SessionDocument | undefined;
  },
): SessionNeed {
  if (state === "blocked") return outcome?.kind === "blocked" && outcome.needs === "budget" ? "budget" : "unblock";
  if (state !== "waiting" && state !== "crashed") return "none";
  // To go on is the human's word that it is done.
  if (state === "waiting" && (pause?.for === "file_update" || pause?.for === "human_action")) return "unblock";
  if (pause === undefined || !isGate(pause.for) || isGateOpen(pause.for, gates, { openQuestions, plan })) return "none";
  return gateRule(pause.for).need;
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

function detailOf(
  { outcome }: History,
  { state, needs }: { readonly state: SessionState; readonly needs: SessionNeed },
): string {
  if (state === "running") return "";
  if (state === "crashed") return "The worker died; run the session again to go on";
  switch (outcome?.kind) {
    case undefined:
      return "It has not begun";
    case "done":
      return outcome.summary;
    case "waiting":
      return outcome.gate !== undefined && needs === "none" ? "You have decided; it can go on" : outcome.detail;
    case "blocked":
    case "failed":
      return outcome.reason;
    case "stopped":
      return `Stopped by ${outcome.by}`;
  }
}
