/**
 * `samocode doctor`: what is wrong, and how to fix it.
 *
 * @module
 */
import type { Level } from "../../contract/finding.ts";
import type { Diagnosis } from "../../project/doctor/diagnose.ts";
import { formatCount } from "../../text/format.ts";
import { wrapLine } from "../../text/terminal_text.ts";
import type { CliIo } from "../cli_io.ts";
import type { Command } from "../command.ts";
import { EXIT } from "../exit_code.ts";
import { paint } from "../paint.ts";

/** The command. */
export const doctor: Command = {
  name: "doctor",
  summary: "Check the program, the project and the machine for problems",
  operands: "",
  maxPositionals: 0,
  flags: { json: { help: "Print JSON" } },
  examples: ["samocode doctor", "samocode doctor --json"],
  async run(io, args): Promise<number> {
    const { diagnose } = await import("../../project/doctor/diagnose.ts");
    const diagnosis = await diagnose(io, args.values["config"]);
    io.write(args.switches.has("json") ? JSON.stringify(diagnosis) + "\n" : renderDiagnosis(diagnosis, io));
    return diagnosis.usable ? EXIT.done : EXIT.failed;
  },
};

const MARKS = { ok: ["green", "✓"], warning: ["yellow", "!"], problem: ["red", "✗"] } as const;

/** The column where texts start. */
const TEXT_COLUMN = 16;

function renderDiagnosis({ usable, findings }: Diagnosis, { color, columns }: CliIo): string {
  const room = columns() - TEXT_COLUMN - 1;
  const lines = findings.flatMap(({ area, level, text, remedy }, index) => {
    const [paintColor, mark] = MARKS[level];
    const title = findings[index - 1]?.area === area ? "" : area;
    const [first = "", ...more] = wrapLine(text, room);
    const remedyRows = remedy === undefined ? [] : wrapLine(`> ${remedy}`, room);
    return [
      `${paint(paintColor, mark, color)} ${title.padEnd(TEXT_COLUMN - 2)}${first}`,
      ...[...more, ...remedyRows.map((row) => paint("dim", row, color))].map((row) => " ".repeat(TEXT_COLUMN) + row),
    ];
  });
  const count = (level: Level) => findings.filter((finding) => finding.level === level).length;
  const warnings = formatCount(count("warning"), "warning");
  const verdict = usable
    ? `Ready to run${count("warning") > 0 ? `; ${warnings}` : ""}.`
    : `Not ready: ${formatCount(count("problem"), "problem")}, ${warnings}.`;
  return `${lines.join("\n")}\n\n${paint("bold", verdict, color)}\n`;
}
