/**
 * `samocode open`: shows a session's files in the person's own programs.
 *
 * @module
 */
import { jsonText } from "../../text/json_text.ts";
import { SamocodeError } from "../../text/errors.ts";
import { plainText } from "../../text/terminal_text.ts";
import type { Command } from "../command.ts";
import { FLEET_FLAG } from "../in_fleet.ts";
import { loadSamocode, namedSession, SESSION } from "../load.ts";

/** Opens a session's folder, worktree or report. */
export const open: Command = {
  ...SESSION.operand,
  operands: "SESSION",
  name: "open",
  summary: "Open a session's folder, worktree or report; prints its path",
  flags: {
    session: SESSION.flag,
    worktree: { help: "The folder that the agent works in" },
    report: { help: "The summary, or else the newest report" },
    ...FLEET_FLAG,
    json: { help: "Print JSON" },
  },
  examples: ["samocode open add-jwt", "samocode open add-jwt --report", "samocode open add-jwt --worktree"],
  async run(io, args): Promise<number> {
    const { openPlace } = await import("../../operations/open_place.ts");
    const session = namedSession(args, args.positionals);
    const kinds = (["worktree", "report"] as const).filter((kind) => args.switches.has(kind));
    if (session === undefined || kinds.length > 1) {
      const problem = session === undefined ? "no session was named" : "--worktree and --report exclude each other";
      throw new SamocodeError("usage", `Cannot open it: ${problem}`, { hint: "samocode open NAME --report" });
    }
    const [kind = "folder"] = kinds;
    const { path, isOpened } = await openPlace(loadSamocode(io, args), { session, kind, isShown: io.isOutputTerminal });
    io.write(args.switches.has("json") ? `${jsonText({ kind, path, isOpened })}\n` : `${plainText(path)}\n`);
    return 0;
  },
};
