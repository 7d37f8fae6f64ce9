import assert from "node:assert/strict";
import { countSignals, readHandNotes } from "../../src/workflow/adoption.ts";

const STATUS = "## Status\nPhase: Planning\nIteration: 4\n";

Deno.test("readHandNotes() reads the original's notebook and the skill's", () => {
  const original =
    "# Session: a\nStarted: 01-15 14:37\nWorking Dir: /w/26-01-15-a\n\n## Task\nLimit logins.\n\nAnd count.\n\n" +
    `${STATUS}Total Iterations: 12\nQuality Iteration: 2\nLast Action: Planned\n\n## Plans\n(none yet)\n`;
  assert.deepEqual(readHandNotes(original, { signals: 5 }), {
    phase: "planning",
    task: "Limit logins.\n\nAnd count.",
    dive: "",
    iterations: 12,
    iterationsInVisit: 4,
    qualityIterations: 2,
    lastAction: "Planned",
    directory: "/w/26-01-15-a",
    branch: undefined,
  });
  const skill =
    "# Session: a\r\n\r\nWorking Dir: `/shop`\r\n- **Branch:** `me/a` at 4f2a91c\r\n\r\n## Task\r\n\r\n> Limit\r\n> # Not a heading\r\n" +
    "\r\n## Dive topic\r\n> logins\r\n\r\n## Status\r\n\r\n**Phase:** testing\r\n";
  const { phase, task, dive, directory, branch, iterations } = readHandNotes(skill);
  assert.deepEqual({ phase, task, dive, directory, branch, iterations }, {
    phase: "testing",
    task: "Limit\n# Not a heading",
    dive: "logins",
    directory: "/shop",
    branch: "me/a",
    iterations: 0,
  });
});

Deno.test("readHandNotes() takes names from the head and the Status only, the worktree before the working folder", () => {
  const text = `Working Dir: /shop\n\n## Task\nBranch: main\n\n> Worktree: /etc\n\n${STATUS}Worktree: /w/a\n\n` +
    "## Flow Log\n\nBranch: release\n\n```\nBranch: fenced\n```\n";
  const { directory, branch } = readHandNotes(text);
  assert.deepEqual({ directory, branch }, { directory: "/w/a", branch: undefined });
});

Deno.test("readHandNotes() has a task for the next agent where nobody wrote one", () => {
  for (const text of [STATUS, `## Task\n(none given)\n\n${STATUS}`, `## Task\n\n${STATUS}`]) {
    assert.equal(readHandNotes(text).task, "Go on with what the notebook and the documents that it lists say");
  }
  assert.equal(readHandNotes(`## Dive topic\nlogins\n\n${STATUS}`).task, "");
});

Deno.test("readHandNotes() counts signals where no total is written, and nothing that is no count", () => {
  const countsOf = (lines: string, signals: number): readonly number[] => {
    const notes = readHandNotes(`## Status\nPhase: planning\n${lines}`, { signals });
    return [notes.iterations, notes.iterationsInVisit, notes.qualityIterations];
  };
  assert.deepEqual(countsOf("Iteration: 3", 0), [3, 3, 0]);
  assert.deepEqual(countsOf("Iteration: 3", 7), [7, 3, 0]);
  assert.deepEqual(countsOf("Iteration: 30\nTotal Iterations: 31", 7), [31, 0, 0]);
  assert.deepEqual(countsOf("Iteration: -1\nTotal Iterations: 1e3\nQuality Iteration: 0x10", 0), [0, 0, 0]);
  assert.deepEqual(countsOf("Total Iterations: 100000", 0), [0, 0, 0]);
});

Deno.test("countSignals() counts the lines that are signals, whatever else an agent wrote there", () => {
  const line = '{"timestamp": "2026-01-15 14:41:07", "iteration": 1, "phase": "planning", "status": "continue"}\n';
  assert.equal(countSignals(""), 0);
  assert.equal(countSignals(line + line + '{"half": tr\n\nnonsense\n[]\n'), 2);
  assert.equal(countSignals(line.repeat(100_001)), 99_999);
});
