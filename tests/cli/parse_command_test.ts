import assert from "node:assert/strict";
import { COMMANDS } from "../helpers/all_commands.ts";
import type { Command } from "../../src/cli/command.ts";
import { COMMON_FLAGS, parseCommand } from "../../src/cli/parse_command.ts";
import { SamocodeError } from "../../src/text/errors.ts";

interface Parsed {
  readonly command: string;
  readonly values?: Readonly<Record<string, string>>;
  readonly switches?: readonly string[];
  readonly positionals?: readonly string[];
}

function parsed(line: readonly string[]): Required<Parsed> {
  const found = parseCommand(line, COMMANDS);
  if (found.kind !== "run") assert.fail(`${line.join(" ")} is ${found.kind}`);
  const { values, switches, positionals } = found.args;
  return { command: found.command.name, values, switches: [...switches], positionals };
}

function refused(line: readonly string[]): { readonly message: string; readonly hint: string } {
  try {
    parseCommand(line, COMMANDS);
  } catch (error) {
    if (!(error instanceof SamocodeError)) throw error;
    assert.equal(error.code, "usage");
    return { message: error.message, hint: error.hint };
  }
  return assert.fail(`${line.join(" ")} was not refused`);
}

function helpAbout(line: readonly string[]): string | undefined {
  const found = parseCommand(line, COMMANDS);
  if (found.kind !== "help") assert.fail(`${line.join(" ")} is ${found.kind}`);
  return typeof found.about === "object" ? found.about.name : found.about;
}

for (const command of COMMANDS) {
  Deno.test(`parseCommand() reads ${command.name} with each of its flags, before and after its words`, () => {
    const words = wordsFor(command);
    for (const [name, { value, short }] of Object.entries({ ...command.flags, ...COMMON_FLAGS })) {
      if (name === "help") continue;
      const expected = {
        command: command.name,
        values: value === undefined ? {} : { [name]: "x y" },
        switches: value === undefined ? [name] : [],
        positionals: words,
      };
      const given = value === undefined ? [`--${name}`] : [`--${name}`, "x y"];
      assert.deepEqual(parsed([command.name, ...given, ...words]), expected);
      assert.deepEqual(parsed([command.name, ...words, ...given]), expected);
      if (value !== undefined) assert.deepEqual(parsed([command.name, `--${name}=x y`, ...words]), expected);
      if (short !== undefined) assert.deepEqual(parsed([command.name, `-${short}`, ...words]), expected);
    }
  });

  Deno.test(`parseCommand() returns ${command.name}'s help for every way to ask for it`, () => {
    for (const line of [[command.name, "--help"], [command.name, "-h"], ["help", command.name]]) {
      assert.equal(helpAbout(line), command.name);
    }
    assert.equal(helpAbout(["--help", command.name]), command.name);
  });
}

Deno.test("parseCommand() returns the program's help for no words, help, -h and --help", () => {
  for (const line of [[], ["help"], ["-h"], ["--help"]]) assert.equal(helpAbout(line), undefined);
});

Deno.test("parseCommand() returns the settings for help settings", () => {
  assert.equal(helpAbout(["help", "settings"]), "settings");
});

Deno.test("parseCommand() reads a flag without a command as the program's own", () => {
  assert.deepEqual(refused(["--verison"]), {
    message: "Unknown flag --verison for samocode",
    hint: "Did you mean --version?",
  });
  assert.deepEqual(refused(["--nonsense"]), {
    message: "Unknown flag --nonsense for samocode",
    hint: "See samocode --help",
  });
});

Deno.test("parseCommand() returns the version for --version, -V and version", () => {
  for (const word of ["--version", "-V", "version"]) {
    assert.deepEqual(parseCommand([word], COMMANDS), { kind: "version" });
    if (word !== "version") assert.deepEqual(parseCommand(["run", "x", word], COMMANDS), { kind: "version" });
  }
});

Deno.test("parseCommand() reads flags without a command as flags of run", () => {
  assert.deepEqual(parsed(["--config", "a", "--session", "x", "--dive=d", "--task", "t", "--dry-run"]), {
    command: "run",
    values: { config: "a", session: "x", dive: "d", task: "t" },
    switches: ["dry-run"],
    positionals: [],
  });
});

Deno.test("parseCommand() does not read a command after flags as a session's name", () => {
  assert.deepEqual(refused(["--config", "f", "status"]), {
    message: 'Unexpected argument "status"',
    hint: "Put the command first. See samocode --help",
  });
});

