/**
 * An agent: whether its program is there, which version it is, and who pays for it.
 *
 * @module
 */
import type { Agent, AgentRows, LoginContext } from "../../../agents/agent.ts";
import { type AgentName, AGENTS } from "../../../agents/agents.ts";
import { type Finding, ok, problem, warning } from "../../../contract/finding.ts";
import type { SettingValues } from "../../../contract/setting_row.ts";
import { OWN_SETTINGS } from "../../../settings/settings_table.ts";
import { providersOf } from "../../../settings/settings.ts";
import { messageOf } from "../../../text/errors.ts";
import { programPath } from "../../../system/processes/program_path.ts";
import { runCommand } from "../../../system/processes/run_command.ts";
import type { Check } from "../check.ts";

/** The check of an agent; none for one that has no program. */
export function checkOfAgent(name: AgentName): readonly Check[] {
  const { title, settings: { binary: row }, login }: Agent = AGENTS[name];
  if (row === undefined) return [];
  return [{
    area: title,
    async examine({ settings, env, workingDirectory, now }): Promise<readonly Finding[]> {
      const needed = settings === undefined ? [OWN_SETTINGS.provider.default] : providersOf(settings);
      const context = { isNeeded: needed.includes(name), env, workingDirectory, now };
      const set: SettingValues<AgentRows> | undefined = settings?.agents[name];
      const binary = set?.binary ?? (env[row.name] || row.default);
      const { program, script } = programPath(binary, { env });
      if (program !== undefined) {
        const version = await versionOf(program, context);
        return login === undefined ? [version] : [version, await (await login())(context)];
      }
      if (!context.isNeeded) return [ok("Not there, and not needed")];
      return [
        script === undefined
          ? problem(`There is no program ${binary}`, `Install ${title}, or name it with ${row.name}`)
          : problem(`There is only a script, ${script}`, `Name the .exe that it starts with ${row.name}`),
      ];
    },
  }];
}

/** A client answers in a tenth of a second; one that hangs must not hold up the rest. */
const TIMEOUT_MS = 1_500;

/** Versions move daily and so does their form: whatever looks like one is taken. */
async function versionOf(path: string, { workingDirectory, env }: LoginContext): Promise<Finding> {
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
