import assert from "node:assert/strict";
import { describeEnd, type IterationEnd } from "../../src/workflow/iteration_end.ts";

Deno.test("describeEnd() says each end in words", () => {
  const ends: Readonly<Record<IterationEnd["kind"], readonly (readonly [end: IterationEnd, words: string])[]>> = {
    "finished": [[{ kind: "finished" }, "finished"]],
    "timed-out": [
      [{ kind: "timed-out", afterMs: 1_800_000 }, "timed out after 1800 s"],
      [{ kind: "timed-out", afterMs: 1_499 }, "timed out after 1 s"],
    ],
    "stalled": [[{ kind: "stalled", silentMs: 600_400 }, "said nothing for 600 s"]],
    "crashed": [
      [{ kind: "crashed", cause: "unknown", detail: "exit code 3", exitCode: 3 }, "failed: exit code 3"],
    ],
    "not-found": [[{ kind: "not-found", binary: "claude" }, "could not be started: claude not found"]],
    "rate-limited": [
      [{ kind: "rate-limited", until: undefined, detail: "try later" }, "hit a usage limit: try later"],
      [
        { kind: "rate-limited", until: "2026-11-20T09:00:00Z", detail: "five-hour limit" },
        "hit a usage limit until 2026-11-20T09:00:00Z: five-hour limit",
      ],
    ],
    "over-budget": [[{ kind: "over-budget", detail: "$5 of $5" }, "was ended: the budget is used up ($5 of $5)"]],
    "aborted": [[{ kind: "aborted", by: "SIGINT" }, "was ended: SIGINT"]],
  };
  const rows = Object.values(ends).flat();
  assert.deepEqual(rows.map(([end]) => describeEnd(end)), rows.map(([, words]) => words));
});
