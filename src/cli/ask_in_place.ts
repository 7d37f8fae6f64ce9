/**
 * Asks the person at the terminal for what a session waits for, so that it can go on in this process. The run has ended
 * by then, as if nobody were there: who goes away or presses Ctrl-C loses nothing.
 *
 * @module
 */
import { describeRaise } from "../messages/describe_usage.ts";
import { answerQa } from "../operations/answer_qa.ts";
import { guideSession } from "../operations/guide_session.ts";
import { isPersons } from "../operations/people_only.ts";
import { plannedRaise, raiseBudget } from "../operations/raise_budget.ts";
import { readStatus } from "../operations/read_status.ts";
import type { Status } from "../operations/status.ts";
import { openAtRest, openSession, type Samocode } from "../operations/samocode.ts";
import { acceptBaseline, viewChecks } from "../operations/view_checks.ts";
import { isSameNeed, outcomeElsewhere, watchNeed } from "../operations/watch_need.ts";
import { SamocodeError } from "../text/errors.ts";
import { paint, plainText } from "../text/terminal_text.ts";
import type { Outcome } from "../workflow/run_events.ts";
import { askAboutPlan } from "./ask_about_plan.ts";
import { type Asking, askQuestions, confirm, say } from "./ask_person.ts";
import { type CliIo, Interrupted } from "./cli_io.ts";
import { renderChecks } from "./render_checks.ts";

/** A person at a running session. */
export interface Seat {
  readonly io: CliIo;
  readonly samocode: Samocode;
  readonly session: string;
  /** Who decides, for the journal. */
  readonly by: string;
  /** Fires when the person ends the program; while they are asked, when their answer is no longer needed. */
  readonly abort: AbortSignal;
}

/** Whether there is a person to ask: somebody at a terminal who is no agent. */
export function isSeated(io: CliIo, samocode: Samocode): boolean {
  if (!io.isInputTerminal || !io.isOutputTerminal) return false;
  return isPersons(samocode);
}

/** Whether a session that rests like this is asked about in place. */
export function isAskedInPlace({ needs }: Pick<Status, "needs">): boolean {
  return ASK[needs] !== undefined;
}

/** Runs a session, asks for what it waits for, runs it on, until it ends or the person leaves the rest for later. */
export async function runAndAsk(seat: Seat, run: () => Promise<Outcome>): Promise<Outcome> {
  let outcome = await run();
  while ((outcome.kind === "waiting" || outcome.kind === "blocked") && !seat.abort.aborted) {
    const asked = readStatus(seat.samocode, seat);
    const ask = ASK[asked.needs];
    // Where somebody has decided and nobody runs it, it goes on here.
    if (ask === undefined && asked.state !== "ready") break;
    let decided: Decided = "here";
    try {
      if (ask !== undefined) decided = await goesOn(seat, asked, ask);
      if (decided === "later") break;
    } catch (error) {
      if (!(error instanceof Interrupted)) throw error;
      return { kind: "stopped", by: "you" };
    }
    outcome = await runUnlessElsewhere(seat, { run, decided });
  }
  return outcome;
}

const BELL = "\u0007";

/** Who has decided; nobody if the person leaves it for later. */
type Decided = "here" | "elsewhere" | "later";

/** Asks until somebody has decided, here or anywhere, or the person leaves it for later. */
async function goesOn(seat: Seat, asked: Status, ask: Ask): Promise<Decided> {
  const { io, samocode, session } = seat;
  await using watch = watchNeed(samocode, asked);
  // A pager or an editor may have the screen, where no line can tell.
  watch.changed.addEventListener("abort", () => io.write(BELL), { once: true });
  try {
    const said = await ask({ ...seat, abort: watch.changed }, asked);
    if (said !== undefined) io.write(`  ${paint("green", said, io.color)}\n\n`);
    if (said !== undefined) return "here";
  } catch (error) {
    if (!(error instanceof SamocodeError) || error.code === "system") throw error;
    io.write(`  ${plainText(error.message)}\n`);
  }
  const problem = watch.problem();
  if (problem !== undefined) throw problem;
  const now = readStatus(samocode, { session });
  if (!watch.changed.aborted) return isSameNeed(asked, now) ? "later" : "here";
  io.write(`\n  Decided elsewhere: ${watch.news() || plainText(now.detail) || now.state}\n\n`);
  return "elsewhere";
}

/** At another door, deciding also starts a worker; it may have come to its end meanwhile, or to the next question. */
async function runUnlessElsewhere(
  { io, samocode, session, abort }: Seat,
  { run, decided }: { readonly run: () => Promise<Outcome>; readonly decided: Decided },
): Promise<Outcome> {
  try {
    // Whoever decided elsewhere may hold its lock for a moment longer.
    (await openAtRest(samocode, session))[Symbol.dispose]();
    const { state, movedTo } = readStatus(samocode, { session });
    const isDue = decided === "here" || state === "ready" || movedTo !== undefined;
    if (state !== "running") return isDue ? await run() : await outcomeElsewhere(samocode, { session, abort });
  } catch (error) {
    if (!(error instanceof SamocodeError) || error.actions.every(({ verb }) => verb !== "wait")) throw error;
  }
  const { workerPid } = readStatus(samocode, { session });
  say(io, `It goes on in process ${workerPid ?? "?"}. Waiting until it needs you; Ctrl-C leaves it to itself.`);
  return await outcomeElsewhere(samocode, { session, abort });
}

