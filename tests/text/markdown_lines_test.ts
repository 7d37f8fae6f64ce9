import assert from "node:assert/strict";
import { applyEdits, insertBelow, lineEnding, readKeyLine } from "../../src/text/markdown_edits.ts";
import { closingLine, columnsOf, markdownLines, readHeading } from "../../src/text/markdown_lines.ts";

/** The lines of a text, those that are not plain marked with `|`. */
function marked(text: string): readonly string[] {
  return markdownLines(text).map((line) => (line.plain ? "" : "|") + line.text);
}

/** Texts that are the same in every run. */
function* generatedTexts(count: number): Generator<string> {
  const pieces = [
    ..."#`~->*+.)<! \t\n\r",
    "\r\n",
    "\n",
    "```",
    "~~~~",
    "<!--",
    "-->",
    "> ",
    "- ",
    "1. ",
    "    ",
    "## Status",
    "\uFEFF",
    "\u{1F680}",
    "\u2028",
    "a",
    "Phase: x",
  ];
  let state = 42;
  const next = (below: number): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor(state / 2 ** 32 * below);
  };
  for (let made = 0; made < count; made++) {
    yield Array.from({ length: next(40) }, () => pieces[next(pieces.length)] ?? "").join("");
  }
}

Deno.test("markdownLines() returns content, offsets and line end of every line", () => {
  assert.deepEqual(markdownLines("a\r\n\nb\rc"), [
    { text: "a", start: 0, end: 1, eol: "\r\n", plain: true },
    { text: "", start: 3, end: 3, eol: "\n", plain: true },
    { text: "b", start: 4, end: 5, eol: "\r", plain: true },
    { text: "c", start: 6, end: 7, eol: "", plain: true },
  ]);
  assert.deepEqual(markdownLines(""), []);
  assert.deepEqual(markdownLines("a\n").length, 1);
});

Deno.test("markdownLines() loses no byte of any text", () => {
  for (const text of generatedTexts(3000)) {
    const lines = markdownLines(text);
    assert.equal(lines.map((line) => line.text + line.eol).join(""), text);
    for (const line of lines) {
      assert.equal(text.slice(line.start, line.end), line.text);
      assert.equal(/[\r\n]/.test(line.text), false);
    }
  }
});

Deno.test("markdownLines() knows fences, their lengths, info strings and indentation", () => {
  assert.deepEqual(marked("a\n```ts\nb\n```\nc"), ["a", "|```ts", "|b", "|```", "c"]);
  assert.deepEqual(marked("````\n```\n`````  \nc"), ["|````", "|```", "|`````  ", "c"]);
  assert.deepEqual(marked("~~~ a`b\n```\n~~~~\nc"), ["|~~~ a`b", "|```", "|~~~~", "c"]);
  assert.deepEqual(marked("   ```\nb\n    ```\n  ```\nc"), ["|   ```", "|b", "|    ```", "|  ```", "c"]);
  assert.deepEqual(marked("```\nb\n``` no\nc"), ["|```", "|b", "|``` no", "|c"]);
  assert.deepEqual(marked("    ```\nb"), ["    ```", "b"]);
  assert.deepEqual(marked("``` a`b\nb\n``\nc"), ["``` a`b", "b", "``", "c"]);
  assert.deepEqual(marked("\uFEFF```\nb\n```\nc"), ["|\uFEFF```", "|b", "|```", "c"]);
  assert.deepEqual(marked("\u00a0```\nb"), ["\u00a0```", "b"]);
});

Deno.test("markdownLines() ends a fence in a list item with the item", () => {
  assert.deepEqual(marked("- ```\n  b\n  ```\nc"), ["|- ```", "|  b", "|  ```", "c"]);
  assert.deepEqual(marked("10. a\n    ```\n    b\n    ```\n    c"), [
    "10. a",
    "|    ```",
    "|    b",
    "|    ```",
    "    c",
  ]);
  assert.deepEqual(marked("- a\n  ```\n  b\n\n## Status"), ["- a", "|  ```", "|  b", "|", "## Status"]);
  assert.deepEqual(marked("-\t1. ~~~\n\t   b\n\t   ~~~\nc"), ["|-\t1. ~~~", "|\t   b", "|\t   ~~~", "c"]);
  assert.deepEqual(marked("- a\n# b\n     ```\nc"), ["- a", "# b", "     ```", "c"]);
});

Deno.test("markdownLines() knows quotes and comments, and ignores a comment that begins inside a line", () => {
  assert.deepEqual(marked("> a\n- > b\nc > d"), ["|> a", "|- > b", "c > d"]);
  assert.deepEqual(marked("> ```\nb"), ["|> ```", "b"]);
  assert.deepEqual(marked("<!-- a -->\nb"), ["|<!-- a -->", "b"]);
  assert.deepEqual(marked("  <!-- a\n\n## b\n--> c\nd"), ["|  <!-- a", "|", "|## b", "|--> c", "d"]);
  assert.deepEqual(marked("Next: <!-- a\nb"), ["Next: <!-- a", "b"]);
  assert.deepEqual(marked("```\n<!--\n```\nb"), ["|```", "|<!--", "|```", "b"]);
  assert.deepEqual(marked("<!--\n```\n-->\nb"), ["|<!--", "|```", "|-->", "b"]);
});

