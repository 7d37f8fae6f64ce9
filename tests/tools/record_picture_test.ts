import assert from "node:assert/strict";
import { join } from "node:path";
import { PHASE_NAMES } from "../../src/workflow/phases.ts";
import { PICTURE } from "../../tools/record_picture.ts";
import { readXml } from "./picture/read_xml.ts";

const PATH = join(import.meta.dirname ?? ".", "..", "..", PICTURE);

/** GitHub shows larger ones too, but the README is read on telephones. */
const MOST_BYTES = 200 * 1024;

function textOf(name: string): readonly string[] {
  return readXml(Deno.readTextFileSync(PATH)).filter((element) => element.name === name).map(({ text }) => text);
}

Deno.test("docs/session.svg is well-formed, and small enough to stand in the README", () => {
  const elements = readXml(Deno.readTextFileSync(PATH));
  assert.equal(elements.at(-1)?.name, "svg");
  const bytes = Deno.statSync(PATH).size;
  assert(bytes <= MOST_BYTES, `${bytes} bytes`);
});

Deno.test("docs/session.svg holds nothing that acts or loads: no script, handler or address", () => {
  const elements = readXml(Deno.readTextFileSync(PATH));
  assert.deepEqual(
    [...new Set(elements.map(({ name }) => name))].sort(),
    ["defs", "desc", "g", "rect", "style", "svg", "text", "title", "use"],
  );
  const attributes = elements.flatMap(({ attributes }) => Object.entries(attributes));
  assert.deepEqual(
    attributes.filter(([name, value]) => name.startsWith("on") || /^href$/.test(name) && value[0] !== "#"),
    [],
  );
  assert.doesNotMatch(textOf("style").join(""), /url\(|@import/);
});

Deno.test("docs/session.svg points only at what is in it, and each id is there once", () => {
  const elements = readXml(Deno.readTextFileSync(PATH));
  const ids = elements.flatMap(({ attributes }) => attributes["id"] ?? []);
  assert.deepEqual(ids, [...new Set(ids)]);
  const targets = elements.flatMap(({ attributes }) => attributes["href"]?.slice(1) ?? []);
  assert.deepEqual(targets.filter((target) => !ids.includes(target)), []);
});

Deno.test("docs/session.svg shows the whole session: the command, each phase, the questions, the plan, the end", () => {
  const rows = textOf("text");
  const phases = PHASE_NAMES.filter((phase) => phase !== "init");
  const telling = [
    "$ samocode demo",
    ...phases.map((phase) => new RegExp(`^Phase ${phase}, after `)),
    /^Q1: How many words/,
    /^Q2: /,
    "Answered.",
    /^# Plan: /,
    "Approved.",
    /^Bash git commit/,
    /DONE/,
    /^Added --top N to tally in 4 commits/,
  ];
  const missing = telling.filter((part) =>
    !rows.some((row) => typeof part === "string" ? row.includes(part) : part.test(row))
  );
  assert.deepEqual(missing, []);
});

Deno.test("docs/session.svg says in words what it shows", () => {
  assert.deepEqual(textOf("title"), ["samocode demo"]);
  assert.match(textOf("desc").join(""), /asks two questions.*approves.*runs the tests.*done/);
});

Deno.test("docs/session.svg moves only for who has nothing against it", () => {
  const [style = ""] = textOf("style");
  const still = style.replace(/@media \(prefers-reduced-motion:no-preference\)\{[^]*?\n\}/, "");
  assert.match(style, /animation:/);
  assert.doesNotMatch(still, /animation:/);
});

Deno.test("docs/session.svg lasts between 20 and 40 seconds", () => {
  const seconds = [...textOf("style").join("").matchAll(/animation:\w+ ([\d.]+)s/g)].map(([, text]) => Number(text));
  assert.equal(seconds.length, 2);
  assert(seconds.every((time) => time >= 20 && time <= 40 && time === seconds[0]), String(seconds));
});

Deno.test("docs/session.svg tells nothing of the machine it was made on", () => {
  const text = ["text", "title", "desc"].flatMap(textOf).join("\n");
  const paths = text.match(/(?<![\w.~-])\/[\w.-]+\/[\w.\/-]*/g) ?? [];
  assert(paths.length > 0);
  assert.deepEqual(paths.filter((path) => !path.startsWith("/tmp/demo/samocode-demo-")), []);
  assert.doesNotMatch(text, /\/home\b|\/Users\b|C:\\|@/);
});
