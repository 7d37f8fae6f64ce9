/**
 * Does what a person decided, through the same operations as every door.
 *
 * @module
 */
import { basename } from "node:path";
import { answerAndResume } from "../operations/answer_qa.ts";
import { approveAndResume } from "../operations/approve_plan.ts";
import { guideSession } from "../operations/guide_session.ts";
import { raiseBudget } from "../operations/raise_budget.ts";
import { type Status, statusOf } from "../operations/read_status.ts";
import { resumeSession } from "../operations/resume_session.ts";
import { openAtRest, openSession, type Samocode } from "../operations/samocode.ts";
import { stopSession } from "../operations/stop_session.ts";
import { acceptBaseline } from "../operations/view_checks.ts";
import type { SessionFolder } from "../session/session_folder.ts";
import { SamocodeError } from "../text/errors.ts";
import { formatCount } from "../text/format.ts";
import { plainText } from "../text/terminal_text.ts";
import { dayOf, SPANS } from "../workflow/budget.ts";
import type { RecordedEvent } from "../workflow/session_event.ts";
import type { Act } from "./act.ts";
import { questionsOf } from "./due.ts";
import { hashOfQuestion, withAnswer } from "./gate_posts.ts";
import type { Order } from "./inbox.ts";
import { describeDecision, whoIn } from "./settle.ts";

/** What somebody hears who decides what is decided already. */
export const SETTLED = "That is settled already.";

/**
 * Does it, and says in plain words how it went.
 *
 * @param options.isRepeat Whether it may have been done before: a process that took it has died since.
 * @throws {SamocodeError} If it cannot be done.
 */
export async function perform(
  samocode: Samocode,
  { act, by, session, cursor }: Omit<Order, "key">,
  { isRepeat }: { readonly isRepeat: boolean },
): Promise<string> {
  const name = basename(session);
  if (act.verb === "tell") return act.text;
  const wasDone = isRepeat && decisionsSince(samocode, name, cursor).some((event) => isDone(event, { act, by }));
  if (act.verb === "guide") {
    using folder = openSession(samocode, name);
    if (!wasDone) guideSession(folder, { text: act.text, by });
    return TOLD;
  }
  using folder = act.verb === "stop" ? openSession(samocode, name) : await openAtRest(samocode, name);
  if (folder.history.runStartedAt !== act.run) return settledBy(samocode, name, act);
  if (wasDone) {
    // Its process may have ended before the worker was started.
    const status = statusOf(folder);
    return goesOn(status.state === "ready" ? await resumeSession(samocode, folder, { by }) : status);
  }
  try {
    return await decide(samocode, folder, { act, by });
  } catch (error) {
    if (!(error instanceof SamocodeError) || error.code !== "conflict") throw error;
    // Somebody else was first.
    const before = lastDecision(samocode, name, act);
    if (before === undefined || (act.verb === "approve" && before.type !== "plan.rejected")) throw error;
    return describeBefore(before, act);
  }
}

const TOLD = "The next agent will be told.";

type AtRest = Extract<Act, { run: string }>;

async function decide(
  samocode: Samocode,
  folder: SessionFolder,
  { act, by }: { readonly act: AtRest; readonly by: string },
): Promise<string> {
  switch (act.verb) {
    case "answer":
      return await answer(samocode, folder, { act, by });
    case "approve": {
      const { sha256, label } = act;
      return `Approved. ${
        goesOn(await approveAndResume(samocode, folder, { feedback: undefined, sha256, label, by }))
      }`;
    }
    case "revise": {
      const { feedback } = act;
      const status = await approveAndResume(samocode, folder, { feedback, sha256: act.sha256 || undefined, by });
      return `The plan goes back to the agent. ${goesOn(status)}`;
    }
    case "raise":
      return await raise(samocode, folder, { act, by });
    case "accept_baseline":
      await acceptBaseline(folder, { by });
      return goesOn(await resumeSession(samocode, folder, { by }));
    case "resume": {
      const note = act.note === "" ? {} : { guidance: act.note };
      return goesOn(await resumeSession(samocode, folder, { by, ...note }));
    }
    case "stop": {
      await stopSession(folder, { now: act.now, by });
      return act.now ? "It has stopped." : "It stops after this iteration.";
    }
  }
}