Deno.test("closingLine() returns what closes an open fence or comment", () => {
  assert.equal(closingLine("a\n````sh\nb\n```\n"), "````");
  assert.equal(closingLine("a\n<!--\nb"), "-->");
  assert.equal(closingLine("```\n```\n"), undefined);
  assert.equal(closingLine("- ```\n  a"), undefined);
  assert.equal(closingLine(""), undefined);
});

Deno.test("closingLine() closes everything that a text leaves open", () => {
  for (const text of generatedTexts(3000)) {
    const closing = closingLine(text);
    const closed = text + (closing === undefined ? "" : `\n${closing}`);
    assert.equal(markdownLines(`${closed}\n# End`).at(-1)?.plain, true, JSON.stringify(text));
  }
});

Deno.test("readHeading() reads level and title, except of quoted, fenced or indented headings", () => {
  const headings =
    "\uFEFF# A\n  ###   B  \n## C ##\n##\n###### D # e\n## F#\n####### G\n##H\n    ## I\n> ## J\n```\n## K";
  assert.deepEqual(markdownLines(headings).flatMap((line) => readHeading(line) ?? []), [
    { level: 1, title: "A" },
    { level: 3, title: "B" },
    { level: 2, title: "C" },
    { level: 2, title: "" },
    { level: 6, title: "D # e" },
    { level: 2, title: "F#" },
  ]);
});

Deno.test("readKeyLine() reads a key in any style, and writes in the same style", () => {
  const samples = {
    "Phase: x": "Next: new",
    "Phase:": "Next: new",
    "Phase : x": "Next : new",
    "- Phase: x": "- Next: new",
    " *  Phase: x": " *  Next: new",
    "3) Phase: x": "3) Next: new",
    "**Phase:** x": "**Next:** new",
    "**Phase**:   x": "**Next**: new",
    "* **Phase**: x ": "* **Next**: new",
    "*Phase:* x": "*Next:* new",
    "__PHASE__ : x": "__Next__ : new",
    "`Phase`: x": "`Next`: new",
    "- **Phase: x**": "- **Next: new**",
  };
  for (const [text, like] of Object.entries(samples)) {
    const line = markdownLines(text).map(readKeyLine)[0];
    assert.deepEqual(
      { key: line?.key, value: line?.value, like: line?.like("Next", "new") },
      { key: "phase", value: text === "Phase:" ? "" : "x", like },
    );
  }
  assert.equal(markdownLines("Last \t Action: a: b").map(readKeyLine)[0]?.key, "last action");
});

Deno.test("readKeyLine() rejects lines without a key", () => {
  const others = ["> Phase: x", "    Phase: x", "Phase x", "**Phase: x", "# Phase: x", "a b c: x", ": x", "Phase2: x"];
  for (const text of others) assert.deepEqual(markdownLines(text).map(readKeyLine), [undefined], text);
});

Deno.test("applyEdits() applies all edits at their original offsets", () => {
  const edits = [{ start: 4, end: 5, text: "E" }, { start: 0, end: 2, text: "" }, { start: 5, end: 5, text: "!" }];
  assert.equal(applyEdits("abcdef", edits), "cdE!f");
  assert.equal(applyEdits("abc", []), "abc");
});

Deno.test("insertBelow() uses the line end of the line above", () => {
  const below = (text: string) => {
    const lines = markdownLines(text);
    return lines.map((line) => applyEdits(text, [insertBelow(line, ["x", "y"], { eol: lineEnding(lines) })]));
  };
  assert.deepEqual(below("a\r\nb"), ["a\r\nx\r\ny\r\nb", "a\r\nb\r\nx\r\ny"]);
  assert.deepEqual(below("a"), ["a\nx\ny"]);
});

Deno.test("columnsOf() expands a tab to the next multiple of four", () => {
  assert.deepEqual(["", "ab", "\t", "a\tb", "    \t"].map(columnsOf), [0, 2, 4, 5, 8]);
});

Deno.test("markdownLines() and the readers stay fast on lines that make naive patterns slow", () => {
  for (const unit of [" ", "#", "- ", "`", "> ", "a ", "*", "\t", "_ "]) {
    for (const head of ["", "Phase", "## ", "- ", "**", "```"]) {
      const text = head + unit.repeat(100_000) + "x";
      const lines = markdownLines(text);
      assert.equal(lines.length, 1);
      for (const line of lines) {
        readHeading(line);
        readKeyLine(line);
      }
    }
  }
});
