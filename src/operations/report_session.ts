/**
 * The report of a session: gathers what its journal, its documents and its branch tell, and writes it as a file.
 *
 * @module
 */
import { basename } from "node:path";
import { foldStory } from "../messages/fold_story.ts";
import type { Report, ReportQuestion } from "../report/report.ts";
import { readPlan, readQuestionsDocument } from "../session/documents.ts";
import { findHandover } from "../session/handover.ts";
import type { SessionFolder } from "../session/session_folder.ts";
import { readSoleTextIfExists, removeIfExists, writeAtomic } from "../system/files/files.ts";
import { messageOf, SamocodeError, unlessFailing } from "../text/errors.ts";
import { usedSoFar, workedSoFar } from "../workflow/attempt.ts";
import { fold } from "../workflow/fold_history.ts";
import { gateOpenedBy, gateRule } from "../workflow/gates.ts";
import { planProgress } from "../workflow/plan.ts";
import { readPullRequest } from "../workflow/pull_request.ts";
import { readQuestions } from "../workflow/questions.ts";
import type { SessionEvent } from "../workflow/session_event.ts";
import { NO_STORY, type Story } from "../workflow/story.ts";
import { projectName } from "./list_sessions.ts";
import { readAllChanges } from "./read_changes.ts";
import { statusFrom } from "./read_status.ts";
import type { Status } from "./status.ts";
import { knownOf } from "./status_sources.ts";
import { openSession, type Samocode } from "./samocode.ts";

/** Of the diff. */
const MAX_DIFF_BYTES = 1_000_000;

/** What to report. */
export interface ReportRequest {
  readonly session: string;
  /** An event that is about to be recorded. */
  readonly pending?: SessionEvent;
}

/**
 * Gathers a report of a session, also of one under way.
 *
 * @throws {SamocodeError} If there is no such session.
 */
export async function gatherReport(samocode: Samocode, { session, pending }: ReportRequest): Promise<Report> {
  using folder = openSession(samocode, session, { readOnly: true, foldStory });
  const known = knownOf(folder, folder.name);
  const { lastSeq: seq } = known.history;
  const event = pending && { ...pending, seq: seq + 1, at: samocode.now().toISOString() };
  const history = event === undefined ? known.history : fold(known.history, event);
  const before = folder.journal.story ?? NO_STORY;
  const story = event === undefined ? before : foldStory(before, [event]);
  const asOf = history.lastAt ?? "";
  // As of then: the same journal makes the same report.
  const now = asOf === "" ? samocode.now() : new Date(asOf);
  const status = statusFrom(folder.layout, { ...known, now, history });
  const { summary, pullRequest } = findHandover(folder.layout);
  const documentAt = (path: string | undefined) =>
    path === undefined ? "" : unlessFailing(() => readSoleTextIfExists(path)) ?? "";
  const { gates, evidence } = history;
  return {
    kind: "samocode-report",
    version: 1,
    asOf,
    project: projectName(samocode),
    session: folder.name,
    task: history.task,
    dive: history.dive,
    state: status.state,
    detail: status.detail,
    phase: history.phase,
    iteration: status.iteration,
    startedAt: history.createdAt ?? "",
    elapsedMs: status.elapsedMs,
    workedMs: workedSoFar(history),
    usage: usedSoFar(history),
    branch: history.workplace?.branch,
    guard: status.guard,
    route: status.route,
    summary: summary === undefined ? undefined : { name: basename(summary), text: documentAt(summary) },
    pullRequest: readPullRequest(documentAt(pullRequest)),
    questions: questionsOf(folder, story),
    plan: planOf(folder, { status, approved: gates[gateOpenedBy("approve")] }),
    story,
    checks: {
      words: status.checks,
      rounds: [evidence.baseline, evidence.round].flatMap((round) =>
        round === undefined ? [] : [{ stage: round.stage, runs: round.runs }]
      ),
    },
    changes: folder.elsewhere === undefined ? await changesOf(samocode, session) : ELSEWHERE,
    finish: history.finish,
  };
}

function questionsOf({ layout }: SessionFolder, { decisions }: Story): readonly ReportQuestion[] {
  const text = unlessFailing(() => readQuestionsDocument(layout))?.text ?? "";
  const answers = decisions.filter(({ kind }) => kind === "answers");
  return readQuestions(text).map((question) => {
    // Answers that were written into the file by hand name no questions.
    const given = answers.findLast(({ questions }) => questions?.includes(question.id)) ??
      answers.findLast(({ questions }) => questions === undefined);
    const isOpen = question.answer === undefined || given === undefined;
    return { ...question, answered: isOpen ? undefined : { by: given.by, at: given.at } };
  });
}

function planOf(
  { layout }: SessionFolder,
  { status, approved }: {
    readonly status: Status;
    readonly approved: { readonly sha256: string | undefined } | undefined;
  },
): Report["plan"] {
  const plan = unlessFailing(() => readPlan(layout));
  if (plan === undefined) return undefined;
  const isApproved = approved !== undefined && (approved.sha256 === undefined || approved.sha256 === plan.sha256) &&
    status.needs !== gateRule(gateOpenedBy("approve")).need;
  const { done, total } = planProgress(plan.text);
  return { ...plan, done, total, isApproved };
}

/** A copy of a session comes without its repository. */
const ELSEWHERE: Report["changes"] = {
  commits: [],
  diff: "",
  left: "The changes are on the machine that runs the session",
};

/** What cannot be read of the repository is left out, with the reason. */
async function changesOf(samocode: Samocode, session: string): Promise<Report["changes"]> {
  try {
    return await readAllChanges(samocode, { session, maxBytes: MAX_DIFF_BYTES });
  } catch (error) {
    const left = error instanceof SamocodeError ? `${error.message}. ${error.hint}` : messageOf(error);
    return { commits: [], diff: "", left };
  }
}

/**
 * Writes the report of a session that is done into its folder, if there is to be one, in place of whatever is there.
 * Never throws: the session is done without it.
 *
 * @returns Why it could not be written; `undefined` if it was.
 */
export async function leaveReport(
  samocode: Samocode,
  folder: SessionFolder,
  pending: SessionEvent,
): Promise<string | undefined> {
  const { layout } = folder;
  try {
    // What an agent put there must not pass for it.
    removeIfExists(layout.report);
    if (samocode.settings.report === "off") return undefined;
    const { renderReport } = await import("../report/render_report.ts");
    const html = await renderReport(await gatherReport(samocode, { session: basename(layout.folder), pending }));
    writeAtomic(layout.report, html, { newMode: 0o600 });
    return undefined;
  } catch (error) {
    return messageOf(error);
  }
}
