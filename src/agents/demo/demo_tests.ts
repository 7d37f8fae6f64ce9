/**
 * The scripted agent's test runs: what the project's own tests really said, as a report and read again from it.
 *
 * @module
 */
import { runShell } from "./demo_project.ts";
import { type DemoStage, documentName, findDocument, readSessionFile, writeSessionFile } from "./demo_stage.ts";

/** The report on the tests after the implementation. */
export const FIRST_TESTS = "test-report";

/** The report on the tests after the review. */
export const AFTER_QUALITY = "test-report-after-quality";

/** What came of a test run. */
export interface TestResult {
  readonly failed: boolean;
  readonly inWords: string;
}

/** Runs the project's tests and writes the report. */
export async function runTests(
  stage: DemoStage,
  topic: string,
): Promise<{ readonly result: TestResult; readonly name: string }> {
  await stage.act("Bash", "sh test.sh");
  const run = await runShell(stage.project, ["test.sh"]);
  const output = run === undefined ? "" : `${run.stdout}${run.stderr}`;
  const result = run === undefined ? NO_SHELL : resultOf(run.code, output);
  const name = documentName(stage, topic);
  await writeSessionFile(stage, name, {
    text: `# Test report

Result: ${result.inWords}
${
      run === undefined ? "" : `
\`sh test.sh\` ended with code ${run.code}:

${fenced(output)}
`
    }`,
  });
  return { result, name };
}

/** Reads the newest test report; `undefined` where there is none. */
export async function latestResult(stage: DemoStage): Promise<TestResult | undefined> {
  const name = findDocument(stage, AFTER_QUALITY) ?? findDocument(stage, FIRST_TESTS);
  const text = name === undefined ? undefined : await readSessionFile(stage, name);
  const inWords = /^Result: (.*)$/m.exec(text ?? "")?.[1];
  return inWords === undefined ? undefined : { failed: inWords.startsWith(FAILED), inWords };
}

const FAILED = "tests fail";

const NO_SHELL: TestResult = { failed: false, inWords: "tests were not run (no sh on this machine)" };

function resultOf(code: number, output: string): TestResult {
  const counted = /^\d+ passed, \d+ failed$/m.exec(output)?.[0];
  if (code === 0) return { failed: false, inWords: `all tests pass (${counted ?? "exit code 0"})` };
  return { failed: true, inWords: `${FAILED} (${counted ?? `exit code ${code}`})` };
}

/** Fences with more backticks than the text has in a row, so that it cannot end its own fence. */
function fenced(text: string): string {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = "`".repeat(longest + 1);
  return `${fence}\n${text.trimEnd()}\n${fence}`;
}
