/**
 * Performs what a person decided, through the same operations as the other doors.
 *
 * @module
 */
import { basename } from "node:path";
import { actOnRun, describeGoingOn, SETTLED } from "../operations/act_on_run.ts";
import { answerAndResume } from "../operations/answer_qa.ts";
import { guideSession } from "../operations/guide_session.ts";
import { raiseBudget } from "../operations/raise_budget.ts";
import { resumeSession } from "../operations/resume_session.ts";
import { openAtRest, openSession, type Samocode } from "../operations/samocode.ts";
import type { SessionFolder } from "../session/session_folder.ts";
import { SamocodeError } from "../text/errors.ts";
import { formatCount } from "../text/format.ts";
import { plainText } from "../text/terminal_text.ts";
import { dayOf, SPANS } from "../workflow/budget.ts";
import type { Question } from "../workflow/questions.ts";
import type { Act } from "./act.ts";
import { questionsOf } from "./due.ts";
import { type ActOnRun, describeFirst, firstDecision, isInJournal } from "./earlier.ts";
import { hashOfQuestion, withAnswer } from "./gate_posts.ts";
import type { Order } from "./inbox.ts";
import { whoIn } from "./settle.ts";

/** How an act went. */
export interface Performed {
  /** Whether it was performed; if not, it was already settled. */
  readonly isDone: boolean;
  /** The result in plain words for the person. */
  readonly words: string;
}

/**
 * Performs an order unless it is already settled.
 *
 * @param options.isRepeat Whether a process that has died since may already have performed it.
 * @throws {SamocodeError} If it cannot be done.
 */
export async function perform(
  samocode: Samocode,
  order: Omit<Order, "key">,
  { isRepeat }: { readonly isRepeat: boolean },
): Promise<Performed> {
  const { act, by, session } = order;
  const name = basename(session);
  if (act.verb === "tell") return done(act.text);
  const wasDone = isRepeat && isInJournal(samocode, name, order);
  if (act.verb === "guide") {
    using folder = openSession(samocode, name);
    if (!wasDone) await guideSession(folder, { text: act.text, by });
    return done(`The next agent of ${folder.name} gets your note.`);
  }
  using folder = act.verb === "stop" ? openSession(samocode, name) : await openAtRest(samocode, name);
  if (folder.history.runStartedAt !== act.run) return settled(describeFirst(samocode, name, act));
  // The earlier process may have died before it started the worker.
  if (wasDone) return done(act.verb === "stop" ? "" : describeGoingOn(await resumeSession(samocode, folder, { by })));
  try {
    return await decide(samocode, folder, { act, by });
  } catch (error) {
    if (!(error instanceof SamocodeError) || error.code !== "conflict") throw error;
    // Someone else may have decided first.
    const first = firstDecision(samocode, name, act);
    // An earlier approval would be no conflict, since repeating one is allowed.
    if (first === undefined || (act.verb === "approve" && first.type !== "plan.rejected")) throw error;
    return settled(describeFirst(samocode, name, act));
  }
}

function done(words: string): Performed {
  return { isDone: true, words };
}

function settled(more = ""): Performed {
  return { isDone: false, words: more === "" ? SETTLED : `${SETTLED} ${more}` };
}

async function decide(
  samocode: Samocode,
  folder: SessionFolder,
  { act, by }: { readonly act: ActOnRun; readonly by: string },
): Promise<Performed> {
  switch (act.verb) {
    case "answer":
      return await answer(samocode, folder, { act, by });
    case "raise":
      return await raise(samocode, folder, { act, by });
    case "approve":
    case "revise":
    case "accept_baseline":
    case "resume":
    case "stop":
      return done(await actOnRun(samocode, folder, { act, by }));
  }
}

async function answer(
  samocode: Samocode,
  folder: SessionFolder,
  { act, by }: { readonly act: Extract<Act, { verb: "answer" }>; readonly by: string },
): Promise<Performed> {
  const questions = questionsOf({ folder: folder.layout.folder });
  const asked = act.questions.map((given) => ({ ...given, now: findShown(questions, given) }));
  const changed = asked.filter(({ hash, now }) => hash !== "" && now === undefined);
  if (changed.length > 0) {
    const ids = changed.map(({ id }) => id).join(", ");
    throw new SamocodeError("usage", `Cannot answer ${ids}: it has changed since you saw it`, {
      hint: "Read it again",
    });
  }
  const left = asked.filter(({ now, answer }) => act.replaces || now?.answer === undefined || now.answer === answer);
  const before = asked.flatMap(({ now }) => now?.answer === undefined ? [] : [withAnswer(now, now.answer)]).join(", ");
  const first = before === "" ? undefined : firstDecision(samocode, folder.name, act);
  const earlier = plainText(`${before}${first === undefined ? "" : ` (${whoIn(first)})`}`, 300);
  if (left.length === 0) return settled(earlier);
  const answers = Object.fromEntries(left.map(({ id, answer }) => [id, answer]));
  const status = await answerAndResume(samocode, folder, { answers, acceptSuggestions: false, by });
  const ids = left.length > 10 ? formatCount(left.length, "question") : left.map(({ id }) => id).join(", ");
  const given = `Answered ${plainText(ids, 200)}.`;
  const open = status.questions.length;
  const next = open === 0 ? describeGoingOn(status) : `${formatCount(open, "question")} left.`;
  return done([given, ...(act.replaces && before !== "" ? [`Previously: ${earlier}.`] : []), next].join(" "));
}

/** The question that the person saw, or named by its id alone; `undefined` if it is not the one to answer now. */
function findShown(
  questions: readonly Question[],
  { id, hash }: { readonly id: string; readonly hash: string },
): Question | undefined {
  const same = questions.filter((question) => question.id === id);
  const next = same.findLast(({ answer }) => answer === undefined) ?? same.at(-1);
  const shown = hash === "" ? next : same.findLast((question) => hashOfQuestion(question) === hash);
  return shown === next || shown?.answer !== undefined ? shown : undefined;
}

async function raise(
  samocode: Samocode,
  folder: SessionFolder,
  { act, by }: { readonly act: Extract<Act, { verb: "raise" }>; readonly by: string },
): Promise<Performed> {
  const today = dayOf(samocode.now());
  const raised = act.raised.filter(({ day = today }) => day === today);
  if (raised.length === 0) return settled("The limit was for a day that is over.");
  for (const span of SPANS) {
    const to = Object.fromEntries(raised.filter((each) => each.span === span).map((each) => [each.measure, each.to]));
    if (Object.keys(to).length > 0) await raiseBudget(samocode, folder, { to, span, by });
  }
  return done(`The budget is raised. ${describeGoingOn(await resumeSession(samocode, folder, { by }))}`);
}
