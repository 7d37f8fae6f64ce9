/**
 * The status of a session, the same at every door.
 *
 * @module
 */
import type { Action } from "../text/action.ts";
import { plainText } from "../text/terminal_text.ts";
import { type History, NO_HISTORY } from "../workflow/history.ts";
import { nextActions } from "../workflow/next_action.ts";
import { readStatus as readNotebook } from "../workflow/notebook.ts";
import { type Phase, readPhase } from "../workflow/phases.ts";
import { planProgress } from "../workflow/plan.ts";
import { openQuestions, type Question } from "../workflow/questions.ts";
import type { RecordedEvent } from "../workflow/session_event.ts";
import { type Snapshot, takeSnapshot } from "../workflow/snapshot.ts";
import { describeEvent, describeGuard } from "../messages/describe_event.ts";
import { readPlan, readQuestionsDocument } from "../session/documents.ts";
import type { Layout } from "../session/layout.ts";
import { lockHolder } from "../session/lock.ts";
import type { SessionFolder } from "../session/session_folder.ts";
import { messageOf } from "../text/errors.ts";
import { readSoleTextIfExists } from "../system/files/files.ts";
import { openSession, type Samocode } from "./samocode.ts";

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
  /** What the agent is doing; empty unless the session is running. */
  readonly activity: string;
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
  readonly tokens: { readonly input: number; readonly output: number };
  readonly workedMs: number;
  readonly startedAt: string | undefined;
  readonly updatedAt: string | undefined;
  readonly workerPid: number | undefined;
  /** The number of the last event. */
  readonly cursor: number;
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

/** The status of a session whose journal cannot be read. */
export function unreadableStatus(
  layout: Layout,
  { name, problem }: { readonly name: string; readonly problem: string },
): Status {
  return { ...statusFrom(layout, { history: NO_HISTORY, news: [], name }), state: "failed", next: [], detail: problem };
}

/** The status of an open session. Its note names documents that cannot be read. */
export function statusOf(folder: SessionFolder, { name = folder.name } = {}): Status {
  const { layout, journal } = folder;
  return statusFrom(layout, { history: journal.history, news: journal.news, name });
}

interface Known {
  readonly history: History;
  readonly news: readonly RecordedEvent[];
  readonly name: string;
}

function statusFrom(layout: Layout, { history, news, name }: Known): Status {
  const problems: string[] = [];
  const readable = <Found>(read: (layout: Layout) => Found): Found | undefined => {
    try {
      return read(layout);
    } catch (error) {
      problems.push(messageOf(error));
      return undefined;
    }
  };
  const worker = lockHolder(layout.lock);
  const questions = readable(readQuestionsDocument);
  const plan = readable(readPlan);
  const notebookPhase = history.notebookPhase === undefined ? undefined : readable(readNotebookPhase);
  const snapshot = takeSnapshot(history, { hasWorker: worker !== undefined, questions, plan, notebookPhase });
  const { state, needs } = snapshot;
  const { usage } = history;
  const branch = history.workplace?.branch;
  return {
    session: name,
    ...snapshot,
    phase: history.phase,
    iteration: history.attempt?.iteration ?? 0,
    next: nextActions({ ...snapshot, session: name, plan, branch }),
    events: news.filter(({ type, seq }) => type !== "session.stopped" || seq !== history.lastSeq).map(tell),
    activity: state === "running" ? history.activity : "",
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
    tokens: { input: usage.inputTokens + usage.cacheReadTokens + usage.cacheWriteTokens, output: usage.outputTokens },
    workedMs: history.workedMs,
    startedAt: history.createdAt,
    updatedAt: history.lastAt,
    workerPid: worker?.pid,
    cursor: history.lastSeq,
  };
}

function readNotebookPhase({ notebook }: Layout): Phase | undefined {
  return readPhase(readNotebook(readSoleTextIfExists(notebook) ?? "").Phase ?? "");
}

function tell(event: RecordedEvent): string {
  return plainText(describeEvent(event, { maxText: 70 }), 90);
}
