import assert from "node:assert/strict";
import { whatHappenedBefore } from "../../src/prompt/what_happened_before.ts";
import { type Attempt, type History, NO_HISTORY } from "../../src/workflow/history.ts";
import type { IterationEnd } from "../../src/workflow/iteration_end.ts";
import type { Outcome } from "../../src/workflow/session_event.ts";

const ATTEMPT: Attempt = {
  iteration: 7,
  attempt: 1,
  phase: "implementation",
  marker: "m",
  log: "l",
  startedAt: "2026-11-20T14:37:00.000Z",
  provider: "claude",
  model: undefined,
  end: undefined,
  reading: undefined,
  decided: true,
};

const CUT_OFF =
  "Its work may be half done. Look at the notebook, the documents and the working directory first, then " +
  "continue from there.";

Deno.test("whatHappenedBefore() is empty after a usual run and after a requested stop", () => {
  for (const outcome of [undefined, { kind: "stopped", by: "Ctrl-C" }, { kind: "done", summary: "All" }] as const) {
    assert.equal(whatHappenedBefore(resumedAfter(outcome), 1), "");
  }
});

Deno.test("whatHappenedBefore() says what was wrong with an unusable signal, and not to repeat the work", () => {
  const reading = { kind: "malformed", problem: "_signal.json is empty" } as const;
  assert.equal(
    whatHappenedBefore(after({ kind: "finished" }, { reading }), 2),
    "The previous attempt did not leave a usable signal: _signal.json is empty. Do not repeat its work: check " +
      "it, finish what is missing, then write the signal.",
  );
});

Deno.test("whatHappenedBefore() says how an attempt was cut off and how to avoid that", () => {
  const crashed = { kind: "crashed", detail: "max turns", exitCode: 1 } as const;
  const told: readonly (readonly [IterationEnd | undefined, string, string])[] = [
    [undefined, "was interrupted", ""],
    [{ kind: "aborted", by: "Ctrl-C" }, "was ended: Ctrl-C", ""],
    [{ ...crashed, cause: "service" }, "failed: max turns", ""],
    [
      { ...crashed, cause: "turns" },
      "failed: max turns",
      " Do a smaller piece of work this time, and write the signal early.",
    ],
    [
      { kind: "timed-out", afterMs: 1_800_000 },
      "timed out after 1800 s",
      " Do a smaller piece of work this time, and write the signal early.",
    ],
    [
      { kind: "stalled", silentMs: 900_000 },
      "said nothing for 900 s",
      " If the cause was a long command without output, run it in parts.",
    ],
  ];
  for (const [end, how, advice] of told) {
    assert.equal(
      whatHappenedBefore(after(end), 2),
      `The previous attempt did not finish: it ${how}. ${CUT_OFF}${advice}`,
    );
  }
});

Deno.test("whatHappenedBefore() tells the first agent after a stop what the human did", () => {
  const waited = (what: "qa_answers" | "plan_approval" | "file_update" | "human_action") =>
    whatHappenedBefore(resumedAfter({ kind: "waiting", for: what, gate: undefined, detail: "" }), 1);
  assert.equal(
    waited("qa_answers"),
    "The session waited for answers. They are in `_qa.md` now: continue with them.",
  );
  assert.equal(
    waited("plan_approval"),
    "The plan waited for approval, and the human sent it back. Their feedback is above.",
  );
  for (const what of ["file_update", "human_action"] as const) {
    assert.equal(
      waited(what),
      "The session waited for the human to do what `Next` says, and was resumed. Check that it is done.",
    );
  }
  const stops: readonly Outcome[] = [
    { kind: "blocked", reason: "No database", needs: "error_resolution" },
    { kind: "failed", reason: "No database" },
  ];
  for (const outcome of stops) {
    assert.equal(
      whatHappenedBefore(resumedAfter(outcome), 1),
      "The session had stopped: No database. A human has resumed it. Check whether the cause is gone, then continue.",
    );
  }
});

function after(end: IterationEnd | undefined, more: Partial<Attempt> = {}): History {
  return { ...NO_HISTORY, attempt: { ...ATTEMPT, end, ...more } };
}

function resumedAfter(outcome: Outcome | undefined): History {
  return { ...NO_HISTORY, attempt: ATTEMPT, resumedAfter: outcome };
}
