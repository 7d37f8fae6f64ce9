/**
 * Says how the program and its commands are used.
 *
 * @module
 */
import { describeKind, SETTING_NAMES, settingRow } from "../settings/settings_table.ts";
import type { Command, Flag } from "./command.ts";
import { COMMON_FLAGS } from "./parse_command.ts";

/** The help of the whole program. */
export function renderHelp(commands: readonly Command[], version: string): string {
  const shown = commands.filter(({ hidden }) => !hidden);
  return `samocode ${version}: walk away from a coding task

Usage
  samocode COMMAND [flags]
  samocode --session NAME [flags]        the same as samocode run

Commands
${shown.map(({ name, summary }) => `  ${name.padEnd(10)}${summary}`).join("\n")}

Each command takes --help. --version says which version this is.

Settings in .samocode (the nearest one upward, or --config FILE)
${settings("project")}

Settings in the environment, in .env beside .samocode, or in .env in samocode's folder among your configuration files
${settings("environment")}

Exit codes
  0 done · 10 waiting for you · 20 blocked · 1 failed · 2 usage or settings · 129, 130, 143 interrupted
`;
}

/** The help of one command. */
export function renderCommandHelp({ name, summary, operands, flags, examples }: Command): string {
  const rows = Object.entries({ ...flags, ...COMMON_FLAGS }).map(([flag, row]) =>
    `  ${usageOf(flag, row).padEnd(26)}${row.help}`
  );
  const shown = examples.length === 0 ? "" : `\nExamples\n${examples.map((line) => `  ${line}`).join("\n")}\n`;
  return `${summary}\n\nUsage\n  samocode ${`${name} ${operands}`.trim()} [flags]\n\nFlags\n${
    rows.join("\n")
  }\n${shown}`;
}

function usageOf(name: string, { value, short }: Flag): string {
  return `${short === undefined ? "    " : `-${short}, `}--${name}${value === undefined ? "" : ` ${value}`}`;
}

function settings(place: "project" | "environment"): string {
  return SETTING_NAMES.filter((name) => settingRow(name).place === place).map((name) => {
    const { help, kind, default: preset } = settingRow(name);
    const unit = kind === "seconds" || kind === "delay" ? " s" : "";
    const shown = preset === undefined || preset === "" ? "" : ` (${preset}${unit})`;
    const choices = typeof kind === "string" ? "" : `; one of ${describeKind(kind)}`;
    return `  ${name.padEnd(24)}${help}${choices}${shown}`;
  }).join("\n");
}
