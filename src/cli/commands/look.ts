/**
 * `samocode status`, `list` and `logs`: what sessions do and did.
 *
 * @module
 */
import { describeEvent } from "../../messages/describe_event.ts";
import { followEvents } from "../../operations/wait_session.ts";
import { listSessions, listStatuses } from "../../operations/list_sessions.ts";
import { readStatus } from "../../operations/read_status.ts";
import { plainText } from "../../text/terminal_text.ts";
import { listenForInterruption } from "../cli_io.ts";
import type { Command } from "../command.ts";
import { chooseSession, loadSamocode, namedSession, SESSION } from "../load.ts";
import { renderList, tellStatus } from "../render_status.ts";
import { jsonText } from "../../text/json_text.ts";

/** Lists all sessions. */
export const list: Command = {
  name: "list",
  summary: "List all sessions, newest first",
  flags: { json: { help: "Print JSON" } },
  examples: ["samocode list"],
  run(io, args): number {
    const samocode = loadSamocode(io, args);
    io.write(
      args.switches.has("json") ? jsonText(listStatuses(samocode)) + "\n" : renderList(listSessions(samocode), io),
    );
    return 0;
  },
};

/** Shows one session, or all if none is named. */
export const status: Command = {
  ...SESSION.operand,
  name: "status",
  summary: "Show the status of a session, or of all of them",
  flags: {
    session: SESSION.flag,
    json: { help: "Print JSON" },
    watch: { short: "w", help: "Update on every event until the session stops or needs you" },
  },
  examples: ["samocode status add-jwt", "samocode status add-jwt --watch", "samocode status --json"],
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
    const lead = io.isOutputTerminal ? "\x1b[2J\x1b[H" : "";
    for await (const { status } of followEvents(samocode, { session, after: 0, abort: interruption.abort })) {
      tellStatus(io, args, { status, samocode, lead });
      if (status.state !== "running") break;
    }
    return 0;
  },
};

/** Prints the journal. */
export const logs: Command = {
  ...SESSION.operand,
  name: "logs",
  summary: "Print everything that happened in a session",
  flags: {
    session: SESSION.flag,
    follow: { short: "f", help: "Keep printing until the session stops or needs you" },
    json: { help: "Print the journal as it is, one JSON event per line" },
  },
  examples: ["samocode logs add-jwt", "samocode logs add-jwt -f"],
  async run(io, args): Promise<number> {
    const samocode = loadSamocode(io, args);
    const session = chooseSession(samocode, { args, state: "running" });
    using interruption = listenForInterruption(io);
    let warned: string | undefined;
    for await (
      const { events, status, folder } of followEvents(samocode, { session, after: 0, abort: interruption.abort })
    ) {
      const { doubt } = folder.journal;
      if (doubt !== undefined && doubt !== warned) io.writeError(`Warning: ${status.detail}\n`);
      warned = doubt;
      for (const event of events) {
        const line = args.switches.has("json")
          ? jsonText(event)
          : `${plainText(event.at.slice(0, 19))}Z  ${describeEvent(event)}`;
        io.write(`${line}\n`);
      }
      if (!args.switches.has("follow") || status.state !== "running") break;
    }
    return 0;
  },
};
