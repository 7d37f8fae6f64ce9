/**
 * `samocode run`, `start` and `stop`: begin, continue and end the work on a session.
 *
 * @module
 */
import { whoTyped } from "../../messages/who_decided.ts";
import type { AgentName } from "../../agents/agents.ts";
import type { NewSession } from "../../operations/start_session.ts";
import { readStatus } from "../../operations/read_status.ts";
import type { Status } from "../../operations/status.ts";
import { openAtRest, openSession, type Samocode } from "../../operations/samocode.ts";
import { stopAwaited, stopSession } from "../../operations/stop_session.ts";
import { describeEvent } from "../../messages/describe_event.ts";
import { jsonText } from "../../text/json_text.ts";
import { SamocodeError } from "../../text/errors.ts";
import { plainText } from "../../text/terminal_text.ts";
import { type CliIo, listenForInterruption, terminalOf } from "../cli_io.ts";
import { type Arguments, type Command, EXIT, EXIT_CODES, exitCodeOf, type Flags } from "../command.ts";
import { FLEET_FLAG } from "../in_fleet.ts";
import { chooseSession, loadSamocode, SESSION } from "../load.ts";
import { nextCommands, nextSteps, tellStatus } from "../render_status.ts";
import {
  BUDGET_FLAGS,
  loadForTask,
  readSessionRequest,
  type SessionRequest,
  TASK_FLAGS,
  WORKER_FLAGS,
} from "../session_request.ts";

/** What `run` and `start` share: all but whether the work is shown. */
const OPERAND = { operands: '[SESSION | "TASK"]', completes: "sessions", maxPositionals: 1 } as const;
const FLAGS: Flags = {
  session: { ...SESSION.flag, help: "Session name (default: made from the task)" },
  ...TASK_FLAGS,
  ...BUDGET_FLAGS,
  ...WORKER_FLAGS,
  "dry-run": { help: "Show what would happen without doing it" },
};

/** Runs a session in this terminal until it rests. */
export const run: Command = {
  ...OPERAND,
  name: "run",
  looksAround: true,
  setsUp: true,
  summary: "Run a session, new or existing, until it is done or needs you",
  flags: { ...FLAGS, json: { help: "Print nothing but the status at the end, as JSON" } },
  examples: [
    'samocode run "Add JWT login"',
    'samocode run --session add-jwt --dive "our auth" --task "Add JWT login"',
    'samocode run --light "Fix the typo in the login page"',
    "samocode run --plan plan.md",
    "samocode run add-jwt",
  ],
  notes: { title: "Exit codes", rows: EXIT_CODES },
  async run(io, args): Promise<number> {
    const samocode = loadForTask(io, args);
    const request = await readSessionRequest(io, args, samocode);
    if (args.switches.has("dry-run")) return await preview(io, samocode, request);
    return await runInTerminal(io, args, { samocode, request });
  },
};

/** Runs a session and shows it. Returns the exit code. */
export async function runInTerminal(
  io: CliIo,
  args: Arguments,
  { samocode, request }: { readonly samocode: Samocode; readonly request: SessionRequest },
): Promise<number> {
  const { runHere } = await import("../../operations/run_here.ts");
  const { isAskedInPlace, isSeated, runAndAsk } = await import("../ask_in_place.ts");
  using interruption = listenForInterruption(io);
  const { abort } = interruption;
  const isQuiet = args.switches.has("json");
  const asks = !isQuiet && isSeated(io, samocode);
  let session = request.session;
  let assignment: NewSession = request;
  const once = () =>
    runHere(samocode, {
      ...assignment,
      session,
      abort,
      terminal: isQuiet ? undefined : terminalOf(io),
      opened: (name) => session = name,
      nextSteps: (status) => {
        const { documents, commands } = nextSteps(status, samocode.settings.mainRepo);
        return {
          documents: asks && isAskedInPlace(status) ? [] : documents,
          commands: asks && (isAskedInPlace(status) || canFinish(status)) ? [] : commands,
        };
      },
      note: (text) => io.writeError(`${text}\n`),
    }).finally(() => assignment = { task: undefined, dive: undefined });
  const seat = {
    ...{ io, samocode, abort, by: whoTyped("run", io) },
    // Known once the first run has opened it.
    get session(): string {
      return session ?? "";
    },
  };
  const outcome = asks ? await runAndAsk(seat, once) : await once();
  const status = (asks || isQuiet) && session !== undefined ? readStatus(samocode, { session }) : undefined;
  if (status !== undefined && isQuiet) tellStatus(io, args, { status, samocode });
  // What the run left out, as the person was to be asked: they have left it for later.
  if (status !== undefined && asks && isAskedInPlace(status)) {
    const next = nextCommands(status, samocode.settings.mainRepo);
    io.write(`\n  For later:\n${next.map((command) => `    ${plainText(command)}\n`).join("")}`);
  }
  if (status !== undefined && asks && canFinish(status)) {
    const { offerToFinish } = await import("./finish.ts");
    await offerToFinish(io, samocode, { session: status.session, abort, by: seat.by });
  }
  return exitCodeOf(outcome, interruption.signal());
}

function canFinish({ next }: Status): boolean {
  return next.some(({ verb }) => verb === "finish");
}

async function preview(io: CliIo, samocode: Samocode, request: SessionRequest): Promise<number> {
  const { previewRun } = await import("../../operations/preview_run.ts");
  const rows = await previewRun(samocode, request);
  io.write(rows.map(([label, text]) => `${label.padEnd(18)}${plainText(text)}\n`).join("") + "Nothing was done.\n");
  return 0;
}