const DECISION = "  Your decision:";

/** Returns what was decided, in words; `undefined` if nothing was. */
type Ask = (seat: Seat, status: Status) => Promise<string | undefined>;

const ASK: Readonly<Partial<Record<Status["needs"], Ask>>> = {
  answers: askForAnswers,
  approval: ({ io, ...asking }) => askAboutPlan(io, asking),
  budget: askForBudget,
  baseline: askForBaseline,
  unblock: askForNote,
};

async function askForAnswers({ io, by, ...asking }: Seat, { questions }: Status): Promise<string | undefined> {
  const given = await askForOpen(io, asking, questions);
  // Somebody else has answered meanwhile.
  if (asking.abort.aborted) return undefined;
  using folder = openSession(asking.samocode, asking.session);
  const { answered, status } = await answerQa(folder, { ...given, by });
  if (status.needs === "none") return answered.length === 0 ? "Going on." : `Answered ${answered.join(", ")}.`;
  if (answered.length > 0) io.write(`  Answered ${answered.join(", ")}; the others are still open.\n`);
  return undefined;
}

/** Asks the open questions; where there are none, whether to go on. */
export async function askForOpen(
  io: CliIo,
  asking: Asking,
  questions: Status["questions"],
): Promise<{ readonly answers: Readonly<Record<string, string>>; readonly acceptSuggestions: boolean }> {
  if (questions.length > 0) {
    return { answers: await askQuestions(io, { ...asking, questions }), acceptSuggestions: false };
  }
  const goOn = await confirm(io, "  No question is open. Continue the session?", asking.abort);
  return { answers: {}, acceptSuggestions: goOn };
}

async function askForBudget(
  { io, samocode, session, abort, by }: Seat,
  { detail }: Status,
): Promise<string | undefined> {
  using folder = openSession(samocode, session);
  const request = { to: {}, span: "session", by } as const;
  const planned = plannedRaise(samocode, folder, request);
  const [first] = planned;
  io.write("\n");
  say(io, detail);
  while (true) {
    say(io, `Raise it ${planned.map(describeRaise).join(", ")}? y: yes · l: later · or type another limit`);
    const typed = await io.ask(DECISION, { abort });
    const text = typed?.trim().replace(/^\$/, "") ?? "l";
    if (/^(?:l|later|no?|q)$/i.test(text)) return undefined;
    const to = Number(text) * (first?.measure === "time" ? 1000 : 1);
    const isNumber = /^\d{1,15}(?:\.\d+)?$/.test(text) && first !== undefined;
    if (!isNumber && !/^y(?:es)?$/i.test(text)) continue;
    try {
      const named = isNumber ? { ...request, to: { [first.measure]: to }, span: first.span } : request;
      const { raised } = await raiseBudget(samocode, folder, named);
      return `Raised ${raised.map(describeRaise).join(", ")}.`;
    } catch (error) {
      if (!(error instanceof SamocodeError) || error.code !== "usage") throw error;
      say(io, `${error.message}. ${error.hint}`);
    }
  }
}

async function askForBaseline({ io, samocode, session, abort, by }: Seat): Promise<string | undefined> {
  io.write(`\n${renderChecks(viewChecks(samocode, { session }), io)}`);
  const typed = await choose(io, abort, {
    help: "a: go on with these failures · r: repeat the checks, once you repaired them · l: later",
    choices: /^(?:a|accept|y|yes|r|repeat|l|later|q)$/i,
  });
  if (typed === undefined || /^[lq]/i.test(typed)) return undefined;
  if (/^r/i.test(typed)) return "Repeating the checks.";
  using folder = openSession(samocode, session);
  await acceptBaseline(folder, { by });
  return "Going on with these checks.";
}

async function askForNote({ io, samocode, session, abort, by }: Seat, { detail }: Status): Promise<string | undefined> {
  io.write("\n");
  say(io, detail);
  const typed = await choose(io, abort, {
    help: "c: continue · l: later · or type a note for the next agent",
    choices: /^(?:c|continue|l|later|q|\S.*\s.*|\S{9,})$/is,
  });
  if (typed === undefined || /^(?:l|later|q)$/i.test(typed)) return undefined;
  if (/^(?:c|continue)$/i.test(typed)) return "Going on.";
  using folder = openSession(samocode, session);
  await guideSession(folder, { text: typed, by });
  return "The next agent will be told.";
}

async function choose(
  io: CliIo,
  abort: AbortSignal,
  { help, choices }: { readonly help: string; readonly choices: RegExp },
): Promise<string | undefined> {
  while (true) {
    say(io, help);
    const typed = (await io.ask(DECISION, { abort }))?.trim();
    if (typed === undefined || choices.test(typed)) return typed;
  }
}
