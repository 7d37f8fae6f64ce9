/**
 * What people are told agrees with what the program is: commands, flags, settings, exit codes, links, folders.
 *
 * @module
 */
import assert from "node:assert/strict";
import { dirname, join } from "node:path";
import type { Command } from "../../src/cli/command.ts";
import { COMMANDS } from "../../src/cli/commands.ts";
import { EXIT } from "../../src/cli/exit_code.ts";
import { COMMON_FLAGS } from "../../src/cli/parse_command.ts";
import { PROJECT_FILE } from "../../src/settings/load_settings.ts";
import { PHASE_NAMES, PHASES } from "../../src/workflow/phases.ts";
import { settingsTable } from "../../tools/settings_table_markdown.ts";

const ROOT = join(import.meta.dirname ?? ".", "..", "..");

const README = textOf("README.md");
const ARCHITECTURE = textOf("docs/architecture.md");
const DOCS = ["README.md", "CHANGELOG.md", ...markdownIn("docs")];
const SHOWN = COMMANDS.filter(({ hidden }) => !hidden);

Deno.test("README.md has the table of settings as SETTINGS gives it", () => {
  const table = settingsTable();
  const [, found] = /^(\| setting +\|.*\n(?:\|.*\n)+)/m.exec(README) ?? [];
  assert.equal(found?.trimEnd(), table, `README.md should have this table:\n\n${table}\n`);
});

Deno.test("README.md names only commands and flags that there are", () => {
  const wrong = codeOf(README).flatMap((code) => callsIn(code).flatMap(problemsOf));
  assert.deepEqual(wrong, []);
});

Deno.test("README.md names only flags, where one stands alone, that some command has", () => {
  const known = new Set(["version", ...Object.keys(COMMON_FLAGS), ...SHOWN.flatMap(({ flags }) => Object.keys(flags))]);
  const alone = codeOf(README).flatMap((code) => /^--([a-z][a-z0-9-]*)$/.exec(code)?.[1] ?? []);
  assert.notDeepEqual(alone, []);
  assert.deepEqual(alone.filter((flag) => !known.has(flag)), []);
});

Deno.test("README.md names every command", () => {
  const named = new Set(codeOf(README).flatMap(callsIn).map(({ name }) => name));
  assert.deepEqual(SHOWN.map(({ name }) => name).filter((name) => !named.has(name)), []);
});

