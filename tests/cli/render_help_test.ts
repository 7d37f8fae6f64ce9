import assert from "node:assert/strict";
import { COMMANDS } from "../helpers/all_commands.ts";
import { EXIT } from "../../src/cli/command.ts";
import { COMMON_FLAGS, type HelpTopic } from "../../src/cli/parse_command.ts";
import { renderHelp } from "../../src/cli/render_help.ts";
import { describeKind, SETTINGS } from "../../src/settings/settings_table.ts";
import { displayWidth } from "../../src/text/terminal_text.ts";
import { CommandLine } from "./command_line.ts";

function helpAbout(about: HelpTopic, columns = 120): string {
  return renderHelp(about, { commands: COMMANDS, version: "9.8.7", columns });
}

Deno.test("renderHelp() begins with the version and what the program is for", () => {
  assert.match(helpAbout(undefined), /^samocode 9\.8\.7: walk away from a coding task\n\n\S/);
});

Deno.test("renderHelp() has a row for each command that is not hidden", () => {
  const help = helpAbout(undefined, 200);
  const section = help.slice(help.indexOf("\nCommands\n"), help.indexOf("\nMore help"));
  const rows = [...section.matchAll(/^ {2}([a-z-]+) +([A-Z].*)$/gm)].map(([, name, summary]) => ({ name, summary }));
  const shown = COMMANDS.filter(({ hidden, listedWith }) => hidden !== true && listedWith === undefined);
  assert.deepEqual(rows, shown.map(({ name, summary }) => ({ name, summary })));
  for (const { name, listedWith } of COMMANDS.filter(({ listedWith }) => listedWith !== undefined)) {
    const row = COMMANDS.find((command) => command.name === listedWith);
    assert.ok(row?.summary.split(/\W+/).includes(name), `the row of ${listedWith} names ${name}`);
    assert.ok(row?.examples.some((line) => line.includes(`samocode ${name} `)), `its help shows ${name}`);
  }
  for (const { name } of COMMANDS.filter(({ hidden }) => hidden)) {
    assert.doesNotMatch(help, new RegExp(`(?<![\\w-])${name}(?![\\w-])`));
  }
});

Deno.test("renderHelp() fits the whole program on a screen of 80 columns and 50 lines", () => {
  const lines = helpAbout(undefined, 80).trimEnd().split("\n");
  assert.ok(lines.length <= 50, `${lines.length} lines`);
});

Deno.test("renderHelp() has every setting that is not rare with its help, its choices and its default", () => {
  const help = helpAbout("settings");
  const words = `${help.replace(/\s+/g, " ")} `;
  for (const { name, help: text, kind, default: preset, place, isRare = false } of SETTINGS.values()) {
    assert.equal(help.includes(`  ${name} `), !isRare, name);
    if (isRare) continue;
    const unit = kind === "seconds" || kind === "delay" || kind === "period" ? " s" : "";
    const choices = typeof kind === "string" ? "" : `; one of ${describeKind(kind)}`;
    const shown = preset === undefined || preset === "" ? "" : ` (${preset}${unit})`;
    assert.ok(words.includes(` ${name} ${text}${choices}${shown} `), name);
    assert.equal(help.indexOf(`  ${name} `) < help.indexOf("Other settings"), place === "project", name);
  }
});

Deno.test("the help of run names every exit code", () => {
  const run = COMMANDS.find(({ name }) => name === "run");
  const codes = run?.notes?.rows.flatMap(([codes]) => codes.split(", ")) ?? [];
  assert.deepEqual(codes.map(Number).sort(), Object.values(EXIT).sort());
});

for (const columns of [200, 80, 40]) {
  Deno.test(`help fits a terminal of ${columns} columns, except for what is meant to be copied`, () => {
    for (const text of [undefined, "settings" as const, ...COMMANDS].map((about) => helpAbout(about, columns))) {
      assert.doesNotMatch(text, /[^\P{Cc}\n]| $/mu);
      for (const line of text.split("\n")) {
        const isWhole = columns === 40 && /^ {2}(?:samocode|eval|-|#| {4}--)/.test(line);
        assert.ok(isWhole || displayWidth(line) <= Math.min(columns, 120), line);
      }
    }
  });
}

Deno.test("renderHelp() puts explanations below the names on a terminal of 40 columns, without breaking words", () => {
  const run = COMMANDS.find(({ name }) => name === "run");
  assert.match(helpAbout(undefined, 40), new RegExp(`^ {2}run {10}${run?.summary.slice(0, 12)}`, "m"));
  assert.match(helpAbout("settings", 40), /^ {2}SAMOCODE_PROVIDER\n {6}\S/m);
});

for (const command of COMMANDS) {
  Deno.test(`renderHelp() explains ${command.name} with every flag and example`, () => {
    const help = helpAbout(command);
    const lines = help.split("\n").map((line) => line.trim().split(/ {2,}/));
    for (const [name, { short, value, help: text }] of Object.entries({ ...command.flags, ...COMMON_FLAGS })) {
      const left = `${short === undefined ? "" : `-${short}, `}--${name}${value === undefined ? "" : ` ${value}`}`;
      assert.ok(lines.some(([first, second]) => first === left && second === text), left);
    }
    assert.ok(help.startsWith(`${command.summary}\n\nUsage\n  samocode ${command.name} `));
    for (const example of command.examples) {
      assert.ok(help.includes(`\n  ${example}\n`), example);
      assert.match(example, new RegExp(`^(?:#|.*samocode ${command.name})`));
    }
    for (const row of command.notes?.rows ?? []) {
      assert.ok(lines.some(([term, text]) => term === row[0] && text === row[1]), row[0]);
    }
  });
}

Deno.test("piped help fits 80 columns", async () => {
  using line = new CommandLine();
  const { out } = await line.type(["--help"]);
  assert.equal(out.split("\n").find((row) => displayWidth(row) > 80), undefined);
});
