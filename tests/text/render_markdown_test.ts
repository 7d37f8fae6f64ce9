import assert from "node:assert/strict";
import { countHidden, renderMarkdown } from "../../src/text/render_markdown.ts";
import { displayWidth } from "../../src/text/terminal_text.ts";

const PLAN = `# Plan: JWT login

The first paragraph is wrapped
by hand, and **ends** here.

## Phases

- [ ] Phase 1: read \`JWT_KEY\` from the environment
  - [x] src/auth.ts, with a name that is rather long
  * another item
3. third
> quoted
<!-- an agent reads this, too -->
| a | b |
---
\`\`\`sh
npm   test -- --filter auth --reporter spec
\`\`\`
A) yes
B) no
**Answer:** _waiting_
`;

Deno.test("renderMarkdown() wraps prose and lists, keeps code, and leaves nothing out", () => {
  assert.deepEqual(renderMarkdown(PLAN, { columns: 34, color: false }), [
    "# Plan: JWT login",
    "",
    "The first paragraph is wrapped by",
    "hand, and **ends** here.",
    "",
    "## Phases",
    "",
    "[ ] Phase 1: read `JWT_KEY` from",
    "    the environment",
    "  [x] src/auth.ts, with a name",
    "      that is rather long",
    "  • another item",
    "3. third",
    "> quoted",
    "<!-- an agent reads this, too -->",
    "| a | b |",
    "---",
    "```sh",
    "npm   test -- --filter auth --repo",
    "rter spec",
    "```",
    "A) yes",
    "B) no",
    "**Answer:** _waiting_",
  ]);
});

Deno.test("renderMarkdown() fits any width, with color or without, and loses no letter", () => {
  const words = (text: string) => text.replace(/[\s*`•-]/g, "");
  const text = `${PLAN}\n${" ".repeat(90)}- deep\n\n- ${"x".repeat(300)}\n\n日本語のとても長い計画です\n`;
  for (const columns of [20, 40, 80, 200]) {
    for (const color of [false, true]) {
      // deno-lint-ignore no-control-regex -- what is painted
      const rows = renderMarkdown(text, { columns, color }).map((row) => row.replace(/\u001b\[\d+m/g, ""));
      assert.deepEqual(rows.filter((row) => displayWidth(row) > columns), []);
      assert.equal(words(rows.join("")), words(text));
    }
  }
});

Deno.test("renderMarkdown() takes no time for an endless line, and lets no escape sequence through", () => {
  const endless = "x".repeat(1_000_000);
  const begun = performance.now();
  renderMarkdown(`${endless}\n\n\`\`\`\n${endless}`, { columns: 80, color: true });
  assert.ok(performance.now() - begun < 5_000);
  assert.deepEqual(renderMarkdown("a\u001b[8mb\u202ec", { columns: 80, color: false }), ["abc"]);
});

Deno.test("countHidden() counts what a reader cannot see, and not what emoji consist of", () => {
  assert.equal(countHidden(`${PLAN}⚠️ 👩‍💻 日本語\r\n`), 0);
  assert.equal(countHidden("\ufeffa"), 0);
  assert.equal(countHidden("a\u200bb\u{e0041}\u{e0042}\u202ec"), 4);
});
