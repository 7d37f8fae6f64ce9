/**
 * Whether the machine stays awake while agents work, found out by trying.
 *
 * @module
 */
import { type Finding, ok, warning } from "../../../contract/finding.ts";
import { childEnvironment } from "../../../settings/agent_environment.ts";
import { platform } from "../../../system/platform.ts";
import { AWAKE_PROGRAMS } from "../../../system/processes/keep_awake.ts";
import { programPath } from "../../../system/processes/program_path.ts";
import { runCommand } from "../../../system/processes/run_command.ts";
import { messageOf } from "../../../text/errors.ts";
import { plainText } from "../../../text/terminal_text.ts";
import type { Check, DiagnosisContext } from "../check.ts";

/** The check. */
export const sleep: Check = {
  area: "sleep",
  async *examine(context): AsyncGenerator<Finding> {
    const { settings } = context;
    if (settings === undefined) return;
    if (settings.keepAwake === "off") {
      yield ok("The machine may sleep while agents work: SAMOCODE_KEEP_AWAKE=off");
      return;
    }
    const obstacle = await whyNot(context);
    if (obstacle === undefined) yield ok(`The machine stays awake while agents work, by ${platform().keepsAwake}`);
    else yield warning(`Nothing keeps this machine awake while agents work: ${obstacle}`, REMEDY);
  },
};

const REMEDY = "Switch its sleep off; where it never sleeps, set SAMOCODE_KEEP_AWAKE=off";

/** How long the system may take to lend a lock. */
const TRIAL_MS = 1_500;

async function whyNot({ env, workingDirectory: cwd }: DiagnosisContext): Promise<string | undefined> {
  const { keepsAwake: name } = platform();
  if (name === undefined) return "there is no program for that on this system";
  const { program } = programPath(name, { env });
  if (program === undefined) return `${name} is not installed`;
  const { code, stderr } = await runCommand(program, AWAKE_PROGRAMS[name].trial, {
    cwd,
    env: childEnvironment(env),
    timeoutMs: TRIAL_MS,
  }).catch((error) => ({ code: 1, stderr: messageOf(error) }));
  if (code === 0) return undefined;
  return plainText(stderr.trim().split("\n").at(-1) || `${name} ended with code ${code}`, 200);
}
