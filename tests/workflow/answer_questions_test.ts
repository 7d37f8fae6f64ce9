import assert from "node:assert/strict";
import { answerQuestions, readAnswer } from "../../src/workflow/answer_questions.ts";
import { readQuestions, suggestedAnswer } from "../../src/workflow/questions.ts";
import { Q1, Q2, ROUND } from "./question_round.ts";

const SAMPLES: readonly string[] = [
  "",
  "\uFEFF### Q1: a\n**Answer:** _waiting_",
  ROUND,
  ROUND.replaceAll("\n", "\r\n"),
  ROUND.replace("_waiting_", "A") + ROUND,
  ROUND + ROUND,
  ROUND + ROUND.replaceAll("_waiting_", "B"),
  "### Q1: a\n\n\n### Q2: b\nA) c\n\n",
  "### Q1: a",
  "### Q1: a\n- **Answer**: (waiting)\n    noted\n  ### Q2: b\n    ```\n    ### Q2: c\n",
  "### Q1: a\n```\n### Q2: b\n**Answer:** B\n\n",
  "### Q1: a\n<!-- **Answer:** B",
  "### Q1: a\n- b\n  ~~~\n  **Answer:** c\n\n### Q2: d\n**Answer: _Waiting_**\n",
  "### Q1: a\r**Answer:**\r    one\r    two\r\r### q2 - b\r**answer** : WAITING\r",
  "### Q1: a\n**Answer:** one\n    - two\n\t```\n\n        more\n## Q2: b\n> **Answer:** c\n",
  longText(4),
  longText(40_000),
];

function longText(lines: number): string {
  return `### Q1: a\n${"text\n".repeat(lines)}**Answer:** waiting\n### Q2: b`;
}

const ANSWERS: readonly string[] = [
  "A",
  "B) since we have it",
  "### Q2: x",
  "**Answer:** B",
  "**Answer:** _waiting_",
  "```",
  "no\n### Q2: x\n**Answer:** B\n```\n<!--\n- ~~~\n> a\nA) b\n# c",
  "waiting\nfor a friend",
  "waiting for a friend",
  "one\n  two\n\tthree\n    four",
  "<!-- a -->\nb",
  "\u{1F680} \u00fc **bold",
];

/** Texts that are the same in every run. */
function* generatedTexts(count: number): Generator<string> {
  const lines = [
    "### Q1: a",
    "### Q1: a",
    "  ### Q2: b",
    "## Round",
    "#### note",
    "A) c",
    "- B) d",
    "**Suggestion:** A - e",
    "**Answer:** _waiting_",
    "**Answer:**",
    "- **Answer:** f",
    "   **Answer: (waiting)**",
    "    g",
    "      - h",
    "    ```",
    "```",
    "  ~~~",
    "<!--",
    "-->",
    "> i",
    "- j",
    "1. k",
    "",
    "",
  ];
  let state = 11;
  const next = (below: number): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor(state / 2 ** 32 * below);
  };
  for (let made = 0; made < count; made++) {
    const eols = [["\n"], ["\r\n"], ["\n", "\r\n", "\r"]][next(3)] ?? [];
    const text = Array.from({ length: next(16) }, () => `${lines[next(lines.length)]}${eols[next(eols.length)]}`).join(
      "",
    );
    yield next(3) === 0 ? text.replace(/[\r\n]+$/, "") : text;
  }
}

function* cases(): Generator<{ readonly text: string; readonly answers: ReadonlyMap<string, string> }> {
  for (const text of [...SAMPLES, ...generatedTexts(1500)]) {
    // Where an answer goes shows in short texts; a long one is tried once in each way.
    for (const answer of text.length < 100_000 ? ANSWERS : ANSWERS.slice(0, 1)) {
      yield { text, answers: new Map([["Q1", answer]]) };
      yield { text, answers: new Map([["Q2", "A"], ["q1", answer]]) };
    }
  }
}

Deno.test("answerQuestions() without an answer for it gives the text back", () => {
  for (const text of [...SAMPLES, ...generatedTexts(1500)]) {
    assert.equal(answerQuestions(text, new Map()), text);
    assert.equal(answerQuestions(text, new Map([["Q9", "A"], ["Q1", " \n"], ["Q2", "_waiting_"]])), text);
  }
});

Deno.test("answerQuestions() writes what readQuestions() reads, and leaves the other questions", () => {
  for (const { text, answers } of cases()) {
    const old = readQuestions(text);
    const now = readQuestions(answerQuestions(text, answers));
    const expected = [...old];
    for (const [id, raw] of answers) {
      const answer = raw.trim() === "" ? undefined : raw;
      const places = old.flatMap((question, place) => question.id === id.toUpperCase() ? [place] : []);
      const lastOpen = places.findLast((place) => old[place]?.answer === undefined);
      const later = places.filter((place) => place > (lastOpen ?? -1));
      const target = lastOpen ?? places.at(-1);
      const question = target === undefined ? undefined : old[target];
      if (target === undefined || question === undefined) continue;
      if (later.some((place) => old[place]?.answer === answer)) continue;
      expected[target] = { ...question, answer };
    }
    assert.deepEqual(now, expected, JSON.stringify({ text: text.slice(0, 400), answers: [...answers] }));
  }
});

Deno.test("answerQuestions() done twice is answerQuestions() done once", () => {
  for (const { text, answers } of cases()) {
    const once = answerQuestions(text, answers);
    assert.equal(
      answerQuestions(once, answers),
      once,
      JSON.stringify({ text: text.slice(0, 400), answers: [...answers] }),
    );
  }
});

