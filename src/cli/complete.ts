/**
 * Completes the last word of a command line, for a shell.
 *
 * @module
 */
import type { Command, Completes, Flag } from "./command.ts";
import { COMMON_FLAGS, VERSION_FLAG } from "./parse_command.ts";

/** What completions are made from. */
export interface CompletionSources {
  readonly commands: readonly Command[];
  /** The sessions of the project that `--config` names, or else of the current folder's. */
  readonly sessions: (config: string | undefined) => readonly string[];
}

/**
 * Lists the completions of the last word.
 *
 * @param typed The words after the program's name, up to the cursor. The last one may be empty.
 * @returns Lines with a word, perhaps followed by a tab and its help; or the line `:file` or `:folder`, because shells
 * complete paths themselves.
 */
export function complete(typed: readonly string[], { commands, sessions }: CompletionSources): readonly string[] {
  const names = commands.filter(({ hidden }) => !hidden).map(({ name, summary }) => `${name}\t${summary}`);
  const help = { name: "help", flags: {}, completes: [...names, "settings\tSettings and their defaults"] };
  // Bash breaks --flag=value into three words.
  const words = typed.slice(0, -1).flatMap(partsOf).filter((word) => word !== "=");
  const isBare = words[0]?.startsWith("-") ?? true;
  const command = [...commands, help].find(({ name }) => name === (isBare ? "run" : words[0]));
  if (command === undefined) return [];
  const shown = { ...command.flags, ...COMMON_FLAGS, ...(isBare ? { version: VERSION_FLAG } : {}) };
  const flags = new Map(Object.entries(shown).map(([name, flag]) => [`--${name}`, flag]));

  let wanted = words.length === 0 ? names : isBare ? undefined : command.completes;
  let pending: Flag | undefined;
  let config: string | undefined;
  for (const word of isBare ? words : words.slice(1)) {
    if (pending === undefined && word.startsWith("-")) {
      const flag = flags.get(word);
      pending = flag?.value === undefined ? undefined : flag;
    } else {
      if (pending === COMMON_FLAGS["config"]) config = word;
      // A session is named only once, by a word or by a flag.
      if (pending === undefined || pending.completes === "sessions") wanted = undefined;
      pending = undefined;
    }
  }

  const offer = (choices: Completes | undefined, start: string, prefix = ""): readonly string[] => {
    if (choices === "file" || choices === "folder") return [`:${choices}`];
    const fitting = choices === "sessions" ? sessions(config) : choices ?? [];
    return fitting.filter((word) => word.startsWith(start)).map((word) => prefix + word);
  };
  const last = typed.at(-1) ?? "";
  // PowerShell 5.1 drops an empty argument unless it is quoted.
  const current = last === "=" || last === '""' ? "" : last;
  if (pending !== undefined) return offer(pending.completes, current);
  const [flag = "", value] = partsOf(current);
  if (value !== undefined) return offer(flags.get(flag)?.completes, value, `${flag}=`);
  if (current.startsWith("-")) return offer([...flags].map(([name, { help }]) => `${name}\t${help}`), current);
  return offer(wanted, current);
}

/** Splits `--flag=value` in two. */
function partsOf(word: string): readonly string[] {
  return /^(--[^=]+)=(.*)$/s.exec(word)?.slice(1) ?? [word];
}
