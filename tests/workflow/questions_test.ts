import assert from "node:assert/strict";
import { openQuestions, questionContext, readQuestions } from "../../src/workflow/questions.ts";
import { Q1, Q2, ROUND } from "./question_round.ts";

Deno.test("readQuestions() reads a round of questions", () => {
  assert.deepEqual(readQuestions(ROUND), [Q1, Q2]);
  assert.deepEqual(readQuestions(ROUND.replaceAll("\n", "\r\n")), [Q1, Q2]);
  assert.deepEqual(readQuestions(ROUND.replace("_waiting_", "b) yes")), [{ ...Q1, answer: "b) yes" }, Q2]);
});

Deno.test("readQuestions() lists every round in order, repeated ids included", () => {
  const second = ROUND.replace("Which database?", "Which schema?").replaceAll("_waiting_", "B");
  assert.deepEqual(readQuestions(ROUND + second), [
    Q1,
    Q2,
    { ...Q1, text: "Which schema?", answer: "B" },
    { ...Q2, answer: "B" },
  ]);
});

Deno.test("readQuestions() reads titles and options in any decoration", () => {
  const titles = ["### q1: a", "###  Q1 - a ##", "### **Q1:** a", "### **Q1: a**", "### Q1. a", "## Q1) a", "### Q1 a"];
  for (const title of titles) {
    assert.deepEqual(readQuestions(title).map(({ id, text }) => [id, text]), [["Q1", "a"]], title);
  }
  const options = ["A) a", "- A) a", "A. a", "**A)** a", "- **A)** a", "* **A**) a", "**A) a**", "a) a", "  A)   a  "];
  for (const option of options) {
    assert.deepEqual(readQuestions(`### Q1: x\n${option}\nA) again`)[0]?.options, [{ letter: "A", text: "a" }], option);
  }
});

Deno.test("readQuestions() takes no other heading, quoted or fenced line for a question or a part of one", () => {
  assert.deepEqual(
    readQuestions("# Q1: a\n#### Q2: b\n### Questions\n### Q1st\n```\n### Q3: c\n```\n> ### Q4: d\n<!--\n### Q5: e"),
    [],
  );
  assert.deepEqual(
    readQuestions("### Q1: a\n```\nA) b\n**Answer:** c\n```\n> B) b\n> **Answer:** c\n    C) b\n    **Answer:** c\n"),
    [{ id: "Q1", text: "a", options: [], suggestion: undefined, answer: undefined }],
  );
  assert.deepEqual(readQuestions("### Q1: a\n## Notes\nA) b\n**Answer:** c\n")[0]?.answer, undefined);
});

Deno.test("readQuestions() reads the letter of a suggestion only if it names an option", () => {
  const letters = {
    "A - b": "A",
    "a": "A",
    "B) c": "B",
    "**B** \u2014 c": "B",
    "Option B, for c": "B",
    "A (simple)": "A",
    "D - b": undefined,
    "A good idea": undefined,
    "A, B or both": undefined,
    "A/B": undefined,
    "A + B": undefined,
    "Both": undefined,
  };
  for (const [text, letter] of Object.entries(letters)) {
    const [question] = readQuestions(`### Q1: x\nA) a\nB) b\n- **Suggestion**: ${text}\n`);
    assert.deepEqual(question?.suggestion, { letter, text });
  }
});

Deno.test("openQuestions() takes nothing but a human's words for an answer", () => {
  const open = [
    "",
    " ",
    "_waiting_",
    "*Waiting*",
    "waiting",
    "(WAITING)",
    "**waiting**",
    "_waiting..._",
    "_waiting_ (pick A or B)",
    "<!-- your answer -->",
    "_waiting_ <!-- here -->",
    "\n    _waiting_",
    "_waiting_\n    A would be best",
    "waiting\n    A would be best",
    "\nA would be best",
    "\n\n    A would be best",
    "\n```\nA\n```",
  ];
  for (const value of open) assert.equal(openQuestions(`### Q1: x\n**Answer:** ${value}\n`).length, 1, value);
  assert.equal(openQuestions("### Q1: x\nA) a\n").length, 1);
  const answers = {
    "A": "A",
    "waiting is fine": "waiting is fine",
    "\n    a\n\tb": "a\nb",
    "_A_ <!-- c -->": "_A_ <!-- c -->",
  };
  for (const [value, answer] of Object.entries(answers)) {
    assert.deepEqual(readQuestions(`### Q1: x\n**Answer:** ${value}\n`)[0]?.answer, answer);
  }
});

Deno.test("readQuestions() takes no fence below an answer for a part of it", () => {
  assert.equal(readQuestions("### Q1: x\n- **Answer:** a\n    ```\n    b\n    ```\n")[0]?.answer, "a");
});

Deno.test("questionContext() is all that leads to a question and belongs to it", () => {
  const text =
    "# Round 1\n\nAbout keys.\n\n### Q1: Which?\n\nLong story.\n\n**Answer:** A\n\n## Round 2\n\n### Q1: Why?\n\n" +
    "**Answer:** ?\n\n### Q2: Who?\n";
  assert.equal(questionContext(text, { id: "Q1" }), "## Round 2\n\n### Q1: Why?\n\n**Answer:** ?");
  assert.equal(questionContext(text, { id: "Q2" }), "### Q2: Who?");
  assert.equal(questionContext(text, { id: "Q9" }), "");
  assert.deepEqual(openQuestions(text).map(({ text }) => text), ["Why?", "Who?"]);
});
