import assert from "node:assert/strict";
import { renderMarkdown } from "../../src/html/markdown.ts";
import { slowTest } from "../helpers/slow.ts";

/** All that a rendered text may have. */
const KNOWN =
  /^<(?:\/?(?:h[1-6]|p|ul|ol|li|em|strong|del|code|pre|blockquote|table|thead|tbody|tr|th|td|div|span|i)|br \/|hr \/|\/a|ol start="\d+"|t[hd] align="(?:left|right|center)"|div class="scroll" role="group" aria-label="Table" tabindex="0"|span class="box" role="img" aria-label="(?:open|done)"|a rel="noreferrer noopener nofollow" href="(?:https?:\/\/|mailto:)[^"<>]*")>$/i;

async function assertSafe(text: string): Promise<string> {
  const html = await renderMarkdown(text);
  for (const [tag] of html.matchAll(/<[^>]*>?/g)) assert.match(tag, KNOWN, `${tag} in ${html}`);
  return html;
}

Deno.test("renderMarkdown() renders headings, lists, tables, code, emphasis and links", async () => {
  const html = await assertSafe(
    "# A\n\n- [x] *b*\n- [ ] c\n\n|d|\n|-|\n|e|\n\n```js\nlet f;\n```\n\n[g](https://h.example) ~~i~~",
  );
  assert.equal(
    html,
    '<h1>A</h1>\n<ul>\n<li><span class="box" role="img" aria-label="done">☑</span> <em>b</em></li>\n' +
      '<li><span class="box" role="img" aria-label="open">☐</span> c</li>\n</ul>\n' +
      '<div class="scroll" role="group" aria-label="Table" tabindex="0"><table>\n<thead>\n<tr>\n<th>d</th>\n</tr>\n' +
      "</thead>\n<tbody>\n<tr>\n<td>e</td>\n</tr>\n</tbody>\n</table></div>\n" +
      "<pre><code><i>js</i>\nlet f;\n</code></pre>\n" +
      '<p><a rel="noreferrer noopener nofollow" href="https://h.example">g</a> (https://h.example) <del>i</del></p>',
  );
});

const HOSTILE: readonly string[] = [
  "<script>alert(1)</script>",
  "<img src=x onerror=alert(1)>",
  "a <svg/onload=alert(1)> b",
  "<!-- hidden --><iframe srcdoc='<script>alert(1)</script>'>",
  "[a](javascript:alert(1))",
  "[a](JaVaScRiPt:alert(1))",
  "[a](java&#x0a;script:alert(1))",
  "[a](\u0001javascript:alert(1))",
  "[a](data:text/html;base64,PHNjcmlwdD4=)",
  "[a](vbscript:x) [b](file:///etc/passwd) [c](//evil.example) [d](#/s/key) [e](/api/stream)",
  "<javascript:alert(1)>",
  "![a](http://evil.example/pixel.png)",
  '![a](x"onerror=alert(1)//)',
  "[![a](http://evil.example/p.png)](https://ok.example)",
  '[a](https://ok.example "x\\" onmouseover=alert(1) \\"")',
  '[a](https://ok.example/"onclick=alert(1))',
  "[a]: javascript:alert(1)\n\n[a]",
  "[a]: http://x.example 'hidden'\n\n![a]",
  '```js" onclick=alert(1) <b>\ncode\n```',
  '~~~ "><img src=x onerror=alert(1)>\ncode\n~~~',
  "|<img src=x onerror=alert(1)>|\n|-|\n|<script>|",
  "# <script>\n\n> <b onclick=x>\n\n- <a href=javascript:x>",
  "a[^1]\n\n[^1]: <img src=x>",
  "&lt;script&gt;alert(1)&lt;/script&gt; &#60;img src=x&#62;",
  "https://ok.example/<script>alert(1)</script>",
  'www.evil.example"onclick=alert(1)',
  'a@b.example"onclick=alert(1)',
  "\u202e\u2066 \u200b\u001b[31m",
];

Deno.test("renderMarkdown() makes no element of raw HTML, and loads and runs nothing", async () => {
  for (const text of HOSTILE) await assertSafe(text);
});

Deno.test("renderMarkdown() is safe for hostile texts in each other", async () => {
  for (const one of HOSTILE) {
    for (const other of HOSTILE) await assertSafe(`**${one}** \`${other}\`\n\n> ${other} ${one}\n\n[${one}](${other})`);
  }
});

Deno.test("renderMarkdown() hides nothing that an agent would read", async () => {
  const html = await renderMarkdown(
    "<!-- one -->\n\n[two]: http://three.example 'four'\n\n![five](six.png)\n\n[seven](javascript:eight)\n\n" +
      "```js nine\n```\n\n[^ten]: eleven\n\n<div title=twelve>\n\n&#x202e;thirteen\n\n" +
      "|a|\n|-|\n|b|fourteen|\n\n![c](d 'fifteen')\n\n[e](https://sixteen.example 'seventeen')\n\n" +
      "```eighteen&#32;hidden\n```\n\n[https://f.example](https://nineteen.example)",
  );
  const shown = html.replace(/<[^>]*>/g, "");
  for (
    const word
      of "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen"
        .split(" ")
  ) {
    assert.ok(shown.includes(word), word);
  }
  assert.ok(!shown.includes("\u202e"));
});

Deno.test("renderMarkdown() gives headings levels without a gap, from the one that is asked for", async () => {
  const text = "### A\n\n##### B\n\n### C\n\n# D\n\n#\n\n###### E\n\n# F";
  assert.equal(
    await renderMarkdown(text, { heading: 3 }),
    "<h3>A</h3>\n<h4>B</h4>\n<h3>C</h3>\n<h3>D</h3>\n<h4>E</h4>\n<h3>F</h3>",
  );
});

slowTest("renderMarkdown() shows as it is what would take long: 64 KiB of anything in a few seconds", async () => {
  const units = [
    "*_",
    "\\``",
    "~a",
    "[a](b",
    "[a][b]",
    "> a\n\n",
    ">>>>>>>> a\n\n",
    "a\n=\n",
    "- ",
    "\n-\n",
    "|a\n|-\n",
  ];
  for (const unit of units) {
    const text = unit.repeat(64 * 1024 / unit.length);
    const begun = performance.now();
    await assertSafe(text);
    assert.ok(performance.now() - begun < 10_000, `${JSON.stringify(unit)}: ${performance.now() - begun} ms`);
  }
  const wide = await assertSafe(`|${"a|".repeat(4_000)}\n|${"-|".repeat(4_000)}\n${"|b\n".repeat(10_000)}`);
  assert.ok(wide.length < 1_000_000, `${wide.length}`);
  assert.equal(await renderMarkdown("*_<b>".repeat(2_000)), `<pre>${"*_&lt;b&gt;".repeat(2_000)}</pre>`);
});
