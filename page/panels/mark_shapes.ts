/**
 * How a timeline marks what happened: each kind has a shape and a word, so that nobody needs its colour.
 *
 * @module
 */
import type { Mark } from "../../src/workflow/story.ts";

/** A kind of mark, as it is drawn and called. */
export interface MarkShape {
  readonly word: string;
  /** An SVG path in a box of 12 by 12, filled by the rule `evenodd`. */
  readonly path: string;
  /** The custom property with its colour. */
  readonly colour: string;
}

/** All kinds, in the order of the legend. */
export const MARK_SHAPES: Readonly<Record<Mark["kind"], MarkShape>> = {
  task: { word: "task", path: "M1 0H3V12H1ZM4 1L12 4L4 7Z", colour: "--accent" },
  gate: { word: "gate", path: "M6 0L12 6L6 12L0 6Z", colour: "--accent" },
  retry: {
    word: "retry",
    path: "M6 0A6 6 0 0 1 6 12A6 6 0 0 1 6 0ZM6 3A3 3 0 0 0 6 9A3 3 0 0 0 6 3Z",
    colour: "--need",
  },
  limit: { word: "usage limit", path: "M1 1H11V11H1Z", colour: "--need" },
  outage: { word: "outage", path: "M0 1H12L6 12Z", colour: "--need" },
  budget: { word: "budget", path: "M6 0L12 11H0Z", colour: "--need" },
  check_failed: {
    word: "check failed",
    path: "M2 0L6 4L10 0L12 2L8 6L12 10L10 12L6 8L2 12L0 10L4 6L0 2Z",
    colour: "--bad",
  },
  recovered: { word: "recovered", path: "M4 0H8V4H12V8H8V12H4V8H0V4H4Z", colour: "--good" },
  stopped: { word: "stopped", path: "M1 0H5V12H1ZM7 0H11V12H7Z", colour: "--muted" },
};

/** The kinds that are among some marks, each with how often, in the order of the legend. */
export function kindsAmong(marks: readonly Mark[]): readonly { readonly kind: Mark["kind"]; readonly count: number }[] {
  const counts = new Map<Mark["kind"], number>();
  for (const { kind } of marks) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  const kinds = Object.keys(MARK_SHAPES) as Mark["kind"][];
  return kinds.flatMap((kind) => {
    const count = counts.get(kind);
    return count === undefined ? [] : [{ kind, count }];
  });
}
