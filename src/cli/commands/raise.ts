/**
 * `samocode raise`: lets a session use more.
 *
 * @module
 */
import { describeRaise } from "../../messages/describe_usage.ts";
import { whoTyped } from "../../messages/who_decided.ts";
import { openSession } from "../../operations/samocode.ts";
import type { Measure } from "../../workflow/budget.ts";
import type { Arguments, Command } from "../command.ts";
import { FLEET_FLAG } from "../in_fleet.ts";
import { chooseSession, loadForPerson, SESSION } from "../load.ts";
import { readAmount } from "../read_amount.ts";
import { tellStatus } from "../render_status.ts";

/** Raises a session's budget. */
export const raise: Command = {
  ...SESSION.operand,
  name: "raise",
  summary: "Raise the budget of a session",
  flags: {
    session: SESSION.flag,
    cost: { value: "DOLLARS", help: "The new limit on its cost (SAMOCODE_MAX_COST)" },
    tokens: { value: "COUNT", help: "The new limit on its tokens (SAMOCODE_MAX_TOKENS)" },
    starts: { value: "COUNT", help: "The new limit on its agent starts (SAMOCODE_MAX_STARTS)" },
    time: { value: "SECONDS", help: "The new limit on its agents' time (SAMOCODE_MAX_TIME)" },
    day: { help: "Let this session go on when all sessions of today have used up to that limit (…_PER_DAY)" },
    ...FLEET_FLAG,
    json: { help: "Print the new status as JSON" },
  },
  examples: ["samocode raise add-jwt", "samocode raise add-jwt --cost 80", "samocode raise add-jwt --day --cost 150"],
  async run(io, args): Promise<number> {
    const samocode = loadForPerson(io, args, "raise");
    const { raiseBudget } = await import("../../operations/raise_budget.ts");
    using folder = openSession(samocode, chooseSession(samocode, { args, state: "waiting" }));
    const { raised, status } = await raiseBudget(samocode, folder, {
      to: limitsIn(args),
      span: args.switches.has("day") ? "day" : "session",
      by: whoTyped("raise", io),
    });
    const lead = `Raised ${raised.map(describeRaise).join(", ") || "the budget"}.\n\n`;
    tellStatus(io, args, { status, samocode, lead });
    return 0;
  },
};

function limitsIn(args: Arguments): Partial<Record<Measure, number>> {
  const limits: Partial<Record<Measure, number>> = {};
  for (const measure of ["cost", "tokens", "starts", "time"] as const) {
    const amount = readAmount(args, measure, "raise");
    if (amount !== undefined) limits[measure] = measure === "time" ? amount * 1000 : amount;
  }
  return limits;
}
