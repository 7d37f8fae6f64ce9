/**
 * `samocode run`: runs a session in this terminal until it rests.
 *
 * @module
 */
import { SamocodeError } from "../../text/errors.ts";
import { plainText } from "../../text/terminal_text.ts";
import type { Command } from "../command.ts";
import { EXIT_CODES, exitCodeOf } from "../exit_code.ts";
import { listenForInterruption } from "../interruption.ts";
import { loadSamocode, namedSession } from "../load.ts";
import { nextSteps } from "../next_commands.ts";
import { SESSION_FLAGS } from "../session_flags.ts";

/** The command. */
export const run: Command = {
  name: "run",
  summary: "Run a session, new or existing, until it is done or needs you",
  operands: "[SESSION]",
  completes: "sessions",
  maxPositionals: 1,
  flags: {
    session: {
      value: "NAME",
      completes: "sessions",
      help: "Session name: letters, digits, dots, hyphens, underscores",
    },
    ...SESSION_FLAGS,
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
    using interruption = listenForInterruption(io);
    const outcome = await runHere(samocode, {
      session,
      task,
      dive,
      abort: interruption.abort,
      terminal: { output: io.live, columns: io.columns, isTerminal: io.isOutputTerminal, color: io.color },
      nextSteps: (status) => nextSteps(status, samocode.settings.mainRepo),
      note: (text) => io.writeError(`${text}\n`),
    });
    return exitCodeOf(outcome, interruption.signal());
  },
};
