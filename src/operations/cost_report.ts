/**
 * What the sessions of this user cost: from their journals, and for sessions whose journals are gone or elsewhere, from
 * the ledger of the last days.
 *
 * @module
 */
import { basename, join } from "node:path";
import { addAmounts, dayOf, NOTHING_SPENT } from "../workflow/budget.ts";
import type { RecordedEvent } from "../workflow/session_event.ts";
import { addUsage, NO_USAGE, type Usage } from "../workflow/usage.ts";
import { DayLedger, ledgerKey } from "../session/day_ledger.ts";
import { sessionNames } from "../session/find_session.ts";
import { archiveOf } from "../session/layout.ts";
import { SessionFolder } from "../session/session_folder.ts";
import { lstatIfExists } from "../system/files/files.ts";
import { messageOf } from "../text/errors.ts";
import type { KnownProject } from "./known_projects.ts";
import { projectName } from "./list_sessions.ts";

/** By what costs are added up. */
export type CostGroup = "day" | "session" | "phase" | "model";

/** What was used under one key. Costs are in US dollars. */
export interface CostSum {
  /** As the agents reported it. */
  readonly costUsd: number;
  /** By list price, where no cost was reported. */
  readonly estimatedUsd: number;
  readonly tokens: number;
  /** How many agents were started. */
  readonly starts: number;
  readonly workedMs: number;
}

/** A row of the report. */
export interface CostRow extends CostSum {
  /** A local day, a session, a phase or a model. */
  readonly key: string;
}

/** The report. */
export interface CostReport {
  readonly by: CostGroup;
  /** The first local day; `undefined` for all. */
  readonly since: string | undefined;
  /** Days in their order, anything else with the dearest first. */
  readonly rows: readonly CostRow[];
  readonly total: CostSum;
  /** How many sessions were read. */
  readonly sessions: number;
  /** What is not in the sums, each with the reason. */
  readonly leftOut: readonly string[];
}

/** What to add up. */
export interface CostRequest {
  readonly projects: readonly KnownProject[];
  readonly stateFolder: string;
  readonly by: CostGroup;
  readonly since: string | undefined;
}

const NOTHING: CostSum = { costUsd: 0, estimatedUsd: 0, tokens: 0, starts: 0, workedMs: 0 };
/** The key of what only the ledger knows. */
const ELSEWHERE: Readonly<Record<Exclude<CostGroup, "day">, string>> = {
  session: "(sessions that are gone)",
  phase: "(unknown)",
  model: "(unknown)",
};

/** Adds up what was used since a day. An attempt counts for the day on which it began. */
export function reportCost({ projects, stateFolder, by, since }: CostRequest): CostReport {
  const sums = new Map<string, CostSum>();
  const add = (key: string, more: CostSum) => void sums.set(key, addSums(sums.get(key) ?? NOTHING, more));
  const seen = new Set<string>();
  const leftOut: string[] = [];
  for (const { settings } of projects) {
    const archive = archiveOf(settings.sessions);
    const archived = lstatIfExists(archive)?.isDirectory ? sessionNames(archive) : [];
    const paths = [
      ...sessionNames(settings.sessions).map((name) => join(settings.sessions, name)),
      ...archived.map((name) => join(archive, name)),
    ];
    for (const path of paths) {
      try {
        const own = readSession(path, {
          stateFolder,
          since,
          keyOf: keyFor(by, `${projectName({ settings })}/${basename(path)}`),
        });
        if (own === undefined) continue;
        if (own.doubt !== undefined) {
          leftOut.push(`${path}: its journal cannot be trusted: ${own.doubt}`);
          continue;
        }
        seen.add(own.ledgerKey);
        for (const [key, sum] of own.sums) add(key, sum);
      } catch (error) {
        leftOut.push(`${path}: ${messageOf(error)}`);
      }
    }
  }
  for (const day of DayLedger.days(stateFolder).filter((day) => since === undefined || day >= since)) {
    const gone = [...DayLedger.read(stateFolder, day)].filter(([key]) => !seen.has(key));
    const { cost: costUsd, tokens, starts, time } = gone.reduce((all, [, own]) => addAmounts(all, own), NOTHING_SPENT);
    const isAny = costUsd + tokens + starts + time > 0;
    if (isAny) add(by === "day" ? day : ELSEWHERE[by], { ...NOTHING, costUsd, tokens, starts, workedMs: time });
  }
  const rows = [...sums].map(([key, sum]) => ({ key, ...sum }));
  return {
    by,
    since,
    rows: rows.sort((a, b) => by === "day" ? (a.key < b.key ? -1 : 1) : dollarsOf(b) - dollarsOf(a)),
    total: rows.reduce<CostSum>(addSums, NOTHING),
    sessions: seen.size,
    leftOut,
  };
}

