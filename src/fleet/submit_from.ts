/**
 * Submits a session with the repository and the settings of this folder's project.
 *
 * @module
 */
import { exceedsSettings } from "../operations/own_budget.ts";
import { placesOf, refuseAgents } from "../operations/people_only.ts";
import { SamocodeError } from "../text/errors.ts";
import { Engine } from "./engine.ts";
import {
  describeUnpushed,
  findLocalProject,
  type FleetHost,
  type LocalProject,
  repositoryOf,
  settingsToSend,
} from "./local_project.ts";
import {
  checkRepository,
  projectOf,
  type Submission,
  type SubmitPlace,
  submitSession,
  type Submitted,
} from "./submit.ts";

/** What a person wants to submit. */
export interface SubmitWish extends Omit<Submission, "settings"> {
  /** By its name in the fleet. */
  readonly project: string | undefined;
  /** The repository's address. */
  readonly repository: string | undefined;
}

/**
 * Submits the session.
 *
 * @throws {SamocodeError} If there is no repository to work on, or an agent tries to approve a plan or raise a budget.
 */
export async function submitFrom(
  host: FleetHost,
  { project, repository, ...wish }: SubmitWish,
): Promise<{ readonly submitted: Submitted; readonly warnings: readonly string[] }> {
  const local = await findLocalProject(host);
  refuseForAgents(host, local, wish);
  const place = placeFor(local, { project, repository });
  const isHere = local !== undefined && place.repository !== undefined && local.repository === place.repository;
  const settings = isHere ? settingsToSend(host) : {};
  const unpushed = isHere ? await describeUnpushed(local.settings) : "";
  await using engine = await Engine.open(host.env, { use: "person" });
  const submitted = await submitSession(engine, place, { ...wish, settings });
  return { submitted, warnings: unpushed === "" ? [] : [unpushed] };
}

/** Refuses agents: passing a plan approves it, and passing a higher budget raises it. */
function refuseForAgents(
  { env }: FleetHost,
  local: LocalProject | undefined,
  { plan, maxCostUsd }: Pick<SubmitWish, "plan" | "maxCostUsd">,
): void {
  // "/" refuses agents everywhere: the session runs on other machines, beyond any folder that an agent may act in.
  const places = ["/", ...(local === undefined ? [] : placesOf(local))];
  if (plan !== undefined) refuseAgents({ verb: "approve", env, places });
  const isMore = maxCostUsd !== undefined && (local === undefined || exceedsSettings(local, maxCostUsd));
  if (isMore) refuseAgents({ verb: "raise a budget", env, places });
}

function placeFor(
  local: LocalProject | undefined,
  { project, repository }: Pick<SubmitWish, "project" | "repository">,
): SubmitPlace {
  if (repository !== undefined) {
    const checked = checkRepository(repository);
    return { project: project ?? projectOf(checked), repository: checked };
  }
  const own = local === undefined ? undefined : repositoryOf(local);
  if (project !== undefined && (own === undefined || project !== local?.project)) {
    return { project, repository: undefined };
  }
  if (own !== undefined) return { project: projectOf(own), repository: own };
  throw new SamocodeError(
    "usage",
    local === undefined
      ? "Cannot submit a session: there is no project here"
      : `Cannot submit a session: ${local.settings.mainRepo} has no remote called origin for workers to clone`,
    {
      hint: (local === undefined ? "Run samocode init in a clone of the repository, or name" : "Name") +
        " the repository with --repo URL, or a project of the fleet with --project NAME",
    },
  );
}
