/**
 * Whether samocode's MCP server is registered, and whether what is registered can be started. None is started.
 *
 * @module
 */
import { type AgentName, AGENTS } from "../../../agents/agents.ts";
import { mcpClient, registeredCommand, registration } from "../../install/mcp_server.ts";
import { type Scope, SCOPES, TARGETS } from "../../install/place.ts";
import { type Finding, ok, warning } from "../../../contract/finding.ts";
import { programPath } from "../../../system/processes/program_path.ts";
import type { Check, DiagnosisContext } from "../check.ts";

/** The check. */
export const mcpServers: Check = {
  area: "MCP server",
  examine(context): readonly Finding[] {
    const found = TARGETS.flatMap((target) => SCOPES.flatMap((scope) => findingIn({ target, scope }, context)));
    if (found.length > 0) return found;
    const typed = registration({ target: "claude", scope: "user" }, ["samocode", "mcp"]).join(" ");
    return [ok("Not registered; only who runs sessions from a conversation needs it", typed)];
  },
};

function findingIn(
  { target, scope }: { readonly target: AgentName; readonly scope: Scope },
  { env, workingDirectory }: DiagnosisContext,
): readonly Finding[] {
  const client = mcpClient(target, scope, { env, workingDirectory });
  const command = client && registeredCommand(client);
  if (client === undefined || command === undefined) return [];
  const [binary = ""] = command;
  const text = `Registered with ${AGENTS[target].title}, in ${client.file}: ${command.join(" ")}`;
  return [
    programPath(binary, { env }).program === undefined
      ? warning(`${text}; there is no such program`, `Put ${binary} on PATH, or register it anew`)
      : ok(text),
  ];
}
