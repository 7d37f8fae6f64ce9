/**
 * The completion script for bash, also for the 3.2 of macOS: no associative arrays, no `mapfile`, and nothing of the
 * package bash-completion.
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
  singleQuoted,
  spellingsOf,
} from "./completion_table.ts";

/** The script, for `eval` or a file of its own. */
export function bashScript(commands: readonly Command[]): string {
  const shown = offeredCommands(commands);
  const all = [...shown, bareCommand(commands)];
  return `# ${origin("bash")}

${offer}
# Sets kind to what the flag $2 of the command $1 wants; to nothing where it takes no value.
_samocode_value() {
  case "$1 $2" in
${cases(valuePatterns(all), (kind) => `kind=${singleQuoted(kind)}`)}
    *) kind='' ;;
  esac
}

# Sets kind to what the first word behind the command $1 is.
_samocode_operand() {
  case "$1" in
${cases(operandPatterns(shown), (kind) => `kind=${singleQuoted(kind)}`)}
  esac
}

_samocode_flags() {
  case "$1" in
${all.map(({ name, flags }) => `    ${name}) _samocode_offer ${flagWords(flags)} ;;`).join("\n")}
  esac
}

_samocode_commands() {
  _samocode_offer ${shown.map(({ name }) => name).join(" ")}
}

${main}`;
}

/** Every flag that takes a value, behind its command, grouped by what it takes. */
function valuePatterns(all: readonly OfferedCommand[]): ReadonlyMap<string, readonly string[]> {
  const found = all.flatMap(({ name, flags }) =>
    flags.flatMap((flag) => {
      const { value } = flag;
      if (value === undefined) return [];
      return spellingsOf(flag).map((spelling) => ({ kind: kindOf(value), pattern: `'${name} ${spelling}'` }));
    })
  );
  return grouped(found);
}

function operandPatterns(shown: readonly OfferedCommand[]): ReadonlyMap<string, readonly string[]> {
  return grouped(
    shown.flatMap(({ name, operand }) => operand === undefined ? [] : [{ kind: kindOf(operand), pattern: name }]),
  );
}

function grouped(
  found: readonly { readonly kind: string; readonly pattern: string }[],
): ReadonlyMap<string, readonly string[]> {
  const groups = new Map<string, readonly string[]>();
  for (const { kind, pattern } of found) groups.set(kind, [...groups.get(kind) ?? [], pattern]);
  return groups;
}

function cases(groups: ReadonlyMap<string, readonly string[]>, act: (kind: string) => string): string {
  return [...groups].map(([kind, patterns]) => `    ${patterns.join(" | ")}) ${act(kind)} ;;`).join("\n");
}

function flagWords(flags: OfferedCommand["flags"]): string {
  return flags.flatMap(spellingsOf).join(" ");
}

const offer = `# Offers those of its words that begin with what stands before the cursor.
_samocode_offer() {
  local word
  for word in "$@"; do
    if [[ $word == "$current"* ]]; then COMPREPLY+=("$prefix$word"); fi
  done
}

# Leaves paths to readline, which quotes them and knows ~; bash 3.2 has no compopt and gets them here.
_samocode_paths() {
  local path
  compopt -o "$1" 2>/dev/null && return
  while IFS= read -r path; do
    if [[ -n $path ]]; then COMPREPLY+=("$prefix$path"); fi
  done <<<"$(compgen "$2" -- "$current")"
}
`;

const main = `_samocode() {
  local IFS=$' \\t\\n'
  local current=\${COMP_WORDS[COMP_CWORD]} command='' kind='' prefix='' word i words=0
  COMPREPLY=()
  for ((i = 1; i < COMP_CWORD; i++)); do
    word=\${COMP_WORDS[i]}
    if [[ -n $kind ]]; then
      # Readline makes three words of --flag=value.
      if [[ $word == '=' ]]; then continue; fi
      if [[ $kind == sessions ]]; then words=1; fi
      kind=''
    elif [[ -z $command && $word != -* ]]; then
      command=$word
    elif [[ $word == -* ]]; then
      command=\${command:-${BARE}}
      _samocode_value "$command" "$word"
    else
      words=$((words + 1))
    fi
  done
  if [[ -n $kind ]]; then
    if [[ $current == '=' ]]; then current=''; fi
  elif [[ $current == --*=* ]]; then
    # Where = is taken out of COMP_WORDBREAKS.
    prefix=\${current%%=*}=
    _samocode_value "\${command:-${BARE}}" "\${current%%=*}"
    current=\${current#*=}
  elif [[ $current == -* ]]; then
    _samocode_flags "\${command:-${BARE}}"
  elif [[ -z $command ]] || [[ $command == help && $words == 0 ]]; then
    _samocode_commands
  elif [[ $words == 0 ]]; then
    _samocode_operand "$command"
  fi
  # Words are split on purpose: neither the choices nor the names of sessions have a space or a wildcard.
  # shellcheck disable=SC2046,SC2086
  case $kind in
    words\\ *) _samocode_offer \${kind#words } ;;
    sessions) _samocode_offer $(command ${SESSIONS_COMMAND} 2>/dev/null </dev/null) ;;
    file) _samocode_paths default -f ;;
    folder) _samocode_paths dirnames -d ;;
  esac
}

complete -F _samocode samocode
`;