Deno.test("README.md and CHANGELOG.md promise no command that there is not, in plain words either", () => {
  for (const path of ["README.md", "CHANGELOG.md"]) {
    const named = [...textOf(path).matchAll(/`samocode ([a-z][a-z-]*)/g)].map(([, name = ""]) => name);
    assert.deepEqual(named.filter((name) => !COMMANDS.some((command) => command.name === name)), [], path);
  }
});

Deno.test("README.md explains every exit code, and no other", () => {
  const codes = rowsOf(sectionOf(README, "Exit codes")).slice(2).map(([code]) => Number(code));
  assert.deepEqual(codes.sort((a, b) => a - b), Object.values(EXIT).sort((a, b) => a - b));
});

Deno.test("README.md gives each phase with what may follow, and says where a human is needed", () => {
  const rows = rowsOf(sectionOf(README, "Phases and gates")).slice(2);
  assert.deepEqual(
    rows.map(([phase, , gate, next]) => ({ phase, gated: gate !== "", next })),
    PHASE_NAMES.map((phase) => ({
      phase,
      gated: PHASES[phase].gate !== undefined,
      next: PHASES[phase].next.join(", "),
    })),
  );
});

Deno.test("README.md quotes only messages that the program has", () => {
  const program = ["main.ts", ...filesIn("src")].map(textOf).join("\n").replaceAll("${PROJECT_FILE}", PROJECT_FILE);
  const quoted = rowsOf(sectionOf(README, "When something is wrong")).flatMap(([cell = ""]) =>
    /^`([^`]+)`$/.exec(cell)?.[1] ?? []
  );
  assert.ok(quoted.length >= 8, "the table is there");
  const pieces = quoted.flatMap((message) => message.split(/…|\. /)).map((piece) => piece.trim())
    .filter((piece) => piece.length > 3);
  assert.deepEqual(pieces.filter((piece) => !program.includes(piece)), []);
});

Deno.test("README.md has the commands to begin with, letter by letter", () => {
  const fences = [...README.matchAll(/^```sh\n(.*?)^```$/gms)].map(([, inside]) => inside);
  assert.deepEqual(fences.slice(0, 2), [
    "deno task demo\ndeno task test\n",
    "npx -y deno@2.9.6 task demo\nnpx -y deno@2.9.6 task test\n",
  ]);
  const tasks: Readonly<Record<string, unknown>> = JSON.parse(textOf("deno.json")).tasks;
  const named = DOCS.flatMap((path) =>
    [...textOf(path).matchAll(/deno(?:@\S+)? task ([a-z]+)/g)].map(([, task]) => task)
  );
  assert.deepEqual(named.filter((task) => !Object.hasOwn(tasks, task ?? "")), []);
});

for (const path of DOCS) {
  Deno.test(`${path} has only links that lead somewhere`, () => {
    const broken = linksIn(textOf(path)).filter((link) => !leadsSomewhere(link, path));
    assert.deepEqual(broken, []);
  });

  Deno.test(`${path} names only files of the project that there are`, () => {
    const named = codeOf(textOf(path)).filter((code) => /^(?:agents|bench|docs|src|tests|tools)\/[\w./-]+$/.test(code));
    assert.deepEqual(named.filter((code) => !exists(join(ROOT, code))), []);
  });
}

Deno.test("docs/architecture.md names every folder of the house, and only folders that there are", () => {
  const [, house = ""] = /^## The house\n+```text\n(.*?)^```$/ms.exec(ARCHITECTURE) ?? [];
  const named = house.trimEnd().split("\n").map((line) => line.split(/\s/)[0] ?? "");
  assert.deepEqual(named.filter((path) => !exists(join(ROOT, path))), []);
  const folders = [...Deno.readDirSync(join(ROOT, "src"))].filter(({ isDirectory }) => isDirectory)
    .map(({ name }) => `src/${name}/`);
  assert.deepEqual(folders.filter((folder) => !named.includes(folder)), []);
});

Deno.test("docs/decisions/ is numbered without a gap, and each record has the same three parts", () => {
  const names = [...Deno.readDirSync(join(ROOT, "docs", "decisions"))].map(({ name }) => name).sort();
  assert.deepEqual(
    names.map((name) => name.slice(0, 5)),
    names.map((_, index) => `${String(index + 1).padStart(4, "0")}-`),
  );
  for (const name of names) {
    const text = textOf(`docs/decisions/${name}`);
    assert.match(text, new RegExp(`^# ${name.slice(0, 4)} \\S`), name);
    const parts = [...text.matchAll(/^## (.*)$/gm)].map(([, title]) => title);
    assert.deepEqual(parts, ["Context", "Decision", "Consequences"], name);
  }
});

/** A call of the program as it stands in a text. */
interface Call {
  readonly name: string;
  readonly words: readonly string[];
}

function callsIn(code: string): readonly Call[] {
  // A message that begins with the program's name, or what comes after a comment sign, is no call.
  const [, rest] = /^(?:[A-Z_]+=\S+ )*samocode( [^#]*)?$/.exec(code.replace(/\s+#.*$/, "")) ?? [];
  const words = (rest ?? "").match(/"[^"]*"|\S+/g) ?? [];
  const [first = ""] = words;
  if (first === "" || !/^(?:--?[a-z]|[a-z])/.test(first) || first.endsWith(":")) return [];
  return [first.startsWith("-") ? { name: "run", words } : { name: first, words: words.slice(1) }];
}

function problemsOf({ name, words }: Call): readonly string[] {
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

function sectionOf(markdown: string, title: string): string {
  return markdown.split(/^## /m).find((section) => section.startsWith(`${title}\n`)) ?? "";
}

/** The cells of all table rows, the head and the line below it included. */
function rowsOf(markdown: string): readonly (readonly string[])[] {
  return markdown.split("\n").filter((line) => line.startsWith("|"))
    .map((line) => line.split("|").slice(1, -1).map((cell) => cell.trim()));
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
