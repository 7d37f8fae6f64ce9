/**
 * Finds an agent's program for the doctor, and asks it for its version.
 *
 * @module
 */
import { type Finding, ok, problem, warning } from "../contract/finding.ts";
import { messageOf } from "../system/errors.ts";
import { readTextIfExists } from "../system/files/files.ts";
import { programPath } from "../system/processes/program_path.ts";
import { runCommand } from "../system/processes/run_command.ts";
import type { AgentCheckContext, InstallTarget } from "./agent.ts";

type CheckContext = Omit<AgentCheckContext, "settings">;

/** A client answers in a tenth of a second; one that hangs must not hold up the rest. */
const TIMEOUT_MS = 1_500;

/** Says which version there is; without a program, why not. */
export async function examineProgram(
  context: CheckContext & { readonly binary: string | undefined },
  { row, title, instead }: {
    readonly row: InstallTarget["program"];
    readonly title: string;
    /** What to do where there is only a script of that name. */
    readonly instead: string;
  },
): Promise<{ readonly isFound: boolean; readonly finding: Finding }> {
  const { env, isNeeded, binary = env[row.name] || row.default } = context;
  const { program, script } = programPath(binary, { env });
  if (program !== undefined) return { isFound: true, finding: await versionOf(program, context) };
  if (!isNeeded) return { isFound: false, finding: ok("Not there, and not needed") };
  const finding = script === undefined
    ? problem(`There is no program ${binary}`, `Install ${title}, or name it with ${row.name}`)
    : problem(`There is only a script, ${script}`, instead);
  return { isFound: false, finding };
}

/** Reads a JSON file; `undefined` where there is none of that form. */
export function readJsonFile<T>(path: string, schema: { readonly parse: (value: unknown) => T }): T | undefined {
  try {
    return schema.parse(JSON.parse(readTextIfExists(path) ?? ""));
  } catch {
    return undefined;
  }
}

/** Versions move daily and so does their form: whatever looks like one is taken. */
async function versionOf(path: string, { workingDirectory, env }: CheckContext): Promise<Finding> {
  const { code, stdout, stderr } = await runCommand(path, ["--version"], {
    cwd: workingDirectory,
    env: { ...env, DISABLE_AUTOUPDATER: "1", CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: "1" },
    timeoutMs: TIMEOUT_MS,
  }).catch((error) => ({ code: 1, stdout: "", stderr: messageOf(error) }));
  const [version] = /\d+\.\d+(?:\.\d+)*(?:-[\w.]+)?/.exec(stdout) ?? [];
  if (code === 0 && version !== undefined) return ok(`Version ${version}: ${path}`);
  if (code === 0) return warning(`${path} tells no version`, `${path} --version`);
  const why = code === 124 ? "it does not answer" : (stderr.trim().split("\n").at(-1) ?? "") || `exit code ${code}`;
  return warning(`${path} does not tell its version: ${why}`, `${path} --version`);
}
