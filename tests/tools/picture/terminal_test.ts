import assert from "node:assert/strict";
import { type Row, Terminal } from "../../../tools/picture/terminal.ts";

const PLAIN = { color: undefined, isBold: false, isDim: false } as const;

/** The text of the rows, with a blank where nothing stands. */
function texts(rows: readonly Row[]): readonly string[] {
  return rows.map((row) => [...row].map((cell) => cell?.character ?? " ").join(""));
}

function written(...pieces: readonly string[]): Terminal {
  const terminal = new Terminal(10, 3);
  for (const piece of pieces) terminal.write(piece);
  return terminal;
}

Deno.test("Terminal moves its cursor as the program's console and Deno's line editor ask it to", () => {
  const cases: readonly (readonly [string, readonly string[], readonly [number, number]])[] = [
    ["ab\r\ncd", ["ab", "cd"], [1, 2]],
    ["abc\rx", ["xbc"], [0, 1]],
    ["ab\ncd", ["ab", "  cd"], [1, 4]],
    ["abc\r\u001b[2Cx", ["abx"], [0, 3]],
    ["abc\r\u001b[K", [""], [0, 0]],
    ["abc\r\u001b[1C\u001b[K", ["a"], [0, 1]],
    ["ab\r\ncd\u001b[1A\r\u001b[J", ["", ""], [0, 0]],
    ["ab\r\ncd\u001b[1A\r\u001b[1C\u001b[Jx", ["ax", ""], [0, 2]],
    ["ab\u001b[9Cx", ["ab       x"], [0, 9]],
    ["\u001b[?2004h\u001b[?2026hab\u001b[?2026l\u001b[?2004l", ["ab"], [0, 2]],
  ];
  for (const [text, rows, [row, column]] of cases) {
    const { screen } = written(text);
    assert.deepEqual([texts(screen.rows), screen.cursor], [rows, { row, column }], JSON.stringify(text));
  }
});

Deno.test("Terminal keeps the rows that it pushes out, and lets the cursor not go back to them", () => {
  const { screen } = written("1\r\n2\r\n3\r\n4\r\n5\r\u001b[9Ax");
  assert.deepEqual([texts(screen.rows), screen.top, screen.cursor], [
    ["1", "2", "x", "4", "5"],
    2,
    { row: 2, column: 1 },
  ]);
});

Deno.test("Terminal wraps a full row only when something follows", () => {
  assert.deepEqual(texts(written("0123456789\r\nab").screen.rows), ["0123456789", "ab"]);
  assert.deepEqual(texts(written("0123456789ab").screen.rows), ["0123456789", "ab"]);
  assert.deepEqual(written("0123456789").screen.cursor, { row: 0, column: 9 });
});

Deno.test("Terminal paints with the codes that the program uses", () => {
  const painted =
    "\u001b[1;36ma\u001b[0mb\u001b[1;2mc\u001b[22md\u001b[32me\u001b[39mf\u001b[31mg\u001b[33mh\u001b[35mi";
  assert.deepEqual(written(painted).screen.rows, [[
    { character: "a", look: { ...PLAIN, isBold: true, color: "cyan" } },
    { character: "b", look: PLAIN },
    { character: "c", look: { ...PLAIN, isBold: true, isDim: true } },
    { character: "d", look: PLAIN },
    { character: "e", look: { ...PLAIN, color: "green" } },
    { character: "f", look: PLAIN },
    { character: "g", look: { ...PLAIN, color: "red" } },
    { character: "h", look: { ...PLAIN, color: "yellow" } },
    { character: "i", look: { ...PLAIN, color: "magenta" } },
  ]]);
});

Deno.test("Terminal hides and shows its cursor", () => {
  assert.equal(written("\u001b[?25la").screen.cursor, undefined);
  assert.deepEqual(written("\u001b[?25la\u001b[?25h").screen.cursor, { row: 0, column: 1 });
});

Deno.test("Terminal understands a sequence that is cut anywhere", () => {
  const whole = "ab\r\u001b[1C\u001b[1;36mx\u001b[0m";
  for (let cut = 1; cut < whole.length; cut++) {
    assert.deepEqual(written(whole.slice(0, cut), whole.slice(cut)).screen, written(whole).screen, `cut at ${cut}`);
  }
});

Deno.test("Terminal gives a screen that later writing does not change", () => {
  const terminal = written("ab");
  const { rows } = terminal.screen;
  terminal.write("\rx\r\ny");
  assert.deepEqual(texts(rows), ["ab"]);
});

Deno.test("Terminal refuses what it does not know", () => {
  const unknown = [
    ...["\u001b[2K", "\u001b[2J", "\u001b[H", "\u001b[1B", "\u001b[A", "\u001b[0C", "\u001b[?1049h", "\u001b[6n"],
    ...[
      "\u001b[38;5;1m",
      "\u001b[4m",
      "\u001b[m\u001b[44m",
      "\u001b]0;title\u0007",
      "\u001bM",
      "\u001b(B",
      "\u001b[>c",
    ],
    ...["\t", "\b", "\u0007", "\u009b1A", "漢", "🙂", "e\u0301", "\u200b"],
  ];
  const taken = unknown.filter((text) => {
    try {
      written(`${text} `);
      return true;
    } catch {
      return false;
    }
  });
  assert.deepEqual(taken, []);
});
