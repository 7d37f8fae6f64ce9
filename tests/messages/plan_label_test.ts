import assert from "node:assert/strict";
import { planBeginning, planLabel } from "../../src/messages/plan_label.ts";

const PLAN = "# Plan: Limit logins\n\nFive in a minute.\n\n- [ ] Phase 1: Count\n- [x] Phase 2: Refuse\n";

Deno.test("planLabel() is a plan's name, size, steps and title, and the same whatever is ticked", () => {
  const name = "11-20-0500-plan-login.md";
  const label = "11-20-0500-plan-login.md · 84 bytes · 2 steps · Limit logins";
  assert.equal(planLabel({ name, text: PLAN }), label);
  assert.equal(planLabel({ name, text: PLAN.replace("[ ]", "[x]") }), label);
});

Deno.test("planLabel() is short and harmless, whatever the plan is named and says", () => {
  const hostile = `\u001b[2J${"x".repeat(500)}\u202e\n`;
  const label = planLabel({ name: hostile, text: `# ${hostile}` });
  assert.ok(label.length < 220, label);
  assert.doesNotMatch(label, /[\p{Cc}\p{Cf}]/u);
  assert.equal(planLabel({ name: "plan.md", text: "" }), "plan.md · 0 bytes · 0 steps");
});

Deno.test("planLabel() lets no name pass for another plan, and says what cannot be seen", () => {
  assert.equal(
    planLabel({ name: "plan-x · 2 kB · 5 steps · Limit logins.md", text: "# Delete\u{e0041}\u202e all\n- [ ] a\n" }),
    "plan-x - 2 kB - 5 steps - Limit logins.md · 28 bytes · 1 step · 2 characters cannot be seen · Delete all",
  );
});

Deno.test("planBeginning() shows the label and a plan's first lines, each cut", () => {
  const text = `${PLAN}${"y".repeat(300)}\n\n\nlast\nnot shown\n`;
  const [label, ...lines] = planBeginning({ name: "plan.md", text }).split("\n");
  assert.equal(label, planLabel({ name: "plan.md", text }));
  assert.deepEqual(lines.slice(0, 4), PLAN.split("\n").filter((line) => line !== ""));
  assert.ok((lines[4] ?? "").length <= 100);
  assert.equal(lines[5], "last");
  assert.equal(lines.length, 6);
});
