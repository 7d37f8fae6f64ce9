import assert from "node:assert/strict";
import { framesOf } from "../../../tools/picture/frames.ts";
import { renderPicture } from "../../../tools/picture/render_picture.ts";
import { readXml } from "./read_xml.ts";

const PACING = { shortestMs: 100, longestMs: 1000, lastMs: 2000 };

/** A command that is typed, a live line that goes, and a row that is pushed out. */
const RECORDING = {
  columns: 10,
  rows: 2,
  pieces: [
    { atMs: 0, text: "$ " },
    { atMs: 500, text: "a<b & c\r\n" },
    { atMs: 1000, text: "\u001b[?25l\u001b[32m✓\u001b[0m \u001b[1mone\u001b[0m  2\r\n\u001b[2m──\u001b[0m" },
    { atMs: 1500, text: "\r\u001b[J\u001b[1;36mend\u001b[0m" },
  ],
};

function draw(): string {
  return renderPicture(framesOf(RECORDING, PACING), { columns: 10, rows: 2, title: "A & B", description: "<C>" });
}

Deno.test("renderPicture() draws what stays once, and what changes on a strip beside it", () => {
  assert.equal(
    draw(),
    `<svg xmlns="http://www.w3.org/2000/svg" width="120" height="94" viewBox="0 0 120 94" role="img" aria-labelledby="t d">
<title id="t">A &amp; B</title>
<desc id="d">&lt;C&gt;</desc>
<style>
svg{font:14px ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono","Liberation Mono",monospace;fill:#e6edf3}
.w{fill:#161b22;stroke:#444c56}
.s{fill:#161b22}
.d{fill:#939ca7}
.b{font-weight:700}
.red{fill:#ff7b72}
.green{fill:#56d364}
.yellow{fill:#e3b341}
.magenta{fill:#d2a8ff}
.cyan{fill:#56d4dd}
.c{fill:#e6edf3;opacity:.7}
@keyframes page{0%{transform:translateY(0px)}28.571%{transform:translateY(-18px)}}
@keyframes strip{0%{transform:translateX(-104px)}14.286%{transform:translateX(-208px)}28.571%{transform:translateX(-312px)}42.857%{transform:translateX(-416px)}}
@media (prefers-reduced-motion:no-preference){
.page{animation:page 3.5s step-end infinite}
.strip{animation:strip 3.5s step-end infinite}
}
</style>
<defs>
<rect id="cover" class="s" width="84" height="36"/>
<rect id="cursor" class="c" width="8.4" height="18"/>
<g id="r0"><text x="0" y="13.5" textLength="8.4">$</text></g>
<g id="r1"><text class="d" x="0" y="13.5" textLength="16.8" lengthAdjust="spacingAndGlyphs">──</text></g>
</defs>
<rect class="w" x=".5" y=".5" width="119" height="93" rx="8"/>
<text class="d" x="60" y="26" text-anchor="middle">A &amp; B</text>
<svg x="18" y="44" width="84" height="36">
<g class="page" transform="translate(0 -18)">
<text x="0" y="13.5" textLength="75.6">$ a&lt;b &amp; c</text>
<text class="green" x="0" y="31.5" textLength="8.4" lengthAdjust="spacingAndGlyphs">✓</text><text class="b" x="16.8" y="31.5" textLength="25.2">one</text><text x="58.8" y="31.5" textLength="8.4">2</text>
<text class="b cyan" x="0" y="49.5" textLength="25.2">end</text>
</g>
<g class="strip">
<g transform="translate(104)"><use href="#cover" y="0"/><use href="#r0" y="0"/><use href="#cursor" x="16.8" y="0"/></g>
<g transform="translate(208)"><use href="#cover" y="18"/><use href="#cursor" y="18"/></g>
<g transform="translate(312)"><use href="#cover" y="18"/><use href="#r1" y="18"/></g>
<g transform="translate(416)"></g>
</g>
</svg>
</svg>
`,
  );
});

Deno.test("renderPicture() gives the same text for the same recording, and it is well-formed", () => {
  assert.equal(draw(), draw());
  assert.equal(readXml(draw()).at(-1)?.name, "svg");
});

Deno.test("renderPicture() leaves out of its words what XML cannot hold", () => {
  const words = { title: "a\u0000\u001b<\u{ffff}b", description: "c\ud800&\u0085d" };
  const elements = readXml(renderPicture([], { columns: 1, rows: 1, ...words }));
  const said = elements.filter(({ name }) => name === "title" || name === "desc").map(({ text }) => text);
  assert.deepEqual(said, ["a<b", "c\ufffd&d"]);
});
