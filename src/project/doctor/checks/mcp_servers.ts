/**
 * Whether samocode's MCP server is registered, and whether what is registered can be started. None is started.
 *
 * @module
 */
import { findProgram } from "../../install/find_program.ts";
import { mcpClient, registeredCommand, registration } from "../../install/mcp_registration.ts";
import { type Scope, type Target, TARGET_NAMES } from "../../install/place.ts";
import { type Check, type DiagnosisContext, type Finding, ok, warning } from "../check.ts";

const REGISTRIES: readonly { readonly target: Target; readonly scope: Scope }[] = [
  { target: "claude", scope: "user" },
  { target: "claude", scope: "project" },
  { target: "codex", scope: "user" },
];

/** The check. */
export const mcpServers: Check = {
  area: "MCP server",
  examine(context): readonly Finding[] {
    const found = REGISTRIES.flatMap((registry) => findingIn(registry, context));
    if (found.length > 0) return found;
    const typed = registration({ target: "claude", scope: "user" }, ["samocode", "mcp"]).join(" ");
    return [ok("Not registered; only who runs sessions from a conversation needs it", typed)];
  },
};

function findingIn(
  { target, scope }: { readonly target: Target; readonly scope: Scope },
  { env, workingDirectory }: DiagnosisContext,
): readonly Finding[] {
  const client = mcpClient({ target, scope, binary: target }, { env, workingDirectory });
  const command = client && registeredCommand(client);
  if (client === undefined || command === undefined) return [];
  const [binary = ""] = command;
  const text = `Registered with ${TARGET_NAMES[target]}, in ${client.file}: ${command.join(" ")}`;
  return [
    findProgram(binary, env) === undefined
      ? warning(`${text}; there is no such program`, `Put ${binary} on PATH, or register it anew`)
      : ok(text),
  ];
}
