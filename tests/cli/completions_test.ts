import assert from "node:assert/strict";
import { COMMANDS } from "../helpers/all_commands.ts";
import { COMPLETION_SCRIPTS } from "../../src/cli/commands/completions.ts";
import { CommandLine } from "./command_line.ts";
import { CompletingShells, type DrivenShell, isInstalled } from "./completing_shells.ts";

const NAMES = COMMANDS.filter(({ hidden }) => !hidden).map(({ name }) => name).sort();

for (const [shell, script] of Object.entries(COMPLETION_SCRIPTS)) {
  Deno.test(`completions ${shell} prints that shell's script`, async () => {
    using line = new CommandLine();
    assert.deepEqual(await line.type(["completions", shell]), { code: 0, out: script, error: "" });
  });
}

Deno.test("completions lists its shells", async () => {
  using line = new CommandLine();
  const refused = (problem: string) => ({
    code: 2,
    out: "",
    error: `samocode: Cannot print completions: ${problem}\n  Use bash, zsh, fish, powershell\n`,
  });
  assert.deepEqual(await line.type(["completions"]), refused("no shell was named"));
  assert.deepEqual(await line.type(["completions", "tcsh"]), refused('unknown shell "tcsh"'));
  assert.deepEqual(await line.type(["completions", "toString"]), refused('unknown shell "toString"'));
});

/** A line, and what every shell offers at its end. `complete()` has the tests of what fits; these are of the scripts. */
const CASES: readonly (readonly [line: string, offers: readonly string[]])[] = [
  ["samocode ", NAMES],
  ["samocode st", ["start", "status", "stop"]],
  ["samocode nonsense ", []],
  ["samocode status ", ["26-01-02-add-jwt", "add-jwt", "other"]],
  ["samocode run --session=o", ["other"]],
  ["samocode run --provider=c", ["claude", "codex"]],
  ["samocode run --provider=", ["claude", "codex", "demo"]],
  ["samocode run --task ", []],
  ["samocode list --js", ["--json"]],
  ["samocode init --worktrees r", ["repo"]],
  ["samocode init --worktrees=r", ["repo"]],
  ["samocode list --config .sam", [".samocode"]],
  ["samocode guide $(touch${IFS}typed) ", []],
];

const DRIVEN: readonly DrivenShell[] = ["bash", "zsh", "fish"];

for (const shell of DRIVEN) {
  const ignore = !isInstalled(shell);
  const why = ignore ? ` (skipped: no ${shell} here)` : "";

  Deno.test({
    name: `${shell} offers commands, flags, choices, paths and sessions, and runs nothing that was typed${why}`,
    ignore,
    fn: () => {
      using shells = new CompletingShells();
      for (
        const folder of [
          ...["26-01-02-add-jwt", "26-02-02-add-jwt", "26-03-02-other"],
          ...["26-01-01-$(touch named)", "26-01-01-`touch named`", "26-01-01--x", "26-01-01-*", "26-01-01-a\x1b[2Jb"],
        ]
      ) shells.addSession(folder);
      const { offers, stderr } = shells.complete(shell, CASES.map(([line]) => line));
      assert.equal(stderr, "");
      assert.deepEqual(CASES.map(([line], index) => [line, offers[index]]), CASES.map((row) => [...row]));
      const names = [...Deno.readDirSync(shells.project.root)].map(({ name }) => name);
      assert.deepEqual(names.filter((name) => name === "named" || name === "typed"), []);
    },
  });

  Deno.test({
    name: `${shell} offers nothing, and prints nothing, without the program${why}`,
    ignore,
    fn: () => {
      using shells = new CompletingShells({ program: false });
      assert.deepEqual(shells.complete(shell, ["samocode status ", "samocode list --js"]), {
        offers: [[], []],
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
    name: `${name} ${args.join(" ")} accepts the script for ${shell}${ignore ? ` (skipped: no ${name} here)` : ""}`,
    ignore,
    fn: () => {
      const file = Deno.makeTempFileSync({ prefix: "samocode-test-" });
      try {
        Deno.writeTextFileSync(file, COMPLETION_SCRIPTS[shell]);
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

Deno.test("the bash script uses only what bash 3.2 has", () => {
  const script = COMPLETION_SCRIPTS.bash;
  assert.doesNotMatch(
    script,
    /\b(?:mapfile|readarray|coproc|_init_completion)\b|(?:local|declare|typeset) -[An]|;;&|;&/,
  );
  assert.doesNotMatch(script, /\$\{[^}]*(?:,,|\^\^|@[A-Z])\}|&>>|\|&|\[-1\]/);
});

Deno.test("the PowerShell script is plain ASCII", () => {
  assert.doesNotMatch(COMPLETION_SCRIPTS.powershell, /[^\x20-\x7e\n]/);
});
