/**
 * The table of settings: the program's own rows, and those of every agent and channel.
 *
 * @module
 */
import { AGENT_NAMES, AGENTS, FALLBACK_NAMES } from "../agents/agents.ts";
import type { SettingKind, SettingRow, SettingRows, SettingValue } from "../contract/setting_row.ts";
import { CHANNELS } from "../channels/channels.ts";
import { TOPICS } from "../channels/post.ts";
import { TELEMETRY_SETTINGS } from "../telemetry/settings.ts";
import { AGENT_PHASES } from "../workflow/phases.ts";

interface ProjectFolder extends SettingRow {
  readonly kind: "folder";
}

function projectFolder(name: string, help: string): ProjectFolder {
  return { name, place: "project", kind: "folder", default: undefined, help };
}

/** The program's own settings. */
export const OWN_SETTINGS = {
  mainRepo: projectFolder("MAIN_REPO", "The repository that sessions branch off from"),
  worktrees: projectFolder("WORKTREES", "The folder of the sessions' worktrees"),
  sessions: projectFolder("SESSIONS", "The folder of the sessions"),
  checks: {
    name: "CHECK",
    place: "project",
    kind: "commands",
    default: "",
    help: "A command that checks the work, such as npm test; several lines are several checks",
  },
  checkTimeoutMs: {
    name: "SAMOCODE_CHECK_TIMEOUT",
    kind: "seconds",
    default: "1800",
    help: "Time limit for one check",
  },
  provider: {
    name: "SAMOCODE_PROVIDER",
    kind: AGENT_NAMES,
    default: "claude",
    flag: "provider",
    help: "Which agent works",
  },
  fallback: {
    name: "SAMOCODE_FALLBACK_PROVIDER",
    kind: FALLBACK_NAMES,
    default: "",
    help: "The agent that takes over at a usage limit, in an outage or without a login",
  },
  maxRetries: { name: "SAMOCODE_MAX_RETRIES", kind: "count", default: "3", help: "Retries of a failed iteration" },
  retryDelayMs: {
    name: "SAMOCODE_RETRY_DELAY",
    kind: "delay",
    default: "5",
    help: "The pause before the first retry; it doubles each time",
  },
  outagePatienceMs: {
    name: "SAMOCODE_OUTAGE_PATIENCE",
    kind: "delay",
    default: "21600",
    help: "How long to wait out an overloaded or unreachable service",
  },
  maxLimitWaitMs: {
    name: "SAMOCODE_MAX_LIMIT_WAIT",
    kind: "delay",
    default: "43200",
    help: "The longest wait for a usage limit to end",
  },
  stallMs: {
    name: "SAMOCODE_STALL_TIMEOUT",
    kind: "seconds",
    default: "900",
    help: "Stop an agent that has been silent this long",
  },
  maxCostUsd: {
    name: "SAMOCODE_MAX_COST",
    kind: "dollars",
    default: "50",
    help: "What a session may cost; then it waits until you raise its budget. As for all of these, off for no limit",
  },
  maxTokens: {
    name: "SAMOCODE_MAX_TOKENS",
    kind: "amount",
    default: "250000000",
    help: "How many tokens a session may use, read from the cache or not",
  },
  maxStarts: {
    name: "SAMOCODE_MAX_STARTS",
    kind: "amount",
    default: "200",
    help: "How often a session may start an agent",
  },
  maxTimeMs: {
    name: "SAMOCODE_MAX_TIME",
    kind: "period",
    default: "86400",
    help: "How long a session's agents may work in all",
  },
  maxCostUsdPerDay: {
    name: "SAMOCODE_MAX_COST_PER_DAY",
    kind: "dollars",
    default: "100",
    help: "What all your sessions on this machine may cost in a day",
  },
  maxTokensPerDay: {
    name: "SAMOCODE_MAX_TOKENS_PER_DAY",
    kind: "amount",
    default: "500000000",
    help: "How many tokens they may use in a day",
  },
  maxStartsPerDay: {
    name: "SAMOCODE_MAX_STARTS_PER_DAY",
    kind: "amount",
    default: "500",
    help: "How often they may start an agent in a day",
  },
  maxTimeMsPerDay: {
    name: "SAMOCODE_MAX_TIME_PER_DAY",
    kind: "period",
    default: "172800",
    help: "How long their agents may work in a day, added up",
  },
  maxParallel: {
    name: "SAMOCODE_MAX_PARALLEL",
    kind: "count",
    default: "0",
    help: "How many of your sessions run at a time before samocode start queues more; 0 for no limit",
  },
  report: {
    name: "SAMOCODE_REPORT",
    kind: ["attach", "keep", "off"],
    default: "attach",
    help: "What becomes of a finished session's report, which has its changes: channels attach it, or it is only kept",
  },
  gate: {
    name: "SAMOCODE_GATE",
    kind: ["ask", "form", "agent"],
    default: "ask",
    help: "How a parent agent's approval reaches you: its client asks you, in a form, or not at all (agent)",
  },
  gateAnswers: {
    name: "SAMOCODE_GATE_ANSWERS",
    kind: ["ask", "form", "agent"],
    default: "",
    help: "The same for answers to questions; SAMOCODE_GATE's way by default",
  },
  guard: {
    name: "SAMOCODE_GUARD",
    kind: ["on", "off", "require"],
    default: "on",
    help: "Keep agents from everything but their work; require refuses to run where that is not possible",
  },
  guardWritable: {
    name: "SAMOCODE_GUARD_WRITABLE",
    kind: "text",
    default: "",
    help: "Other paths that guarded agents may write, absolute and separated by colons",
  },
  guardAllow: {
    name: "SAMOCODE_GUARD_ALLOW",
    kind: "text",
    default: "",
    help: "Let guarded agents use your ssh-agent or docker, separated by a comma; either can lead out of the guard",
  },
  guardNetwork: {
    name: "SAMOCODE_GUARD_NETWORK",
    kind: "text",
    default: "open",
    help: "What guarded agents reach: open, off (no model elsewhere, either), or hosts: a.org,*.b.org,localhost:8080",
  },
  keepAwake: {
    name: "SAMOCODE_KEEP_AWAKE",
    kind: ["on", "off"],
    default: "on",
    help: "Keep the machine from going to sleep while an agent works",
  },
  notify: {
    name: "SAMOCODE_NOTIFY",
    kind: "topics",
    default: TOPICS.join(","),
    help: "What your channels notify you about",
  },
  quietHours: {
    name: "SAMOCODE_QUIET_HOURS",
    kind: "hours",
    default: "",
    help: "When channels are silent, such as 22:00-07:00; one that always makes a sound sends only gates then",
  },
  fleetSetup: {
    name: "SAMOCODE_FLEET_SETUP",
    place: "user",
    kind: "commands",
    default: "",
    isRare: true,
    help: "Commands that a fleet worker runs in each new worktree, such as npm ci",
  },
  branchPrefix: { name: "GIT_BRANCH_PREFIX", kind: "text", default: "", help: "Prefix of session branches" },
  fleet: {
    name: "SAMOCODE_FLEET",
    place: "user",
    kind: "secret",
    default: "",
    help: "Your fleet's PostgreSQL database: postgres://USER:PASSWORD@HOST/DB",
  },
} as const satisfies SettingRows;

