/**
 * The completion script for zsh.
 *
 * @module
 */
import type { Command, Completes } from "../command.ts";
import {
  bareCommand,
  choicesOf,
  isInsteadOfOperand,
  type OfferedCommand,
  offeredCommands,
  type OfferedFlag,
  origin,
  SESSIONS_COMMAND,
  singleQuoted,
  type Value,
} from "./completion_table.ts";

/** The script: a file `_samocode` in a folder of `$fpath`, or text for `eval` behind `compinit`. */
export function zshScript(commands: readonly Command[]): string {
  const shown = offeredCommands(commands);
  return `#compdef samocode
# ${origin("zsh")}

_samocode() {
  local curcontext="$curcontext"
  case "\${words[2]}" in
    -*)
      ${specsOf(bareCommand(commands))}
      return
      ;;
  esac
  if (( CURRENT == 2 )); then
    _samocode_commands
    return
  fi
  shift words
  (( CURRENT-- ))
  curcontext="\${curcontext%:*:*}:samocode-\${words[1]}:"
  case "\${words[1]}" in
    help)
      if (( CURRENT == 2 )); then _samocode_commands; fi
      ;;
${shown.map((command) => `    ${command.name})\n      ${specsOf(command)}\n      ;;`).join("\n")}
  esac
}

_samocode_commands() {
  local -a commands
  commands=(
${shown.map(({ name, summary }) => `    ${singleQuoted(`${name}:${summary}`)}`).join("\n")}
  )
  _describe -t commands 'command' commands
}

_samocode_sessions() {
  local -a names expl
  names=(\${(f)"$(command ${SESSIONS_COMMAND} 2>/dev/null </dev/null)"})
  _wanted -V sessions expl 'session' compadd -a names
}

# A file in $fpath is the function's first call; text for eval only defines it.
if [ "$funcstack[1]" = "_samocode" ]; then
  _samocode "$@"
else
  compdef _samocode samocode
fi
`;
}

function specsOf(command: OfferedCommand): string {
  const specs = [...command.flags.map((flag) => flagSpec(flag, command)), ...operandSpecs(command)];
  return ["_arguments -s", ...specs.map((spec) => `  ${spec}`)].join(" \\\n      ");
}

/** `'(-f --follow)'{-f,--follow}'[text]'`, `'--task=[text]:TEXT: '`. */
function flagSpec(flag: OfferedFlag, command: OfferedCommand): string {
  const { name, short, value, placeholder, help } = flag;
  const tail = `[${escaped(help, /[\\[\]]/g)}]` +
    (value === undefined ? "" : `:${escaped(placeholder, /[\\:]/g)}:${actionOf(value)}`);
  const long = value === undefined ? name : `${name}=`;
  if (short === undefined) return singleQuoted((isInsteadOfOperand(flag, command) ? "(1)" : "") + long + tail);
  return `${singleQuoted(`(${short} ${name})`)}{${value === undefined ? short : `${short}+`},${long}}${
    singleQuoted(tail)
  }`;
}

function operandSpecs({ operand, takesMore }: OfferedCommand): readonly string[] {
  if (operand === undefined) return [];
  const title = operand === "sessions" ? "session" : "word";
  return [singleQuoted(`1:${title}:${actionOf(operand)}`), ...(takesMore ? [singleQuoted("*:text: ")] : [])];
}

function actionOf(value: Value | Completes): string {
  const choices = choicesOf(value);
  if (choices !== undefined) return `(${choices.join(" ")})`;
  if (value === "sessions") return "_samocode_sessions";
  if (value === "file") return "_files";
  // A space says that nothing can be offered, and lets the message stand.
  return value === "folder" ? "_files -/" : " ";
}

function escaped(text: string, special: RegExp): string {
  return text.replace(special, "\\$&");
}
