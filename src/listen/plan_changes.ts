/**
 * Describes in a few lines what has changed in a plan since the person saw it.
 *
 * @module
 */
import { formatCount } from "../text/format.ts";
import { plainText } from "../text/terminal_text.ts";

/** More would push the plan out of sight. */
const MOST_LINES = 12;

/** The changed lines, removed ones first, without line numbers and without lines that only moved. */
export function describeChanges(before: string, now: string): string {
  const [added, removed] = [linesBeyond(now, before), linesBeyond(before, now)];
  const lines = [...removed.map((line) => `− ${line}`), ...added.map((line) => `+ ${line}`)];
  const more = lines.length - MOST_LINES;
  return [
    `Changed since you saw it: ${formatCount(added.length, "line")} added, ${removed.length} removed`,
    ...lines.slice(0, MOST_LINES),
    ...(more > 0 ? [`and ${more} more`] : []),
  ].join("\n");
}

/** The lines that a text has more often than another one. */
function linesBeyond(text: string, other: string): readonly string[] {
  const left = new Map<string, number>();
  for (const line of linesOf(other)) left.set(line, (left.get(line) ?? 0) + 1);
  return linesOf(text).filter((line) => {
    const count = left.get(line) ?? 0;
    left.set(line, count - 1);
    return count <= 0;
  });
}

function linesOf(text: string): readonly string[] {
  return text.split("\n").map((line) => plainText(line, 300).trim()).filter((line) => line !== "");
}
