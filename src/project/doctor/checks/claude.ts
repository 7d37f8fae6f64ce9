/**
 * Claude Code: whether it is there, and who pays for it, as far as its files and the environment tell. No call is made,
 * and nothing of a key or token is told but that there is one.
 *
 * @module
 */
import { join } from "node:path";
import * as z from "zod";
import { findProgram, findScript } from "../../install/find_program.ts";
import { claudeFolder, claudeStateFile } from "../../install/place.ts";
import { readTextIfExists } from "../../../system/files/files.ts";
import { platform } from "../../../system/platform.ts";
import { runCommand } from "../../../system/processes/run_command.ts";
import { providersOf } from "../../../settings/settings.ts";
import { type Check, type DiagnosisContext, type Finding, ok, problem, warning } from "../check.ts";
import { clientVersion } from "../client_version.ts";

/** The check. */
export const claude: Check = {
  area: "Claude Code",
  async examine(context): Promise<readonly Finding[]> {
    const { env, settings } = context;
    const isNeeded = settings === undefined || providersOf(settings).includes("claude");
    const binary = settings?.claude.binary ?? (env["CLAUDE_PATH"] || "claude");
    const path = findProgram(binary, env);
    if (path === undefined) {
      const script = findScript(binary, env);
      const text = script === undefined ? `There is no program ${binary}` : `There is only a script, ${script}`;
      const remedy = script === undefined
        ? "Install Claude Code, or name it with CLAUDE_PATH"
        : "Install Claude Code without npm, or name its claude.exe with CLAUDE_PATH";
      return [isNeeded ? problem(text, remedy) : ok(`${text}; the provider ${settings.provider} needs none`, remedy)];
    }
    const version = await clientVersion(path, context);
    return [version, await billing(context, isNeeded)];
  },
};

/** What goes first in Claude Code goes first here. */
async function billing(context: DiagnosisContext, isNeeded: boolean): Promise<Finding> {
  const { env } = context;
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

async function findSubscription({ env, workingDirectory, now }: DiagnosisContext): Promise<string | undefined> {
  const login = readJson(join(claudeFolder(env), ".credentials.json"), credentialsSchema)?.claudeAiOauth;
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

function findKey(env: DiagnosisContext["env"]): string | undefined {
  if (readJson(join(claudeFolder(env), "settings.json"), helperSchema) !== undefined) {
    return "an apiKeyHelper is set in its settings";
  }
  return readJson(claudeStateFile(env), stateSchema) === undefined ? undefined : "it keeps an API key";
}

function readJson<T>(path: string, schema: z.ZodType<T>): T | undefined {
  try {
    return schema.parse(JSON.parse(readTextIfExists(path) ?? ""));
  } catch {
    return undefined;
  }
}
