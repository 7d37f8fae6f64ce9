/**
 * `samocode report`: what a session did, as one file to send; or what all of them did.
 *
 * @module
 */
import { resolve } from "node:path";
import type { GivenReport } from "../../operations/give_report.ts";
import { fleetProjects, knownProjects } from "../../operations/known_projects.ts";
import { SamocodeError } from "../../text/errors.ts";
import { plainText } from "../../text/terminal_text.ts";
import type { CliIo } from "../cli_io.ts";
import type { Arguments, Command } from "../command.ts";
import { FLEET_FLAG } from "../in_fleet.ts";
import { chooseSession, loadSamocode, SESSION } from "../load.ts";
import { readSince } from "../read_day.ts";

/** Writes a report. */
export const report: Command = {
  ...SESSION.operand,
  name: "report",
  summary: "Write a session's report as one HTML file that you can send",
  flags: {
    session: SESSION.flag,
    all: { help: "An overview of all sessions of all your projects instead" },
    since: { value: "DAY", help: "With --all: from that day on: 2026-11-20, or 7d for seven days" },
    output: {
      value: "FILE",
      completes: "file",
      help: "Where to write it; - prints it (default: the session's folder, or this one with --all)",
    },
    force: { help: "Overwrite a file that is no report" },
    ...FLEET_FLAG,
    json: { help: "The same as JSON; printed unless --output names a file" },
  },
  examples: [
    "samocode report add-jwt",
    "samocode report add-jwt --output /tmp/add-jwt.html",
    "samocode report --all --since 30d",
  ],
  async run(io, args): Promise<number> {
    const { reportOnAll, reportOnSession } = await import("../../operations/give_report.ts");
    const isJson = args.switches.has("json");
    const isOfAll = args.switches.has("all");
    checkUse(args, isOfAll);
    if (isOfAll) {
      const given = args.values["since"];
      const since = given === undefined ? undefined : readSince(given, new Date(io.clock?.calendar() ?? Date.now()));
      const projects = args.switches.has("fleet")
        ? fleetProjects(io)
        : knownProjects({ ...io, config: args.values["config"] });
      return await give(io, args, reportOnAll(projects, { since, isJson }));
    }
    const samocode = loadSamocode(io, args);
    const session = chooseSession(samocode, { args, state: "running" });
    return await give(io, args, await reportOnSession(samocode, { session, isJson }));
  },
};

function checkUse({ values, positionals }: Arguments, isOfAll: boolean): void {
  if (isOfAll && (positionals.length > 0 || values["session"] !== undefined)) {
    throw new SamocodeError("usage", "Cannot report on one session and on all", {
      hint: "Leave out the name, or --all",
    });
  }
  if (!isOfAll && values["since"] !== undefined) {
    throw new SamocodeError("usage", "Cannot report on one session since a day", { hint: "Use --since with --all" });
  }
}

/** Prints the report or writes it, and then prints where it is. */
async function give(io: CliIo, args: Arguments, { text, place }: GivenReport): Promise<number> {
  const { output } = args.values;
  if (output === "-" || (output === undefined && args.switches.has("json"))) {
    io.write(text);
    return 0;
  }
  const named = output ?? (place === undefined ? "samocode-report.html" : undefined);
  const path = named === undefined ? place ?? "" : resolve(io.workingDirectory, named);
  const { writeReport } = await import("../../operations/give_report.ts");
  // In its own place nothing else belongs to anybody.
  writeReport(path, text, { isForced: named === undefined || args.switches.has("force") });
  io.write(`${plainText(path)}\n`);
  return 0;
}
