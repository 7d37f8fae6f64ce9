/**
 * What people are told agrees with what the program is: commands, flags, messages, links, folders.
 *
 * @module
 */
import assert from "node:assert/strict";
import { dirname, join } from "node:path";
import type { Command } from "../../src/cli/command.ts";
import { COMMANDS } from "../helpers/all_commands.ts";
import { COMMON_FLAGS } from "../../src/cli/parse_command.ts";
import { PROJECT_FILE } from "../../src/settings/load_settings.ts";

const ROOT = join(import.meta.dirname ?? ".", "..", "..");

/** What a user reads. */
const DOCS = ["README.md", "CHANGELOG.md", "CONTRIBUTING.md", ...markdownIn("docs")];

for (const path of DOCS) {
  Deno.test(`${path} names only commands, flags, tasks and files that exist, and its links lead somewhere`, () => {
    const text = textOf(path);
    const code = codeOf(text);
    const tasks: Readonly<Record<string, unknown>> = JSON.parse(textOf("deno.json")).tasks;
    const named = [...text.matchAll(/deno(?:@\S+)? task ([a-z]+)/g)].map(([, task = ""]) => task);
    assert.deepEqual({
      calls: code.flatMap(callsIn).flatMap(problemsOf),
      tasks: named.filter((task) => !Object.hasOwn(tasks, task)),
      files: code.flatMap(namesIn).filter((span) =>
        /^(?:agents|bench|demo|docs|mcp|src|tests|tools)\/[\w./-]+$/.test(span)
      )
        .filter((file) => !exists(join(ROOT, file))),
      links: linksIn(text).filter((link) => !leadsSomewhere(link, path)),
    }, { calls: [], tasks: [], files: [], links: [] });
  });
}

Deno.test("README.md is at most 150 lines long", () => {
  assert.ok(textOf("README.md").split("\n").length <= 151);
});

Deno.test("docs/troubleshooting.md quotes only messages that the program has", () => {
  const program = ["main.ts", ...filesIn("src")].map(textOf).join("\n").replaceAll("${PROJECT_FILE}", PROJECT_FILE);
  const quoted = [...textOf("docs/troubleshooting.md").matchAll(/^\| `([^`]+)`/gm)].map(([, message = ""]) => message);
  assert.ok(quoted.length >= 8, "the table is there");
  const pieces = quoted.flatMap((message) => message.split(/…|\. /)).map((piece) => piece.trim())
    .filter((piece) => piece.length > 3);
  assert.deepEqual(pieces.filter((piece) => !program.includes(piece)), []);
});

Deno.test("docs/decisions/ has one record for each number, and each has the same three parts", () => {
  const names = [...Deno.readDirSync(join(ROOT, "docs", "decisions"))].map(({ name }) => name);
  assert.equal(new Set(names.map((name) => name.slice(0, 5))).size, names.length);
  for (const name of names) {
    const text = textOf(`docs/decisions/${name}`);
    assert.match(text, new RegExp(`^# ${name.slice(0, 4)} \\S`), name);
    const parts = [...text.matchAll(/^## (.*)$/gm)].map(([, title]) => title);
    assert.deepEqual(parts, ["Context", "Decision", "Consequences"], name);
  }
});

/** A span of code as it is; of a call of the tests, what it runs. */
function namesIn(span: string): readonly string[] {
  const [, tests] = /\bdeno task test (.*)$/.exec(span) ?? [];
  return tests === undefined ? [span] : tests.split(" ");
}

/** A call of the program as written in a document. */
interface Call {
  readonly name: string;
  readonly words: readonly string[];
}

function callsIn(code: string): readonly Call[] {
  // Neither a message that begins with the program's name nor what follows a comment sign is a call.
  const [, rest] = /^(?:[A-Z_]+=\S+ )*samocode( [^#]*)?$/.exec(code.replace(/\s+#.*$/, "")) ?? [];
  const words = (rest ?? "").match(/"[^"]*"|\S+/g) ?? [];
  const [first = ""] = words;
  if (first === "" || !/^(?:--?[a-z]|[a-z])/.test(first) || first.endsWith(":")) return [];
  return [first.startsWith("-") ? { name: "run", words } : { name: first, words: words.slice(1) }];
}

function problemsOf({ name, words }: Call): readonly string[] {
  if (name === "help") return [];
  const command: Command | undefined = COMMANDS.find((row) => row.name === name);
  if (command === undefined) return [`samocode ${name}`];
  const flags = { ...command.flags, ...COMMON_FLAGS };
  return words.filter((word) => /^--?[a-z]/.test(word)).map((word) => word.replace(/^--?/, "").replace(/=.*$/, ""))
    .filter((flag) => flag !== "version" && flag !== "help")
    .filter((flag) => !Object.hasOwn(flags, flag) && !Object.values(flags).some(({ short }) => short === flag))
    .map((flag) => `samocode ${name} --${flag}`);
}

/** Every code span, and every line of every fence. */
function codeOf(markdown: string): readonly string[] {
  const fence = /^```\w*\n(.*?)^```$/gms;
  const lines = [...markdown.matchAll(fence)].flatMap(([, inside = ""]) => inside.trimEnd().split("\n"));
  const spans = [...markdown.replaceAll(fence, "").matchAll(/`([^`\n]+)`/g)].map(([, code = ""]) => code);
  return [...lines, ...spans].map((code) => code.trim());
}

function linksIn(markdown: string): readonly string[] {
  return [...markdown.matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = ""]) => link)
    .filter((link) => !/^[a-z]+:/.test(link));
}

function leadsSomewhere(link: string, from: string): boolean {
  const [path = "", anchor] = link.split("#");
  const target = path === "" ? from : join(dirname(from), path);
  if (!exists(join(ROOT, target))) return false;
  return anchor === undefined || anchorsOf(textOf(target)).includes(anchor);
}

/** The anchors that GitHub makes of headings. */
function anchorsOf(markdown: string): readonly string[] {
  return [...markdown.matchAll(/^#+ (.*)$/gm)].map(([, title = ""]) =>
    title.toLowerCase().replace(/[^\p{L}\p{N} _-]/gu, "").replaceAll(" ", "-")
  );
}

function markdownIn(folder: string): readonly string[] {
  return filesIn(folder).filter((path) => path.endsWith(".md"));
}

function filesIn(folder: string): readonly string[] {
  return [...Deno.readDirSync(join(ROOT, folder))].sort((a, b) => a.name < b.name ? -1 : 1)
    .flatMap(({ name, isDirectory }) => isDirectory ? filesIn(`${folder}/${name}`) : [`${folder}/${name}`]);
}

function textOf(path: string): string {
  return Deno.readTextFileSync(join(ROOT, path));
}

function exists(path: string): boolean {
  try {
    Deno.statSync(path);
    return true;
  } catch {
    return false;
  }
}
