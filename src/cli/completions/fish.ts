/**
 * The completion script for fish.
 *
 * @module
 */
import type { Command } from "../command.ts";
import {
  BARE,
  bareCommand,
  choicesOf,
  type OfferedCommand,
  offeredCommands,
  type OfferedFlag,
  origin,
  SESSIONS_COMMAND,
  spellingsOf,
  type Value,
} from "./completion_table.ts";

/** The script: a file in `~/.config/fish/completions`, or text for `source`. */
export function fishScript(commands: readonly Command[]): string {
  const shown = offeredCommands(commands);
  const bare = bareCommand(commands);
  const rows = shown.map(({ name, summary }) =>
    `complete -c samocode -n __samocode_begins -a ${name} -d ${quoted(summary)}`
  );
  return `# ${origin("fish")}

${functions([...shown, bare])}
complete -c samocode -e
complete -c samocode -f

${rows.join("\n")}
${[bare, ...shown].map((command) => linesOf(command).join("\n")).join("\n\n")}
`;
}

function functions(all: readonly OfferedCommand[]): string {
  return `# Prints the command before the cursor, or nothing, and how many words are behind it. A session in a flag counts too.
function __samocode_place
    set -l words (commandline -opc)
    while string match -qr '^\\w+=' -- "$words[1]"
        set -e words[1]
    end
    set -e words[1]
    set -l name ''
    set -l count 0
    set -l kind ''
    for word in $words
        if test -n "$kind"
            test "$kind" = session; and set count 1
            set kind ''
        else if test -z "$name"; and not string match -q -- '-*' $word
            set name $word
        else if string match -q -- '-*' $word
            test -n "$name"; or set name ${BARE}
            switch "$name $word"
                case ${valuePatterns(all, (value) => value === "sessions")}
                    set kind session
                case ${valuePatterns(all, (value) => value !== "sessions")}
                    set kind other
            end
        else
            set count (math $count + 1)
        end
    end
    printf '%s\\n' "$name" $count
end

function __samocode_begins
    set -l place (__samocode_place)
    test -z "$place[1]"; or test "$place" = 'help 0'
end

function __samocode_in
    set -l place (__samocode_place)
    contains -- "$place[1]" $argv
end

function __samocode_wants_word
    test (string join ' ' -- (__samocode_place)) = "$argv[1] 0"
end

function __samocode_sessions
    command -q samocode; and command ${SESSIONS_COMMAND} 2>/dev/null </dev/null
end
`;
}

function valuePatterns(all: readonly OfferedCommand[], isMeant: (value: Value) => boolean): string {
  return all.flatMap(({ name, flags }) =>
    flags.filter(({ value }) => value !== undefined && isMeant(value)).flatMap(spellingsOf)
      .map((spelling) => quoted(`${name} ${spelling}`))
  ).join(" ");
}

function linesOf({ name, flags, operand }: OfferedCommand): readonly string[] {
  // A command line that is only a flag yet has no command.
  const place = quoted(name === BARE ? `__samocode_in '' ${BARE}` : `__samocode_in ${name}`);
  const operands = operand === undefined
    ? []
    : [`complete -c samocode -n ${quoted(`__samocode_wants_word ${name}`)} ${offerOf(operand)}`];
  return [...flags.map((flag) => `complete -c samocode -n ${place} ${flagOf(flag)}`), ...operands];
}

function flagOf({ name, short, value, help }: OfferedFlag): string {
  return [
    `-l ${name.slice(2)}`,
    ...(short === undefined ? [] : [`-s ${short.slice(1)}`]),
    ...(value === undefined ? [] : [offerOf(value)]),
    `-d ${quoted(help)}`,
  ].join(" ");
}

function offerOf(value: Value): string {
  const choices = choicesOf(value);
  if (choices !== undefined) return `-x -a ${quoted(choices.join(" "))}`;
  if (value === "sessions") return "-x -k -a '(__samocode_sessions)'";
  if (value === "file") return "-r -F";
  return value === "folder" ? "-x -a '(__fish_complete_directories)'" : "-x";
}

function quoted(text: string): string {
  return `'${text.replace(/[\\']/g, "\\$&")}'`;
}