Deno.test("parseCommand() suggests the nearest command", () => {
  const cases: readonly (readonly [string, string])[] = [
    ["statsu", "Did you mean status?"],
    ["stauts", "Did you mean status?"],
    ["aprove", "Did you mean approve?"],
    ["RUN", "Did you mean run?"],
    ["lsit", "Did you mean list?"],
    ["my-session", "See samocode --help"],
  ];
  for (const [typed, hint] of cases) {
    assert.deepEqual(refused([typed]), { message: `Unknown command "${typed}"`, hint });
    assert.deepEqual(refused(["help", typed]), { message: `Unknown command "${typed}"`, hint });
  }
  assert.equal(refused(["demo-agnt"]).hint, "See samocode --help", "a hidden command is not offered");
});

Deno.test("parseCommand() never takes a short word for another command: rm is not run", () => {
  const few = COMMANDS.filter(({ name }) => ["run", "list", "status", "stop", "mcp"].includes(name));
  for (const typed of ["rm", "mv", "cp", "ls", "ps", "up", "go", "rnm", "new", "end"]) {
    assert.throws(() => parseCommand([typed], few), {
      message: `Unknown command "${typed}"`,
      hint: "See samocode --help",
    });
  }
  for (const typed of ["rnu", "rin", "runn"]) {
    assert.throws(() => parseCommand([typed], few), { hint: "Did you mean run?" });
  }
});

Deno.test("parseCommand() suggests the nearest flag", () => {
  assert.deepEqual(refused(["run", "--tsk", "x"]), {
    message: "Unknown flag --tsk for samocode run",
    hint: "Did you mean --task?",
  });
  assert.deepEqual(refused(["run", "--Session=x"]).hint, "Did you mean --session?");
  assert.deepEqual(refused(["list", "--guidance", "x"]), {
    message: "Unknown flag --guidance for samocode list",
    hint: "See samocode list --help",
  });
  for (const name of ["__proto__", "constructor", "toString"]) {
    assert.equal(refused(["run", `--${name}`]).message, `Unknown flag --${name} for samocode run`);
  }
});

Deno.test("parseCommand() refuses a flag without its value", () => {
  const needs = (flag: string, what: string): string => `Flag ${flag} needs a value: ${flag} ${what}`;
  assert.equal(refused(["run", "--task"]).message, needs("--task", "TEXT"));
  assert.equal(refused(["run", "--task", "--dive", "x"]).message, needs("--task", "TEXT"));
  assert.equal(refused(["run", "x", "--session"]).message, needs("--session", "NAME"));
});

Deno.test("parseCommand() takes a value that looks like a flag after =, and one with a single hyphen", () => {
  assert.deepEqual(parsed(["run", "--task=--dive", "--dive", "-1 + 1"]).values, { task: "--dive", dive: "-1 + 1" });
  assert.deepEqual(parsed(["run", "--task=", "--dive=a=b"]).values, { task: "", dive: "a=b" });
});

Deno.test("parseCommand() refuses a value for a flag that takes none", () => {
  assert.equal(
    refused(["run", "--dry-run=yes"]).message,
    "Flag --dry-run takes no value",
  );
});

Deno.test("parseCommand() refuses a flag with a value that is given twice", () => {
  for (const second of [["--session", "b"], ["--session=a"]]) {
    assert.deepEqual(refused(["run", "--session", "a", ...second]), {
      message: "Flag --session was given twice",
      hint: "See samocode run --help",
    });
  }
  assert.deepEqual(parsed(["status", "-w", "--watch"]).switches, ["watch"]);
});

Deno.test("parseCommand() reads everything after -- as words", () => {
  assert.deepEqual(parsed(["guide", "x", "--", "--now"]).positionals, ["x", "--now"]);
  assert.deepEqual(parsed(["answer", "--", "x", "Q1=--json"]).positionals, ["x", "Q1=--json"]);
  assert.match(refused(["run", "--", "x", "--task"]).message, /^Unexpected argument "--task"$/);
});

Deno.test("parseCommand() refuses one word more than a command takes", () => {
  for (const { name, maxPositionals = 0 } of COMMANDS) {
    if (!Number.isFinite(maxPositionals)) continue;
    const words = Array.from({ length: maxPositionals }, (_, index) => `word${index}`);
    assert.equal(
      refused([name, ...words, "extra\n\x1b[2J"]).message,
      'Unexpected argument "extra\\n\\u001b[2J"',
    );
  }
});

function wordsFor({ maxPositionals = 0 }: Command): readonly string[] {
  return ["a", "Q1=B", "c"].slice(0, maxPositionals);
}
