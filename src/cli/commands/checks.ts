/**
 * `samocode checks`: what the project's own checks said.
 *
 * @module
 */
import { whoTyped } from "../../messages/who_decided.ts";
import { acceptBaseline, viewChecks } from "../../operations/view_checks.ts";
import { openSession } from "../../operations/samocode.ts";
import { jsonText } from "../../text/json_text.ts";
import type { Command } from "../command.ts";
import { FLEET_FLAG } from "../in_fleet.ts";
import { chooseSession, loadForPerson, loadSamocode, SESSION } from "../load.ts";
import { renderChecks } from "../render_checks.ts";
import { tellStatus } from "../render_status.ts";

/** Shows results, or goes on with a red baseline. */
export const checks: Command = {
  ...SESSION.operand,
  name: "checks",
  summary: "Show what the project's checks said, or accept a red start",
  flags: {
    session: SESSION.flag,
    accept: { help: "Go on with checks that failed before any change; later failures of these count as known" },
    ...FLEET_FLAG,
    json: { help: "Print JSON" },
  },
  examples: ["samocode checks add-jwt", "samocode checks add-jwt --accept"],
  async run(io, args): Promise<number> {
    if (args.switches.has("accept")) {
      const samocode = loadForPerson(io, args, "accept failing checks");
      using folder = openSession(samocode, chooseSession(samocode, { args, state: "waiting" }));
      const status = await acceptBaseline(folder, { by: whoTyped("checks", io) });
      // Elsewhere, to accept is to go on.
      const lead = `The session ${folder.elsewhere === undefined ? "can go" : "goes"} on with these checks.`;
      tellStatus(io, args, { status, samocode, lead: `${lead}\n\n` });
      return 0;
    }
    const samocode = loadSamocode(io, args);
    const view = viewChecks(samocode, { session: chooseSession(samocode, { args, state: "running" }) });
    io.write(args.switches.has("json") ? jsonText(view) + "\n" : renderChecks(view, io));
    return 0;
  },
};
