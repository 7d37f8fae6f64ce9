/**
 * Asks a person at a terminal.
 *
 * @module
 */
import { contextOf, readTypedAnswer } from "../operations/answer_qa.ts";
import type { Samocode } from "../operations/samocode.ts";
import type { Question } from "../workflow/questions.ts";
import { plainText, wrapLine } from "../text/terminal_text.ts";
import type { CliIo } from "./cli_io.ts";
import { renderQuestion } from "./render_status.ts";

/** Whose questions, and what takes them back. */
export interface Asking {
  readonly samocode: Samocode;
  readonly session: string;
  readonly abort?: AbortSignal | undefined;
}

/** Asks the questions one by one. Enter takes the suggestion; without one, it leaves the question open. */
export async function askQuestions(
  io: CliIo,
  { samocode, session, abort, questions }: Asking & { readonly questions: readonly Question[] },
): Promise<Readonly<Record<string, string>>> {
  const answers: Record<string, string> = {};
  for (const question of questions) {
    io.write(`\n${renderQuestion(question, io)}\n`);
    say(io, `Enter ${question.suggestion === undefined ? "leaves it open" : "takes the suggestion"} · ?: its context`);
    while (true) {
      const typed = await io.ask("  Your answer:", { abort });
      if (typed === undefined) return answers;
      if (typed.trim() === "?") {
        const { framed } = await import("./show_text.ts");
        io.write(framed(contextOf(samocode, { session, question }), io));
        continue;
      }
      const read = readTypedAnswer(question, typed);
      if (read?.ok) answers[question.id] = read.answer;
      if (read === undefined || read.ok) break;
      say(io, read.problem);
    }
  }
  return answers;
}

/** Writes a sentence to the person, wrapped to the width. */
export function say({ write, columns }: CliIo, text: string): void {
  write(wrapLine(`  ${plainText(text, 1000)}`, columns() - 1).map((row) => `${row}\n`).join(""));
}

/** Asks a yes/no question; end of input means no. */
export async function confirm(io: CliIo, question: string, abort?: AbortSignal): Promise<boolean> {
  return /^y(es)?$/i.test((await io.ask(`${question} [y/N]`, { abort, yes: "y" }) ?? "").trim());
}
