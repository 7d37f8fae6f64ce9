/**
 * The agents' programs, versions and logins, and whether samocode's MCP server is registered with them.
 *
 * @module
 */
import type { Agent, AgentRows, LoginContext } from "../../../agents/agent.ts";
import { type AgentName, AGENTS } from "../../../agents/agents.ts";
import { type Finding, ok, problem, warning } from "../../../contract/finding.ts";
import type { SettingValues } from "../../../contract/setting_row.ts";
import { childEnvironment } from "../../../settings/agent_environment.ts";
import { OWN_SETTINGS } from "../../../settings/settings_table.ts";
import { providersOf } from "../../../settings/settings.ts";
import { messageOf } from "../../../text/errors.ts";
import { programPath } from "../../../system/processes/program_path.ts";
import { runCommand } from "../../../system/processes/run_command.ts";
import { mcpClient, registeredCommand, registration } from "../../install/mcp_server.ts";
import { SCOPES, TARGETS } from "../../install/place.ts";
import type { Check } from "../check.ts";

/** The check of an agent; none if it has no program. */
export function checkOfAgent(name: AgentName): readonly Check[] {
  const { title, settings: { binary: row }, login }: Agent = AGENTS[name];
  if (row === undefined) return [];
  return [{
    area: title,
    async *examine({ settings, env, workingDirectory }): AsyncGenerator<Finding> {
      const needed = settings === undefined ? [OWN_SETTINGS.provider.default] : providersOf(settings);
      const context = { isNeeded: needed.includes(name), env, workingDirectory, now: new Date() };
      const set: SettingValues<AgentRows> | undefined = settings?.agents[name];
      const binary = set?.binary ?? (env[row.name] || row.default);
      const { program, script } = programPath(binary, { env });
      if (program !== undefined) {
        yield await versionOf(program, context);
        if (login !== undefined) yield (await login())(context);
      } else if (!context.isNeeded) yield ok("Not installed, and not needed");
      else if (script === undefined) yield problem(`Cannot find ${binary}`, `Install ${title}, or set ${row.name}`);
      else yield problem(`${script} is a script, not a program`, `Set ${row.name} to the .exe that it starts`);
    },
  }];
}

/** An agent answers in a tenth of a second; one that hangs must not hold up the other checks. */
const TIMEOUT_MS = 1_500;

/** The form of versions changes often, so anything that looks like one is accepted. */
async function versionOf(path: string, { workingDirectory, env }: LoginContext): Promise<Finding> {
  const { code, stdout, stderr } = await runCommand(path, ["--version"], {
    cwd: workingDirectory,
    env: { ...childEnvironment(env), DISABLE_AUTOUPDATER: "1", CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: "1" },
    timeoutMs: TIMEOUT_MS,
  }).catch((error) => ({ code: 1, stdout: "", stderr: messageOf(error) }));
  const [version] = /\d+\.\d+(?:\.\d+)*(?:-[\w.]+)?/.exec(stdout) ?? [];
  if (code === 0 && version !== undefined) return ok(`Version ${version}: ${path}`);
  const why = code === 0
    ? "it printed none"
    : code === 124
    ? "it did not answer"
    : stderr.trim().split("\n").at(-1) || `exit code ${code}`;
  return warning(`Cannot get the version of ${path}: ${why}`, `${path} --version`);
}

/** Checks the registrations, and whether the registered programs exist. None is started. */
export const mcpServers: Check = {
  area: "MCP server",
  *examine({ env, workingDirectory }): Generator<Finding> {
    let isRegistered = false;
    for (const target of TARGETS) {
      for (const scope of SCOPES) {
        const client = mcpClient(target, scope, { env, workingDirectory });
        const command = client && registeredCommand(client);
        if (command === undefined) continue;
        isRegistered = true;
        const [binary = ""] = command;
        const text = `Registered with ${AGENTS[target].title}, in ${client?.file}: ${command.join(" ")}`;
        yield programPath(binary, { env }).program === undefined
          ? warning(`${text}; there is no such program`, `Put ${binary} on PATH, or register the server again`)
          : ok(text);
      }
    }
    const typed = registration({ target: "claude", scope: "user" }, ["samocode", "mcp"]).join(" ");
    if (!isRegistered) yield ok("Not registered; needed only to run sessions from a conversation", typed);
  },
};
