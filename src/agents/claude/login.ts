/**
 * Who pays for Claude Code, as far as its files and the environment tell. No call is made,
 * and nothing of a key or token is told but that there is one.
 *
 * @module
 */
import * as z from "zod";
import { type Finding, ok, problem, warning } from "../../contract/finding.ts";
import { readJsonIfExists } from "../../system/files/files.ts";
import { platform } from "../../system/platform.ts";
import { runCommand } from "../../system/processes/run_command.ts";
import type { LoginContext } from "../agent.ts";
import { ownPath } from "../own_path.ts";
import { CLAUDE_FOLDER, CLAUDE_STATE } from "./settings.ts";

/** Says who pays. What goes first in Claude Code goes first here. */
export async function examineClaudeLogin(context: LoginContext): Promise<Finding> {
  const { env, isNeeded } = context;
  const cloud = CLOUDS.find(({ variable }) => env[variable]);
  if (cloud !== undefined) return ok(`Billed by ${cloud.name} (${cloud.variable})`);
  const subscription = await findSubscription(context);
  if (env["ANTHROPIC_AUTH_TOKEN"]) return ok("Billed by whoever gave ANTHROPIC_AUTH_TOKEN");
  if (env["ANTHROPIC_API_KEY"]) {
    return subscription === undefined ? ok("Billed by use: ANTHROPIC_API_KEY is set") : warning(
      `Billed by use: ANTHROPIC_API_KEY is set and goes before your subscription (${subscription})`,
      "unset ANTHROPIC_API_KEY, if the subscription shall pay",
    );
  }
  if (env["CLAUDE_CODE_OAUTH_TOKEN"]) return ok("Billed to a subscription: CLAUDE_CODE_OAUTH_TOKEN is set");
  if (subscription !== undefined) return ok(`Billed to a subscription: ${subscription}`);
  const key = findKey(env);
  if (key !== undefined) return ok(`Billed by use: ${key}`);
  const text = "Not logged in, as far as can be told";
  const remedy = "Type claude, then /login; or set ANTHROPIC_API_KEY";
  return isNeeded ? problem(text, remedy) : ok(text, remedy);
}

const CLOUDS = [
  { variable: "CLAUDE_CODE_USE_BEDROCK", name: "Amazon Bedrock" },
  { variable: "CLAUDE_CODE_USE_VERTEX", name: "Google Vertex AI" },
  { variable: "CLAUDE_CODE_USE_FOUNDRY", name: "Microsoft Foundry" },
] as const;

const credentialsSchema = z.object({
  claudeAiOauth: z.object({
    accessToken: z.string().min(1),
    subscriptionType: z.string().nullish(),
    expiresAt: z.number().nullish(),
    refreshToken: z.string().nullish(),
  }),
});

async function findSubscription({ env, workingDirectory, now }: LoginContext): Promise<string | undefined> {
  const login = readJsonIfExists(ownPath({ ...CLAUDE_FOLDER, name: ".credentials.json" }, env), credentialsSchema)
    ?.claudeAiOauth;
  if (login !== undefined) {
    const isOver = !login.refreshToken && (login.expiresAt ?? Infinity) < now.getTime();
    if (isOver) return undefined;
    return login.subscriptionType ? `you are logged in (${login.subscriptionType})` : "you are logged in";
  }
  if (!platform().hasKeychain) return undefined;
  // Asks for the entry, not for the secret in it.
  const { code } = await runCommand("/usr/bin/security", ["find-generic-password", "-s", "Claude Code-credentials"], {
    cwd: workingDirectory,
    timeoutMs: 1_000,
  }).catch(() => ({ code: 1 }));
  return code === 0 ? "you are logged in, says the keychain" : undefined;
}

const helperSchema = z.object({ apiKeyHelper: z.string().min(1) });
const stateSchema = z.object({ primaryApiKey: z.string().min(1) });

function findKey(env: LoginContext["env"]): string | undefined {
  if (readJsonIfExists(ownPath({ ...CLAUDE_FOLDER, name: "settings.json" }, env), helperSchema) !== undefined) {
    return "an apiKeyHelper is set in its settings";
  }
  return readJsonIfExists(ownPath(CLAUDE_STATE, env), stateSchema) === undefined ? undefined : "it keeps an API key";
}
