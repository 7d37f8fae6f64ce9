/**
 * Goes on with a session that rests, in a worker of its own.
 *
 * @module
 */
import type { History } from "../workflow/history.ts";
import { movedPhase } from "../loop/begin_run.ts";
import { type AgentName, isAgentName } from "../agents/agents.ts";
import type { SessionFolder } from "../session/session_folder.ts";
import { type Settings, withProvider } from "../settings/settings.ts";
import { SamocodeError } from "../system/errors.ts";
import { startWorker } from "./detached_worker.ts";
import { guideSession } from "./guide_session.ts";
import { type Status, statusOf } from "./read_status.ts";
import { released } from "./released.ts";
import { openSession, type Samocode } from "./samocode.ts";
import { wayOn } from "./way_on.ts";

/** What to go on with. */
export interface ResumeRequest {
  readonly session: string;
  /** What the next iteration is told; recorded first. */
  readonly guidance: string | undefined;
  /** Who asked, for the record. */
  readonly by: string;
  /** Which agent works where nothing else is set; without one it is the one that worked last. */
  readonly provider?: AgentName | undefined;
}

/**
 * Goes on after a block, a stop, a failure or a crash, or at a gate that was opened. A session that runs is only told
 * the guidance.
 *
 * @returns Where it stands once its worker has begun.
 * @throws {SamocodeError} Where it is done or waits for a human, and where its worker cannot begin.
 */
export async function resumeSession(samocode: Samocode, request: ResumeRequest): Promise<Status> {
  const { session, guidance, by } = request;
  using folder = openSession(samocode, session);
  if (statusOf(folder).state !== "running") await released(folder);
  folder.journal.refresh();
  const status = statusOf(folder);
  const obstacle = obstacleFor(folder, status);
  if (obstacle !== undefined) {
    throw new SamocodeError("conflict", `Cannot go on with ${status.session}: ${obstacle}`, { hint: wayOn(status) });
  }
  if (guidance !== undefined) guideSession(samocode, { session, text: guidance, by });
  folder.journal.refresh();
  if (status.state === "running") return statusOf(folder);
  const settings = settingsFor(folder.history, { given: samocode.settings, provider: request.provider });
  return await startWorker({ ...samocode, settings }, { folder });
}

/** Named for the whole session once, a provider stays so. */
function settingsFor(
  { provider: last = "", isProviderNamed }: History,
  { given, provider }: { readonly given: Settings; readonly provider: AgentName | undefined },
): Settings {
  const own = provider ?? (isAgentName(last) ? last : given.provider);
  const isNamed = own !== given.provider || (provider === undefined && own === last && isProviderNamed);
  return isNamed ? withProvider(given, own) : given;
}

/** What a human did by hand to the documents of a gate is seen by the worker; it must be able to begin. */
function obstacleFor(folder: SessionFolder, { state, needs, questions }: Status): string | undefined {
  if (state === "done") return "it is done";
  if (state === "running" || movedPhase(folder) !== undefined) return undefined;
  if (needs === "answers" && questions.length > 0) return "its questions are not answered";
  return needs === "approval" ? "its plan is not approved" : undefined;
}
