/**
 * `samocode logs`: everything that happened.
 *
 * @module
 */
import { describeEvent } from "../../messages/describe_event.ts";
import { followEvents } from "../../operations/follow_events.ts";
import { plainText } from "../../text/terminal_text.ts";
import type { Command } from "../command.ts";
import { listenForInterruption } from "../interruption.ts";
import { chooseSession, loadSamocode } from "../load.ts";

/** The command. */
export const logs: Command = {
  name: "logs",
  summary: "Print everything that happened in a session",
  operands: "[SESSION]",
  completes: "sessions",
  maxPositionals: 1,
  flags: {
    session: { value: "NAME", completes: "sessions", help: "Session name" },
    follow: { short: "f", help: "Keep printing until the session stops or needs you" },
    json: { help: "Print the journal as it is, one JSON event per line" },
  },
  examples: ["samocode logs add-jwt", "samocode logs add-jwt -f"],
  async run(io, args): Promise<number> {
    const samocode = loadSamocode(io, args);
    const session = chooseSession(samocode, { args, state: "running" });
    using interruption = listenForInterruption(io);
    for await (const { events, status } of followEvents(samocode, { session, after: 0, abort: interruption.abort })) {
      for (const event of events) {
        io.write(
          args.switches.has("json")
            ? JSON.stringify(event) + "\n"
            : `${plainText(event.at.slice(0, 19))}Z  ${describeEvent(event)}\n`,
        );
      }
      if (!args.switches.has("follow") || status.state !== "running") break;
    }
    return 0;
  },
};
