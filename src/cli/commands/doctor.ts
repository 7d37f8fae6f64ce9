/**
 * `samocode doctor`: what is wrong, and what to do about it.
 *
 * @module
 */
import type { Level } from "../../contract/finding.ts";
import type { AreaFinding, Diagnosis } from "../../project/doctor/diagnose.ts";
import { wrapLine } from "../../text/plain_lines.ts";
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
    const diagnosis = await diagnose(io, { config: args.values["config"] });
    io.write(args.switches.has("json") ? JSON.stringify(diagnosis) + "\n" : renderDiagnosis(diagnosis, io));
    return diagnosis.usable ? EXIT.done : EXIT.failed;
  },
};

const MARKS: Readonly<Record<Level, { readonly mark: string; readonly color: Parameters<typeof paint>[0] }>> = {
  ok: { mark: "✓", color: "green" },
  warning: { mark: "!", color: "yellow" },
  problem: { mark: "✗", color: "red" },
};

/** The column in which texts begin. */
const TEXT_COLUMN = 16;

function renderDiagnosis({ usable, findings }: Diagnosis, io: CliIo): string {
  const lines = findings.flatMap((finding, index) =>
    linesOf(finding, { io, isFirst: findings[index - 1]?.area !== finding.area })
  );
  const count = (level: Level) => findings.filter((finding) => finding.level === level).length;
  const verdict = usable
    ? `Ready to run${count("warning") > 0 ? `; ${plural(count("warning"), "warning")}` : ""}.`
    : `Not usable yet: ${plural(count("problem"), "problem")}, ${plural(count("warning"), "warning")}.`;
  return `${lines.join("\n")}\n\n${paint("bold", verdict, io.color)}\n`;
}

function linesOf(
  { area, level, text, remedy }: AreaFinding,
  { io, isFirst }: { readonly io: CliIo; readonly isFirst: boolean },
): readonly string[] {
  const { mark, color } = MARKS[level];
  const room = io.columns() - TEXT_COLUMN - 1;
  const [first = "", ...more] = wrapLine(text, room);
  const margin = " ".repeat(TEXT_COLUMN);
  return [
    `${paint(color, mark, io.color)} ${(isFirst ? area : "").padEnd(TEXT_COLUMN - 2)}${first}`,
    ...more.map((row) => margin + row),
    ...(remedy === undefined ? [] : wrapLine(`> ${remedy}`, room).map((row) => margin + paint("dim", row, io.color))),
  ];
}

function plural(count: number, word: string): string {
  return `${count} ${word}${count === 1 ? "" : "s"}`;
}
