/**
 * The overview of all sessions of a user: what they cost, and how they came out.
 *
 * @module
 */
import { join } from "node:path";
import { foldStory } from "../messages/fold_story.ts";
import type { Overview } from "../report/report.ts";
import { sessionNames } from "../session/find_session.ts";
import { SessionFolder } from "../session/session_folder.ts";
import { unlessFailing } from "../text/errors.ts";
import { dayOf } from "../workflow/budget.ts";
import { type CostGroup, reportCost } from "./cost_report.ts";
import type { KnownProjects } from "./known_projects.ts";
import { listRows } from "./list_sessions.ts";

/** Of the reasons, the most frequent ones. */
const MAX_REASONS = 50;

/** Gathers it. */
export function gatherOverview(
  { projects, stateFolder, leftOut }: KnownProjects,
  { since }: { readonly since: string | undefined },
): Overview {
  const costBy = (by: CostGroup) => reportCost({ projects, stateFolder, by, since });
  const days = costBy("day");
  const rows = projects.flatMap((project) => listRows(project))
    .filter(({ updatedAt }) => since === undefined || (updatedAt !== undefined && dayOf(new Date(updatedAt)) >= since))
    .sort((a, b) => (b.startedAt ?? "") < (a.startedAt ?? "") ? -1 : 1);
  const states = Map.groupBy(rows, ({ state }) => state);
  return {
    kind: "samocode-overview",
    version: 1,
    since,
    sessions: rows.map(({ project, session, task, state, detail, startedAt, elapsedMs, costUsd, estimatedUsd }) => ({
      ...{ project, session, task, state, detail, startedAt, elapsedMs, costUsd, estimatedUsd },
    })),
    states: Object.fromEntries([...states].map(([state, found]) => [state, found.length])),
    reasons: reasonsIn(projects, { stateFolder, since }),
    days: days.rows,
    phases: costBy("phase").rows,
    models: costBy("model").rows,
    total: days.total,
    leftOut: [...leftOut, ...days.leftOut],
  };
}

/** Why runs stopped, apart from questions and plans: also those that went on later. */
function reasonsIn(
  projects: KnownProjects["projects"],
  { stateFolder, since = "" }: { readonly stateFolder: string; readonly since: string | undefined },
): Overview["reasons"] {
  const counts = new Map<string, number>();
  for (const { settings: { sessions } } of projects) {
    for (const name of unlessFailing(() => sessionNames(sessions)) ?? []) {
      const story = unlessFailing(() => {
        using folder = SessionFolder.openIfExists(join(sessions, name), { stateFolder, readOnly: true, foldStory });
        return folder?.journal.story;
      });
      for (const { kind, at, text } of story?.marks ?? []) {
        if (kind !== "stopped" || dayOf(new Date(at)) < since) continue;
        counts.set(text, (counts.get(text) ?? 0) + 1);
      }
    }
  }
  return [...counts].map(([text, count]) => ({ text, count }))
    .sort((a, b) => b.count - a.count || (a.text < b.text ? -1 : 1)).slice(0, MAX_REASONS);
}
