/**
 * Which variables hold secrets: settings of that kind, keys of the agents, and keys of services that tools read from the
 * environment. Their values are kept out of everything that samocode writes.
 *
 * @module
 */
import { AGENTS } from "../agents/agents.ts";
import { SETTINGS } from "./settings_table.ts";

/** Well-known key variables, by where their owner documents them. Names of accounts and regions are no secrets. */
export const KEY_VARIABLES: Readonly<Record<string, readonly string[]>> = {
  "docs.aws.amazon.com/cli: environment variables": ["AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"],
  "cli.github.com/manual/gh_help_environment": [
    "GH_TOKEN",
    "GITHUB_TOKEN",
    "GH_ENTERPRISE_TOKEN",
    "GITHUB_ENTERPRISE_TOKEN",
  ],
  "docs.gitlab.com: CLI, predefined CI variables": ["GITLAB_TOKEN", "CI_JOB_TOKEN"],
  "docs.npmjs.com, github.com/actions/setup-node": ["NPM_TOKEN", "NODE_AUTH_TOKEN"],
  "doc.rust-lang.org/cargo: environment variables": ["CARGO_REGISTRY_TOKEN"],
  "twine.readthedocs.io, docs.astral.sh/uv": ["TWINE_PASSWORD", "UV_PUBLISH_TOKEN", "UV_PUBLISH_PASSWORD"],
  "docs.deno.com: environment variables": ["DENO_DEPLOY_TOKEN"],
  "ai.google.dev/gemini-api/docs/api-key": ["GEMINI_API_KEY", "GOOGLE_API_KEY"],
  "learn.microsoft.com: Azure Identity, Azure OpenAI": ["AZURE_CLIENT_SECRET", "AZURE_OPENAI_API_KEY"],
  "huggingface.co/docs/huggingface_hub: environment variables": ["HF_TOKEN"],
  "documentation of the model services": [
    "DEEPSEEK_API_KEY",
    "GROQ_API_KEY",
    "MISTRAL_API_KEY",
    "OPENROUTER_API_KEY",
    "XAI_API_KEY",
  ],
  "developers.cloudflare.com/workers/wrangler: system environment variables": [
    "CLOUDFLARE_API_KEY",
    "CLOUDFLARE_API_TOKEN",
  ],
  "documentation of the command lines of hosts": [
    "DIGITALOCEAN_ACCESS_TOKEN",
    "FLY_API_TOKEN",
    "HEROKU_API_KEY",
    "NETLIFY_AUTH_TOKEN",
    "VERCEL_TOKEN",
  ],
  // Those of traces and metrics are settings.
  "opentelemetry.io: OTLP exporter": ["OTEL_EXPORTER_OTLP_LOGS_HEADERS"],
  "docs.sentry.io/cli": ["SENTRY_AUTH_TOKEN"],
  "docs.stripe.com/cli": ["STRIPE_API_KEY"],
  "docs.slack.dev: Bolt": ["SLACK_SIGNING_SECRET"],
  "developer.hashicorp.com/vault/docs/commands": ["VAULT_TOKEN"],
  "postgresql.org, dev.mysql.com, redis.io: environment variables": ["PGPASSWORD", "MYSQL_PWD", "REDISCLI_AUTH"],
};

/** The names of all variables whose values are kept out of what is written. */
export const SECRET_VARIABLES: readonly string[] = [
  ...[...SETTINGS.values()].filter(({ kind }) => kind === "secret").map(({ name }) => name),
  ...Object.values(AGENTS).flatMap(({ keys }): readonly string[] => keys),
  ...Object.values(KEY_VARIABLES).flat(),
];

/**
 * Passwords that protect nothing, as databases for tests have them. Masking them would garble tasks, names of sessions
 * and the numbers in JSON.
 */
const PLACEHOLDERS: ReadonlySet<string> = new Set([
  ...["postgres", "password", "passw0rd", "changeme", "testtest", "localhost"],
  ...["00000000", "11111111", "12345678", "123456789", "1234567890"],
]);

/** An address with a password in it. */
const FLEET = "SAMOCODE_FLEET";

/** The host and the paths in an address are none: masking them would garble every folder. */
function passwordsIn(address: string): readonly string[] {
  try {
    const { password, searchParams } = new URL(address);
    return [password, decodeURIComponent(password), searchParams.get("password") ?? ""].filter((text) => text !== "");
  } catch {
    return [address];
  }
}

/** The values of secret variables in an environment or a file of settings, without placeholders. */
export function secretValues(values: Readonly<Record<string, string>>): readonly string[] {
  const found = SECRET_VARIABLES.flatMap((name) => {
    const value = values[name]?.trim();
    if (value === undefined) return [];
    return name === FLEET ? passwordsIn(value) : [value];
  });
  return found.filter((value) => !PLACEHOLDERS.has(value.toLowerCase()));
}
