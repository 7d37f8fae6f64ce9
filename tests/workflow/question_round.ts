/**
 * A round of questions, as a text and as it is read.
 *
 * @module
 */
import type { Question } from "../../src/workflow/questions.ts";

/** As an agent writes it. */
export const ROUND = `# Questions

### Q1: Which database?
A) SQLite
B) Postgres
C) None
**Suggestion:** A - no server needed
**Answer:** _waiting_

### Q2: Which port?
**Suggestion:** the first free one
**Answer:** _waiting_
`;

/** Its first question. */
export const Q1: Question = {
  id: "Q1",
  text: "Which database?",
  options: [{ letter: "A", text: "SQLite" }, { letter: "B", text: "Postgres" }, { letter: "C", text: "None" }],
  suggestion: { letter: "A", text: "A - no server needed" },
  answer: undefined,
};

/** Its second question. */
export const Q2: Question = {
  id: "Q2",
  text: "Which port?",
  options: [],
  suggestion: { letter: undefined, text: "the first free one" },
  answer: undefined,
};
