import assert from "node:assert/strict";
import { COMMANDS } from "../../src/cli/commands.ts";
import { EXIT } from "../../src/cli/exit_code.ts";
import { COMMON_FLAGS } from "../../src/cli/parse_command.ts";
import { renderManPage } from "../../src/cli/render_man.ts";
import { SETTINGS } from "../../src/settings/settings_table.ts";
import { CommandLine } from "./command_line.ts";
import { isInstalled } from "./completing_shells.ts";

const PAGE = renderManPage(COMMANDS, { version: "9.8.7", date: "2026-11-20" });
const SHOWN = COMMANDS.filter(({ hidden }) => !hidden);

/** The page as it reads, without fonts and escapes. */
const READ = unescaped(PAGE);

Deno.test("renderManPage() begins with its name, its day and the version", () => {
  assert.equal(PAGE.split("\n")[0], '.TH SAMOCODE 1 "2026-11-20" "samocode 9.8.7" "samocode manual"');
});

Deno.test("renderManPage() has the parts that a manual page has, in their order", () => {
  assert.deepEqual([...PAGE.matchAll(/^\.SH (.*)$/gm)].map(([, title]) => title), [
    "NAME",
    "SYNOPSIS",
    "DESCRIPTION",
    "OPTIONS",
    "COMMANDS",
    "ENVIRONMENT",
    "FILES",
    "EXIT STATUS",
    "EXAMPLES",
    "SEE ALSO",
  ]);
});

Deno.test("renderManPage() has each command with its flags and what they do, and nothing hidden", () => {
  const parts = sectionOf("COMMANDS").split(/^\.SS /m).slice(1);
  const expected = SHOWN.map(({ name, operands, summary, flags, notes }) => {
    const rows = Object.entries(flags).map(([flag, { short, value, help }]) =>
      `.TP\n${short === undefined ? "" : `-${short}, `}--${flag}${value === undefined ? "" : ` ${value}`}\n${help}\n`
    );
    const noted = notes?.rows.map(([term, text]) => `.TP\n${term}\n${text}\n`) ?? [];
    const head = `samocode ${name} ${operands}`.trim();
    return `${head}\n${summary}.\n${rows.join("")}${
      notes === undefined ? "" : `.PP\n${notes.title}:\n${noted.join("")}`
    }`;
  });
  assert.deepEqual(parts.map(joined), expected.map(joined));
});

Deno.test("renderManPage() has the common flags, every setting, every exit code and every example", () => {
  for (const flag of [...Object.keys(COMMON_FLAGS), "version"]) assert.ok(sectionOf("OPTIONS").includes(`--${flag}`));
  const settings = [...sectionOf("ENVIRONMENT").matchAll(/^\.TP\n(.*)$/gm)].map(([, name]) => name);
  assert.deepEqual(settings, Object.keys(SETTINGS));
  const codes = [...sectionOf("EXIT STATUS").matchAll(/^\.TP\n(.*)$/gm)].flatMap(([, row = ""]) => row.split(", "));
  assert.deepEqual(codes.map(Number).sort(), Object.values(EXIT).sort());
  assert.deepEqual(
    sectionOf("EXAMPLES").split("\n").slice(1, -2),
    SHOWN.flatMap(({ examples }) => [...examples]),
  );
});

Deno.test("renderManPage() lets no text be taken for roff", () => {
  const [first] = SHOWN;
  assert.ok(first !== undefined);
  const page = renderManPage([{
    ...first,
    summary: ".so /etc/passwd",
    operands: '"\\n[x]"',
    flags: { "a-b": { value: "'X", help: "'br \\fBnot bold\\fR `x' ~ ^ … é\n.ab" } },
    examples: [".ex", "'ex"],
  }], { version: "1", date: "2026-11-20" });
  const part = page.slice(page.indexOf(".SS "), page.indexOf(".SH ENVIRONMENT"));
  assert.equal(
    part,
    `.SS samocode run \\(dq\\en[x]\\(dq
\\&.so /etc/passwd.
.TP
\\fB\\-\\-a\\-b\\fR \\fI\\(aqX\\fR
\\(aqbr \\efBnot bold\\efR \\(gax\\(aq \\(ti \\(ha \\[u2026] \\[u00E9] .ab
`,
  );
  assert.ok(page.includes("\n.nf\n\\&.ex\n\\(aqex\n.fi\n"));
  assert.doesNotMatch(page, /[^\x20-\x7e\n]/);
});

Deno.test("man prints the page of today's program", async () => {
  using line = new CommandLine();
  const { code, out, error } = await line.type(["man"]);
  const [, date = ""] = /^\.TH SAMOCODE 1 "(\d{4}-\d\d-\d\d)"/.exec(out) ?? [];
  assert.deepEqual({ code, error }, { code: 0, error: "" });
  assert.equal(out, renderManPage(COMMANDS, { version: "0.0.0", date }));
});

const CHECKERS: readonly (readonly [name: string, args: readonly string[]])[] = [
  ["mandoc", ["-T", "lint", "-W", "warning"]],
  ["groff", ["-man", "-ww", "-Tutf8", "-z"]],
];

for (const [name, args] of CHECKERS) {
  const ignore = !isInstalled(name);
  Deno.test({
    name: `${name} has nothing to say against the manual page${ignore ? ` (skipped: no ${name} here)` : ""}`,
    ignore,
    fn: () => {
      const file = Deno.makeTempFileSync({ prefix: "samocode-test-", suffix: ".1" });
      try {
        Deno.writeTextFileSync(file, PAGE);
        const { code, stdout, stderr } = new Deno.Command(name, { args: [...args, file] }).outputSync();
        const said = new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
        assert.deepEqual({ code, said }, { code: 0, said: "" });
      } finally {
        Deno.removeSync(file);
      }
    },
  });
}

function sectionOf(title: string): string {
  const [, section = ""] = new RegExp(`^\\.SH ${title}\n(.*?)(?=^\\.SH |(?![^]))`, "ms").exec(READ) ?? [];
  return section;
}

/** A text however it was broken into lines. */
function joined(text: string): string {
  return text.replace(/\s+/g, " ").trim();
}

function unescaped(roff: string): string {
  const signs: Readonly<Record<string, string>> = { aq: "'", ga: "`", dq: '"', ha: "^", ti: "~" };
  return roff.replace(/^\.nf$|^\.fi$/gm, "")
    .replace(/\\f[BIR]|\\&/g, "")
    .replace(/\\\[u([0-9A-F]{4})\]/g, (_, code) => String.fromCodePoint(parseInt(code, 16)))
    .replace(/\\\((..)/g, (_, sign) => signs[sign] ?? "?")
    .replaceAll("\\-", "-").replaceAll("\\e", "\\");
}
