/**
 * The settings in words.
 *
 * @module
 */
import { describeKind, SETTINGS } from "../settings/settings_table.ts";

/** The settings that are read from a place, each with its meaning, choices and default. */
export function describeSettings(
  place: "project" | "environment",
): readonly (readonly [name: string, text: string])[] {
  const rows = [...SETTINGS.values()].filter((row) => (row.place ?? "environment") === place);
  return rows.map(({ name, help, kind, default: preset }) => {
    const unit = kind === "seconds" || kind === "delay" ? " s" : "";
    const shown = preset === undefined || preset === "" ? "" : ` (${preset}${unit})`;
    const choices = typeof kind === "string" ? "" : `; one of ${describeKind(kind)}`;
    return [name, `${help}${choices}${shown}`];
  });
}
