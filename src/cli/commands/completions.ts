/**
 * `samocode completions` prints a script for a shell; the script asks `samocode complete`.
 *
 * @module
 */
import { SamocodeError } from "../../text/errors.ts";
import type { Command } from "../command.ts";
import { COMPLETION_SCRIPTS } from "../completion_scripts.ts";

const SHELLS = Object.keys(COMPLETION_SCRIPTS);

/** Prints a script. */
export const completions: Command = {
  name: "completions",
  summary: "Print a completion script for your shell",
  operands: SHELLS.join("|"),
  completes: SHELLS,
  maxPositionals: 1,
  flags: {},
  examples: [
    "# bash: in ~/.bashrc",
    // Not `source <(…)`, which does nothing in the bash 3.2 of macOS.
    'eval "$(samocode completions bash)"',
    "# zsh: into a folder of $fpath",
    "samocode completions zsh > ~/.zfunc/_samocode",
    "# fish",
    "samocode completions fish > ~/.config/fish/completions/samocode.fish",
    "# PowerShell: in $PROFILE",
    "samocode completions powershell | Out-String | Invoke-Expression",
  ],
  run({ write }, { positionals: [shell = ""] }): number {
    const script = new Map(Object.entries(COMPLETION_SCRIPTS)).get(shell);
    if (script === undefined) {
      const problem = shell === "" ? "no shell was named" : `unknown shell ${JSON.stringify(shell)}`;
      throw new SamocodeError("usage", `Cannot print completions: ${problem}`, { hint: `Use ${SHELLS.join(", ")}` });
    }
    write(script);
    return 0;
  },
};

/** Completes a word while somebody types: fast, and without error messages. */
export function complete(commands: () => readonly Command[]): Command {
  return {
    name: "complete",
    summary: "List completions of the last word",
    operands: "-- WORDS",
    maxPositionals: Infinity,
    flags: {},
    examples: [],
    hidden: true,
    async run({ env, workingDirectory, write }, { positionals }): Promise<number> {
      const { complete } = await import("../complete.ts");
      const { completableNames } = await import("../../operations/read_status.ts");
      const sessions = (config: string | undefined) => completableNames({ env, workingDirectory, config, flags: {} });
      write(complete(positionals, { commands: commands(), sessions }).map((line) => `${line}\n`).join(""));
      return 0;
    },
  };
}
