/**
 * `deno task test`: runs the tests and ends with a count that a person and a machine can read.
 *
 * Without files in its arguments it runs all of `tests`, or of the folders there, several at once, and checks their
 * types meanwhile: most of a test's time is waiting for processes. All of `tests` is without the slow ones, unless
 * `SAMOCODE_TEST_SLOW=1` asks for them. A few failed files are repeated on their own: a test that passes then counts as
 * passed, and is named.
 *
 * @module
 */
import { join } from "node:path";
import { isSkippedForClient } from "./skipped_test.ts";
import { countLine, readTestReport, splitFailed, type TestReport } from "./test_report.ts";
import { testedProgram } from "./tested_program.ts";

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

/** So many test files are given to one process: fewer towards the end, so that no process is left alone for long. */
const FILES_AT_ONCE = { fewest: 4, most: 8 } as const;

/** Processes per core: tests wait for a third of their time, so that one per core would leave it idle. */
const PROCESSES_PER_CORE = 2;

/** More processes would make tests wait that start processes of their own. */
const MAX_PROCESSES = 4;

/** More failures than this are not caused by a busy machine. */
const MAX_REPEATED = 3;

/**
 * Runs `deno test`, lists what was skipped, then prints the count. Output appears when a process has ended, that of
 * failures last; with files in the arguments it appears as it comes.
 *
 * @returns The exit code: Deno's own, or 1 where Deno saw no failure but the run proves nothing.
 */
export async function runTests(
  { args, root, requireClients, write = console.log }: TestRunOptions,
): Promise<number> {
  const folder = await makeRunFolder();
  try {
    const run = { args, root, folder };
    const paths = pathsIn(args);
    const ended = paths.every((path) => isFolder(join(root, path)))
      ? await runAll(run, paths, write)
      : [await runSome(run, "inherit")];
    const reports = ended.map(({ junit }) => readTestReport(junit));
    const report: TestReport = {
      passed: reports.reduce((sum, { passed }) => sum + passed, 0),
      failures: reports.flatMap(({ failures }) => failures),
      skipped: reports.flatMap(({ skipped }) => skipped),
    };
    const code = Math.max(...ended.map((each) => each.code));
    const isCutShort = ended.some((each, index) => each.code !== 0 && reports[index]?.failures.length === 0);
    return conclude(report, { code, isCutShort, requireClients, write });
  } finally {
    // A failed test may have left what resists; the count is still the last word.
    await Deno.remove(folder, { recursive: true }).catch(() => {});
  }
}

/**
 * Makes the folder of a run, in which all its temporary folders are. On ext4 without a journal a new file costs a look
 * at each inode that was freed nearby in the last minutes; thousands are here. The flag T spreads the folders over the
 * disk, so that few are near; where there is no such flag, there is no such cost.
 */
async function makeRunFolder(): Promise<string> {
  const folder = await Deno.makeTempDir({ prefix: "samocode-" });
  // Some tests work as another user.
  await Deno.chmod(folder, 0o755);
  await new Deno.Command("chattr", { args: ["+T", folder], stderr: "null" }).output().catch(() => {});
  return folder;
}

interface Run {
  readonly args: readonly string[];
  readonly root: string;
  /** For reports, and for what the tests write. */
  readonly folder: string;
  /** What else the tests find in their environment. */
  readonly env?: Readonly<Record<string, string>>;
}

interface Ended {
  readonly code: number;
  /** The report; empty where not even one module could be loaded. */
  readonly junit: string;
  /** What was not shown yet. */
  readonly output: string;
}

/** Runs some files, or all that `deno test` finds; the output goes to the screen, or is returned. */
async function runSome({ args, root, folder, env }: Run, show: "inherit" | "piped"): Promise<Ended> {
  const junitPath = join(folder, `${crypto.randomUUID()}.xml`);
  const child = new Deno.Command(Deno.execPath(), {
    args: ["test", "-A", `--junit-path=${junitPath}`, ...args],
    cwd: root,
    env: { ...env, TMPDIR: folder },
    stdin: "null",
    stdout: show,
    stderr: show,
  }).spawn();
  let output = "";
  const collect = async (stream: ReadableStream<Uint8Array>): Promise<void> => {
    for await (const text of stream.pipeThrough(new TextDecoderStream())) output += text;
  };
  if (show === "piped") await Promise.all([collect(child.stdout), collect(child.stderr)]);
  const { code } = await child.status;
  return { code, junit: await readReport(junitPath), output: output.trimEnd() };
}

