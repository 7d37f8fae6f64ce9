/**
 * The scripted agent's pen in the notebook's Flow Log.
 *
 * @module
 */
import {
  applyEdits,
  insertBelow,
  lineEnding,
  type MarkdownLine,
  markdownLines,
  readHeading,
} from "../../text/markdown_lines.ts";

/**
 * Adds a line at the end of the notebook's `## Flow Log`, which is made where it is missing. All else stays as it is,
 * line ends too. A line that is the log's last already is not added again.
 */
export function appendFlowLine(notebook: string, added: string): string {
  const lines = markdownLines(notebook);
  const eol = lineEnding(lines);
  const last = lastLogLine(lines);
  if (last === undefined) return `${notebook.trimEnd()}${eol}${eol}## Flow Log${eol}${added}${eol}`;
  if (last.text === added) return notebook;
  return applyEdits(notebook, [insertBelow(last, [added], { eol })]);
}

function lastLogLine(lines: readonly MarkdownLine[]): MarkdownLine | undefined {
  const heading = lines.findIndex((line) => {
    const read = readHeading(line);
    return read?.level === 2 && /^flow log:?$/i.test(read.title);
  });
  if (heading < 0) return undefined;
  const rest = lines.slice(heading + 1);
  const end = rest.findIndex((line) => (readHeading(line)?.level ?? 3) <= 2);
  const section = end < 0 ? rest : rest.slice(0, end);
  return section.findLast(({ text }) => text.trim() !== "") ?? lines[heading];
}
