/**
 * `samocode stop`: asks a running session to stop.
 *
 * @module
 */
import { stopSession } from "../../operations/stop_session.ts";
import type { Command } from "../command.ts";
import { chooseSession, loadSamocode } from "../load.ts";

/** The command. */
export const stop: Command = {
  name: "stop",
  summary: "Stop a running session after its current iteration, or now",
  operands: "[SESSION]",
  completes: "sessions",
  maxPositionals: 1,
  flags: {
    session: { value: "NAME", completes: "sessions", help: "Session name" },
    now: { help: "Stop the agent now; its iteration runs again later" },
  },
  examples: ["samocode stop add-jwt", "samocode stop add-jwt --now"],
  async run(io, args): Promise<number> {
    const samocode = loadSamocode(io, args);
    const session = chooseSession(samocode, { args, state: "running" });
    const now = args.switches.has("now");
    const { state } = await stopSession(samocode, { session, now, by: "samocode stop" });
    io.write(
      now
        ? `${session} has ended: ${state}.\n`
        : `${session} stops when its iteration is over. To end it now: samocode stop ${session} --now\n`,
    );
    return 0;
  },
};