/** Reported and estimated dollars. */
export function dollarsOf({ costUsd, estimatedUsd }: CostSum): number {
  return costUsd + estimatedUsd;
}

/** What an attempt is known by. */
interface AttemptKeys {
  readonly day: string;
  readonly phase: string;
  readonly model: string;
}

function keyFor(by: CostGroup, session: string): (attempt: AttemptKeys) => string {
  return by === "session" ? () => session : (attempt) => attempt[by];
}

interface SessionCost {
  readonly sums: ReadonlyMap<string, CostSum>;
  readonly ledgerKey: string;
  readonly doubt: string | undefined;
}

/** Adds up as it reads, and keeps no event. */
function readSession(
  path: string,
  { stateFolder, since = "", keyOf }: Pick<CostRequest, "stateFolder" | "since"> & {
    readonly keyOf: (attempt: AttemptKeys) => string;
  },
): SessionCost | undefined {
  const sums = new Map<string, CostSum>();
  let attempt: AttemptKeys = { day: "", phase: "", model: "(unknown)" };
  // Of the last attempt, until its model is known for sure.
  let starts = 0;
  const add = (more: CostSum) => {
    if (attempt.day < since) return;
    const key = keyOf(attempt);
    sums.set(key, addSums(sums.get(key) ?? NOTHING, more));
  };
  const see = (event: RecordedEvent) => {
    if (event.type === "iteration.started") {
      const { at, phase, provider, model } = event;
      if (starts > 0) add({ ...NOTHING, starts });
      attempt = { day: dayOf(new Date(at)), phase, model: model ?? provider ?? "(unknown)" };
      starts = 1;
    } else if (event.type === "agent.started" && event.model !== "") attempt = { ...attempt, model: event.model };
    else if (event.type === "iteration.ended") {
      add({ ...sumOf(event.usage, event.durationMs), starts });
      starts = 0;
    }
  };
  using folder = SessionFolder.openIfExists(path, { stateFolder, readOnly: true, see });
  if (folder === undefined) return undefined;
  if (starts > 0) add({ ...NOTHING, starts });
  const { name, createdAt = "" } = folder.history;
  return { sums, ledgerKey: ledgerKey({ name, createdAt }), doubt: folder.journal.doubt };
}

function sumOf(usage: Usage, workedMs: number): CostSum {
  const { costUsd = 0, estimatedUsd = 0, ...tokens } = addUsage(NO_USAGE, usage);
  const all = tokens.inputTokens + tokens.outputTokens + tokens.cacheReadTokens + tokens.cacheWriteTokens;
  return { costUsd, estimatedUsd, tokens: all, starts: 0, workedMs };
}

function addSums(a: CostSum, b: CostSum): CostSum {
  return {
    costUsd: a.costUsd + b.costUsd,
    estimatedUsd: a.estimatedUsd + b.estimatedUsd,
    tokens: a.tokens + b.tokens,
    starts: a.starts + b.starts,
    workedMs: a.workedMs + b.workedMs,
  };
}
