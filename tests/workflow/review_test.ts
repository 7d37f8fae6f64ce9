import assert from "node:assert/strict";
import { readReport } from "../../src/workflow/review.ts";

Deno.test("readReport() reads the verdict in any decoration, and the last one counts", () => {
  for (
    const text of [
      "Verdict: open",
      "**Verdict:** open",
      "- **Verdict**: `open`",
      "## Verdict: Open",
      "Verdict: clean\n\nverdict : OPEN (two findings)",
    ]
  ) {
    assert.equal(readReport(`# Quality\n\n${text}\n`).verdict, "open", text);
  }
  assert.equal(readReport("Verdict: clean\n").verdict, "clean");
  assert.equal(readReport("Verdict: open\n\nVerdict: fixed\n").verdict, "fixed");
});

Deno.test("readReport() takes nothing else for a verdict", () => {
  const texts = [
    "",
    "Verdict:",
    "Verdict: opened",
    "Verdict: fine",
    "The verdict is clean",
    "```\nVerdict: clean\n```",
  ];
  for (const text of [...texts, "> Verdict: clean", "<!-- Verdict: clean -->", "Verdict: clean\n\nVerdict: pending"]) {
    assert.equal(readReport(text).verdict, undefined, text);
  }
});

Deno.test("readReport() lists what blocks and is not fixed: at most five, short, and no notes", () => {
  const report = [
    "## Findings",
    "- blocking: fixed",
    "## To fix",
    "1. first",
    "- note: taste",
    "## Left open",
    "- second",
    "* Nothing.",
    "Verdict: open",
    "- after",
  ];
  assert.deepEqual(readReport(report.join("\n")).findings, ["first", "second"]);
  assert.deepEqual(readReport("- **To fix**:\n  - only one\n- **Verdict**: open").findings, ["only one"]);
  const many = readReport(`## Left open\n${`- ${"x".repeat(900)}\n`.repeat(9)}`).findings;
  assert.deepEqual(many, Array.from({ length: 5 }, () => "x".repeat(200)));
});
