/**
 * Resumes a session in the background.
 *
 * @module
 */
import type { History } from "../workflow/history.ts";
import { hintFor } from "../workflow/next_action.ts";
import { gateOpenedByHand, isUnderWay, type Obstacle } from "../workflow/snapshot.ts";
import { type AgentName, isAgentName } from "../agents/agents.ts";
import { readQuestionsDocument } from "../session/documents.ts";
import type { SessionFolder } from "../session/session_folder.ts";
import { type Settings, withProvider } from "../settings/settings.ts";
import { SamocodeError } from "../text/errors.ts";
import { checkPrograms } from "./check_programs.ts";
import { startWorker } from "./detached_worker.ts";
import { startInTurn } from "./start_in_turn.ts";
import { handOver } from "./hand_over.ts";
import { guideSession } from "./guide_session.ts";
import { readStatus, statusOf } from "./read_status.ts";
import type { Status } from "./status.ts";
import { awaitedSession, type Samocode } from "./samocode.ts";

/** How to resume. */
export interface Resumption {
  /** A note for the next iteration. */
  readonly guidance?: string | undefined;
  /** Who asked; recorded in the journal. */
  readonly by: string;
  /** Whether continuing is itself the person's decision and must be recorded; other decisions already record them. */
  readonly isDecision?: boolean;
  /** The agent for phases without one of their own; by default the one that worked last. */
  readonly provider?: AgentName | undefined;
}

/**
 * Resumes after a block, a stop, a failure or a crash, or at an opened gate. A running session only gets the guidance.
 *
 * @returns Its status once its worker has started, or in the queue.
 * @throws {SamocodeError} If it is done or waits for a human, if its agent is not installed, or its worker cannot
 * start.
 */
export async function resumeSession(
  samocode: Samocode,
  folder: SessionFolder,
  { guidance, by, provider, isDecision = false }: Resumption,
): Promise<Status> {
  folder.journal.refresh();
  folder.journal.check();
  const { obstacle, session, next } = statusOf(folder);
  if (obstacle !== undefined && obstacle !== "worker") {
    throw new SamocodeError("conflict", `Cannot resume ${session}: ${OBSTACLES[obstacle]}`, hintFor(next));
  }
  if (folder.elsewhere !== undefined) return await resumeElsewhere(folder, { guidance, by });
  if (!samocode.isPersons && isAnsweredByHand(folder)) {
    throw new SamocodeError("conflict", `Cannot resume ${session}: nobody said that the answers in _qa.md are theirs`, {
      hint: "Let the person decide",
      actions: [{ verb: "answer", session }, { verb: "run", session }],
    });
  }
  const settings = settingsFor(folder.history, { given: samocode.settings, provider });
  if (obstacle === undefined) checkPrograms({ settings, env: samocode.env });
  if (guidance !== undefined) await guideSession(folder, { text: guidance, by });
  else if (isDecision && obstacle === undefined) folder.journal.append({ type: "resume.requested", by });
  folder.journal.refresh();
  if (obstacle === "worker") return statusOf(folder);
  return await startInTurn({ ...samocode, settings }, folder, by);
}

/**
 * Resumes a session elsewhere that has not begun: one that failed before that. One in the queue stays as it is.
 *
 * @returns `undefined` for any other.
 * @throws {SamocodeError} If it is refused there.
 */
export async function resumeAwaited(
  samocode: Samocode,
  { session, by }: { readonly session: string; readonly by: string },
): Promise<Status | undefined> {
  const awaited = awaitedSession(samocode, session);
  if (awaited === undefined) return undefined;
  if (awaited.elsewhere.state === "failed") {
    const { ok, text, hint } = await awaited.elsewhere.act({ verb: "resume", guidance: undefined }, by);
    if (!ok) throw new SamocodeError("conflict", text, { hint });
  }
  return readStatus(samocode, { session });
}

/** One that is queued or running only gets the guidance. */
async function resumeElsewhere(
  folder: SessionFolder,
  { guidance, by }: Pick<Resumption, "guidance" | "by">,
): Promise<Status> {
  if (!isUnderWay(statusOf(folder).state)) await handOver(folder, { verb: "resume", guidance }, by);
  else if (guidance !== undefined) await guideSession(folder, { text: guidance, by });
  return statusOf(folder);
}

/**
 * Checks, before anything is recorded, that the agent with which a session would go on is installed.
 *
 * @throws {SamocodeError} If it is not.
 */
export function checkAgent({ settings: given, env }: Samocode, { history }: SessionFolder): void {
  checkPrograms({ settings: settingsFor(history, { given, provider: undefined }), env });
}

function isAnsweredByHand({ history, layout }: SessionFolder): boolean {
  return gateOpenedByHand(history, readQuestionsDocument(layout)) !== undefined;
}

/** Starts a worker where the last one ended, with the agent that worked last: a supervisor's way to resume. */
export async function continueSession(samocode: Samocode, folder: SessionFolder): Promise<Status> {
  const settings = settingsFor(folder.history, { given: samocode.settings, provider: undefined });
  return await startWorker({ ...samocode, settings }, folder);
}

/** Why nothing comes of resuming. */
export const OBSTACLES: Readonly<Record<Exclude<Obstacle, "worker">, string>> = {
  done: "it is done",
  answers: "its questions are not answered",
  approval: "its plan is not approved",
};

/** A provider that was named for the whole session stays in charge of all phases. */
function settingsFor(
  { provider: last = "", isProviderNamed }: History,
  { given, provider }: { readonly given: Settings; readonly provider: AgentName | undefined },
): Settings {
  const own = provider ?? (isAgentName(last) ? last : given.provider);
  const isNamed = own !== given.provider || (provider === undefined && own === last && isProviderNamed);
  return isNamed ? withProvider(given, own) : given;
}
