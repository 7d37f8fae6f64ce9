import assert from "node:assert/strict";
import {
  cutToWidth,
  displayWidth,
  plainColored,
  plainText,
  shellWord,
  wrapLine,
  wrapToWidth,
} from "../../src/text/terminal_text.ts";

Deno.test("plainText() removes every escape sequence completely", () => {
  const cases: readonly (readonly [hostile: string, plain: string])[] = [
    ["\u001b[31mred\u001b[0m", "red"],
    ["\u001b[2J\u001b[H\u001b[?25lgone", "gone"],
    ["\u001b]0;a new title\u0007text", "text"],
    ["\u001b]8;;https://evil.example\u001b\\link\u001b]8;;\u001b\\", "link"],
    ["\u001bP1$r0m\u001b\\text", "text"],
    ["\u001bc\u001b(Btext", "text"],
    ["\u009b31mred\u009d0;title\u0007", "red0;title"],
    ["\u001b\u001b[31m[31mnested", "[31mnested"],
    ["\u001b]0;never ended", "0;never ended"],
    ["cut off \u001b[", "cut off"],
  ];
  for (const [hostile, plain] of cases) assert.equal(plainText(hostile), plain, JSON.stringify(hostile));
});

Deno.test("plainColored() keeps colors and lines, and nothing else that a terminal obeys", () => {
  const text = "\u001b[1;31m-red\u001b[m\r\n\tA\u001b]0;title\u0007\u001b[2J\u0007\u009b1m\u202e\u001b[32";
  assert.equal(plainColored(text), "\u001b[1;31m-red\u001b[m\n\tA32");
});

Deno.test("plainText() removes every control, bidi and zero-width character", () => {
  const forbidden = [
    ...range(0x00, 0x1f),
    ...range(0x7f, 0x9f),
    ...range(0x200b, 0x200f),
    ...range(0x202a, 0x202e),
    ...range(0x2060, 0x2069),
    0x061c,
    0x2028,
    0x2029,
    0xfeff,
    0xe0041,
  ];
  for (const code of forbidden) {
    const character = String.fromCodePoint(code);
    for (const text of [`ab${character}cd`, `${character}ab`, `ab${character}${character}`]) {
      assert.doesNotMatch(plainText(text), /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u, `U+${code.toString(16)}`);
    }
  }
});

Deno.test("plainText() turns line breaks, tabs and runs of spaces into one space", () => {
  assert.equal(plainText("  one\r\n\ttwo  three\u2028four \u0000 five\n"), "one two three four five");
});

Deno.test("plainText() keeps the letters of all languages", () => {
  const text = "Zażółć gęślą jaźń, 日本語 и 🎉";
  assert.equal(plainText(text), text);
});

Deno.test("plainText() replaces half a surrogate pair and limits combining marks", () => {
  assert.equal(plainText("a\ud83d"), "a\ufffd");
  assert.equal(plainText(`e${"\u0301".repeat(500)}`), `e${"\u0301".repeat(4)}`);
});

Deno.test("plainText() cuts a text of any length to columns with an ellipsis", () => {
  assert.equal(plainText("hello world", 11), "hello world");
  assert.equal(plainText("hello world", 8), "hello w…");
  assert.equal(plainText("hello world", 7), "hello…");
  assert.equal(plainText("日本語", 5), "日本…");
  assert.equal(plainText("x".repeat(3_000_000), 4), "xxx…");
  assert.equal(plainText(`${"\u001b[31m".repeat(100_000)}text`, 10), "…");
});

Deno.test("displayWidth() counts wide characters twice and combining marks not at all", () => {
  const widths = ["", "abc", "日本", "한", "ｆ", "🎉", "e\u0301", "✓ ─ ● ○ ⠋ …"].map(displayWidth);
  assert.deepEqual(widths, [0, 3, 4, 2, 2, 2, 1, 11]);
});

Deno.test("cutToWidth() never exceeds the columns", () => {
  for (const text of ["plain words here", "日本語のテキスト", "a🎉b🎉c🎉", "e\u0301".repeat(9)]) {
    for (const columns of range(0, 20)) {
      assert.ok(displayWidth(cutToWidth(text, columns)) <= columns, `${text} in ${columns}`);
    }
  }
});

Deno.test("wrapToWidth() breaks between words, and inside a word only if it must", () => {
  assert.deepEqual(wrapToWidth("the quick brown fox", 9), ["the quick", "brown fox"]);
  assert.deepEqual(wrapToWidth("averylongname is here", 8), ["averylon", "gname is", "here"]);
  assert.deepEqual(wrapToWidth("a/very/long/path is here", 8), ["a/very/long/path", "is here"]);
  assert.deepEqual(wrapToWidth("日本語 text", 4), ["日本", "語", "text"]);
  assert.deepEqual(wrapToWidth("", 10), [""]);
});

Deno.test("wrapToWidth() loses nothing, however narrow", () => {
  const text = "some words and 日本語 too";
  for (const columns of range(0, 30)) {
    assert.equal(wrapToWidth(text, columns).join("").replaceAll(" ", ""), text.replaceAll(" ", ""));
  }
});

function range(from: number, to: number): readonly number[] {
  return Array.from({ length: to - from + 1 }, (_, index) => from + index);
}

const PATHS = ["/a/b-c_d.e", "/a b", "/it's", "/$HOME/`id`", '/"a"', "/a;b&c|d", "/a\nb", "/*", "/\\", "~", "", "/é"];

Deno.test("shellWord() quotes any path so that a shell reads it back", () => {
  const script = `for word in ${PATHS.map(shellWord).join(" ")}; do printf '%s\\0' "$word"; done`;
  const { stdout } = new Deno.Command("sh", { args: ["-c", script], cwd: "/" }).outputSync();
  assert.deepEqual(new TextDecoder().decode(stdout).split("\0").slice(0, -1), PATHS);
});

Deno.test("shellWord() leaves a simple path unquoted", () => {
  assert.equal(shellWord("/home/me/a-b_c.d/e@f:g+h"), "/home/me/a-b_c.d/e@f:g+h");
});

Deno.test("wrapToWidth() and wrapLine() break no path, at any width, with or without spaces in it", () => {
  const paths = [
    "/home/ada/work/shop-samocode/sessions/26-11-20-add-jwt/11-20-0512-plan-add-jwt.md",
    "C:\\Users\\ada\\work\\shop-samocode\\sessions\\26-11-20-add-jwt",
    "https://example.org/a/very/long/address/that/nobody/can/copy/from/two/lines",
    "'/home/ada/my work/shop samocode/sessions/26-11-20-add-jwt/plan.md'",
  ];
  for (const path of paths) {
    for (const columns of [2, 10, 40, 80, 200]) {
      const text = `Read the plan in ${path}, then approve it`;
      for (const lines of [wrapToWidth(text, columns), wrapLine(`  - ${text}`, columns), wrapLine(path, columns)]) {
        assert.equal(lines.filter((line) => line.includes(path)).length, 1, `${columns}: ${lines.join("\n")}`);
      }
    }
  }
});
