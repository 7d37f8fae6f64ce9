/**
 * The plan's text that a human approves, and its progress.
 *
 * @module
 */
import { applyEdits } from "../text/markdown_edits.ts";
import { type MarkdownLine, markdownLines, readHeading } from "../text/markdown_lines.ts";

/**
 * Clears every checkbox (`- [x]`, `* [X]`, `1. [x]`) and changes nothing else, so that an approval survives ticking but
 * no other change. A box in a fence, quote or comment is not a step of the plan: its state counts as text.
 */
export function planText(text: string): string {
  return applyEdits(text, checkboxes(text).map(({ state }) => ({ start: state, end: state + 1, text: " " })));
}

/** Counts the checkboxes that {@linkcode planText} clears. */
export function planProgress(text: string): { readonly done: number; readonly total: number } {
  const boxes = checkboxes(text);
  return { done: boxes.filter((box) => box.done).length, total: boxes.length };
}

/** The texts of the steps whose checkboxes are not ticked, each cut to 200 characters. */
export function openSteps(text: string): readonly string[] {
  return checkboxes(text).filter((box) => !box.done).map(({ title }) => title);
}

/** Why nobody could carry out a text as a plan; `undefined` if it has the form of one. */
export function planProblem(text: string): string | undefined {
  if (text.trim() === "") return "it is empty";
  if (text.includes("\0")) return "it is not a text";
  const { done, total } = planProgress(text);
  if (total === 0) return "it has no step with a checkbox, such as - [ ] Phase 1: Count failed attempts";
  return done === total ? "all of its steps are ticked" : undefined;
}

/** What a plan is about, cut to 200 characters: its first heading, else its first step. */
export function planTitle(text: string): string {
  const headings = markdownLines(text).flatMap((line) => readHeading(line)?.title ?? []);
  const title = headings.map((heading) => heading.replace(/^plan(?![-\w])\s*(?:[:–—]|-(?!\S))?/i, "").trim()).find((
    each,
  ) => each !== "");
  return (title ?? openSteps(text)[0] ?? "").slice(0, 200);
}

interface Checkbox {
  /** The offset of the character between the brackets. */
  readonly state: number;
  readonly done: boolean;
  readonly title: string;
}

function checkboxes(text: string): readonly Checkbox[] {
  return markdownLines(text).flatMap((line) => readCheckbox(line) ?? []);
}

function readCheckbox(line: MarkdownLine): Checkbox | undefined {
  const match = line.plain ? /^[ \t]*(?:[-*+]|\d{1,9}[.)])[ \t]+\[([ xX])\](?=[ \t]|$)/.exec(line.text) : null;
  if (match === null) return undefined;
  const title = line.text.slice(match[0].length).trim().slice(0, 200);
  return { state: line.start + match[0].length - 2, done: match[1] !== " ", title };
}
