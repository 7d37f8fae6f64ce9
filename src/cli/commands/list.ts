/**
 * `samocode list`: all sessions of the project.
 *
 * @module
 */
import { listSessions } from "../../operations/list_sessions.ts";
import type { Command } from "../command.ts";
import { loadSamocode } from "../load.ts";
import { renderList, tell, viewOf } from "../render_status.ts";

/** The command. */
export const list: Command = {
  name: "list",
  summary: "List all sessions, newest first",
  operands: "",
  maxPositionals: 0,
  flags: { json: { help: "Print JSON" } },
  examples: ["samocode list"],
  run(io, args): Promise<number> {
    const samocode = loadSamocode(io, args);
    const all = listSessions(samocode);
    tell(io, args, { value: all, text: () => renderList(all, viewOf(io, samocode)) });
    return Promise.resolve(0);
  },
};
