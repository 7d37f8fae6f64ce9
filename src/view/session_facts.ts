/**
 * What the page is told of a session, made of its status.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { basename, dirname, join } from "node:path";
import { planLabel } from "../messages/plan_label.ts";
import { projectName } from "../operations/list_sessions.ts";
import type { KnownProject } from "../operations/known_projects.ts";
import type { Status } from "../operations/status.ts";
import { readPlan, readQuestionsDocument } from "../session/documents.ts";
import { copiesIn } from "../session/elsewhere.ts";
import { layoutOf } from "../session/layout.ts";
import { bareName } from "../session/session_name.ts";
import { commandFor, fleetCommandFor } from "../text/action.ts";
import { unlessFailing } from "../text/errors.ts";
import { hashOf } from "../trust/seen_file.ts";
import type { Story } from "../workflow/story.ts";
import type { SessionFacts, SessionRow } from "./contract.ts";

/** How a session is named in addresses. One of the fleet keeps its name there when it begins and its folder gets a date. */
export function keyOf(folder: string): string {
  const sessions = dirname(folder);
  const named = copiesIn(sessions) === undefined ? folder : join(sessions, bareName(basename(folder)));
  return hashOf(named).slice(0, 16);
}

/** A session in the list. */
export function rowOf(project: KnownProject, status: Status): SessionRow {
  const { session, state, needs, detail, phase, iteration, activity, task, plan, now } = status;
  const { costUsd, estimatedUsd, startedAt, updatedAt, elapsedMs } = status;
  return {
    ...{
      session,
      state,
      needs,
      detail,
      phase,
      iteration,
      activity,
      costUsd,
      estimatedUsd,
      startedAt,
      updatedAt,
      elapsedMs,
    },
    key: keyOf(status.folder),
    project: projectName(project),
    task: task.slice(0, MAX_TASK),
    plan: plan && { done: plan.done, total: plan.total },
    heardAt: now?.attempt?.heardAt,
  };
}

/** A list shows a line of it, and searches in it. */
const MAX_TASK = 1_000;

/** What the facts have beside the status. */
export interface FactSources {
  readonly project: KnownProject;
  readonly story: Story | undefined;
  readonly journalBytes: number;
  readonly now: Date;
}

/** All that the page shows of one session beside its story and documents. */
export function factsOf(status: Status, { project, story, journalBytes, now }: FactSources): SessionFacts {
  const { attempt, wait, questions, route, provider, model, guard, branch, commit, work, finish, note } = status;
  const { budget, tokens, workedMs, kept, checks, needs, folder, next } = status;
  const layout = layoutOf(folder);
  const asked = needs === "answers" ? unlessFailing(() => readQuestionsDocument(layout)) : undefined;
  const due = needs === "approval" ? unlessFailing(() => readPlan(layout)) : undefined;
  return {
    ...rowOf(project, status),
    ...{ now: status.now, attempt, wait, questions, route, provider, model, guard, branch, commit, work, finish, note },
    ...{ budget, tokens, workedMs, kept, checks, journalBytes },
    task: status.task,
    at: now.toISOString(),
    run: status.runStartedAt,
    asked: asked && { sha256: asked.sha256 },
    due: due && { label: planLabel(due), sha256: due.sha256 },
    next: next.flatMap((action) => {
      const command = (status.fleet === undefined ? commandFor : fleetCommandFor)(action, project.settings.mainRepo);
      return command === undefined ? [] : [{ verb: action.verb, words: WORDS[action.verb] ?? "", command }];
    }),
    storyVersion: versionOf(story),
  };
}

/** Changes with the story. */
export function versionOf(story: Story | undefined): number {
  if (story === undefined) return 0;
  const known = versions.get(story);
  if (known !== undefined) return known;
  const version = createHash("sha256").update(JSON.stringify(story)).digest().readUIntBE(0, 6);
  versions.set(story, version);
  return version;
}

const versions = new WeakMap<Story, number>();

const WORDS: Readonly<Partial<Record<Status["next"][number]["verb"], string>>> = {
  wait: "Watch it",
  stop: "Stop it",
  doctor: "See what is missing",
  answer: "Answer its questions",
  approve: "Approve its plan",
  revise: "Send the plan back",
  raise_budget: "Raise its budget",
  accept_baseline: "Go on with its checks as they are",
  resume: "Continue it",
  guide: "Tell the next agent something",
  finish: "Merge or push its branch",
  review: "See what it changed",
  continue: "Give it a new task",
  move: "Move it to another phase",
  accept: "Accept its journal as it is",
  logs: "Read its log",
};
