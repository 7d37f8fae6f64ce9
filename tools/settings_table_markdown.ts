/**
 * Writes the settings as the README's table.
 *
 * @module
 */
import { describeKind, type SettingRow, SETTINGS } from "../src/settings/settings_table.ts";

const HEAD = ["setting", "where", "value", "default", "what it does"] as const;

/** The table in Markdown, padded as `deno fmt` pads it; without a newline at its end. */
export function settingsTable(): string {
  const settings: readonly (readonly [string, SettingRow])[] = Object.entries(SETTINGS);
  const rows = [HEAD, ...settings.map(([name, row]) => cellsOf(name, row))];
  const widths = HEAD.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const lines = rows.map((row) => `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(" | ")} |`);
  const rule = `| ${widths.map((width) => "-".repeat(width)).join(" | ")} |`;
  return [...lines.slice(0, 1), rule, ...lines.slice(1)].join("\n");
}

function cellsOf(name: string, { place, kind, default: preset, flag, help }: SettingRow): readonly string[] {
  return [
    `\`${name}\``,
    place === "project" ? "`.samocode`" : flag === undefined ? "environment" : `environment, \`--${flag}\``,
    describeKind(kind),
    preset === undefined ? "must be given" : preset === "" ? "none" : `\`${preset}\``,
    help,
  ].map((cell) => cell.replaceAll("|", "\\|"));
}
