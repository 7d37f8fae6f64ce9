/**
 * The state of a session at one moment, from its history and its documents.
 *
 * @module
 */
import { type Gate, type GateDocuments, gateRule, isGate, isGateOpen } from "./gates.ts";
import type { History } from "./history.ts";
import { isAgentPhase, type Phase } from "./phases.ts";
import { openQuestions, readQuestions } from "./questions.ts";

/** The state of a session. It is `ready` once a human has done what it waited for: a run goes on. */
export type SessionState =
  | "running"
  | "queued"
  | "waiting"
  | "ready"
  | "blocked"
  | "done"
  | "failed"
  | "stopped"
  | "crashed";

/** Whether a session goes on by itself. */
export function isUnderWay(state: SessionState): boolean {
  return state === "running" || state === "queued";
}

/** What a session needs from a human. */
export type SessionNeed = "none" | "answers" | "approval" | "budget" | "baseline" | "unblock";

/** Why a run would do nothing. */
export type Obstacle = "worker" | "done" | "answers" | "approval";

/** What is not in the history. Each is asked for only if the snapshot depends on it. */
export interface SnapshotSources {
  /** Whether a living worker holds the session's lock. */
  readonly hasWorker: boolean;
  readonly questions: EditedDocument | undefined;
  readonly plan: GateDocuments["plan"];
  /** The phase in the notebook, if it can be read. */
  readonly notebookPhase: Phase | undefined;
}

/** A document that a human may have edited. */
export interface EditedDocument {
  readonly text: string;
  readonly sha256: string;
}

/** The state of a session at one moment. */
export interface Snapshot {
  readonly state: SessionState;
  readonly needs: SessionNeed;
  /** The phase that a human wrote into the notebook; the next run continues there. */
  readonly movedTo: Phase | undefined;
  readonly obstacle: Obstacle | undefined;
  /** The reason of a block or failure, or the final summary; empty while the session runs. */
  readonly detail: string;
}

/** Takes a snapshot of a session. */
export function takeSnapshot(history: History, sources: SnapshotSources): Snapshot {
  const state = stateOf(history, sources);
  const movedTo = startsWithRecovery(history) ? undefined : movedPhase(history, sources.notebookPhase);
  if (movedTo !== undefined) {
    const detail = `You moved it to ${movedTo} in its notebook; it can continue`;
    return { ...READY, state: isUnderWay(state) ? state : "ready", movedTo, detail };
  }
  const documents: GateDocuments = {
    get questions(): number {
      return readQuestions(sources.questions?.text ?? "").length;
    },
    get openQuestions(): number {
      return openQuestions(sources.questions?.text ?? "").length;
    },
    get plan(): GateDocuments["plan"] {
      return sources.plan;
    },
  };
  const needs = needsOf(history, state, documents);
  if (waitsForBudget(history) && needs === "none" && !isUnderWay(state)) {
    return { ...READY, detail: "You raised the budget; it can continue" };
  }
  const obstacle = obstacleFor(history, { state, needs, documents, sources });
  const isOpened = (needs === "answers" || needs === "approval") && obstacle === undefined;
  if (state === "waiting" && (needs === "none" || isOpened)) return READY;
  return { state, needs, movedTo: undefined, obstacle, detail: detailOf(history, state) };
}

const READY: Snapshot = {
  state: "ready",
  needs: "none",
  movedTo: undefined,
  obstacle: undefined,
  detail: "You have decided; it can continue",
};

/** The phase that a human wrote into the notebook while the session rested, if any. */
export function movedPhase({ phase, notebookPhase }: History, found: Phase | undefined): Phase | undefined {
  if (found === undefined || notebookPhase === undefined || !isAgentPhase(phase) || !isAgentPhase(found)) {
    return undefined;
  }
  return found === notebookPhase || found === phase ? undefined : found;
}

/**
 * The gate that a human opened by editing its document. If the document has not changed since it was shown, any answers
 * in it are the agent's.
 */
export function gateOpenedByHand(
  { pause, shown, gates }: History,
  document: EditedDocument | undefined,
): Gate | undefined {
  const gate = pause?.gate;
  if (gate === undefined || !gateRule(gate).opensByHand || gates[gate] !== undefined) return undefined;
  if (document === undefined || document.sha256 === shown?.sha256) return undefined;
  // With nothing asked in it, no change is an answer.
  if (shown?.openQuestions === 0) return undefined;
  return readQuestions(document.text).length > 0 && openQuestions(document.text).length === 0 ? gate : undefined;
}

/** Whether the next run recovers one that was cut short. If so, it trusts the journal and not the notebook. */
export function startsWithRecovery({ running, attempt }: History): boolean {
  return running || (attempt !== undefined && attempt.reading === undefined);
}

function stateOf(history: History, sources: Pick<SnapshotSources, "hasWorker">): SessionState {
  if (history.running) return sources.hasWorker ? "running" : "crashed";
  if (history.queued !== undefined && !sources.hasWorker) return "queued";
  if (history.outcome === undefined) return sources.hasWorker ? "running" : "stopped";
  return history.outcome.kind;
}

/** An open gate closes again if a question is reopened or the plan differs from what was approved. */
function needsOf(history: History, state: SessionState, documents: GateDocuments): SessionNeed {
  const { pause, gates, budget } = history;
  if (waitsForBudget(history)) return budget.isFresh ? "none" : "budget";
  if (state === "blocked") return "unblock";
  if ((state !== "waiting" && state !== "crashed") || pause === undefined) return "none";
  if (pause.for === "red_baseline") return "baseline";
  if (!isGate(pause.for)) return state === "waiting" ? "unblock" : "none";
  return isGateOpen(pause.for, gates, documents) ? "none" : gateRule(pause.for).need;
}

function waitsForBudget({ running, outcome }: History): boolean {
  if (running) return false;
  return outcome?.kind === "waiting"
    ? outcome.for === "budget"
    : outcome?.kind === "blocked" && outcome.needs === "budget";
}

function obstacleFor(
  history: History,
  { state, needs, documents, sources }: Pick<Snapshot, "state" | "needs"> & {
    readonly documents: GateDocuments;
    readonly sources: Pick<SnapshotSources, "questions">;
  },
): Obstacle | undefined {
  if (state === "running") return "worker";
  if (state === "done") return "done";
  const { pause } = history;
  if ((needs !== "answers" && needs !== "approval") || pause === undefined || !isGate(pause.for)) return undefined;
  // No gate enforces this wait: by running the session again, the human says that they are done.
  if (pause.gate === undefined) return gateRule(pause.for).isDue(documents) ? needs : undefined;
  return gateOpenedByHand(history, sources.questions) === undefined ? needs : undefined;
}

const BY_HAND = "Started by hand; running it adopts it, with its gates closed";

function detailOf(history: History, state: SessionState): string {
  if (state === "running") return "";
  if (state === "crashed") return "The worker died; run the session again to continue";
  const { outcome, queued, phase, earlierTasks, adopted, starts } = history;
  if (state === "queued") {
    const [running, most] = [queued?.running ?? 0, queued?.most ?? 0];
    return `It waits for its turn (${running} running, at most ${most}); samocode supervise starts it`;
  }
  switch (outcome?.kind) {
    case undefined:
      if (adopted !== undefined && history.createdAt === undefined) return BY_HAND;
      if (isAgentPhase(phase) && (adopted === undefined || starts > 0)) {
        return `You moved it to ${phase}; it can continue`;
      }
      return earlierTasks > 0 ? "It has a new task and has not started on it" : "It has not started";
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
