/**
 * `deno task test`: runs the tests and ends with a count that a person and a machine can read.
 *
 * @module
 */
import { join } from "node:path";
import { isSkippedForClient } from "./skipped_test.ts";
import { countLine, readTestReport, type TestReport } from "./test_report.ts";

/** How a test run is started. */
export interface TestRunOptions {
  /** Files, folders and flags for `deno test`. */
  readonly args: readonly string[];
  /** The folder of the project. */
  readonly root: string;
  /** Counts tests that are skipped for want of a real client as a failure of the run. */
  readonly requireClients: boolean;
  readonly write?: (line: string) => void;
}

/**
 * Runs `deno test`, whose output goes to the screen as it comes; lists what was skipped, then prints the count.
 *
 * @returns The exit code: Deno's own, or 1 where Deno saw no failure but the run proves nothing.
 */
export async function runTests(
  { args, root, requireClients, write = console.log }: TestRunOptions,
): Promise<number> {
  const folder = await Deno.makeTempDir({ prefix: "samocode-test-" });
  try {
    const junitPath = join(folder, "junit.xml");
    const { code } = await new Deno.Command(Deno.execPath(), {
      args: ["test", "-A", `--junit-path=${junitPath}`, ...args, ...(namesFiles(args) ? [] : ["tests"])],
      cwd: root,
      stdin: "null",
      stdout: "inherit",
      stderr: "inherit",
    }).spawn().status;
    return conclude(readTestReport(await readReport(junitPath)), { code, requireClients, write });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

function conclude(
  report: TestReport,
  { code, requireClients, write }: Pick<TestRunOptions, "requireClients"> & {
    readonly code: number;
    readonly write: (line: string) => void;
  },
): number {
  if (report.skipped.length > 0) write(`Skipped:\n${report.skipped.map((name) => `  ${name}`).join("\n")}`);
  const lacking = requireClients ? report.skipped.filter(isSkippedForClient) : [];
  const problems = [
    ...lacking.map((name) => `Cannot accept a skipped test, SAMOCODE_REQUIRE_CLIENTS is set: ${name}`),
    ...(code === 0 && report.passed + report.failed === 0 ? ["Cannot call this a test run: no test was executed"] : []),
    // A module that does not load or check fails without a test that fails.
    ...(code !== 0 && report.failed === 0
      ? [`Cannot finish the test run: deno test ended with ${code}, see above`]
      : []),
  ];
  for (const problem of problems) write(problem);
  write(countLine({ ...report, failed: report.failed + problems.length }));
  return code === 0 && problems.length > 0 ? 1 : code;
}

/** Tells whether the caller chose files or folders; what follows `--filter` is neither. */
function namesFiles(args: readonly string[]): boolean {
  return args.some((arg, index) => !arg.startsWith("-") && args[index - 1] !== "--filter");
}

/** Deno writes no report where not even one module could be loaded. */
async function readReport(path: string): Promise<string> {
  try {
    return await Deno.readTextFile(path);
  } catch {
    return "";
  }
}

if (import.meta.main) {
  Deno.exit(
    await runTests({
      args: Deno.args,
      root: join(import.meta.dirname ?? ".", ".."),
      requireClients: Deno.env.get("SAMOCODE_REQUIRE_CLIENTS") === "1",
    }),
  );
}
