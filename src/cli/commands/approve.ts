/**
 * `samocode approve`: a human's word on the plan.
 *
 * @module
 */
import { approvePlan } from "../../operations/approve_plan.ts";
import { plainText } from "../../text/terminal_text.ts";
import type { Command } from "../command.ts";
import { chooseSession, loadSamocode } from "../load.ts";
import { renderStatus, tell, viewOf } from "../render_status.ts";

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
    const session = chooseSession(samocode, { args, state: "waiting" });
    const feedback = args.values["reject"];
    const status = approvePlan(samocode, { session, feedback, sha256: args.values["sha256"], by: "samocode approve" });
    const done = feedback === undefined
      ? `Approved ${plainText(status.plan?.path ?? "the plan")}.`
      : "The plan goes back to the agent.";
    tell(io, args, { value: status, text: () => `${done}\n\n${renderStatus(status, viewOf(io, samocode))}` });
    return Promise.resolve(0);
  },
};
