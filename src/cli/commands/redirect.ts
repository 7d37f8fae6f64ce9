/**
 * `samocode continue` and `phase`: new work for a session that exists, and another phase for it.
 *
 * @module
 */
import { whoTyped } from "../../messages/who_decided.ts";
import { openAtRest } from "../../operations/samocode.ts";
import { SamocodeError } from "../../text/errors.ts";
import { plainText } from "../../text/terminal_text.ts";
import { type Command, EXIT } from "../command.ts";
import { FLEET_FLAG } from "../in_fleet.ts";
import { loadForPerson, namedSession, SESSION } from "../load.ts";
import { tellStatus } from "../render_status.ts";
import { readAssignment, TASK_FLAGS, WORKER_FLAGS } from "../session_request.ts";
import { begin, runInTerminal } from "./run.ts";

/** Gives a session a new task, and runs it. */
export const continueWith: Command = {
  ...SESSION.operand,
  name: "continue",
  looksAround: true,
  summary: "Give a session at rest a new task, on the same branch",
  flags: {
    session: SESSION.flag,
    ...TASK_FLAGS,
    ...WORKER_FLAGS,
    background: { help: "Run it in the background, as start does" },
    json: { help: "Print nothing but the status at the end, as JSON" },
  },
  examples: ['samocode continue add-jwt --task "Refresh the tokens, too"', "samocode continue add-jwt --plan plan.md"],
  async run(io, args): Promise<number> {
    const samocode = loadForPerson(io, args, "continue");
    const session = namedSession(args, args.positionals);
    if (session === undefined) {
      throw new SamocodeError("usage", "Cannot continue: no session was named", {
        hint: 'Name one: samocode continue NAME --task "what to do"',
      });
    }
    const { giveTask } = await import("../../operations/give_task.ts");
    {
      using folder = await openAtRest(samocode, session);
      await giveTask(samocode, folder, { ...readAssignment(io, args), by: whoTyped("continue", io) });
    }
    const request = { session, task: undefined, dive: undefined, exists: true };
    if (!args.switches.has("background")) return await runInTerminal(io, args, { samocode, request });
    tellStatus(io, args, { status: await begin(io, samocode, request), samocode });
    return 0;
  },
};

/** Moves a session to another phase. */
export const phase: Command = {
  name: "phase",
  summary: "Move a session at rest to another phase",
  operands: "SESSION PHASE",
  completes: "sessions",
  maxPositionals: 2,
  flags: {
    session: SESSION.flag,
    sha256: {
      value: "HASH",
      help: "Where it passes the plan's gate: move only if the plan has this hash; required without a terminal",
    },
    ...FLEET_FLAG,
    json: { help: "Print the new status as JSON" },
  },
  examples: ["samocode phase add-jwt testing"],
  fleet: { endsWithText: true },
  async run(io, args): Promise<number> {
    const samocode = loadForPerson(io, args, "move");
    const to = args.positionals.at(-1);
    const session = namedSession(args, args.positionals.slice(0, -1));
    if (session === undefined || to === undefined) {
      throw new SamocodeError("usage", "Cannot move: a session and a phase are needed", {
        hint: "samocode phase NAME PHASE, for example samocode phase add-jwt testing",
      });
    }
    const { movePhase, needsPlanShown } = await import("../../operations/move_phase.ts");
    using folder = await openAtRest(samocode, session);
    let { sha256 } = args.values;
    const asks = io.isInputTerminal && io.isOutputTerminal && !args.switches.has("json");
    if (asks && sha256 === undefined && needsPlanShown(folder, { to })) {
      const { confirmPlan } = await import("../ask_about_plan.ts");
      sha256 = await confirmPlan(io, { folder, question: `  Move ${folder.name} on with this plan?` });
      if (sha256 === undefined) {
        io.write("Nothing was moved.\n");
        return EXIT.waiting;
      }
    }
    const status = await movePhase(folder, { to, sha256, by: whoTyped("phase", io) });
    tellStatus(io, args, {
      status,
      samocode,
      lead: `Moved to ${folder.elsewhere === undefined ? status.phase : plainText(to)}.\n\n`,
    });
    return 0;
  },
};
