/**
 * Claude Code: whether it is there, and who pays for it, as far as its files and the environment tell. No call is made,
 * and nothing of a key or token is told but that there is one.
 *
 * @module
 */
import { join } from "node:path";
import * as z from "zod";
import { type Finding, ok, problem, warning } from "../../contract/finding.ts";
import { platform } from "../../system/platform.ts";
import { runCommand } from "../../system/processes/run_command.ts";
import type { AgentCheckContext } from "../agent.ts";
import { examineProgram, readJsonFile } from "../client_program.ts";
import { ownFolder } from "../own_folder.ts";
import { CLAUDE_FOLDER, CLAUDE_SETTINGS, claudeStateFile } from "./settings.ts";

type Context = Omit<AgentCheckContext, "settings">;

/** Examines the program and its login. */
export async function examineClaude(
  { settings, ...context }: AgentCheckContext<typeof CLAUDE_SETTINGS>,
): Promise<readonly Finding[]> {
  const { isFound, finding } = await examineProgram({ ...context, binary: settings?.binary }, {
    row: CLAUDE_SETTINGS.binary,
    title: "Claude Code",
    instead: "Install Claude Code without npm, or name its claude.exe with CLAUDE_PATH",
  });
  return isFound ? [finding, await billing(context)] : [finding];
}

/** What goes first in Claude Code goes first here. */
async function billing(context: Context): Promise<Finding> {
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

async function findSubscription({ env, workingDirectory, now }: Context): Promise<string | undefined> {
  const login = readJsonFile(join(ownFolder(CLAUDE_FOLDER, env), ".credentials.json"), credentialsSchema)
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

function findKey(env: Context["env"]): string | undefined {
  if (readJsonFile(join(ownFolder(CLAUDE_FOLDER, env), "settings.json"), helperSchema) !== undefined) {
    return "an apiKeyHelper is set in its settings";
  }
  return readJsonFile(claudeStateFile(env), stateSchema) === undefined ? undefined : "it keeps an API key";
}
