/**
 * A plan in one line, and its beginning: what a person sees of it in a client's dialog or form.
 *
 * @module
 */
import { formatBytes, formatCount } from "../text/format.ts";
import { countHidden } from "../text/render_markdown.ts";
import { plainText } from "../text/terminal_text.ts";
import { planProgress, planTitle } from "../workflow/plan.ts";

/** A plan's file. */
export interface NamedText {
  readonly name: string;
  readonly text: string;
}

/**
 * Labels a plan with its name, size, number of steps, number of invisible characters, and title. An approval must repeat the
 * label word for word. The name can imitate none of the parts after it, and the title comes last.
 */
export function planLabel({ name, text }: NamedText): string {
  const size = formatBytes(new TextEncoder().encode(text).length);
  const hidden = countHidden(text);
  const parts = [
    plainText(name, 80).replace(/[^\p{L}\p{N} ._:…-]+/gu, "-"),
    size,
    formatCount(planProgress(text).total, "step"),
    hidden === 0 ? "" : `${formatCount(hidden, "character")} cannot be seen`,
    plainText(planTitle(text), 80),
  ];
  return parts.filter((part) => part !== "").join(" · ");
}

/** Its label and first lines. Forms cut what is longer than the terminal is wide. */
export function planBeginning(plan: NamedText): string {
  const lines = plan.text.split("\n", 200).map((line) => plainText(line, 100)).filter((line) => line.trim() !== "");
  return [planLabel(plan), ...lines.slice(0, 6)].join("\n");
}
