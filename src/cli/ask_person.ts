/**
 * Asks a person at a terminal.
 *
 * @module
 */
import { readTypedAnswer } from "../operations/answer_qa.ts";
import type { Question } from "../workflow/questions.ts";
import type { CliIo } from "./cli_io.ts";
import { renderQuestion } from "./render_status.ts";

/** Asks the questions one by one. Enter takes the suggestion; without one, it leaves the question open. */
export function askQuestions(io: CliIo, questions: readonly Question[]): Readonly<Record<string, string>> {
  const answers: Record<string, string> = {};
  for (const question of questions) {
    io.write(`\n${renderQuestion(question, io)}\n`);
    const hint = question.suggestion === undefined ? "Enter to leave it open" : "Enter for the suggestion";
    while (true) {
      const typed = io.ask(`  Your answer (${hint}):`);
      if (typed === undefined) return answers;
      const read = readTypedAnswer(question, typed);
      if (read?.ok) answers[question.id] = read.answer;
      if (read === undefined || read.ok) break;
      io.write(`  ${read.problem}\n`);
    }
  }
  return answers;
}

/** Asks a yes/no question; end of input means no. */
export function confirm(io: CliIo, question: string): boolean {
  return /^y(es)?$/i.test((io.ask(`${question} [y/N]`) ?? "").trim());
}
