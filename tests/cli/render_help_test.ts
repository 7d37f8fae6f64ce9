import assert from "node:assert/strict";
import { COMMANDS } from "../../src/cli/commands.ts";
import { EXIT } from "../../src/cli/exit_code.ts";
import { COMMON_FLAGS } from "../../src/cli/parse_command.ts";
import { renderCommandHelp, renderHelp } from "../../src/cli/render_help.ts";
import { describeKind, type SettingRow, SETTINGS } from "../../src/settings/settings_table.ts";
import { CommandLine } from "./command_line.ts";
import { displayWidth } from "../../src/text/terminal_text.ts";

const HELP = renderHelp(COMMANDS, { version: "9.8.7", columns: 120 });

Deno.test("renderHelp() begins with the version and what the program is for", () => {
  assert.match(HELP, /^samocode 9\.8\.7: walk away from a coding task\n\n\S/);
});

Deno.test("renderHelp() has a row for each command, but for the hidden ones", () => {
  const section = HELP.slice(HELP.indexOf("\nCommands\n"), HELP.indexOf("\nSettings"));
  const rows = [...section.matchAll(/^ {2}([a-z-]+) +([A-Z].*)$/gm)].map(([, name, summary]) => ({ name, summary }));
  const shown = COMMANDS.filter(({ hidden }) => hidden !== true).map(({ name, summary }) => ({ name, summary }));
  assert.deepEqual(rows, shown);
  for (const { name } of COMMANDS.filter(({ hidden }) => hidden)) {
    assert.doesNotMatch(HELP, new RegExp(`(?<![\\w-])${name}(?![\\w-])`));
  }
});

Deno.test("renderHelp() has every setting with its help, its choices and its default", () => {
  const words = HELP.replace(/\s+/g, " ");
  const rows: readonly (readonly [string, SettingRow])[] = Object.entries(SETTINGS);
  for (const [name, { help, kind, default: preset, place }] of rows) {
    const unit = kind === "seconds" || kind === "delay" ? " s" : "";
    const choices = typeof kind === "string" ? "" : `; one of ${describeKind(kind)}`;
    const shown = preset === undefined || preset === "" ? "" : ` (${preset}${unit})`;
    assert.ok(words.includes(` ${name} ${help}${choices}${shown} `), name);
    const isProject = HELP.indexOf(`  ${name} `) < HELP.indexOf("Settings in the environment");
    assert.equal(isProject, place === "project", name);
  }
});

Deno.test("renderHelp() names every exit code", () => {
  const codes = HELP.slice(HELP.indexOf("Exit codes")).match(/\b\d+\b/g) ?? [];
  assert.deepEqual(codes.map(Number).sort(), Object.values(EXIT).sort());
});

for (const columns of [120, 80]) {
  Deno.test(`no line of any help is wider than ${columns} columns there, ends in a space or is coloured`, () => {
    const whole = renderHelp(COMMANDS, { version: "9.8.7", columns });
    for (const text of [whole, ...COMMANDS.map((command) => renderCommandHelp(command, { columns }))]) {
      assert.doesNotMatch(text, /[^\P{Cc}\n]| $/mu);
      for (const line of text.split("\n")) assert.ok(displayWidth(line) <= columns, line);
    }
  });
}

Deno.test("renderHelp() breaks no word on a terminal of 40 columns, and puts explanations below the names", () => {
  const help = renderHelp(COMMANDS, { version: "9.8.7", columns: 40 });
  assert.match(help, /^ {2}run {10}Start a session, or go on\n {15}with one, until it is\n {15}done or needs you$/m);
  assert.match(help, /^ {2}MAIN_REPO\n {6}The repository that sessions\n {6}branch off from$/m);
});

Deno.test("renderCommandHelp() keeps a command whole where it does not fit beside its place", () => {
  const completions = COMMANDS.filter(({ name }) => name === "completions");
  const [help = ""] = completions.map((command) => renderCommandHelp(command, { columns: 80 }));
  assert.match(help, /^ {2}fish\n {6}samocode completions fish > \S+$/m);
});

for (const command of COMMANDS) {
  Deno.test(`renderCommandHelp() says how ${command.name} is used, with every flag and example`, () => {
    const help = renderCommandHelp(command, { columns: 120 });
    const rows = help.slice(help.indexOf("\nFlags\n") + 7).split("\n\n")[0]?.trimEnd().split("\n") ?? [];
    const flags = Object.entries({ ...command.flags, ...COMMON_FLAGS });
    assert.deepEqual(
      rows.map((row) => row.trim().split(/ {2,}/)),
      flags.map(([name, { short, value, help: text }]) => [
        `${short === undefined ? "" : `-${short}, `}--${name}${value === undefined ? "" : ` ${value}`}`,
        text,
      ]),
    );
    assert.ok(help.startsWith(`${command.summary}\n\nUsage\n  samocode ${command.name} `));
    for (const example of command.examples) {
      assert.ok(help.includes(`\n  ${example}\n`), example);
      assert.ok(example.startsWith(`samocode ${command.name}`), example);
    }
    const { title = "", rows: noted = [] } = command.notes ?? {};
    const lines = help.split("\n").map((line) => line.trim().split(/ {2,}/));
    for (const row of noted) {
      assert.ok(help.includes(`\n\n${title}\n`), title);
      assert.ok(lines.some(([term, text]) => term === row[0] && text === row[1]), row[0]);
    }
  });
}

Deno.test("help that goes into a pipe fits a terminal of 80 columns", async () => {
  using line = new CommandLine();
  const { out } = await line.type(["--help"]);
  assert.equal(out.split("\n").find((row) => displayWidth(row) > 80), undefined);
});
