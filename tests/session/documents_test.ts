import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readPlan, readQuestionsDocument } from "../../src/session/documents.ts";
import { layoutOf } from "../../src/session/layout.ts";
import { TempFolder } from "../helpers/temp_folder.ts";

const PLAN = "# Plan ü\r\n\r\n- [ ] one\n- [ ] two\n\n```\n- [ ] example\n```\n";

Deno.test("readPlan() knows a plan by its name", () => {
  for (
    const [name, isPlan] of [
      ["11-20-14:37-plan-greeting.md", true],
      ["11-20-1437-plan-greeting.md", true],
      ["11-20-1437-plan.md", true],
      ["plan.md", true],
      ["PLAN.MD", true],
      ["plan-v1.2.md", true],
      ["planning-notes.md", false],
      ["11-20-1437-planning-notes.md", false],
      ["11-20-1437-explanation.md", false],
      ["airplan.md", false],
      ["11-20-14:37-dive-plan-limits.md", false],
      ["11-20-1437-dive-price-plan.md", false],
      ["11-20-1437-plan-dive-limits.md", true],
      ["11-20-1437-plan-greeting.txt", false],
      ["11-20-1437-plan-greeting.md.bak", false],
      ["_overview.md", false],
    ] as const
  ) {
    using temp = new TempFolder();
    temp.file(name, PLAN);
    assert.equal(readPlan(layoutOf(temp.path))?.name, isPlan ? name : undefined, name);
  }
});

Deno.test("readPlan() takes the newest file, and of two of the same time the later name", () => {
  using temp = new TempFolder();
  const layout = layoutOf(temp.path);
  assert.equal(readPlan(layout), undefined);
  const at = (name: string, second: number) => Deno.utimeSync(temp.file(name, name), second, second);
  at("11-20-14:37-plan-b.md", 1_000);
  at("11-21-09:00-plan-a.md", 1_000);
  assert.equal(readPlan(layout)?.name, "11-21-09:00-plan-a.md");
  at("11-19-09:00-plan-c.md", 2_000);
  assert.equal(readPlan(layout)?.name, "11-19-09:00-plan-c.md");
  at("11-22-09:00-report.md", 3_000);
  assert.equal(readPlan(layout)?.name, "11-19-09:00-plan-c.md");
});

Deno.test("readPlan() takes no link, folder or pipe for a plan", () => {
  using temp = new TempFolder();
  using elsewhere = new TempFolder();
  Deno.symlinkSync(elsewhere.file("plan.md", PLAN), temp.at("11-20-1437-plan-link.md"));
  temp.folder("plan.md");
  temp.pipe("11-20-1437-plan-pipe.md");
  assert.equal(readPlan(layoutOf(temp.path)), undefined);
});

Deno.test("readPlan() hashes the text with all boxes empty", () => {
  using temp = new TempFolder();
  const plan = temp.file("plan.md", PLAN);
  const sha256 = createHash("sha256").update(PLAN).digest("hex");
  assert.deepEqual(readPlan(layoutOf(temp.path)), { name: "plan.md", text: PLAN, sha256 });
  const ticked = PLAN.replace("[ ] one", "[x] one").replace("[ ] two", "[X] two");
  Deno.writeTextFileSync(plan, ticked);
  assert.deepEqual(readPlan(layoutOf(temp.path)), { name: "plan.md", text: ticked, sha256 });
});

Deno.test("readPlan() hashes differently wherever one byte differs, UTF-8 or not", () => {
  using temp = new TempFolder();
  const layout = layoutOf(temp.path);
  const text = Uint8Array.of(
    ...new TextEncoder().encode("\ufeffé\u{1f388}- [ ] a\r\n"),
    0xff,
    0xc3,
    0x28,
    0xed,
    0xa0,
    0x80,
  );
  const seen = new Set<string>();
  let written = 0;
  for (let at = 0; at < text.length; at++) {
    for (let byte = at % 7; byte < 256; byte += 7) {
      if (byte === text[at]) continue;
      temp.file("plan.md", text.with(at, byte));
      const sha256 = readPlan(layout)?.sha256;
      assert.ok(sha256 !== undefined);
      seen.add(sha256);
      written++;
    }
  }
  // No box among them: the byte order mark is the first line's, not the list's.
  assert.equal(seen.size, written);
});

Deno.test("readQuestionsDocument() hashes the questions as they are", () => {
  using temp = new TempFolder();
  const layout = layoutOf(temp.path);
  assert.equal(readQuestionsDocument(layout), undefined);
  const text = "### Q1: A?\n\n- [x] no plan\n\n**Answer:** _waiting_\n";
  temp.file("_qa.md", text);
  const sha256 = createHash("sha256").update(text).digest("hex");
  assert.deepEqual(readQuestionsDocument(layout), { name: "_qa.md", text, sha256 });
  Deno.removeSync(temp.at("_qa.md"));
  temp.pipe("_qa.md");
  assert.throws(() => readQuestionsDocument(layout), { name: "SamocodeError", code: "conflict" });
});
