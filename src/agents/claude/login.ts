/**
 * Who pays for Claude Code, as its files and the environment tell. Makes no call and prints no part of a key or token.
 *
 * @module
 */
import * as z from "zod";
import { type Finding, ok, problem, warning } from "../../contract/finding.ts";
import { readJsonIfExists } from "../../system/files/files.ts";
import { platform } from "../../system/platform.ts";
import { runCommand } from "../../system/processes/run_command.ts";
import type { LoginContext } from "../agent.ts";
import { ownPath } from "../../system/user_folders.ts";
import { CLAUDE_FOLDER, CLAUDE_STATE, CLOUDS } from "./settings.ts";

/** Says who pays, in Claude Code's own order of precedence. */
export async function examineClaudeLogin(context: LoginContext): Promise<Finding> {
  const { env, isNeeded } = context;
  const cloud = Object.keys(CLOUDS).find((variable) => env[variable]);
  if (cloud !== undefined) return ok(`Billed by ${CLOUDS[cloud]} (${cloud})`);
  const subscription = await findSubscription(context);
  if (env["ANTHROPIC_AUTH_TOKEN"]) return ok("Billed to the owner of ANTHROPIC_AUTH_TOKEN");
  if (env["ANTHROPIC_API_KEY"]) {
    return subscription === undefined ? ok("Billed by use: ANTHROPIC_API_KEY is set") : warning(
      `Billed by use: ANTHROPIC_API_KEY takes precedence over your subscription (${subscription})`,
      "unset ANTHROPIC_API_KEY to use the subscription",
    );
  }
  if (env["CLAUDE_CODE_OAUTH_TOKEN"]) return ok("Billed to a subscription: CLAUDE_CODE_OAUTH_TOKEN is set");
  if (subscription !== undefined) return ok(`Billed to a subscription: ${subscription}`);
  const settings = readJsonIfExists(ownPath({ ...CLAUDE_FOLDER, name: "settings.json" }, env), helperSchema);
  if (settings !== undefined) return ok("Billed by use: apiKeyHelper is set in its settings");
  const state = readJsonIfExists(ownPath(CLAUDE_STATE, env), stateSchema);
  if (state !== undefined) return ok("Billed by use: it stores an API key");
  return (isNeeded ? problem : ok)("No login found", "Run claude and type /login, or set ANTHROPIC_API_KEY");
}

const helperSchema = z.object({ apiKeyHelper: z.string().min(1) });
const stateSchema = z.object({ primaryApiKey: z.string().min(1) });
const credentialsSchema = z.object({
  claudeAiOauth: z.object({
    accessToken: z.string().min(1),
    subscriptionType: z.string().nullish(),
    expiresAt: z.number().nullish(),
    refreshToken: z.string().nullish(),
  }),
});

async function findSubscription({ env, workingDirectory, now }: LoginContext): Promise<string | undefined> {
  const path = ownPath({ ...CLAUDE_FOLDER, name: ".credentials.json" }, env);
  const login = readJsonIfExists(path, credentialsSchema)?.claudeAiOauth;
  if (login !== undefined) {
    const isExpired = !login.refreshToken && (login.expiresAt ?? Infinity) < now.getTime();
    if (isExpired) return undefined;
    return login.subscriptionType ? `you are logged in (${login.subscriptionType})` : "you are logged in";
  }
  if (!platform().hasKeychain) return undefined;
  // Asks whether the entry exists, not for the secret in it.
  const entry = ["find-generic-password", "-s", "Claude Code-credentials"];
  const { code } = await runCommand("/usr/bin/security", entry, { cwd: workingDirectory, timeoutMs: 1_000 })
    .catch(() => ({ code: 1 }));
  return code === 0 ? "you are logged in, according to the keychain" : undefined;
}