/** Settings that exist once for each phase with an agent. */
export const PHASE_SETTINGS = {
  provider: {
    name: "SAMOCODE_PROVIDER_<PHASE>",
    kind: AGENT_NAMES,
    default: "",
    help: "Another agent for one phase, as in SAMOCODE_PROVIDER_QUALITY; ignored with --provider",
  },
  model: {
    name: "SAMOCODE_MODEL_<PHASE>",
    kind: "text",
    default: "",
    help: "Another model for one phase, for the agent that works in it",
  },
} as const satisfies SettingRows;

/**
 * Who decides at a session's gates if a parent agent drives it: a person whom its client asks before the call, a person
 * who fills in a form, or the agent alone.
 */
export type GateKeeper = SettingValue<typeof OWN_SETTINGS["gate"]>;

const OWNERS: readonly { readonly settings: SettingRows }[] = [
  { settings: OWN_SETTINGS },
  { settings: PHASE_SETTINGS },
  ...Object.values(TELEMETRY_SETTINGS).map((settings) => ({ settings })),
  ...Object.values(AGENTS),
  ...Object.values(CHANNELS),
];

/** All rows by name, in the order of the help page. */
export const SETTINGS: ReadonlyMap<string, SettingRow> = new Map(
  OWNERS.flatMap(({ settings }) => Object.values(settings)).map((row) => [row.name, row] as const),
);

const PHASE_MARK = "<PHASE>";

/** All names that can be set, with the phases filled in. */
export const SETTING_NAMES: ReadonlySet<string> = new Set(
  [...SETTINGS.keys()].flatMap((name) => AGENT_PHASES.map((phase) => nameInPhase(name, phase))),
);

/** Fills the phase into a name that has a place for one. */
export function nameInPhase(name: string, phase: string): string {
  return name.replace(PHASE_MARK, phase.toUpperCase());
}

/** Tells whether a name begins like a phase's setting but does not end in a phase with an agent. */
export function isOfNoPhase(name: string): boolean {
  const stems = Object.values(PHASE_SETTINGS).map((row) => row.name.slice(0, -PHASE_MARK.length));
  return !SETTING_NAMES.has(name) && stems.some((stem) => name.startsWith(stem));
}

const WORDS: Readonly<Record<string, string>> = {
  url: "URL",
  seconds: "s",
  delay: "s",
  count: "number",
  positive: "number",
  dollars: "$",
  amount: "number",
  period: "s",
};

/** Describes a kind on the help page. */
export function describeKind(kind: SettingKind): string {
  return typeof kind === "string" ? WORDS[kind] ?? kind : kind.join(", ");
}
