/**
 * `samocode cost`: what all sessions cost.
 *
 * @module
 */
import type { CostGroup } from "../../operations/cost_report.ts";
import { fleetProjects, knownProjects } from "../../operations/known_projects.ts";
import { jsonText } from "../../text/json_text.ts";
import { SamocodeError } from "../../text/errors.ts";
import { plainText } from "../../text/terminal_text.ts";
import type { Command } from "../command.ts";
import { readSince } from "../read_day.ts";

const GROUPS: readonly CostGroup[] = ["day", "session", "phase", "model"];

/** Shows what was spent, on what. */
export const cost: Command = {
  name: "cost",
  summary: "Show what all your sessions cost, by day, session, phase or model",
  flags: {
    since: { value: "DAY", help: "Only what began on that day or later: 2026-11-20, or 7d for the last seven days" },
    by: { value: "WHAT", completes: GROUPS, help: `${GROUPS.join(", ")} (default: day)` },
    fleet: { help: "What the fleet's sessions cost (SAMOCODE_FLEET)" },
    json: { help: "Print JSON" },
  },
  examples: ["samocode cost", "samocode cost --since 7d --by session", "samocode cost --by model --json"],
  fleet: { ofAll: true },
  async run(io, { values, switches }): Promise<number> {
    const { reportCost } = await import("../../operations/cost_report.ts");
    const { renderCost } = await import("../render_cost.ts");
    const by = readGroup(values["by"] ?? "day");
    const since = values["since"] === undefined
      ? undefined
      : readSince(values["since"], new Date(io.clock?.calendar() ?? Date.now()));
    const { projects, stateFolder, leftOut } = switches.has("fleet")
      ? fleetProjects(io)
      : knownProjects({ ...io, config: values["config"] });
    const found = reportCost({ projects, stateFolder, by, since });
    const report = { ...found, leftOut: [...leftOut, ...found.leftOut] };
    if (switches.has("json")) {
      io.write(`${jsonText(report)}\n`);
      return 0;
    }
    for (const problem of report.leftOut) io.writeError(`Skipped: ${plainText(problem)}\n`);
    io.write(renderCost(report, io));
    return 0;
  },
};

function readGroup(text: string): CostGroup {
  const group = GROUPS.find((name) => name === text);
  if (group !== undefined) return group;
  throw new SamocodeError("usage", `Cannot add up by ${JSON.stringify(text)}`, {
    hint: `Use --by with one of ${GROUPS.join(", ")}`,
  });
}
