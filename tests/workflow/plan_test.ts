import assert from "node:assert/strict";
import { openSteps, planProblem, planProgress, planText, planTitle } from "../../src/workflow/plan.ts";

const PLAN = [
  "# Plan\r\n",
  "- [x] one\r\n",
  "  * [X] two\n",
  "    1. [ ] three\n",
  "\t2) [x]\n",
  "- [x]no box\n",
  "- [y] no box\n",
  "see [x] here\n",
  "```\n- [x] example\n```\n",
  "- [ ] four\n",
  "  ```\n  - [x] example\n  ```\n",
  "> - [x] cited\n",
  "<!-- - [x] out -->\n",
  "+ [x] five",
].join("");

Deno.test("planText() empties the checkboxes and nothing else", () => {
  assert.equal(
    planText(PLAN),
    PLAN.replace("[x] one", "[ ] one").replace("[X] two", "[ ] two").replace("\t2) [x]", "\t2) [ ]")
      .replace("[x] five", "[ ] five"),
  );
  for (const text of ["", "no box", "- [ ] a\r\n", "- []\n"]) assert.equal(planText(text), text);
});

Deno.test("planText() is the same for every state of the boxes", () => {
  const boxes = [..."abcdefgh"];
  const planOf = (state: number) =>
    boxes.map((name, place) => `- [${[" ", "x", "X"][Math.floor(state / 3 ** place) % 3]}] ${name}\n`).join("");
  const empty = planOf(0);
  for (let state = 0; state < 3 ** boxes.length; state++) assert.equal(planText(planOf(state)), empty);
});

Deno.test("planText() differs wherever one character of the plan differs", () => {
  const states = [...PLAN.matchAll(/(?<=^[ \t]*(?:[-*+]|\d+[.)])[ \t]+\[)[ xX](?=\](?:\s|$))/gm)].map((box) =>
    box.index
  );
  const boxes = new Set(states.filter((at) => !PLAN.slice(at).startsWith("x] example")));
  assert.equal(boxes.size, 6);
  for (let at = 0; at < PLAN.length; at++) {
    for (const other of ["x", " ", "X", "`", "-", "\n", "#", ">", "[", ""]) {
      if (other === PLAN[at] || (boxes.has(at) && /^[ xX]$/.test(other))) continue;
      const changed = PLAN.slice(0, at) + other + PLAN.slice(at + 1);
      if (changed === PLAN) continue;
      assert.notEqual(planText(changed), planText(PLAN), JSON.stringify({ at, other }));
    }
  }
});

Deno.test("planText() done twice is planText() done once", () => {
  assert.equal(planText(planText(PLAN)), planText(PLAN));
});

Deno.test("planProgress() counts the boxes of the plan, not those of its examples", () => {
  assert.deepEqual(planProgress(PLAN), { done: 4, total: 6 });
  assert.deepEqual(planProgress(planText(PLAN)), { done: 0, total: 6 });
  assert.deepEqual(planProgress(""), { done: 0, total: 0 });
});

Deno.test("openSteps() lists the texts of the boxes that are not ticked, cut", () => {
  assert.deepEqual(openSteps("- [x] one\n- [ ] two **bold** \n```\n- [ ] no\n```\n1. [ ]\n"), ["two **bold**", ""]);
  assert.deepEqual(openSteps(`- [ ] ${"x".repeat(900)}`), ["x".repeat(200)]);
});

Deno.test("planProblem() says what keeps a text from being a plan", () => {
  const problems = ["", " \n", "- [ ] a\0", "# Plan", "```\n- [ ] a\n```", "- [x] a\n- [X] b"].map(planProblem);
  const noStep = "it has no step with a checkbox, such as - [ ] Phase 1: Count failed attempts";
  assert.deepEqual(problems, [
    "it is empty",
    "it is empty",
    "it is not a text",
    noStep,
    noStep,
    "all of its steps are ticked",
  ]);
  for (const text of [PLAN, "- [ ] a", "- [x] a\r\n- [ ] b"]) assert.equal(planProblem(text), undefined);
});

Deno.test("planTitle() is the first heading without the word plan, else the first open step", () => {
  const titles: readonly (readonly [text: string, title: string])[] = [
    ["# Plan: Limit login attempts\n", "Limit login attempts"],
    ["# Plan\n\n## Goal\n- [ ] a", "Goal"],
    ["# Planets\n", "Planets"],
    ["# Plan: --top N for tally\n", "--top N for tally"],
    ["# Plan-based work\n", "Plan-based work"],
    ["```\n# no\n```\n# PLAN - Do it", "Do it"],
    ["- [x] a\n- [ ] b", "b"],
    ["", ""],
    [`# ${"x".repeat(300)}`, "x".repeat(200)],
  ];
  for (const [text, title] of titles) assert.equal(planTitle(text), title, text);
});
