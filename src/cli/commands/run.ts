/**
 * `samocode run`, `start` and `stop`: begin, continue and end the work on a session.
 *
 * @module
 */
import type { Assignment } from "../../operations/start_session.ts";
import { readStatus, type Status } from "../../operations/read_status.ts";
import {
  openAtRest,
  openSession,
  PROVIDER_CHOICES,
  type Samocode,
  TIMEOUT_SETTINGS,
} from "../../operations/samocode.ts";
import { stopSession } from "../../operations/stop_session.ts";
import { describeEvent } from "../../messages/describe_event.ts";
import { jsonText } from "../../text/json_text.ts";
import { SamocodeError } from "../../text/errors.ts";
import { plainText } from "../../text/terminal_text.ts";
import { type CliIo, listenForInterruption } from "../cli_io.ts";
import { type Arguments, type Command, EXIT, EXIT_CODES, exitCodeOf, type Flags } from "../command.ts";
import { chooseSession, loadSamocode, namedSession, SESSION } from "../load.ts";
import { nextCommands, nextSteps, tellStatus } from "../render_status.ts";

/** What a session is about, and who works for how long. */
const START_FLAGS: Flags = {
  task: { value: "TEXT", help: "What to do (new sessions only)" },
  dive: { value: "TEXT", help: "What to look into first (new sessions only)" },
  provider: {
    value: "NAME",
    completes: PROVIDER_CHOICES,
    help: `Agent to use: ${PROVIDER_CHOICES.join(", ")} (SAMOCODE_PROVIDER)`,
  },
  timeout: { value: "SECONDS", help: `Time limit for one iteration (${TIMEOUT_SETTINGS.join(", ")})` },
};

/** Runs a session in this terminal until it rests. */
export const run: Command = {
  ...SESSION.operand,
  name: "run",
  looksAround: true,
  summary: "Run a session, new or existing, until it is done or needs you",
  flags: {
    session: { ...SESSION.flag, help: "Session name: letters, digits, dots, hyphens, underscores" },
    ...START_FLAGS,
    "dry-run": { help: "Show what would happen without doing it" },
  },
  examples: [
    'samocode run --session add-jwt --dive "our auth" --task "Add JWT login"',
    "samocode run add-jwt",
  ],
  notes: { title: "Exit codes", rows: EXIT_CODES },
  async run(io, args): Promise<number> {
    const session = namedSession(args, args.positionals);
    if (session === undefined) {
      throw new SamocodeError("usage", "Cannot run: no session was named", {
        hint: 'Name one: samocode run --session NAME --task "…"',
      });
    }
    const samocode = loadSamocode(io, args);
    const { task, dive } = args.values;
    if (args.switches.has("dry-run")) {
      const { previewRun } = await import("../../operations/preview_run.ts");
      const rows = await previewRun(samocode, { session, task: task ?? dive });
      io.write(rows.map(([label, text]) => `${label.padEnd(18)}${plainText(text)}\n`).join("") + "Nothing was done.\n");
      return 0;
    }
    const { runHere } = await import("../../operations/run_here.ts");
    const { isAskedInPlace, isSeated, runAndAsk } = await import("../ask_in_place.ts");
    using interruption = listenForInterruption(io);
    const { abort } = interruption;
    const asks = isSeated(io, samocode);
    let assignment: Assignment = { task, dive };
    const once = () =>
      runHere(samocode, {
        session,
        ...assignment,
        abort,
        terminal: { output: io.live, columns: io.columns, isTerminal: io.isOutputTerminal, color: io.color },
        nextSteps: (status) => asks && isAskedInPlace(status) ? [] : nextSteps(status, samocode.settings.mainRepo),
        note: (text) => io.writeError(`${text}\n`),
      }).finally(() => assignment = { task: undefined, dive: undefined });
    const outcome = asks ? await runAndAsk({ io, samocode, session, abort, by: "samocode run" }, once) : await once();
    const status = asks ? readStatus(samocode, { session }) : undefined;
    // What the run left out, as the person was to be asked: they have left it for later.
    if (status !== undefined && isAskedInPlace(status)) {
      const next = nextCommands(status, samocode.settings.mainRepo);
      io.write(`\n  For later:\n${next.map((command) => `    ${plainText(command)}\n`).join("")}`);
    }
    return exitCodeOf(outcome, interruption.signal());
  },
};

/** Runs a session in the background. An error is written as JSON, for whoever started the worker to render. */
export const worker: Command = {
  ...run,
  name: "worker",
  looksAround: false,
  examples: [],
  hidden: true,
  async run(io, args): Promise<number> {
    try {
      return await run.run(io, args);
    } catch (error) {
      if (!(error instanceof SamocodeError)) throw error;
      io.writeError(`${jsonText({ ...error, message: error.message })}\n`);
      return EXIT.failed;
    }
  },
};

/** Starts or resumes a session in the background. */
export const start: Command = {
  ...SESSION.operand,
  name: "start",
  looksAround: true,
  summary: "Run a session in the background; it outlives this terminal",
  flags: {
    session: { ...SESSION.flag, help: "Session name (default: made from the task)" },
    ...START_FLAGS,
    json: { help: "Print the status as JSON" },
  },
  examples: ['samocode start --session add-jwt --task "Add JWT login"', "samocode start add-jwt"],
  async run(io, args): Promise<number> {
    const samocode = loadSamocode(io, args);
    tellStatus(io, args, { status: await begin(io, args, samocode), samocode });
    return 0;
  },
};

/** Asks a running session to stop. */
export const stop: Command = {
  ...SESSION.operand,
  name: "stop",
  summary: "Stop a running session after its current iteration, or now",
  flags: {
    session: SESSION.flag,
    now: { help: "Stop the agent now; its iteration runs again later" },
  },
  examples: ["samocode stop add-jwt", "samocode stop add-jwt --now"],
  async run(io, args): Promise<number> {
    const samocode = loadSamocode(io, args);
    const session = chooseSession(samocode, { args, state: "running" });
    using folder = openSession(samocode, session);
    const now = args.switches.has("now");
    const isRunning = folder.holder !== undefined;
    const { state } = await stopSession(folder, { now, by: "samocode stop" });
    io.write(
      !isRunning
        ? `${session} is ${state}; no supervisor starts it any more.\n`
        : now
        ? `${session} has ended: ${state}.\n`
        : `${session} stops after its current iteration. To stop it now: samocode stop ${session} --now\n`,
    );
    return 0;
  },
};

async function begin(io: CliIo, args: Arguments, samocode: Samocode): Promise<Status> {
  const { sessionExists, startSession } = await import("../../operations/start_session.ts");
  const by = "samocode start";
  const session = namedSession(args, args.positionals);
  const { task, dive } = args.values;
  for (const warning of samocode.settings.warnings) io.writeError(`Warning: ${warning}\n`);
  if (session === undefined || !sessionExists(samocode, session)) {
    return await startSession(samocode, { session, task, dive, provider: undefined, by });
  }
  if (task !== undefined || dive !== undefined) {
    io.writeError(`The session ${session} exists and keeps its task; --task and --dive are not used\n`);
  }
  const { resumeSession } = await import("../../operations/resume_session.ts");
  const { adoptSession } = await import("../../operations/adopt_session.ts");
  const adopted = await adoptSession(samocode, { session, by });
  if (adopted !== undefined) io.writeError(`${describeEvent(adopted)}\n`);
  using folder = await openAtRest(samocode, session);
  return await resumeSession(samocode, folder, { by, provider: samocode.settings.provider });
}
