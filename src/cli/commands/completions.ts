/**
 * `samocode completions`: teaches a shell to complete this command line.
 *
 * @module
 */
import { SamocodeError } from "../../system/errors.ts";
import type { Command } from "../command.ts";
import { SHELLS } from "../completions/shells.ts";

/** What the scripts ask for while somebody types; not a shell, and not in the help. */
const SESSIONS = "sessions";

/** The command. The scripts are loaded only here: the loop must start fast. */
export function completions(commands: () => readonly Command[]): Command {
  return {
    name: "completions",
    summary: "Print what makes a shell complete commands, flags and session names",
    operands: SHELLS.join("|"),
    completes: SHELLS,
    maxPositionals: 1,
    flags: {},
    notes: {
      title: "Installation",
      rows: [
        // Not `source <(…)`, which reads nothing in the bash 3.2 of macOS.
        ["bash, in ~/.bashrc", 'eval "$(samocode completions bash)"'],
        ["zsh, in a folder of $fpath", "samocode completions zsh > _samocode"],
        ["fish", "samocode completions fish > ~/.config/fish/completions/samocode.fish"],
        ["PowerShell, in $PROFILE", "samocode completions powershell | Out-String | Invoke-Expression"],
      ],
    },
    examples: ["samocode completions bash"],
    async run(io, { positionals: [asked = ""], values }): Promise<number> {
      if (asked === SESSIONS) {
        const { sessionNames } = await import("../completions/session_names.ts");
        const { env, workingDirectory } = io;
        const names = sessionNames({ env, workingDirectory, config: values["config"], flags: {} });
        io.write(names.map((name) => `${name}\n`).join(""));
        return 0;
      }
      const shell = SHELLS.find((name) => name === asked);
      if (shell === undefined) {
        const problem = asked === "" ? "no shell was named" : `the shell ${JSON.stringify(asked)} is not known`;
        throw new SamocodeError("usage", `Cannot print completions: ${problem}`, {
          hint: `Name one of ${SHELLS.join(", ")}`,
        });
      }
      const { completionScript } = await import("../completions/completion_script.ts");
      io.write(completionScript(shell, commands()));
      return 0;
    },
  };
}
