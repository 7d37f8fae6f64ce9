import assert from "node:assert/strict";
import { join } from "node:path";
import { COMMANDS } from "../../src/cli/commands.ts";
import { completionScript } from "../../src/cli/completions/completion_script.ts";
import { SHELLS } from "../../src/cli/completions/shells.ts";
import { COMMON_FLAGS } from "../../src/cli/parse_command.ts";
import { SETTINGS } from "../../src/settings/settings_table.ts";
import { loadedBy } from "../helpers/loaded_modules.ts";
import { CommandLine } from "./command_line.ts";
import { CompletingShells, type DrivenShell, isInstalled } from "./completing_shells.ts";

const ROOT = join(import.meta.dirname ?? ".", "..", "..");

const SHOWN = COMMANDS.filter(({ hidden }) => !hidden);
const HIDDEN = COMMANDS.filter(({ hidden }) => hidden);
const NAMES = SHOWN.map(({ name }) => name).sort();

for (const shell of SHELLS) {
  Deno.test(`completionScript() for ${shell} has each command with each of its flags, and nothing hidden`, () => {
    const script = completionScript(shell, COMMANDS);
    for (const { name, flags } of SHOWN) {
      assert.match(script, standingAlone(name));
      for (const flag of Object.keys({ ...flags, ...COMMON_FLAGS })) {
        assert.match(script, standingAlone(shell === "fish" ? `-l ${flag}` : `--${flag}`), `${name} --${flag}`);
      }
    }
    for (const { name } of HIDDEN) assert.doesNotMatch(script, standingAlone(name));
  });

  Deno.test(`completions ${shell} prints that shell's script`, async () => {
    using line = new CommandLine();
    const said = await line.type(["completions", shell]);
    assert.deepEqual(said, { code: 0, out: completionScript(shell, COMMANDS), error: "" });
  });
}

Deno.test("completions names the shells that there are", async () => {
  using line = new CommandLine();
  const hint = "\n  Name one of bash, zsh, fish, powershell\n";
  assert.deepEqual(await line.type(["completions"]), {
    code: 2,
    out: "",
    error: `samocode: Cannot print completions: no shell was named${hint}`,
  });
  assert.deepEqual(await line.type(["completions", "tcsh"]), {
    code: 2,
    out: "",
    error: `samocode: Cannot print completions: the shell "tcsh" is not known${hint}`,
  });
});

Deno.test("completions sessions prints each harmless name, with its day where that tells it from a newer one, the newest first", async () => {
  using shells = new CompletingShells();
  using line = new CommandLine();
  addSessions(shells);
  const workingDirectory = join(shells.project.root, "repo");
  const before = [...Deno.readDirSync(join(shells.project.root, "sessions"))].length;
  const said = await line.type(["completions", "sessions"], { workingDirectory });
  assert.deepEqual(said, { code: 0, out: "other\nadd-jwt\n26-01-02-add-jwt\n", error: "" });
  const config = join(line.project.root, ".samocode");
  const elsewhere = await line.type(["completions", "sessions", "--config", config], { workingDirectory });
  assert.deepEqual(elsewhere, { code: 0, out: "", error: "" });
  assert.equal([...Deno.readDirSync(join(shells.project.root, "sessions"))].length, before);
});

Deno.test("completions sessions says nothing where there is no project, or a broken one", async () => {
  using line = new CommandLine();
  const silence = { code: 0, out: "", error: "" };
  const file = join(line.project.root, ".samocode");
  Deno.writeTextFileSync(file, "SESSIONS=nowhere\n");
  assert.deepEqual(await line.type(["completions", "sessions"]), silence);
  Deno.removeSync(file);
  assert.deepEqual(await line.type(["completions", "sessions"]), silence);
});

/** A line, and what every shell offers at its end. */
const CASES: readonly (readonly [line: string, offers: readonly string[]])[] = [
  ["samocode ", NAMES],
  ["samocode st", ["start", "status", "stop"]],
  ...HIDDEN.map(({ name }): [string, readonly string[]] => [`samocode ${name}`, []]),
  ["samocode help un", ["uninstall"]],
  ["samocode status ", ["26-01-02-add-jwt", "add-jwt", "other"]],
  ["samocode status o", ["other"]],
  ["samocode status --json o", ["other"]],
  ["samocode run --task x o", ["other"]],
  ["samocode run --session ", ["26-01-02-add-jwt", "add-jwt", "other"]],
  ["samocode --session o", ["other"]],
  ["samocode status add-jwt o", []],
  ["samocode guide --session add-jwt o", []],
  ["samocode run --task ", []],
  ["samocode run --task o", []],
  ["samocode run --provider ", [...SETTINGS.SAMOCODE_PROVIDER.kind].sort()],
  ["samocode run --provider=c", ["claude", "codex"]],
  ["samocode run --provider=", [...SETTINGS.SAMOCODE_PROVIDER.kind].sort()],
  ["samocode --provider d", ["demo"]],
  ["samocode --task x --prov", ["--provider"]],
  ["samocode install --target ", ["claude", "codex"]],
  ["samocode uninstall --scope ", ["project", "user"]],
  ["samocode init --worktrees r", ["repo"]],
  ["samocode list --config .sam", [".samocode"]],
  ["samocode list r", []],
  ["samocode completions ", [...SHELLS].sort()],
  ["samocode --vers", ["--version"]],
  ...SHOWN.map(({ name, flags }): [string, readonly string[]] => [
    `samocode ${name} --`,
    Object.keys({ ...flags, ...COMMON_FLAGS }).map((flag) => `--${flag}`).sort(),
  ]),
];

