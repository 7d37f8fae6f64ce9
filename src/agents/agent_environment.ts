/**
 * The environment that agents and detached workers get: the person's own, without what would tie them to somebody
 * else's session or hand them our secrets.
 *
 * @module
 */

/**
 * What a parent agent leaves behind. A live token to the parent's message bus is among them, and with `CLAUDECODE` set
 * Claude Code takes itself for a child.
 */
const PARENT_SESSION = [
  /^CLAUDECODE$/,
  /^CLAUDE_PROJECT_DIR$/,
  /^CLAUDE_CODE_(?:ENTRYPOINT|EXECPATH|SESSION|LAUNCHED_BY|CHILD|MESSAGING|SSE_PORT|PARENT|TASK|REMOTE)/,
  /^CLAUDE_(?:SESSION_ID|EFFORT|ENV_FILE|PID|AGENT_SDK_VERSION)$/,
  /^AI_AGENT$/,
  /^MCP_(?!TIMEOUT$|TOOL_TIMEOUT$)/,
  /^CODEX_(?:SANDBOX|THREAD_ID|INTERNAL|SESSION_ID|TOOL_CALL_ID|CI$|VERSION|MANAGED|PERMISSION_PROFILE|NETWORK)/,
];

/** Ours: the agent has no business with them. */
const OWN = [/^SAMOCODE_/, /^TELEGRAM_/];

/** Left by git hooks and wrappers: they would send the agent's git to another repository. */
const GIT = [
  /^GIT_(?:DIR|WORK_TREE|INDEX_FILE|PREFIX|OBJECT_DIRECTORY|ALTERNATE_OBJECT_DIRECTORIES|QUARANTINE_PATH|COMMON_DIR|NAMESPACE)$/,
];

/** Copies an environment without those variables. */
export function agentEnvironment(env: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const dropped = [...PARENT_SESSION, ...OWN, ...GIT];
  return Object.fromEntries(Object.entries(env).filter(([name]) => !dropped.some((pattern) => pattern.test(name))));
}
