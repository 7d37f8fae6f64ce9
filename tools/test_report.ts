/**
 * Reads the JUnit report of `deno test` and makes the count of it that stands at the end of a test run.
 *
 * @module
 */

/** What became of a run's tests; steps count as part of their test. */
export interface TestReport {
  readonly passed: number;
  /** The names of the failed tests. */
  readonly failures: readonly string[];
  /** The names of the tests that are registered as ignored. */
  readonly skipped: readonly string[];
}

interface TestCase {
  readonly name: string;
  readonly outcome: "passed" | "failed" | "skipped" | "left-out";
}

/** The files with failed tests, and the report without these files. */
export function splitFailed(junit: string): { readonly files: readonly string[]; readonly rest: string } {
  const [head = "", ...suites] = junit.split(/(?=<testsuite )/);
  const hasFailed = (suite: string): boolean => readTestReport(suite).failures.length > 0;
  const nameOf = (suite: string): string => unescaped(/^<testsuite name="(?:\.\/)?([^"]*)"/.exec(suite)?.[1] ?? "");
  return {
    files: suites.filter(hasFailed).map(nameOf),
    rest: [head, ...suites.filter((suite) => !hasFailed(suite))].join(""),
  };
}

/**
 * Reads a report. A test that a filter left out counts nowhere: Deno writes it like a skipped one, but without a time.
 */
export function readTestReport(junit: string): TestReport {
  const cases = junit.split("<testsuite ").slice(1).flatMap((suite) => withoutSteps(readCases(suite)));
  const having = (wanted: TestCase["outcome"]) =>
    cases.filter(({ outcome }) => outcome === wanted).map(({ name }) => name);
  return { passed: having("passed").length, failures: having("failed"), skipped: having("skipped") };
}

/** `3 passed, 0 failed`, with `, 1 skipped` where there are any. */
export function countLine(
  { passed, failed, skipped }: Pick<TestReport, "passed" | "skipped"> & { readonly failed: number },
): string {
  return `${passed} passed, ${failed} failed${skipped.length === 0 ? "" : `, ${skipped.length} skipped`}`;
}

function readCases(suite: string): readonly TestCase[] {
  return suite.split("<testcase ").slice(1).map((text) => {
    const end = text.indexOf(">");
    const [attributes, content] = [text.slice(0, end), text.slice(end + 1)];
    return { name: unescaped(/^name="([^"]*)"/.exec(attributes)?.[1] ?? ""), outcome: outcomeOf(attributes, content) };
  });
}

function outcomeOf(attributes: string, content: string): TestCase["outcome"] {
  if (/^\s*<(?:failure|error)\b/.test(content)) return "failed";
  if (!/^\s*<skipped\b/.test(content)) return "passed";
  return attributes.includes(` time="`) ? "skipped" : "left-out";
}

/** A step stands in the report as `test > step`, after its test, and has failed only where its test has. */
function withoutSteps(cases: readonly TestCase[]): readonly TestCase[] {
  const names = new Set(cases.map(({ name }) => name));
  const isStep = (name: string): boolean => {
    for (let at = name.indexOf(" > "); at !== -1; at = name.indexOf(" > ", at + 1)) {
      if (names.has(name.slice(0, at))) return true;
    }
    return false;
  };
  return cases.filter(({ name }) => !isStep(name));
}

function unescaped(text: string): string {
  const characters = { lt: "<", gt: ">", quot: '"', apos: "'", amp: "&" } as const;
  return text.replaceAll(/&(lt|gt|quot|apos|amp);/g, (_, name: keyof typeof characters) => characters[name]);
}
