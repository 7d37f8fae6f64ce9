/**
 * `samocode status`: where a session stands.
 *
 * @module
 */
import { followEvents } from "../../operations/follow_events.ts";
import { listSessions } from "../../operations/list_sessions.ts";
import { readStatus } from "../../operations/read_status.ts";
import type { Command } from "../command.ts";
import { listenForInterruption } from "../interruption.ts";
import { chooseSession, loadSamocode, namedSession } from "../load.ts";
import { renderList, renderStatus, viewOf } from "../render_status.ts";

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
    const samocode = loadSamocode(io, args);
    const named = namedSession(args, args.positionals);
    const json = args.switches.has("json");
    const view = () => ({ ...viewOf(io), mainRepo: samocode.settings.mainRepo });
    const print = (value: unknown, text: string) => io.write(json ? JSON.stringify(value) + "\n" : text);
    if (!args.switches.has("watch")) {
      if (named === undefined) {
        const all = listSessions(samocode);
        print(all, renderList(all, viewOf(io)));
        return 0;
      }
      const found = readStatus(samocode, { session: named });
      print(found, renderStatus(found, view()));
      return 0;
    }
    const session = chooseSession(samocode, { named, states: ["running"] });
    using interruption = listenForInterruption(io);
    for await (const { status: now } of followEvents(samocode, { session, after: 0, abort: interruption.abort })) {
      const clear = io.isOutputTerminal && !json ? "\x1b[2J\x1b[H" : "";
      print(now, clear + renderStatus(now, view()));
      if (now.state !== "running") break;
    }
    return 0;
  },
};
