/**
 * Lists all sessions of the fleet that a person may see, from their rows; a list copies no journals.
 *
 * @module
 */
import type { ListedSession } from "../operations/list_sessions.ts";
import type { FleetPlace } from "../operations/status.ts";
import { readPhase } from "../workflow/phases.ts";
import type { SessionNeed, SessionState } from "../workflow/snapshot.ts";
import { Engine, type Environment } from "./engine.ts";
import { type FleetRow, readRows } from "./rows.ts";

/** A session of the fleet in a list. */
export interface ListedFleetSession extends ListedSession {
  readonly fleet: FleetPlace & Pick<FleetRow, "pool" | "labels" | "priority" | "decisions" | "by">;
}

/**
 * Lists sessions, newest first.
 *
 * @throws {SamocodeError} If the fleet cannot be reached.
 */
export async function listFleet(
  env: Environment,
  { project, nowMs }: { readonly project: string | undefined; readonly nowMs: number },
): Promise<readonly ListedFleetSession[]> {
  await using engine = await Engine.open(env, { use: "person" });
  return (await readRows(engine, { project })).map((row) => listed(row, nowMs));
}

const NEEDS: readonly SessionNeed[] = ["none", "answers", "approval", "budget", "baseline", "unblock"];

function listed(row: FleetRow, nowMs: number): ListedFleetSession {
  const { summary, project, name, detail, task, worker, account, place, pool, labels, priority, decisions, by } = row;
  const state: SessionState = row.state === "taken" ? "stopped" : row.state;
  const isAtRest = state !== "running" && state !== "queued";
  const startedAt = summary.startedAt ?? row.createdAt;
  const until = isAtRest ? Date.parse(summary.updatedAt ?? row.changedAt) : nowMs;
  return {
    session: name,
    project,
    state,
    needs: isAtRest ? NEEDS.find((need) => need === summary.needs) ?? "none" : "none",
    movedTo: undefined,
    obstacle: undefined,
    detail: state === "running" ? "" : detail,
    phase: readPhase(summary.phase ?? "") ?? "init",
    iteration: summary.iteration ?? 0,
    activity: state === "running" ? summary.activity ?? "" : "",
    task: summary.task ?? task,
    costUsd: summary.costUsd,
    estimatedUsd: summary.estimatedUsd,
    startedAt,
    updatedAt: summary.updatedAt,
    elapsedMs: Math.max(0, until - Date.parse(startedAt)),
    plan: undefined,
    fleet: { worker, account, place, pool, labels, priority, decisions, by },
  };
}
