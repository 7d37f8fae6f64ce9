/**
 * `samocode start`: starts a session that runs on its own, or goes on with one.
 *
 * @module
 */
import type { Status } from "../../operations/read_status.ts";
import type { Samocode } from "../../operations/samocode.ts";
import type { CliIo } from "../cli_io.ts";
import type { Arguments, Command } from "../command.ts";
import { loadSamocode, namedSession } from "../load.ts";
import { renderStatus, tell, viewOf } from "../render_status.ts";
import { SESSION_FLAGS } from "../session_flags.ts";

const BY = "samocode start";

/** The command. */
export const start: Command = {
  name: "start",
  summary: "Run a session in the background; it outlives this terminal",
  operands: "[SESSION]",
  completes: "sessions",
  maxPositionals: 1,
  flags: {
    session: { value: "NAME", completes: "sessions", help: "Session name (default: made from the task)" },
    ...SESSION_FLAGS,
    json: { help: "Print the status as JSON" },
  },
  examples: ['samocode start --session add-jwt --task "Add JWT login"', "samocode start add-jwt"],
  async run(io, args): Promise<number> {
    const samocode = loadSamocode(io, args);
    const status = await begin(io, args, samocode);
    tell(io, args, { value: status, text: () => renderStatus(status, viewOf(io, samocode)) });
    return 0;
  },
};

async function begin(io: CliIo, args: Arguments, samocode: Samocode): Promise<Status> {
  const { sessionExists } = await import("../../operations/new_session.ts");
  const session = namedSession(args, args.positionals);
  const { task, dive } = args.values;
  if (session === undefined || !sessionExists(samocode, session)) {
    const { startSession } = await import("../../operations/start_session.ts");
    return await startSession(samocode, { session, task: task ?? "", dive: dive ?? "", provider: undefined, by: BY });
  }
  if (task !== undefined || dive !== undefined) {
    io.writeError(`The session ${session} exists and keeps its task; --task and --dive are not used\n`);
  }
  const { resumeSession } = await import("../../operations/resume_session.ts");
  return await resumeSession(samocode, { session, by: BY, provider: samocode.settings.provider });
}
