import assert from "node:assert/strict";
import { phaseStepper } from "../../src/console/live_area.ts";
import { paint, spansWidth } from "../../src/console/screen.ts";
import { PHASE_NAMES } from "../../src/workflow/phases.ts";

Deno.test("phaseStepper() takes the longest form that fits", () => {
  const forms = [110, 78, 40, 10].map((columns) => paint(phaseStepper("planning", columns), false));
  assert.deepEqual(forms, [
    "✓ investigation ─ ✓ requirements ─ ● planning ─ ○ implementation ─ ○ testing ─ ○ quality ─ ○ done",
    "✓ invest ─ ✓ reqs ─ ● planning ─ ○ impl ─ ○ test ─ ○ quality ─ ○ done",
    "✓ ─ ✓ ─ ● planning ─ ○ ─ ○ ─ ○ ─ ○",
    "✓ ─ ✓ ─ ●…",
  ]);
});

Deno.test("phaseStepper() fits an 80-column terminal with names in every phase, and any width at all", () => {
  for (const phase of [...PHASE_NAMES, undefined]) {
    assert.match(paint(phaseStepper(phase, 77), false), /done$/);
    for (let columns = 0; columns < 120; columns++) assert.ok(spansWidth(phaseStepper(phase, columns)) <= columns);
  }
});