Deno.test("answerQuestions() changes one place per answer and leaves everything around it", () => {
  for (const { text, answers } of cases()) {
    if (answers.size > 1) continue;
    const now = answerQuestions(text, answers);
    let before = 0;
    while (before < text.length && text[before] === now[before]) before++;
    let behind = 0;
    const most = Math.min(text.length, now.length) - before;
    while (behind < most && text.at(-1 - behind) === now.at(-1 - behind)) behind++;
    const gone = text.slice(before, text.length - behind);
    assert.match(
      gone,
      /^(?:[^\r\n]*(?:\r\n|\n|\r)?(?:(?: {4}|\t)[^\r\n]*(?:\r\n|\n|\r)?)*)$/,
      JSON.stringify({ text, gone }),
    );
  }
});

Deno.test("answerQuestions() replaces the value, keeps decoration and line ends, and indents further lines", () => {
  assert.equal(
    answerQuestions(
      "### Q1: a\r\n- **Answer:**  _waiting_  \r\n\r\n### Q2: b\r\n**Answer:**\r\n",
      new Map([
        ["q1", "one\n\n  ### Q2: two\u0007\r\n"],
        ["Q2", "A"],
      ]),
    ),
    "### Q1: a\r\n- **Answer:**  one  \r\n        ### Q2: two\r\n\r\n### Q2: b\r\n**Answer:** A\r\n",
  );
  assert.equal(
    answerQuestions("### Q1: a\n**Answer:** one\n    two\n    three\nfour\n", new Map([["Q1", "five"]])),
    "### Q1: a\n**Answer:** five\nfour\n",
  );
});

Deno.test("answerQuestions() adds a missing answer line at the end of the body", () => {
  const add = (text: string) => answerQuestions(text, new Map([["Q1", "A\nb"]]));
  assert.equal(add("### Q1: a\nB) c\n\n\n### Q2: d\n"), "### Q1: a\nB) c\n**Answer:** A\n    b\n\n\n### Q2: d\n");
  assert.equal(add("### Q1: a\r\n\r\n"), "### Q1: a\r\n**Answer:** A\r\n    b\r\n\r\n");
  assert.equal(add("### Q1: a"), "### Q1: a\n**Answer:** A\n    b");
  assert.equal(add("### Q1: a\n```\nc\n\n"), "### Q1: a\n```\nc\n```\n**Answer:** A\n    b\n\n");
});

Deno.test("answerQuestions() fills the last open question of a repeated id, and recognizes a repeated answer", () => {
  const asked = (...answers: readonly string[]) =>
    answers.map((answer) => `### Q1: a\n**Answer:** ${answer}\n`).join("");
  const answered = (...answers: readonly string[]) => answerQuestions(asked(...answers), new Map([["Q1", "A"]]));
  assert.equal(answered("B", "_waiting_"), asked("B", "A"));
  assert.equal(answered("_waiting_", "_waiting_"), asked("_waiting_", "A"));
  assert.equal(answered("_waiting_", "B"), asked("A", "B"));
  assert.equal(answered("A", "_waiting_"), asked("A", "A"));
  assert.equal(answered("B", "B"), asked("B", "A"));
  assert.equal(answered("_waiting_", "A"), asked("_waiting_", "A"));
});

Deno.test("readAnswer() reads the letter of an option in either case, and free text as it is", () => {
  for (const text of ["b", " B\n"]) assert.deepEqual(readAnswer(Q1, text), { ok: true, answer: "B" });
  for (const text of ["A) yes", "A - because", "both", "b.", "1", "AB"]) {
    assert.deepEqual(readAnswer(Q1, text), { ok: true, answer: text });
  }
  assert.deepEqual(readAnswer(Q1, "\r\n one\u001b \r\n\r\n  two"), { ok: true, answer: "one\n  two" });
  assert.deepEqual(readAnswer(Q2, "c"), { ok: true, answer: "c" });
});

Deno.test("readAnswer() says what is wrong with an answer", () => {
  for (const text of ["d", "\u0430"]) {
    assert.deepEqual(readAnswer(Q1, text), {
      ok: false,
      problem: `Q1 cannot be ${text}: the options are A, B, C`,
    });
  }
  for (const text of ["", " \n ", "_waiting_", "Waiting", "\u0000"]) {
    assert.deepEqual(readAnswer(Q1, text), { ok: false, problem: "Q1 needs an answer" });
  }
});

Deno.test("readAnswer() returns an answer as it is read back", () => {
  for (const text of [...ANSWERS, "\r a\r\n\t\r b \u0085c"]) {
    const reading = readAnswer(Q1, text);
    assert.ok(reading.ok);
    const written = answerQuestions(ROUND, new Map([["Q1", text]]));
    assert.deepEqual(readQuestions(written), [{ ...Q1, answer: reading.answer }, Q2]);
  }
});

Deno.test("suggestedAnswer() is the letter, else the text, else nothing, and readAnswer() takes it", () => {
  assert.equal(suggestedAnswer(Q1), "A");
  assert.equal(suggestedAnswer(Q2), "the first free one");
  assert.equal(suggestedAnswer({ ...Q1, suggestion: undefined }), undefined);
  assert.deepEqual(readAnswer(Q1, suggestedAnswer(Q1) ?? ""), { ok: true, answer: "A" });
});
