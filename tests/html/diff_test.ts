import assert from "node:assert/strict";
import { renderDiff } from "../../src/html/diff.ts";
import { slowTest } from "../helpers/slow.ts";

const HEAD = "diff --git a/x.ts b/x.ts\nindex 1..2 100644\n--- a/x.ts\n+++ b/x.ts\n";

/** All tags that a rendered diff may have. */
const KNOWN = /^<\/?(?:table|tbody|tr|td|ins|del)(?: class="(?:diff|d2h-(?:info|cntx|ins|del)(?: d2h-change)?)")?>$/;

async function assertSafe(text: string): Promise<string> {
  const html = (await renderDiff(text)).map(({ html }) => html).join("");
  for (const [tag] of html.matchAll(/<[^>]*>?/g)) assert.match(tag, KNOWN, `${tag} in ${html}`);
  return html;
}

Deno.test("renderDiff() renders each file as lines with numbers, and marks the words that changed", async () => {
  assert.deepEqual(await renderDiff(`${HEAD}@@ -1,2 +1,3 @@ class A\n same\n-let old = 1;\n+let fresh = 1;\n+more\n`), [
    {
      path: "x.ts",
      added: 2,
      removed: 1,
      html: '<table class="diff"><tbody>' +
        '<tr class="d2h-info"><td></td><td></td><td>@@ -1,2 +1,3 @@ class A</td></tr>' +
        '<tr class="d2h-cntx"><td>1</td><td>1</td><td> same</td></tr>' +
        '<tr class="d2h-del d2h-change"><td>2</td><td></td><td>-let <del>old</del> = 1;</td></tr>' +
        '<tr class="d2h-ins d2h-change"><td></td><td>2</td><td>+let <ins>fresh</ins> = 1;</td></tr>' +
        '<tr class="d2h-ins"><td></td><td>3</td><td>+more</td></tr></tbody></table>',
      left: "",
    },
  ]);
});

Deno.test("renderDiff() names new, deleted, renamed, binary and empty files, and those with strange names", async () => {
  const files = await renderDiff([
    "diff --git a/new b/new\nnew file mode 100644\nindex 0..1\n--- /dev/null\n+++ b/new\n@@ -0,0 +1 @@\n+a",
    "diff --git a/gone b/gone\ndeleted file mode 100644\nindex 1..0\n--- a/gone\n+++ /dev/null\n@@ -1 +0,0 @@\n-a",
    "diff --git a/from b/to\nsimilarity index 100%\nrename from from\nrename to to",
    "diff --git a/p.png b/p.png\nindex 1..2\nBinary files a/p.png and b/p.png differ",
    "diff --git a/run.sh b/run.sh\nold mode 100644\nnew mode 100755",
    "diff --git a/a b.txt b/a b.txt\nindex 1..2\n--- a/a b.txt\n+++ b/a b.txt\n@@ -1 +1 @@\n-a\n+b\n",
  ].join("\n"));
  assert.deepEqual(files.map(({ path, added, removed, left }) => [path, added, removed, left]), [
    ["new", 1, 0, ""],
    ["gone", 0, 1, ""],
    ["to", 0, 0, "rename from from, rename to to"],
    ["p.png", 0, 0, "A binary file"],
    ["run.sh", 0, 0, "old mode 100644, new mode 100755"],
    ["a b.txt", 1, 1, ""],
  ]);
});

Deno.test("renderDiff() takes nothing in a file for git's own lines", async () => {
  const content = [
    "+\rdiff --git a/forged b/forged",
    "+\u2028+++ b/forged",
    "+++ b/forged",
    "--- a/forged",
    "+@@ -1 +1 @@",
  ];
  const files = await renderDiff(`${HEAD}@@ -1,9 +1,9 @@\n${content.join("\n")}\n`);
  assert.deepEqual(files.map(({ path, added, removed }) => [path, added, removed]), [["x.ts", 4, 1]]);
});

Deno.test("renderDiff() makes no element of anything in a diff, a merge's too", async () => {
  const hostile = "<img src=x onerror=alert(1) ";
  await assertSafe(`${HEAD}@@ -1 +1 @@ ${hostile}>\n-${hostile}\n+${hostile}>\n ${hostile}'"\`>\n`);
  await assertSafe(`diff --git a/${hostile} b/${hostile}>\n--- a/${hostile}>\n+++ b/${hostile}>\n@@ -1 +1 @@\n+a\n`);
  const merge = `diff --cc x\nindex 1,2..3\n--- a/x\n+++ b/x\n@@@ -1,1 -1,1 +1,1 @@@ ${hostile}>\n`;
  assert.match(await assertSafe(`${merge}+${hostile}\n ${hostile}\n-${hostile}\n+&nbsp;\n`), /&lt;img/);
});

Deno.test("renderDiff() bounds lines, a file and all files, and says what it left", async () => {
  const long = `${HEAD}@@ -1 +1,30 @@\n${"+a\n".repeat(30)}`;
  const files = await renderDiff(long.repeat(3), { fileLines: 11, lines: 20 });
  assert.deepEqual(files.map(({ added, html, left }) => [added, html.split("<tr").length - 1, left]), [
    [30, 11, "20 more lines are not shown"],
    [30, 9, "22 more lines are not shown"],
    [30, 0, "31 more lines are not shown"],
  ]);
  const [wide] = await renderDiff(`${HEAD}@@ -1 +1 @@\n+${"x".repeat(1_000_000)}\n`);
  assert.ok((wide?.html.length ?? Infinity) < 3_000);
});

Deno.test("renderDiff() reads what is cut anywhere", async () => {
  const text = `${HEAD}@@ -1,2 +1,2 @@\n a\n-b\n+c\n`;
  for (let end = 0; end <= text.length; end++) await assertSafe(text.slice(0, end));
});

slowTest("renderDiff() takes seconds for a hostile diff of megabytes", async () => {
  const line = (sign: string, index: number, text: string) => `${sign}${"abcdefgh"[index % 8]}${text.repeat(47)}`;
  const rows = Array.from({ length: 499 }, (_, index) => index);
  const block = [...rows.map((row) => line("-", row, "xy ")), ...rows.map((row) => line("+", row + 1, "xz "))].join(
    "\n",
  );
  const begun = performance.now();
  await assertSafe(`${HEAD}@@ -1 +1 @@\n${block}\n`.repeat(20));
  assert.ok(performance.now() - begun < 15_000, `${performance.now() - begun} ms`);
});
