/**
 * Reads the report of a review: its verdict, and what it leaves open.
 *
 * @module
 */
import { type MarkdownLine, markdownLines, readHeading } from "../text/markdown_lines.ts";

/** What a review can come to. */
export const VERDICTS = ["clean", "fixed", "open"] as const;

/** What a review comes to. */
export type Verdict = (typeof VERDICTS)[number];

/** A review report as the program reads it. */
export interface ReviewReport {
  /** `undefined` if the review is unfinished. */
  readonly verdict: Verdict | undefined;
  /** What blocks and is not fixed, each in one line. */
  readonly findings: readonly string[];
}

/** A review as the journal has it. */
export interface Review extends ReviewReport {
  /** The file's name. */
  readonly report: string;
  /** The names of all reports with a verdict so far: one for each round. */
  readonly rounds: readonly string[];
  /** Whether no human has started the session since. */
  readonly isFresh: boolean;
}

/** How many rounds of review a session has, unless a human asks for more. */
export const MAX_ROUNDS = 3;

const MAX_FINDINGS = 5;
const MAX_FINDING_LENGTH = 200;

const NOT_BLOCKING = /^\W*(?:note\b|(?:nothing|none)\W*$)/i;

/** Reads a report. Of several verdicts the last one counts. */
export function readReport(text: string): ReviewReport {
  let verdict: string | undefined;
  let isOpen = false;
  const findings: string[] = [];
  for (const line of markdownLines(text).filter(({ plain }) => plain)) {
    const said = /^verdict\s*:\s*(\w+)/i.exec(bare(line))?.[1];
    const item = /^\s*(?:[-*+]|\d{1,9}[.)])\s+(\S.*)$/.exec(line.text)?.[1];
    verdict = said ?? verdict;
    if (said !== undefined || readHeading(line) !== undefined) isOpen = false;
    // What blocks and is not fixed.
    if (/^(?:to fix|left open)\b/i.test(bare(line))) isOpen = true;
    else if (isOpen && item !== undefined && !NOT_BLOCKING.test(item)) findings.push(item);
  }
  return {
    verdict: VERDICTS.find((each) => each === verdict?.toLowerCase()),
    findings: findings.slice(0, MAX_FINDINGS).map((finding) => finding.trim().slice(0, MAX_FINDING_LENGTH)),
  };
}

/** A line without the marks of a heading, list or emphasis. */
function bare({ text }: MarkdownLine): string {
  return text.replace(/[*_`]/g, "").replace(/^\s*(?:[-+#]+\s+)?/, "");
}
