/**
 * `samocode approve`: a human's word on the plan.
 *
 * @module
 */
import { approvePlan } from "../../operations/approve_plan.ts";
import { plainText } from "../../text/terminal_text.ts";
import type { Command } from "../command.ts";
import { chooseSession, loadSamocode, namedSession } from "../load.ts";
import { renderStatus, viewOf } from "../render_status.ts";

/** The command. */
export const approve: Command = {
  name: "approve",
  summary: "Approve the agent's plan, or send it back",
  operands: "[SESSION]",
  completes: "sessions",
  maxPositionals: 1,
  flags: {
    session: { value: "NAME", completes: "sessions", help: "Session name" },
    reject: { value: "FEEDBACK", help: "Send the plan back with feedback" },
    sha256: { value: "HASH", help: "Approve only if the plan has this hash (see status --json)" },
    json: { help: "Print the new status as JSON" },
  },
  examples: ["samocode approve add-jwt", 'samocode approve add-jwt --reject "split phase 2"'],
  run(io, args): Promise<number> {
    const samocode = loadSamocode(io, args);
    const session = chooseSession(samocode, {
      named: namedSession(args, args.positionals),
      states: ["waiting"],
    });
    const feedback = args.values["reject"];
    const status = approvePlan(samocode, { session, feedback, sha256: args.values["sha256"], by: "samocode approve" });
    if (args.switches.has("json")) io.write(JSON.stringify(status) + "\n");
    else {
      const done = feedback === undefined
        ? `Approved ${plainText(status.plan?.path ?? "the plan")}.`
        : "The plan goes back to the agent.";
      io.write(`${done}\n\n${renderStatus(status, { ...viewOf(io), mainRepo: samocode.settings.mainRepo })}`);
    }
    return Promise.resolve(0);
  },
};
