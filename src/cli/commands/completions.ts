/**
 * `samocode completions` prints a script for a shell; the script asks `samocode complete`.
 *
 * @module
 */
import { SamocodeError } from "../../text/errors.ts";
import type { Command } from "../command.ts";

/** Works in the bash 3.2 of macOS, which has no `mapfile` and no `compopt`, and without the package bash-completion. */
const bash = `# bash completion for samocode
_samocode() {
  local current=\${COMP_WORDS[COMP_CWORD]} line reply
  COMPREPLY=()
  reply=$(command samocode complete -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null </dev/null)
  if [[ $current == '=' ]]; then current=''; fi
  case $reply in
    :file) compopt -o default 2>/dev/null && return || reply=$(compgen -f -- "$current") ;;
    :folder) compopt -o dirnames 2>/dev/null && return || reply=$(compgen -d -- "$current") ;;
  esac
  while IFS= read -r line; do
    if [[ -n $line ]]; then COMPREPLY+=("\${line%%$'\\t'*}"); fi
  done <<<"$reply"
}
complete -F _samocode samocode
`;

/** Works as a file `_samocode` in a folder of `$fpath`, and in `eval` after `compinit`. */
const zsh = `#compdef samocode
_samocode() {
  local -a lines
  lines=("\${(@f)$(command samocode complete -- "\${(@)words[2,CURRENT]}" 2>/dev/null </dev/null)}")
  case $lines[1] in
    '') return 1 ;;
    :file) compset -P '--*='; _files ;;
    :folder) compset -P '--*='; _files -/ ;;
    *) lines=("\${(@)lines/$'\\t'/:}"); _describe -V 'samocode' lines ;;
  esac
}
if [[ $funcstack[1] == _samocode ]]; then
  _samocode "$@"
else
  compdef _samocode samocode
fi
`;

const fish = `# fish completion for samocode
function __samocode_complete
    command -q samocode; or return
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    set -l lines (command samocode complete -- $words[2..] "$current" 2>/dev/null </dev/null)
    set -l flag (string match -r -- '^--[^=]+=' "$current")
    set -l path (string replace -r -- '^--[^=]+=' '' "$current")
    switch "$lines[1]"
        case :file
            printf '%s\\n' "$flag"(__fish_complete_path "$path")
        case :folder
            printf '%s\\n' "$flag"(__fish_complete_directories "$path" '')
        case '*'
            printf '%s\\n' $lines
    end
end
complete -c samocode -f -k -a '(__samocode_complete)'
`;

const powershell = `# PowerShell completion for samocode
Register-ArgumentCompleter -Native -CommandName 'samocode' -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)

    $words = @($commandAst.CommandElements | Select-Object -Skip 1 |
        Where-Object { $_.Extent.EndOffset -lt $cursorPosition } | ForEach-Object { $_.Extent.Text })
    # Windows PowerShell drops an empty argument.
    $current = if ("$wordToComplete") { "$wordToComplete" } else { '""' }
    $program = Get-Command -Name samocode -CommandType Application -ErrorAction SilentlyContinue | Select-Object -First 1
    $lines = @(if ($program) { & $program complete -- @words $current 2>$null })
    # No answer makes PowerShell complete paths; an empty text keeps it from that.
    if ($lines.Count -eq 0) { return '' }
    if ($lines[0] -in ':file', ':folder') { return }
    foreach ($line in $lines) {
        $word, $help = $line -split "\`t", 2
        if (-not $help) { $help = $word }
        [System.Management.Automation.CompletionResult]::new($word, $word, 'ParameterValue', $help)
    }
}
`;

/** The scripts by shell. They ask `samocode complete` and show its answer. */
export const COMPLETION_SCRIPTS = { bash, zsh, fish, powershell } as const;

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
export function complete(commands: () => Promise<readonly Command[]>): Command {
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
      const { completableNames } = await import("../../operations/list_sessions.ts");
      const sessions = (config: string | undefined) => completableNames({ env, workingDirectory, config, flags: {} });
      write(complete(positionals, { commands: await commands(), sessions }).map((line) => `${line}\n`).join(""));
      return 0;
    },
  };
}
