/**
 * Light and dark.
 *
 * @module
 */
import { KEEPING } from "./keeping.ts";
import { tell } from "./store.ts";

/** What a person may choose. */
export const THEMES = ["system", "light", "dark"] as const;

/** One of them. */
export type Theme = (typeof THEMES)[number];

/** The theme that was chosen. */
export function themeNow(): Theme {
  return THEMES.find((theme) => theme === KEEPING.read("theme")) ?? "system";
}

/** Chooses a theme. */
export function setTheme(theme: Theme): void {
  KEEPING.write("theme", theme === "system" ? "" : theme);
  showTheme();
}

/** Shows the chosen theme, and says so to what draws colours itself, also when the system changes its own. */
export function openTheme(): void {
  showTheme();
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => tell("theme"));
}

/** What a colour of the style, such as `--accent`, is now: for a canvas, which knows no variables. */
export function colourOf(name: string): string {
  const probe = document.createElement("span");
  probe.style.color = `var(${name})`;
  document.body.append(probe);
  const { color } = getComputedStyle(probe);
  probe.remove();
  return color;
}

function showTheme(): void {
  document.documentElement.dataset["theme"] = themeNow();
  tell("theme");
}
