/**
 * The documents that a session ends with.
 *
 * @module
 */
import { join } from "node:path";
import { isSoleFile, readSoleTextIfExists } from "../system/files/files.ts";
import type { Layout } from "./layout.ts";

const SUMMARY = /^[\d:-]*summary(?:[-_.].*)?\.md$/i;
const PULL_REQUEST = /^[\d:-]*pull-request(?:[-_.].*)?\.md$/i;
const TEST_REPORT = /^[\d:-]*test-report(?:[-_.].*)?\.md$/i;
const REVIEW = /^[\d:-]*quality-(\d{1,6})(?:[-_.].*)?\.md$/i;

/** Which kinds there are, with something in them. */
export function handoverKinds(
  layout: Layout,
): { readonly hasSummary: boolean; readonly hasReport: boolean; readonly hasPullRequest: boolean } {
  return {
    hasSummary: hasText(layout, SUMMARY),
    hasReport: hasText(layout, TEST_REPORT) || hasText(layout, REVIEW),
    hasPullRequest: hasText(layout, PULL_REQUEST),
  };
}

/** The paths of the newest summary, the newest pull-request text, and the report of it all. */
export function findHandover(
  layout: Layout,
): { readonly summary?: string; readonly pullRequest?: string; readonly report?: string } {
  const newest = (kind: RegExp) => namesLike(layout, kind).sort().slice(-1).map((name) => join(layout.folder, name));
  const [[summary], [pullRequest]] = [newest(SUMMARY), newest(PULL_REQUEST)];
  return {
    ...(summary !== undefined && { summary }),
    ...(pullRequest !== undefined && { pullRequest }),
    ...(isSoleFile(layout.report) && { report: layout.report }),
  };
}

/** The path of the newest report: the summary if there is one, else a report of the review or the tests. */
export function findReport(layout: Layout): string | undefined {
  const [name] = [SUMMARY, REVIEW, TEST_REPORT].flatMap((kind) => namesLike(layout, kind).sort().slice(-1));
  return name === undefined ? undefined : join(layout.folder, name);
}

/** The report of the last round of review. */
export function readNewestReview(layout: Layout): { readonly name: string; readonly text: string } | undefined {
  const round = (name: string): number => Number(REVIEW.exec(name)?.[1]);
  const [name] = namesLike(layout, REVIEW).sort((a, b) => round(b) - round(a) || (a < b ? 1 : -1));
  return name === undefined ? undefined : { name, text: readSoleTextIfExists(join(layout.folder, name)) ?? "" };
}

/** Whether there is a file of that kind that says something. */
function hasText(layout: Layout, kind: RegExp): boolean {
  return namesLike(layout, kind).some((name) => (readSoleTextIfExists(join(layout.folder, name)) ?? "").trim() !== "");
}

function namesLike({ folder }: Layout, kind: RegExp): string[] {
  return [...Deno.readDirSync(folder)].filter(({ name, isFile }) => isFile && kind.test(name)).map(({ name }) => name);
}