/** Runs a session in the background. An error is written as JSON, for whoever started the worker to render. */
export const sessionWorker: Command = {
  ...run,
  name: "session-worker",
  looksAround: false,
  setsUp: false,
  examples: [],
  hidden: true,
  flags: {
    ...run.flags,
    "no-hand-edits": { help: "Ignore what was changed by hand in the session's files" },
    leased: { help: "Talk to a fleet worker over the standard streams" },
  },
  async run(io, args): Promise<number> {
    try {
      return args.switches.has("leased") ? await runForFleet(io, args) : await run.run(io, args);
    } catch (error) {
      if (!(error instanceof SamocodeError)) throw error;
      io.writeError(`${jsonText({ ...error, message: error.message })}\n`);
      return EXIT.failed;
    }
  },
};

async function runForFleet(io: CliIo, args: Arguments): Promise<number> {
  const samocode = loadForTask(io, args);
  const { session } = await readSessionRequest(io, args, samocode);
  if (session === undefined) {
    throw new SamocodeError("usage", "Cannot run a session for the fleet: none was named", { hint: "Give --session" });
  }
  const { runLeased } = await import("../../fleet/session_process.ts");
  using interruption = listenForInterruption(io);
  const outcome = await runLeased(samocode, {
    session,
    abort: interruption.abort,
    input: Deno.stdin.readable,
    write: (text) => io.write(text),
    note: (text) => io.writeError(`${text}\n`),
  });
  return exitCodeOf(outcome, interruption.signal());
}

/** Starts or resumes a session in the background. */
export const start: Command = {
  ...OPERAND,
  name: "start",
  looksAround: true,
  setsUp: true,
  summary: "Run a session in the background; it outlives this terminal",
  flags: { ...FLAGS, ...FLEET_FLAG, json: { help: "Print the status as JSON" } },
  examples: ['samocode start "Add JWT login"', "samocode start add-jwt"],
  fleet: { takesTask: true },
  async run(io, args): Promise<number> {
    const samocode = loadForTask(io, args);
    const request = await readSessionRequest(io, args, samocode);
    if (args.switches.has("fleet")) refuseForFleet(args, request);
    if (args.switches.has("dry-run")) return await preview(io, samocode, request);
    const provider = args.switches.has("fleet") && "provider" in args.values ? samocode.settings.provider : undefined;
    tellStatus(io, args, { status: await begin(io, samocode, { ...request, provider }), samocode });
    return 0;
  },
};

/** Refuses what only this machine's workers heed, rather than leave it out. */
function refuseForFleet({ values, switches }: Arguments, { exists }: SessionRequest): void {
  const flag = switches.has("dry-run")
    ? "dry-run"
    : "timeout" in values
    ? "timeout"
    : exists && "provider" in values
    ? "provider"
    : undefined;
  if (flag === undefined) return;
  throw new SamocodeError("usage", `Cannot start a session of the fleet with --${flag}`, {
    hint: flag === "provider"
      ? "Leave it out: the session continues with the agent that it was submitted with"
      : `Leave out --${flag}`,
  });
}

/**
 * Begins or continues a session in the background.
 *
 * @param request With a provider only if that is to be the new session's own.
 */
export async function begin(
  io: CliIo,
  samocode: Samocode,
  request: SessionRequest & { readonly provider?: AgentName | undefined },
): Promise<Status> {
  const by = "samocode start";
  for (const warning of samocode.settings.warnings) io.writeError(`Warning: ${warning}\n`);
  if (request.session === undefined || !request.exists) {
    const { startSession } = await import("../../operations/start_session.ts");
    return await startSession(samocode, { ...request, provider: request.provider, by });
  }
  const { resumeAwaited, resumeSession } = await import("../../operations/resume_session.ts");
  const awaited = await resumeAwaited(samocode, { session: request.session, by });
  if (awaited !== undefined) return awaited;
  const { adoptSession } = await import("../../operations/adopt_session.ts");
  const adopted = await adoptSession(samocode, { session: request.session, by });
  if (adopted !== undefined) io.writeError(`${describeEvent(adopted)}\n`);
  using folder = await openAtRest(samocode, request.session);
  return await resumeSession(samocode, folder, { by, provider: samocode.settings.provider });
}

/** Asks a running session to stop. */
export const stop: Command = {
  ...SESSION.operand,
  name: "stop",
  summary: "Stop a running session after its current iteration, or now",
  flags: {
    session: SESSION.flag,
    now: { help: "Stop the agent now; its iteration runs again later" },
    ...FLEET_FLAG,
  },
  examples: ["samocode stop add-jwt", "samocode stop add-jwt --now"],
  async run(io, args): Promise<number> {
    const samocode = loadSamocode(io, args);
    const session = chooseSession(samocode, { args, state: "running" });
    const now = args.switches.has("now");
    const awaited = await stopAwaited(samocode, { session, now, by: "samocode stop" });
    if (awaited !== undefined) {
      const isQueued = awaited.state === "queued";
      io.write(`${session} ${isQueued ? "will be stopped before it begins" : "was stopped before it began"}.\n`);
      return 0;
    }
    using folder = openSession(samocode, session);
    const isRunning = folder.holder !== undefined || folder.elsewhere?.holder !== undefined;
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
