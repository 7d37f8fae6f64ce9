import assert from "node:assert/strict";
import {
  agentEnvironment,
  agentMarkAbove,
  agentMarkIn,
  childEnvironment,
  commandMarkIn,
  listenerEnvironment,
  workerEnvironment,
} from "../../src/settings/agent_environment.ts";

const DROPPED = [
  "CLAUDECODE",
  "CLAUDE_PROJECT_DIR",
  "CLAUDE_CODE_ENTRYPOINT",
  "CLAUDE_CODE_EXECPATH",
  "CLAUDE_CODE_SESSION_ID",
  "CLAUDE_CODE_SESSION_ACCESS_TOKEN",
  "CLAUDE_CODE_SSE_PORT",
  "CLAUDE_CODE_MESSAGING_SOCKET",
  "CLAUDE_CODE_PARENT_SESSION_ID",
  "CLAUDE_CODE_TASK_LIST_ID",
  "CLAUDE_CODE_REMOTE",
  "CLAUDE_CODE_CHILD_SESSION",
  "CLAUDE_SESSION_ID",
  "CLAUDE_EFFORT",
  "CLAUDE_ENV_FILE",
  "CLAUDE_PID",
  "CLAUDE_AGENT_SDK_VERSION",
  "AI_AGENT",
  "MCP_SERVER_NAME",
  "CODEX_SANDBOX",
  "CODEX_SANDBOX_NETWORK_DISABLED",
  "CODEX_THREAD_ID",
  "CODEX_INTERNAL_ORIGINATOR_OVERRIDE",
  "SAMOCODE_MARKER",
  "SAMOCODE_SIGNAL",
  "SAMOCODE_PROVIDER",
  "TELEGRAM_BOT_TOKEN",
  "TELEGRAM_CHAT_ID",
  "SLACK_BOT_TOKEN",
  "SLACK_SIGNING_SECRET",
  "SAMOCODE_DESKTOP",
  "OTEL_EXPORTER_OTLP_HEADERS",
  "OTEL_EXPORTER_OTLP_TRACES_HEADERS",
  "OTEL_EXPORTER_OTLP_METRICS_HEADERS",
  "OTEL_EXPORTER_OTLP_LOGS_HEADERS",
  "GIT_DIR",
  "GIT_WORK_TREE",
  "GIT_INDEX_FILE",
  "GIT_PREFIX",
  "GIT_OBJECT_DIRECTORY",
  "GIT_ALTERNATE_OBJECT_DIRECTORIES",
  "GIT_QUARANTINE_PATH",
  "GIT_COMMON_DIR",
  "GIT_NAMESPACE",
  "GIT_CONFIG_PARAMETERS",
];

const KEPT = [
  "OTEL_EXPORTER_OTLP_ENDPOINT",
  "HOME",
  "PATH",
  "LANG",
  "ANTHROPIC_API_KEY",
  "ANTHROPIC_BASE_URL",
  "ANTHROPIC_AUTH_TOKEN",
  "CLAUDE_CODE_OAUTH_TOKEN",
  "CLAUDE_CODE_USE_BEDROCK",
  "CLAUDE_CODE_USE_VERTEX",
  "CLAUDE_CODE_MAX_RETRIES",
  "CLAUDE_CODE_MAX_OUTPUT_TOKENS",
  "CLAUDE_CONFIG_DIR",
  "MCP_TIMEOUT",
  "MCP_TOOL_TIMEOUT",
  "MAX_MCP_OUTPUT_TOKENS",
  "CODEX_HOME",
  "OPENAI_API_KEY",
  "HTTPS_PROXY",
  "SSH_AUTH_SOCK",
  "GIT_SSH_COMMAND",
  "GIT_AUTHOR_NAME",
  "GIT_CONFIG_GLOBAL",
  "MY_SAMOCODE_NOTE",
  "CLAUDECODE_STYLE",
  "DESKTOP_SESSION",
];

for (const name of DROPPED) {
  Deno.test(`agentEnvironment() drops ${name}`, () => {
    assert.deepEqual(agentEnvironment({ [name]: "x", REST: "y" }), { REST: "y" });
  });
}

Deno.test("agentEnvironment() keeps everything else and does not change its input", () => {
  const env = Object.fromEntries([...KEPT, ...DROPPED].map((name) => [name, `of ${name}\n`]));
  const before = { ...env };
  assert.deepEqual(agentEnvironment(env), Object.fromEntries(KEPT.map((name) => [name, `of ${name}\n`])));
  assert.deepEqual(env, before);
});

