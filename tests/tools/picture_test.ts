import assert from "node:assert/strict";
import { join } from "node:path";
import { PHASE_NAMES } from "../../src/workflow/phases.ts";
import { drawPicture } from "../../tools/picture.ts";

const PICTURE = Deno.readTextFileSync(join(import.meta.dirname ?? ".", "..", "..", "docs", "session.svg"));

/** GitHub shows larger ones too, but the README is also read on phones. */
const MOST_BYTES = 250 * 1024;

const TAG = /<(\/?)([a-z]+)((?: [\w:-]+="[^"<&]*")*)(\/?)>/g;

/** The names of all elements, after a check that they nest and that nothing else contains a `<`. */
function elementsOf(svg: string): readonly string[] {
  const open: string[] = [];
  const names = [...svg.matchAll(TAG)].map(([, closing, name = "", , empty]) => {
    if (closing === "/") assert.equal(open.pop(), name);
    else if (empty === "") open.push(name);
    return name;
  });
  assert.deepEqual(open, []);
  assert.doesNotMatch(svg.replace(TAG, ""), /[<>]|&(?!amp;|lt;|gt;)/);
  return names;
}

function textsOf(svg: string): readonly string[] {
  return [...svg.matchAll(/<text[^>]*>([^<]*)</g)].map(([, text = ""]) => text);
}

Deno.test("drawPicture() places every part by its column, escaped, and carries a style into the next row", () => {
  const text = "1 2 1\n$ a<b  \u001b[1m\u001b[36m✓ c\n─ d\u001b[39me\u001b[0mf";
  const svg = drawPicture([{ atMs: 0, text: "1 0 0\n$" }, { atMs: 500, text }]);
  const rows = [...svg.matchAll(/<g id="r\d">(.*)<\/g>/g)].map(([, row]) => row);
  const fitted = 'lengthAdjust="spacingAndGlyphs"';
  assert.deepEqual(rows, [
    '<text x="0" y="13.5" textLength="8.4">$</text>',
    '<text x="0" y="13.5" textLength="42">$ a&lt;b</text>' +
    `<text class="s1 s36" x="58.8" y="13.5" textLength="8.4" ${fitted}>✓</text>` +
    '<text class="s1 s36" x="75.6" y="13.5" textLength="8.4">c</text>',
    `<text class="s1 s36" x="0" y="13.5" textLength="8.4" ${fitted}>─</text>` +
    '<text class="s1 s36" x="16.8" y="13.5" textLength="8.4">d</text>' +
    '<text class="s1" x="25.2" y="13.5" textLength="8.4">e</text><text x="33.6" y="13.5" textLength="8.4">f</text>',
  ]);
  assert.match(svg, /<use href="#r1" y="0"\/><use href="#r2" y="18"\/><use href="#c" x="16.8" y="18"\/>/);
  assert.match(svg, /@keyframes f\{0%\{transform:translateY\(0px\)\}9\.09%\{transform:translateY\(-504px\)\}\}/);
  elementsOf(svg);
});

Deno.test("docs/session.svg is well-formed, small, and neither loads nor runs anything", () => {
  const allowed = ["defs", "desc", "g", "rect", "style", "svg", "text", "title", "use"];
  assert.deepEqual([...new Set(elementsOf(PICTURE))].sort(), allowed);
  assert.doesNotMatch(PICTURE, / on\w+=|href="[^#]|url\(|@import/);
  assert.ok(PICTURE.length <= MOST_BYTES, `${PICTURE.length} bytes`);
});

Deno.test("docs/session.svg shows the whole session, and nothing of the machine it was recorded on", () => {
  const text = textsOf(PICTURE).join("\n");
  assert.deepEqual(
    ["$ samocode run", "DONE", "merged into main", ...PHASE_NAMES].filter((part) => !text.includes(part)),
    [],
  );
  const paths = text.match(/(?<![\w.~-])\/[\w.-]+\/[\w./-]*/g) ?? [];
  assert.deepEqual(paths.filter((path) => !path.startsWith("/tmp/demo/tally")), []);
  assert.doesNotMatch(text, /\/home\b|\/Users\b|C:\\|@/);
});

Deno.test("docs/session.svg moves only for readers who allow motion", () => {
  const moving = "@media (prefers-reduced-motion:no-preference){.f{animation:f 35s step-end infinite}}";
  assert.deepEqual(PICTURE.split("animation:").length, 2);
  assert.ok(PICTURE.includes(moving));
});
