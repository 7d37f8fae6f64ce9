/**
 * `samocode status`: where a session stands.
 *
 * @module
 */
import { followEvents } from "../../operations/follow_events.ts";
import { readStatus, type Status } from "../../operations/read_status.ts";
import type { Command } from "../command.ts";
import { listenForInterruption } from "../interruption.ts";
import { list } from "./list.ts";
import { chooseSession, loadSamocode, namedSession } from "../load.ts";
import { renderStatus, tell, viewOf } from "../render_status.ts";

/** The command. */
export const status: Command = {
  name: "status",
  summary: "Show the status of a session, or of all of them",
  operands: "[SESSION]",
  completes: "sessions",
  maxPositionals: 1,
  flags: {
    session: { value: "NAME", completes: "sessions", help: "Session name" },
    json: { help: "Print JSON" },
    watch: { short: "w", help: "Update on every event until the session stops or needs you" },
  },
  examples: ["samocode status add-jwt", "samocode status add-jwt --watch", "samocode status --json"],
  async run(io, args): Promise<number> {
    const named = namedSession(args, args.positionals);
    if (named === undefined && !args.switches.has("watch")) return await list.run(io, args);
    const samocode = loadSamocode(io, args);
    const show = (value: Status, clear = "") =>
      tell(io, args, { value, text: () => clear + renderStatus(value, viewOf(io, samocode)) });
    if (named !== undefined && !args.switches.has("watch")) {
      show(readStatus(samocode, { session: named }));
      return 0;
    }
    const session = chooseSession(samocode, { args, state: "running" });
    using interruption = listenForInterruption(io);
    for await (const { status: now } of followEvents(samocode, { session, after: 0, abort: interruption.abort })) {
      show(now, io.isOutputTerminal ? "\x1b[2J\x1b[H" : "");
      if (now.state !== "running") break;
    }
    return 0;
  },
};
