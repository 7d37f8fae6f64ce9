/**
 * The report of a session: gathers what its journal, its documents and its branch tell, and writes it as a file.
 *
 * @module
 */
import { basename, join } from "node:path";
import { foldStory, NO_STORY } from "../messages/fold_story.ts";
import type { Report, ReportCommit, ReportQuestion } from "../report/report.ts";
import { readPlan, readQuestionsDocument } from "../session/documents.ts";
import { askGit, git } from "../session/git.ts";
import { findHandover } from "../session/handover.ts";
import type { SessionFolder } from "../session/session_folder.ts";
import { readSoleTextIfExists, readUpTo, removeIfExists, writeAtomic } from "../system/files/files.ts";
import { messageOf, SamocodeError, unlessFailing } from "../text/errors.ts";
import { formatCount } from "../text/format.ts";
import { usedSoFar, workedSoFar } from "../workflow/attempt.ts";
import { fold } from "../workflow/fold_history.ts";
import { gateOpenedBy, gateRule } from "../workflow/gates.ts";
import { planProgress } from "../workflow/plan.ts";
import { readPullRequest } from "../workflow/pull_request.ts";
import { readQuestions } from "../workflow/questions.ts";
import type { SessionEvent } from "../workflow/session_event.ts";
import type { Story } from "../workflow/story.ts";
import { projectName } from "./list_sessions.ts";
import { knownOf, type Status, statusFrom } from "./read_status.ts";
import { openSession, type Samocode } from "./samocode.ts";
import { findWork, inOwnFolder } from "./view_work.ts";

/** Of the commits, the newest. */
const MAX_COMMITS = 200;
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
  using folder = openSession(samocode, session, { readOnly: true, story: true });
  const known = knownOf(folder, folder.name);
  const { lastSeq: seq } = known.history;
  const event = pending && { ...pending, seq: seq + 1, at: samocode.now().toISOString() };
  const history = event === undefined ? known.history : fold(known.history, event);
  const before = folder.journal.story ?? NO_STORY;
  const story = event === undefined ? before : foldStory(before, event);
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
    changes: await changesOf(samocode, folder),
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

/** What cannot be read of the repository is left out, with the reason. */
async function changesOf(samocode: Samocode, folder: SessionFolder): Promise<Report["changes"]> {
  const { mainRepo } = samocode.settings;
  try {
    const { from, to, uncommitted } = await findWork(samocode, folder);
    const range = ["--end-of-options", `${from}..${to}`];
    const format = "--format=%h%x1f%cI%x1f%s";
    const log = await askGit(mainRepo, "rev-list", `--max-count=${MAX_COMMITS}`, format, ...range) ?? "";
    const count = Number(await askGit(mainRepo, "rev-list", "--count", ...range)) || 0;
    const { diff, isCut } = await readChanges(mainRepo, `${from}...${to}`);
    const left = [
      ...isCut ? ["The rest of the changes is not shown"] : [],
      ...uncommitted > 0 ? [`${formatCount(uncommitted, "uncommitted file")} not shown`] : [],
    ];
    return { commits: commitsIn(log), count, diff, left: left.join(". ") };
  } catch (error) {
    const left = error instanceof SamocodeError ? `${error.message}. ${error.hint}` : messageOf(error);
    return { commits: [], count: 0, diff: "", left };
  }
}

/** Git writes the changes to a file, of which only the beginning is read. */
async function readChanges(
  mainRepo: string,
  range: string,
): Promise<{ readonly diff: string; readonly isCut: boolean }> {
  return await inOwnFolder(async (own) => {
    const path = join(own, "diff");
    const { code, stderr } = await git(mainRepo, "diff", "--no-color", `--output=${path}`, "--end-of-options", range);
    if (code !== 0) throw new Error(stderr.trim() || `git diff ended with code ${code}`);
    using file = Deno.openSync(path);
    const bytes = readUpTo(file, MAX_DIFF_BYTES);
    const isCut = file.statSync().size > bytes.length;
    const text = new TextDecoder().decode(bytes);
    return { diff: isCut ? text.slice(0, text.lastIndexOf("\n") + 1) : text, isCut };
  });
}

function commitsIn(log: string): readonly ReportCommit[] {
  return log.split("\n").flatMap((line) => {
    // Git names each commit in a line of its own first.
    const [hash = "", at, subject] = line.split("\x1f");
    return at === undefined || subject === undefined ? [] : [{ hash, at, subject }];
  });
}

/**
 * Writes the report of a session that is done into its folder, in place of whatever is there. Never throws: the session
 * is done without it.
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
    const { renderReport } = await import("../report/render_report.ts");
    const html = await renderReport(await gatherReport(samocode, { session: basename(layout.folder), pending }));
    writeAtomic(layout.report, html, { newMode: 0o600 });
    return undefined;
  } catch (error) {
    return messageOf(error);
  }
}
