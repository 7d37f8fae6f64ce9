/**
 * `samocode checks`: what the project's own checks said.
 *
 * @module
 */
import { acceptBaseline, type ChecksView, type CheckView, viewChecks } from "../../operations/view_checks.ts";
import { openSession } from "../../operations/samocode.ts";
import { commandLine } from "../../text/command_words.ts";
import { formatDuration } from "../../text/format.ts";
import { jsonText } from "../../text/json_text.ts";
import { paint, plainLines, plainText } from "../../text/terminal_text.ts";
import type { CliIo } from "../cli_io.ts";
import type { Command } from "../command.ts";
import { chooseSession, loadForPerson, loadSamocode, SESSION } from "../load.ts";
import { tellStatus } from "../render_status.ts";

/** Shows results, or goes on with a red baseline. */
export const checks: Command = {
  ...SESSION.operand,
  name: "checks",
  summary: "Show what the project's checks said, or go on although they failed before any change",
  flags: {
    session: SESSION.flag,
    accept: { help: "Go on with checks that failed before any change; later failures of these count as known" },
    json: { help: "Print JSON" },
  },
  examples: ["samocode checks add-jwt", "samocode checks add-jwt --accept"],
  async run(io, args): Promise<number> {
    if (args.switches.has("accept")) {
      const samocode = loadForPerson(io, args, "accept failing checks");
      using folder = openSession(samocode, chooseSession(samocode, { args, state: "waiting" }));
      const status = await acceptBaseline(folder, { by: "samocode checks" });
      tellStatus(io, args, { status, samocode, lead: "The session can go on with these checks.\n\n" });
      return 0;
    }
    const samocode = loadSamocode(io, args);
    const view = viewChecks(samocode, { session: chooseSession(samocode, { args, state: "running" }) });
    io.write(args.switches.has("json") ? jsonText(view) + "\n" : render(view, io));
    return 0;
  },
};

const STAGES = { baseline: "Before the first change", review: "Before the review", end: "At the end" } as const;

function render({ summary, rounds }: ChecksView, { color }: CliIo): string {
  if (rounds.length === 0) return `${summary || "The session has not started."}\n`;
  return rounds.map(({ stage, runs }) =>
    `${paint("bold", STAGES[stage], color)}\n${runs.map((run) => renderRun(run, color)).join("")}`
  ).join("\n");
}

function renderRun(
  { command, result, detail, durationMs, commit, uncommitted, log, tail }: CheckView,
  color: boolean,
): string {
  const mark = result === "passed" ? paint("green", "✓", color) : paint("red", "✗", color);
  const on = commit === undefined ? [] : [`on ${commit.slice(0, 10)}`];
  const dirty = uncommitted === 0 ? [] : [`with ${uncommitted} uncommitted`];
  const facts = [plainText(detail, 300), formatDuration(durationMs), ...on, ...dirty].join(" · ");
  const printed = tail === "" ? "" : plainLines(tail).map((line) => `      ${line}\n`).join("");
  return `  ${mark} ${plainText(commandLine(command), 300)} ${result} · ${facts}\n    ${plainText(log)}\n${printed}`;
}
