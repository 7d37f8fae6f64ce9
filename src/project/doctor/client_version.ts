/**
 * Asks an agent CLI for its version. Versions move daily and so does their form: whatever looks like one is taken.
 *
 * @module
 */
import { messageOf } from "../../system/errors.ts";
import { runCommand } from "../../system/processes/run_command.ts";
import { type DiagnosisContext, type Finding, ok, warning } from "./check.ts";

/** A client answers in a tenth of a second; one that hangs must not hold up the rest. */
const TIMEOUT_MS = 1_500;

/** The version of a program, as a finding. */
export async function clientVersion(path: string, { workingDirectory, env }: DiagnosisContext): Promise<Finding> {
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
