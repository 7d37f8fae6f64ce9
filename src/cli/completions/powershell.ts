/**
 * The completion script for PowerShell, from Windows PowerShell 5.1 on.
 *
 * @module
 */
import type { Command } from "../command.ts";
import {
  BARE,
  bareCommand,
  kindOf,
  type OfferedCommand,
  offeredCommands,
  origin,
  SESSIONS_COMMAND,
  spellingsOf,
} from "./completion_table.ts";

/** The script, for `Invoke-Expression` or a file that the profile runs. Only ASCII: 5.1 guesses at anything else. */
export function powershellScript(commands: readonly Command[]): string {
  const shown = offeredCommands(commands);
  const all = [...shown, bareCommand(commands)];
  return `# ${origin("powershell")}

Register-ArgumentCompleter -Native -CommandName 'samocode' -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)

    # Name and summary of each command.
    $commands = @(
${rowsOf(shown.map(({ name, summary }) => [name, summary]))}
    )

    # Command, flag, what it wants ('' where it takes no value), help. A command without a flag stands for its first word.
    $wanted = @(
${rowsOf(all.flatMap(wantedBy))}
    )
${main}`;
}

function wantedBy({ name, flags, operand }: OfferedCommand): readonly (readonly string[])[] {
  return [
    ...flags.flatMap((flag) => {
      const wanted = flag.value === undefined ? "" : kindOf(flag.value);
      return spellingsOf(flag).map((spelling) => [name, spelling, wanted, flag.help]);
    }),
    ...(operand === undefined ? [] : [[name, "", kindOf(operand), ""]]),
  ];
}

function rowsOf(rows: readonly (readonly string[])[]): string {
  return rows.map((row) => `        @(${row.map(quoted).join(", ")})`).join(",\n");
}

/** PowerShell takes the four typographic single quotes for straight ones, too. */
function quoted(text: string): string {
  const plain = text.replaceAll("…", "...").replace(/[\u2018-\u201b]/g, "'").replace(/[^\x20-\x7e]/g, "?");
  return `'${plain.replaceAll("'", "''")}'`;
}

const main = `
    # What is offered: text, what it is, and what is said about it.
    $offered = New-Object System.Collections.ArrayList
    $offer = {
        param($text, $type, $tip)
        if ($text.StartsWith($current, [System.StringComparison]::Ordinal)) {
            if (-not $tip) { $tip = $text }
            [void]$offered.Add([System.Management.Automation.CompletionResult]::new("$prefix$text", $text, $type, $tip))
        }
    }

    $current = "$wordToComplete"
    $prefix = ''
    $command = ''
    $kind = ''
    $count = 0
    $before = @($commandAst.CommandElements | Select-Object -Skip 1 |
        Where-Object { $_.Extent.EndOffset -lt $cursorPosition } | ForEach-Object { $_.Extent.Text })
    foreach ($word in $before) {
        if ($kind) {
            if ($kind -ceq 'sessions') { $count = 1 }
            $kind = ''
        } elseif (-not $command -and $word -notlike '-*') {
            $command = $word
        } elseif ($word -like '-*') {
            if (-not $command) { $command = '${BARE}' }
            foreach ($row in $wanted) {
                if ($row[0] -ceq $command -and $row[1] -ceq $word) { $kind = $row[2] }
            }
        } else {
            $count++
        }
    }

    if (-not $kind) {
        $place = $command
        if (-not $place) { $place = '${BARE}' }
        if ($current -match '^(--[^=]+)=(.*)$') {
            $prefix = $Matches[1] + '='
            $current = $Matches[2]
            foreach ($row in $wanted) {
                if ($row[0] -ceq $place -and ($row[1] + '=') -ceq $prefix) { $kind = $row[2] }
            }
        } elseif ($current -like '-*') {
            foreach ($row in $wanted) {
                if ($row[0] -ceq $place -and $row[1]) { & $offer $row[1] 'ParameterName' $row[3] }
            }
        } elseif (-not $command -or ($command -ceq 'help' -and $count -eq 0)) {
            foreach ($row in $commands) { & $offer $row[0] 'ParameterValue' $row[1] }
        } elseif ($count -eq 0) {
            foreach ($row in $wanted) {
                if ($row[0] -ceq $command -and -not $row[1]) { $kind = $row[2] }
            }
        }
    }

    if ($kind -ceq 'file' -or $kind -ceq 'folder') {
        # Nothing said means: paths, as PowerShell completes them.
        return
    }
    if ($kind -like 'words *') {
        foreach ($choice in ($kind.Substring(6) -split ' ')) { & $offer $choice 'ParameterValue' $choice }
    }
    if ($kind -ceq 'sessions') {
        $program = @(Get-Command -Name samocode -CommandType Application -ErrorAction SilentlyContinue)
        if ($program.Count -gt 0) {
            try {
                foreach ($name in @(& $program[0] ${SESSIONS_COMMAND.replace(/^samocode /, "")} 2>$null)) {
                    & $offer $name 'ParameterValue' 'session'
                }
            } catch {
                # Nothing may be printed into the line that is being typed.
            }
        }
    }
    if ($offered.Count -eq 0) {
        # An empty text keeps PowerShell from offering files here.
        return ''
    }
    return $offered
}
`;
