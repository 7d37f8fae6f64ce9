/**
 * Goes on with a session that rests, in a worker of its own.
 *
 * @module
 */
import type { History } from "../workflow/history.ts";
import { hintFor } from "../workflow/next_action.ts";
import type { Obstacle } from "../workflow/standing.ts";
import { type AgentName, isAgentName } from "../agents/agents.ts";
import type { SessionFolder } from "../session/session_folder.ts";
import { type Settings, withProvider } from "../settings/settings.ts";
import { SamocodeError } from "../text/errors.ts";
import { startWorker } from "./detached_worker.ts";
import { guideIn } from "./guide_session.ts";
import { openAtRest } from "./open_at_rest.ts";
import { type Status, statusOf } from "./read_status.ts";
import type { Samocode } from "./samocode.ts";

/** How to go on. */
export interface Resumption {
  /** What the next iteration is told; recorded first. */
  readonly guidance?: string | undefined;
  /** Who asked, for the record. */
  readonly by: string;
  /** Which agent works where nothing else is set; without one it is the one that worked last. */
  readonly provider?: AgentName | undefined;
}

/** Goes on with the session of that name; see {@linkcode resumeIn}. */
export async function resumeSession(
  samocode: Samocode,
  { session, ...resumption }: Resumption & { readonly session: string },
): Promise<Status> {
  using folder = await openAtRest(samocode, session);
  return await resumeIn(samocode, folder, resumption);
}

/**
 * Goes on after a block, a stop, a failure or a crash, or at a gate that was opened. A session that runs is only told
 * the guidance.
 *
 * @returns Where it stands once its worker has begun.
 * @throws {SamocodeError} Where it is done or waits for a human, and where its worker cannot begin.
 */
export async function resumeIn(
  samocode: Samocode,
  folder: SessionFolder,
  { guidance, by, provider }: Resumption,
): Promise<Status> {
  folder.journal.refresh();
  const { obstacle, session, next } = statusOf(folder);
  if (obstacle !== undefined && obstacle !== "worker") {
    throw new SamocodeError("conflict", `Cannot go on with ${session}: ${OBSTACLES[obstacle]}`, hintFor(next));
  }
  if (guidance !== undefined) guideIn(folder, { text: guidance, by });
  folder.journal.refresh();
  if (obstacle === "worker") return statusOf(folder);
  const settings = settingsFor(folder.history, { given: samocode.settings, provider });
  return await startWorker({ ...samocode, settings }, { folder });
}

const OBSTACLES: Readonly<Record<Exclude<Obstacle, "worker">, string>> = {
  done: "it is done",
  answers: "its questions are not answered",
  approval: "its plan is not approved",
};

/** Named for the whole session once, a provider stays so. */
function settingsFor(
  { provider: last = "", isProviderNamed }: History,
  { given, provider }: { readonly given: Settings; readonly provider: AgentName | undefined },
): Settings {
  const own = provider ?? (isAgentName(last) ? last : given.provider);
  const isNamed = own !== given.provider || (provider === undefined && own === last && isProviderNamed);
  return isNamed ? withProvider(given, own) : given;
}
