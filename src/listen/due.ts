/**
 * Everything that posts about a session are made of, read at one moment.
 *
 * @module
 */
import { basename } from "node:path";
import type { Post } from "../channels/post.ts";
import { contextOf } from "../operations/answer_qa.ts";
import { readQuestionsDocument } from "../session/documents.ts";
import { layoutOf } from "../session/layout.ts";
import { lstatIfExists, readSoleTextIfExists } from "../system/files/files.ts";
import { unlessFailing } from "../text/errors.ts";
import { plainBlock } from "../text/terminal_text.ts";
import type { Raise } from "../workflow/budget.ts";
import { type Question, readQuestions } from "../workflow/questions.ts";
import { isLost } from "../workflow/supervision.ts";
import { plannedRaise } from "../operations/raise_budget.ts";
import { type DuePlan, type DueText, readDuePlan, readDueSummary } from "../operations/read_due.ts";
import type { Status } from "../operations/status.ts";
import { openSession } from "../operations/samocode.ts";
import { viewPlan } from "../operations/view_plan.ts";
import { beginningOf, fileName } from "./post_parts.ts";
import type { View } from "./view.ts";

/** What is due, and the session it concerns. */
export interface Due extends View {
  /** When it was read, in milliseconds since 1970. */
  readonly nowMs: number;
  /** The whole plan, while it waits for approval. */
  readonly plan: DuePlan | undefined;
  /** The plan as the person last saw it, if more than its ticks changed; `undefined` before its first change. */
  readonly planBefore: string | undefined;
  /** The whole summary, once the session is done. */
  readonly summary: DueText | undefined;
  /** The report, once it is done, if channels are to attach it and it is not too large. */
  readonly report: Post["document"];
  /** A raise of each used-up limit by its original amount; empty unless the session waits for one. */
  readonly raises: readonly Raise[];
  /** Whether the system ended its worker. */
  readonly isLost: boolean;
}

/** Reads what is due. Leaves out what cannot be read; the status says why. */
export function dueOf({ samocode, status }: View): Due {
  const inJournal = <Found>(read: (folder: ReturnType<typeof openSession>) => Found): Found | undefined =>
    unlessFailing(() => {
      using folder = openSession(samocode, basename(status.folder), { readOnly: true });
      return read(folder);
    });
  const raise = { to: {}, span: "session", by: "" } as const;
  const plan = readDuePlan(status, Infinity);
  return {
    samocode,
    status,
    nowMs: samocode.now().getTime(),
    plan,
    planBefore: plan && inJournal((folder) => viewPlan(folder)?.before),
    summary: readDueSummary(status, Infinity),
    report: reportOf({ samocode, status }),
    raises: (status.needs === "budget" ? inJournal((folder) => plannedRaise(samocode, folder, raise)) : undefined) ??
      [],
    isLost: status.state === "stopped" && (inJournal(({ history }) => isLost(history)) ?? false),
  };
}

/** Phones open that; some services take no more. In bytes. */
const MAX_REPORT = 1_500_000;

function reportOf({ samocode, status: { session, handover: { report: path } } }: View): Post["document"] {
  if (path === undefined || samocode.settings.report !== "attach") return undefined;
  if ((lstatIfExists(path)?.size ?? Infinity) > MAX_REPORT) return undefined;
  const text = unlessFailing(() => readSoleTextIfExists(path));
  return text === undefined ? undefined : { name: fileName(`${session}-report.html`), text };
}

/** All questions of a session, answered or not. */
export function questionsOf({ folder }: Pick<Status, "folder">): readonly Question[] {
  return readQuestions(unlessFailing(() => readQuestionsDocument(layoutOf(folder)))?.text ?? "");
}

/** The text around questions in `_qa.md`, for someone who asks for it. */
export function contextFor({ samocode, status }: View, asked: readonly { readonly id: string }[]): string {
  const questions = questionsOf(status).filter((question) => asked.some(({ id }) => id === question.id));
  const texts = questions.map((question) => contextOf(samocode, { session: basename(status.folder), question }));
  return beginningOf(plainBlock(texts.join("\n\n"))).text || "There is no more context.";
}