async function runAll(
  { args, root, folder }: Run,
  folders: readonly string[],
  write: (line: string) => void,
): Promise<readonly Ended[]> {
  const flags = args.filter((arg) => !folders.includes(arg));
  const isWhole = folders.length === 0 || folders.includes("tests");
  const leavesOutSlow = isWhole && (Deno.env.get("SAMOCODE_TEST_SLOW") ?? "") === "";
  const files = testFilesIn(root, folders.length > 0 ? folders : ["tests"]);
  await using program = await testedProgram(root, write);
  const processes = Math.min(PROCESSES_PER_CORE * navigator.hardwareConcurrency, MAX_PROCESSES);
  const ended: (Ended & { readonly files: readonly string[] })[] = [];
  const start = async (some: readonly string[]): Promise<Ended> => {
    const env = { ...program.env, ...(leavesOutSlow && { SAMOCODE_TEST_SLOW: "0" }) };
    return await runSome({ args: [...new Set(["--no-check", ...flags]), ...some], root, folder, env }, "piped");
  };
  const check = async (): Promise<void> => {
    const { code } = await new Deno.Command(Deno.execPath(), { args: ["check", "tests"], cwd: root }).spawn().status;
    if (code === 0) return;
    // Tests of code that does not compile show nothing: start no more of them.
    files.length = 0;
    ended.push({ code, junit: "", output: "", files: [] });
  };
  const work = async (): Promise<void> => {
    while (files.length > 0) {
      const some = files.splice(0, shareOf(files.length, processes));
      const end = await start(some);
      ended.push({ ...end, files: some });
      if (end.code === 0) write(end.output);
    }
  };
  const repeat = async (
    { files, junit }: { readonly files: readonly string[]; readonly junit: string },
  ): Promise<readonly Ended[]> => {
    const failed = splitFailed(junit);
    // Where a module did not load, no file of the run is to be trusted.
    const isKnown = failed.files.length > 0 && failed.files.every((file) => files.includes(file));
    const end = await start(isKnown ? failed.files : files);
    if (end.code !== 0) write(end.output);
    else {
      const { failures } = readTestReport(junit);
      for (const name of failures.length > 0 ? failures : files) write(`Passed when repeated alone: ${name}`);
    }
    return isKnown ? [{ code: 0, junit: failed.rest, output: "" }, end] : [end];
  };
  await Promise.all([
    ...(args.includes("--no-check") ? [] : [check()]),
    ...Array.from({ length: processes }, work),
  ]);
  const failed = ended.filter(({ code }) => code !== 0);
  for (const { output } of failed) if (output !== "") write(output);
  const isFew = failed.length <= MAX_REPEATED && failed.every(({ files }) => files.length > 0);
  if (!isFew) return ended;
  const repeated: Ended[] = [];
  for (const before of failed) repeated.push(...await repeat(before));
  return [...ended.filter(({ code }) => code === 0), ...repeated];
}

/** How many of the files that are left one process gets: a quarter of its share, within bounds. */
function shareOf(left: number, processes: number): number {
  return Math.max(FILES_AT_ONCE.fewest, Math.min(FILES_AT_ONCE.most, Math.ceil(left / (4 * processes))));
}

/** The largest first: the last process to end should be a short one. */
function testFilesIn(root: string, folders: readonly string[]): string[] {
  const below = (folder: string): string[] =>
    [...Deno.readDirSync(join(root, folder))].flatMap(({ name, isDirectory }) => {
      const path = join(folder, name);
      if (isDirectory) return path === join("tests", "fixtures") ? [] : below(path);
      return name.endsWith("_test.ts") ? [path] : [];
    });
  const size = (path: string) => Deno.statSync(join(root, path)).size;
  return [...new Set(folders.flatMap(below))].sort((a, b) => size(b) - size(a));
}

function conclude(
  report: TestReport,
  { code, isCutShort, requireClients, write }: Pick<TestRunOptions, "requireClients"> & {
    readonly code: number;
    /** Whether a process failed without a test that failed. */
    readonly isCutShort: boolean;
    readonly write: (line: string) => void;
  },
): number {
  if (report.skipped.length > 0) write(`Skipped:\n${report.skipped.map((name) => `  ${name}`).join("\n")}`);
  const lacking = requireClients ? report.skipped.filter(isSkippedForClient) : [];
  const problems = [
    ...lacking.map((name) => `Cannot accept a skipped test, SAMOCODE_REQUIRE_CLIENTS is set: ${name}`),
    ...(code === 0 && report.passed + report.failures.length === 0
      ? ["Cannot call this a test run: no test was executed"]
      : []),
    // A module that does not load or check.
    ...(isCutShort ? [`Cannot finish the test run: deno test ended with ${code}, see above`] : []),
  ];
  for (const problem of problems) write(problem);
  write(countLine({ ...report, failed: report.failures.length + problems.length }));
  return code === 0 && problems.length > 0 ? 1 : code;
}

/** The files or folders that the caller chose; what follows `--filter` is neither. */
function pathsIn(args: readonly string[]): readonly string[] {
  return args.filter((arg, index) => !arg.startsWith("-") && args[index - 1] !== "--filter");
}

/** What does not exist is left to `deno test` to name. */
function isFolder(path: string): boolean {
  try {
    return Deno.statSync(path).isDirectory;
  } catch {
    return false;
  }
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