const DRIVEN: readonly DrivenShell[] = ["bash", "zsh", "fish"];

for (const shell of DRIVEN) {
  const ignore = !isInstalled(shell);
  const why = ignore ? ` (skipped: no ${shell} here)` : "";

  Deno.test({
    name: `${shell} offers commands, flags, choices, paths and the names of the sessions${why}`,
    ignore,
    fn: () => {
      using shells = new CompletingShells();
      addSessions(shells);
      const { offers, stderr } = shells.complete(shell, CASES.map(([line]) => line));
      assert.equal(stderr, "");
      assert.deepEqual(CASES.map(([line], index) => [line, offers[index]]), CASES.map((row) => [...row]));
    },
  });

  Deno.test({
    name: `${shell} offers nothing, and says nothing, where the program cannot be asked${why}`,
    ignore,
    fn: () => {
      using shells = new CompletingShells({ program: false });
      assert.deepEqual(shells.complete(shell, ["samocode status ", "samocode list --js"]), {
        offers: [[], ["--json"]],
        stderr: "",
      });
    },
  });
}

const CHECKERS: readonly (readonly [name: string, args: readonly string[], shell: DrivenShell])[] = [
  ["bash", ["-n"], "bash"],
  ["zsh", ["-n"], "zsh"],
  ["fish", ["-n"], "fish"],
  ["shellcheck", ["--shell=bash"], "bash"],
];

for (const [name, args, shell] of CHECKERS) {
  const ignore = !isInstalled(name);
  Deno.test({
    name: `${name} ${args.join(" ")} finds nothing in the script for ${shell}${
      ignore ? ` (skipped: no ${name} here)` : ""
    }`,
    ignore,
    fn: () => {
      const file = Deno.makeTempFileSync({ prefix: "samocode-test-" });
      try {
        Deno.writeTextFileSync(file, completionScript(shell, COMMANDS));
        const { code, stdout, stderr } = new Deno.Command(name, { args: [...args, file], env: { LC_ALL: "C" } })
          .outputSync();
        const said = new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
        assert.deepEqual({ code, said }, { code: 0, said: "" });
      } finally {
        Deno.removeSync(file);
      }
    },
  });
}

Deno.test("the script for bash keeps to what bash 3.2 knows", () => {
  const script = completionScript("bash", COMMANDS);
  assert.doesNotMatch(
    script,
    /\b(?:mapfile|readarray|coproc|_init_completion)\b|(?:local|declare|typeset) -[An]|;;&|;&/,
  );
  assert.doesNotMatch(script, /\$\{[^}]*(?:,,|\^\^|@[A-Z])\}|&>>|\|&|\[-1\]/);
});

Deno.test("the script for PowerShell is plain ASCII, and its quotes and brackets pair up", () => {
  const script = completionScript("powershell", COMMANDS);
  assert.doesNotMatch(script, /[^\x20-\x7e\n]/);
  const bare = script.replace(/'(?:[^'\n]|'')*'/g, "").replace(/"[^"\n]*"/g, "").replace(/#.*$/gm, "");
  assert.doesNotMatch(bare, /['"]/);
  const open: string[] = [];
  for (const sign of bare.match(/[()[\]{}]/g) ?? []) {
    if ("([{".includes(sign)) open.push(sign);
    else assert.equal(`${open.pop()}${sign}`, { ")": "()", "]": "[]", "}": "{}" }[sign]);
  }
  assert.deepEqual(open, []);
});

Deno.test("the start of the program loads none of the completion scripts", () => {
  const loaded = loadedBy(join(ROOT, "main.ts"));
  const paths = [...loaded].map((path) => path.slice(ROOT.length + 1));
  assert.ok(paths.includes("src/cli/commands/completions.ts"));
  assert.deepEqual(
    paths.filter((path) => path.startsWith("src/cli/completions/")),
    ["src/cli/completions/shells.ts"],
  );
});

/** The later of two days counts, a folder without a journal is no session, and a shell must not meet wild names. */
function addSessions(shells: CompletingShells): void {
  const folders = [
    "26-01-02-add-jwt",
    "26-02-02-add-jwt",
    "26-03-02-other",
    "26-01-01-$(touch x)",
    "26-01-01--x",
    "26-01-01-*",
  ];
  for (const folder of folders) shells.addSession(folder);
  Deno.mkdirSync(join(shells.project.root, "sessions", "26-04-01-only-notes"));
}

function standingAlone(word: string): RegExp {
  return new RegExp(`(?<![\\w-])${word}(?![\\w-])`);
}
