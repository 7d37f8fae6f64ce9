/**
 * `samocode status`: what a session does.
 *
 * @module
 */
import { followEvents } from "../../operations/wait_session.ts";
import { readStatus } from "../../operations/read_status.ts";
import { listenForInterruption, terminalOf } from "../cli_io.ts";
import type { Command } from "../command.ts";
import { FLEET_FLAG } from "../in_fleet.ts";
import { list } from "./list.ts";
import { chooseSession, loadSamocode, namedSession, SESSION } from "../load.ts";
import { nextSteps, tellStatus } from "../render_status.ts";

/** Shows one session, or all if none is named. */
export const status: Command = {
  ...SESSION.operand,
  name: "status",
  looksAround: true,
  summary: "Show the status of a session, or of all of them",
  flags: {
    session: SESSION.flag,
    ...FLEET_FLAG,
    json: { help: "Print JSON" },
    watch: { short: "w", help: "Show it live until Ctrl-C; without a terminal, until it stops or needs you" },
  },
  examples: ["samocode status add-jwt", "samocode status add-jwt --watch", "samocode status --json"],
  fleet: { withoutSession: async (io, args) => await list.run(io, args) },
  async run(io, args): Promise<number> {
    const named = namedSession(args, args.positionals);
    const watches = args.switches.has("watch");
    if (named === undefined && !watches) return await list.run(io, args);
    const samocode = loadSamocode(io, args);
    if (named !== undefined && !watches) {
      tellStatus(io, args, { status: readStatus(samocode, { session: named }), samocode });
      return 0;
    }
    const session = chooseSession(samocode, { args, state: "running" });
    using interruption = listenForInterruption(io);
    const { abort } = interruption;
    if (args.switches.has("json")) {
      for await (const { status, isOver } of followEvents(samocode, { session, after: 0, abort })) {
        tellStatus(io, args, { status, samocode });
        if (isOver) break;
      }
      return 0;
    }
    const { watchSession } = await import("../../operations/watch_session.ts");
    await watchSession(samocode, {
      session,
      abort,
      terminal: terminalOf(io),
      tell: (status) => tellStatus(io, args, { status, samocode }),
      stays: io.isOutputTerminal,
      nextSteps: (status) => nextSteps(status, samocode.settings.mainRepo),
    });
    return 0;
  },
};
