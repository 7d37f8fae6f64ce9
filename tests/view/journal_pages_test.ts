import assert from "node:assert/strict";
import { join } from "node:path";
import type { JournalPage } from "../../src/view/contract.ts";
import { readJournalPage } from "../../src/view/journal_pages.ts";
import { TempFolder } from "../helpers/temp_folder.ts";

/** Lines of very different lengths, some of which are no events. */
function writeJournal(path: string, count: number): readonly number[] {
  const lines = Array.from({ length: count }, (_, index) => {
    const seq = index + 1;
    const at = new Date(Date.parse("2026-11-20T10:00:00Z") + index * 1000).toISOString();
    if (index % 7 === 3) return "no event";
    const type = index % 5 === 0 ? "agent.acted" : "agent.said";
    const text = "é".repeat(index % 300) + ` number ${seq}`;
    return JSON.stringify({ seq, at, type, ...(type === "agent.acted" ? { tool: "Bash", about: text } : { text }) });
  });
  Deno.writeTextFileSync(path, lines.map((line) => `${line}\n`).join(""));
  return lines.flatMap((line, index) => line === "no event" ? [] : [index + 1]);
}

function walkBack(path: string, wish: object = {}): readonly JournalPage[] {
  const pages = [readJournalPage(path, wish)];
  for (;;) {
    const [first] = pages;
    if (first === undefined || first.from === 0) return pages;
    pages.unshift(readJournalPage(path, { ...wish, before: first.from }));
  }
}

function walkOn(path: string, end: number, wish: object = {}): readonly JournalPage[] {
  const pages = [readJournalPage(path, { ...wish, from: 0 })];
  for (let to = pages[0]?.to ?? end; to < end;) {
    const page = readJournalPage(path, { ...wish, from: to });
    assert.equal(page.from, to);
    assert.ok(page.to > to);
    pages.push(page);
    to = page.to;
  }
  return pages;
}

Deno.test("readJournalPage() gives each row once, backwards as forwards, and each page where the next one ends", () => {
  using folder = new TempFolder();
  const path = join(folder.path, "journal");
  const all = writeJournal(path, 5_000);
  const end = Deno.statSync(path).size;
  const back = walkBack(path);
  const on = walkOn(path, end);
  for (const pages of [back, on]) {
    assert.deepEqual(pages.flatMap(({ rows }) => rows.map(({ seq }) => seq)), all);
    assert.ok(pages.every(({ rows }) => rows.length <= 200));
    pages.slice(1).forEach(({ from }, index) => assert.equal(from, pages[index]?.to));
  }
  assert.deepEqual([back[0]?.from, back.at(-1)?.to], [0, end]);
});

Deno.test("readJournalPage() finds what it searches for, whatever the case, and only the types that are wanted", () => {
  using folder = new TempFolder();
  const path = join(folder.path, "journal");
  writeJournal(path, 5_000);
  const found = walkBack(path, { search: "NUMBER 123" }).flatMap(({ rows }) => rows.map(({ seq }) => seq));
  const named = [123, ...Array.from({ length: 10 }, (_, digit) => 1230 + digit)];
  assert.deepEqual(found, named.filter((seq) => (seq - 1) % 7 !== 3));
  const acted = walkBack(path, { types: ["agent.acted"] }).flatMap(({ rows }) => rows.map(({ type }) => type));
  assert.deepEqual(new Set(acted), new Set(["agent.acted"]));
  assert.deepEqual(readJournalPage(path, { types: ["gate"] }).rows, []);
});

Deno.test("readJournalPage() begins at a line, from any byte, and leaves out half of one", () => {
  using folder = new TempFolder();
  const path = join(folder.path, "journal");
  const all = writeJournal(path, 300);
  const whole = Deno.statSync(path).size;
  Deno.writeTextFileSync(path, '{"seq":301,"at":"2026', { append: true });
  assert.equal(readJournalPage(path, {}).to, whole);
  for (let byte = 1; byte < whole; byte += 977) {
    const { rows, from } = readJournalPage(path, { from: byte });
    assert.ok(from >= byte);
    assert.ok(rows.every(({ seq }) => all.includes(seq)));
    const back = readJournalPage(path, { before: byte });
    assert.ok(back.to <= byte);
    const [last] = back.rows.slice(-1);
    assert.equal(
      last === undefined ? all[0] : all[all.indexOf(last.seq) + 1],
      readJournalPage(path, { from: back.to }).rows[0]?.seq,
    );
  }
  assert.deepEqual(readJournalPage(path, { from: whole + 1_000 }).rows, []);
  assert.deepEqual(readJournalPage(join(folder.path, "nothing"), {}), { rows: [], from: 0, to: 0 });
});

Deno.test("readJournalPage() passes over a line of many megabytes, in bounded steps", () => {
  using folder = new TempFolder();
  const path = join(folder.path, "journal");
  writeJournal(path, 50);
  Deno.writeTextFileSync(path, `${"x".repeat(9_000_000)}\n`, { append: true });
  const before = Deno.statSync(path).size;
  Deno.writeTextFileSync(path, '{"seq":51,"at":"2026-11-20T11:00:00.000Z","type":"agent.said","text":"after"}\n', {
    append: true,
  });
  const end = Deno.statSync(path).size;
  const back = walkBack(path);
  assert.equal(back.flatMap(({ rows }) => rows).at(-1)?.seq, 51);
  assert.equal(back.flatMap(({ rows }) => rows)[0]?.seq, 1);
  assert.equal(walkOn(path, end).flatMap(({ rows }) => rows).at(-1)?.seq, 51);
  assert.equal(readJournalPage(path, { from: before }).rows[0]?.seq, 51);
});
