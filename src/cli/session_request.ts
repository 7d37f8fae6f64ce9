/**
 * Reads from a command line which session is meant, or what a new one is to do.
 *
 * @module
 */
import { type Assignment, readGivenPlan, subjectOf } from "../operations/assignment.ts";
import { isPersons } from "../operations/people_only.ts";
import { exceedsSettings } from "../operations/own_budget.ts";
import { awaitedSession, PROVIDER_CHOICES, type Samocode, TIMEOUT_SETTINGS } from "../operations/samocode.ts";
import type { NewSession } from "../operations/start_session.ts";
import { SamocodeError } from "../text/errors.ts";
import { formatCount } from "../text/format.ts";
import { countHidden } from "../text/render_markdown.ts";
import { shellWord } from "../text/terminal_text.ts";
import type { CliIo } from "./cli_io.ts";
import type { Arguments, Flags } from "./command.ts";
import { loadForPerson, loadSamocode, namedSession } from "./load.ts";
import { readAmount } from "./read_amount.ts";

/** What to do, and how. */
export const TASK_FLAGS: Flags = {
  task: { value: "TEXT", help: "What to do" },
  dive: { value: "TEXT", help: "What to look into first" },
  light: { help: "A small change: no questions, and a plan in one step, which you approve" },
  plan: { value: "FILE", completes: "file", help: "Carry out the plan in this file at once; naming it approves it" },
};

/** Who works, and for how long. */
export const WORKER_FLAGS: Flags = {
  provider: {
    value: "NAME",
    completes: PROVIDER_CHOICES,
    help: `Agent to use: ${PROVIDER_CHOICES.join(", ")} (SAMOCODE_PROVIDER)`,
  },
  timeout: { value: "SECONDS", help: `Time limit for one iteration (${TIMEOUT_SETTINGS.join(", ")})` },
};

/** What it may cost. */
export const BUDGET_FLAGS: Flags = {
  "max-cost": { value: "DOLLARS", help: "What a new session may cost, in place of SAMOCODE_MAX_COST" },
};

/** A session to run: one that exists, or a new one. */
export interface SessionRequest extends NewSession {
  /** `undefined` makes a name from the task. */
  readonly session: string | undefined;
  readonly exists: boolean;
}

/**
 * Loads the project for a command that may give a session something to do.
 *
 * @throws {SamocodeError} If an agent gives a plan, which approves it, or lets the session cost more than the settings
 * do.
 */
export function loadForTask(io: CliIo, args: Arguments): Samocode {
  const loaded = loadSamocode(io, args);
  const samocode = "plan" in args.values
    ? loadForPerson(io, args, "approve")
    : exceedsSettings(loaded, maxCostIn(args))
    ? loadForPerson(io, args, "raise a budget")
    : loaded;
  return { ...samocode, isPersons: !args.switches.has("no-hand-edits") && isPersons(samocode) };
}

function maxCostIn(args: Arguments): number | undefined {
  return readAmount(args, "max-cost", "limit what a session may cost");
}

/**
 * Reads the task from the flags. Warns about invisible characters in a plan, because naming its file approves all of
 * it.
 */
export function readAssignment(io: CliIo, { values, switches }: Arguments): Assignment {
  const { task, dive, plan: path } = values;
  const plan = path === undefined ? undefined : readGivenPlan(path, io);
  const hidden = countHidden(plan ?? "");
  if (hidden > 0) io.writeError(`! ${formatCount(hidden, "character")} of the plan cannot be seen\n`);
  return { task, dive, light: switches.has("light"), plan };
}

/**
 * Reads the operand and the flags: a session's name, or a task as a text. A single word is never a task, so that no
 * typo in a name becomes a session.
 *
 * @throws {SamocodeError} If it is neither, or both.
 */
export async function readSessionRequest(io: CliIo, args: Arguments, samocode: Samocode): Promise<SessionRequest> {
  const { hasFolder, keepsTask, sessionExists } = await import("../operations/start_session.ts");
  const words = args.positionals.map((word) => word.trim());
  const [operand] = words;
  if (operand === "") throw nothingToDo();
  const isTask = operand !== undefined && isProse(operand);
  const given = readAssignment(io, args);
  if (isTask && given.task !== undefined) {
    throw new SamocodeError("usage", "Cannot tell what the task is: there are two", {
      hint: "Give the text or --task, and the session's name, if any, as --session",
    });
  }
  const maxCostUsd = maxCostIn(args);
  const assignment = { ...(isTask ? { ...given, task: operand } : given), maxCostUsd };
  const session = isTask ? args.values["session"] : namedSession(args, words);
  const isGiven = assignment.light || subjectOf(assignment) !== undefined;
  if (session === undefined) return { ...assignment, session, exists: false };
  if (awaitedSession(samocode, session) !== undefined && !isGiven) {
    return { session, task: undefined, dive: undefined, exists: true };
  }
  if (!hasFolder(samocode, session)) {
    if (subjectOf(assignment) === undefined) throw unknown(session);
    return { ...assignment, session, exists: false };
  }
  // Only a task makes a difference, and a journal may be long.
  if (isGiven && !sessionExists(samocode, session)) return { ...assignment, session, exists: false };
  if (assignment.plan !== undefined) {
    throw new SamocodeError("conflict", `Cannot give ${session} a plan: it exists and has a task`, {
      hint: `To give it this plan as a new task: samocode continue ${session} --plan FILE`,
    });
  }
  if (maxCostUsd !== undefined) {
    throw new SamocodeError("conflict", `Cannot limit what ${session} may cost: it exists and has a budget`, {
      hint: "Leave out --max-cost; to raise its budget",
      actions: [{ verb: "raise_budget", session }],
    });
  }
  if (isGiven) io.writeError(`${keepsTask(session)}\n`);
  return { session, task: undefined, dive: undefined, exists: true };
}

/** Whether an operand can only be a text: names have no spaces, and no letters beyond ASCII. */
export function isProse(operand: string): boolean {
  return /[^\x21-\x7e]/.test(operand);
}

function nothingToDo(): SamocodeError {
  return new SamocodeError("usage", "Cannot run a session: the text is empty", {
    hint: "Say what to do",
    actions: [{ verb: "start" }],
  });
}

function unknown(session: string): SamocodeError {
  const word = shellWord(session);
  return new SamocodeError("usage", `Cannot run ${session}: there is no session of that name, and no task was given`, {
    hint: `samocode list shows your sessions. For a new one: samocode run --session ${word} --task "what to do", ` +
      `or, if that word is the task: samocode run --task ${word}`,
  });
}