Deno.test("workerEnvironment() has the settings and flags, and nothing of a parent agent", () => {
  const env = { CLAUDECODE: "1", SAMOCODE_SIGNAL: "/x", TELEGRAM_CHAT_ID: "7", CLAUDE_TIMEOUT: "5", MINE: "x" };
  const handedOn = { CLAUDE_TIMEOUT: "9", CODEX_TIMEOUT: "9" };
  assert.deepEqual(workerEnvironment(env, { handedOn }), { MINE: "x", TELEGRAM_CHAT_ID: "7", ...handedOn });
});

Deno.test("childEnvironment() has no key, no channel setting and nothing that redirects git", () => {
  const planted = [
    ...["ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN", "CLAUDE_CODE_OAUTH_TOKEN", "CODEX_API_KEY", "OPENAI_API_KEY"],
    ...["TELEGRAM_BOT_TOKEN", "TELEGRAM_CHAT_ID", "GIT_DIR", "GIT_CONFIG_PARAMETERS", "GIT_SHALLOW_FILE"],
  ];
  const kept = {
    HOME: "/h",
    SAMOCODE_MARKER: "m",
    GIT_SSH_COMMAND: "ssh",
    GIT_CONFIG_COUNT: "0",
    GIT_CONFIG_GLOBAL: "/g",
  };
  const env = { ...Object.fromEntries(planted.map((name) => [name, "x"])), ...kept };
  assert.deepEqual(childEnvironment(env), kept);
});

/** As Claude Code 2.1.328 and Codex 0.169.0 hand them out. */
const MARKS: Readonly<
  Record<string, { readonly env: Readonly<Record<string, string>>; readonly of: readonly boolean[] }>
> = {
  "a person's own": { env: { HOME: "/h", MCP_X: "1", CLAUDE_CODE_SSE_PORT: "1" }, of: [false, false, false] },
  "a person's shell profile's": {
    env: { CLAUDE_ENV_FILE: "/e", CLAUDE_CODE_TASK_LIST_ID: "t", CLAUDE_CODE_SESSIONEND_HOOKS_TIMEOUT_MS: "1" },
    of: [false, false, false],
  },
  "a client in an editor": { env: { CLAUDE_CODE_ENTRYPOINT: "claude-vscode" }, of: [true, false, false] },
  "a Codex of npm's": { env: { CODEX_MANAGED_BY_NPM: "1", CODEX_MANAGED_PACKAGE_ROOT: "/c" }, of: [true, false, true] },
  "Claude Code's server": { env: { CLAUDECODE: "1", CLAUDE_PROJECT_DIR: "/p" }, of: [true, true, false] },
  "Claude Code's command": { env: { CLAUDECODE: "1", CLAUDE_CODE_CHILD_SESSION: "1" }, of: [true, true, true] },
  "Codex's command": { env: { CODEX_THREAD_ID: "1" }, of: [true, true, true] },
  "samocode's agent": { env: { SAMOCODE_MARKER: "1" }, of: [true, true, true] },
};

for (const [whose, { env, of }] of Object.entries(MARKS)) {
  Deno.test(`what marks ${whose} environment is told in a command's, a client's and a server's place`, () => {
    const found = [agentMarkIn, agentMarkAbove, commandMarkIn].map((markIn) => markIn(env) !== undefined);
    assert.deepEqual(found, of);
  });
}

Deno.test("listenerEnvironment() has what channels and later workers need, and nothing of one session or of an agent", () => {
  const kept = {
    PATH: "/bin",
    HOME: "/home/me",
    XDG_RUNTIME_DIR: "/run/user/1",
    DBUS_SESSION_BUS_ADDRESS: "unix:path=/run/user/1/bus",
    DISPLAY: ":0",
    WAYLAND_DISPLAY: "wayland-0",
    TELEGRAM_BOT_TOKEN: "1:t",
    TELEGRAM_CHAT_ID: "7",
    ANTHROPIC_API_KEY: "sk-1",
  };
  const dropped = {
    SAMOCODE_PROVIDER: "demo",
    SAMOCODE_MARKER: "m",
    CLAUDECODE: "1",
    CLAUDE_MODEL: "haiku",
    GIT_DIR: "/elsewhere",
  };
  assert.deepEqual(listenerEnvironment({ ...kept, ...dropped }), kept);
});