async function answer(
  samocode: Samocode,
  folder: SessionFolder,
  { act, by }: { readonly act: Extract<Act, { verb: "answer" }>; readonly by: string },
): Promise<string> {
  const questions = questionsOf({ folder: folder.layout.folder });
  const asked = act.questions.map((given) => ({ ...given, now: questions.findLast(({ id }) => id === given.id) }));
  const changed = asked.filter(({ hash, now }) => hash !== "" && (now === undefined || hashOfQuestion(now) !== hash));
  if (changed.length > 0) {
    const ids = changed.map(({ id }) => id).join(", ");
    throw new SamocodeError("usage", `Cannot answer ${ids}: it was changed since you saw it`, {
      hint: "Read it again",
    });
  }
  const left = asked.filter(({ now, answer }) => act.replaces || now?.answer === undefined || now.answer === answer);
  const kept = asked.flatMap(({ now }) => now?.answer === undefined ? [] : [withAnswer(now, now.answer)]);
  if (left.length === 0) {
    const who = lastDecision(samocode, folder.name, act);
    return `${SETTLED} ${kept.join("\n")}${who === undefined ? "" : ` (${whoIn(who)})`}`;
  }
  const answers = Object.fromEntries(left.map(({ id, answer }) => [id, answer]));
  const status = await answerAndResume(samocode, folder, { answers, acceptSuggestions: false, by });
  const ids = left.map(({ id }) => id).join(", ");
  const replaced = act.replaces && kept.length > 0 ? ` It was ${plainText(kept.join(", "), 300)}.` : "";
  const open = status.questions.length;
  return `Answered ${plainText(ids, 200)}.${replaced} ${
    open === 0 ? goesOn(status) : `${formatCount(open, "question")} left.`
  }`;
}

async function raise(
  samocode: Samocode,
  folder: SessionFolder,
  { act, by }: { readonly act: Extract<Act, { verb: "raise" }>; readonly by: string },
): Promise<string> {
  const today = dayOf(samocode.now());
  const raised = act.raised.filter(({ day = today }) => day === today);
  if (raised.length === 0) return `${SETTLED} That day is over.`;
  for (const span of SPANS) {
    const to = Object.fromEntries(raised.filter((each) => each.span === span).map((each) => [each.measure, each.to]));
    if (Object.keys(to).length > 0) raiseBudget(samocode, folder, { to, span, by });
  }
  return `The budget is raised. ${goesOn(await resumeSession(samocode, folder, { by }))}`;
}

function goesOn({ state, detail, session }: Status): string {
  if (state === "running") return `${session} goes on.`;
  if (state === "queued") return `${session} is queued: other sessions are running.`;
  return `${session} is ${state}${detail === "" ? "" : `: ${plainText(detail, 300)}`}.`;
}

/** What a reader of the journal sees of an act that was done. */
function isDone(event: RecordedEvent, { act, by }: { readonly act: Act; readonly by: string }): boolean {
  if (!("by" in event) || event.by !== by) return false;
  switch (act.verb) {
    case "answer":
      return event.type === "answers.given" && act.questions.every(({ id }) => event.ids.includes(id));
    case "approve":
      return event.type === "gate.opened" && event.sha256 === act.sha256;
    case "revise":
      return event.type === "plan.rejected" && event.feedback === act.feedback;
    case "raise":
      return event.type === "budget.raised";
    case "accept_baseline":
      return event.type === "baseline.accepted";
    case "resume":
      return event.type === "guidance.given" && event.text === act.note;
    case "guide":
      return event.type === "guidance.given" && event.text === act.text;
    case "stop":
      return event.type === "stop.requested" && event.now === act.now;
    case "tell":
      return false;
  }
}

/** The events behind a cursor in which somebody decided something. */
function decisionsSince(samocode: Samocode, name: string, cursor: number): readonly RecordedEvent[] {
  const found: RecordedEvent[] = [];
  const see = (event: RecordedEvent) => void (event.seq > cursor && "by" in event && found.push(event));
  using _folder = openSession(samocode, name, { readOnly: true, see });
  return found;
}

/** For which post an act is: what was decided about that counts. */
const TYPES: Readonly<Record<AtRest["verb"], string>> = {
  answer: "gate.answers",
  approve: "gate.approval",
  revise: "gate.approval",
  raise: "gate.budget",
  accept_baseline: "gate.baseline",
  resume: "session.blocked",
  stop: "",
};

/** Who was first, since the run began that came to this rest. */
function lastDecision(samocode: Samocode, name: string, act: AtRest): RecordedEvent | undefined {
  const since = decisionsSince(samocode, name, 0).filter(({ at }) => at > act.run);
  return since.find((event) => describeBefore(event, act) !== SETTLED);
}

function describeBefore(event: RecordedEvent, act: AtRest): string {
  const id = act.verb === "answer" && act.questions.length === 1 ? ` ${act.questions[0]?.id}` : " all";
  const data = { type: TYPES[act.verb], project: "", session: "" };
  const what = describeDecision(event, { id: `answers ${act.run}${id}`, data });
  return what === undefined ? SETTLED : `${SETTLED} ${what} · ${whoIn(event)}`;
}

function settledBy(samocode: Samocode, name: string, act: AtRest): string {
  const before = lastDecision(samocode, name, act);
  return before === undefined ? SETTLED : describeBefore(before, act);
}
