/**
 * The settings: one table. The loader, `samocode help settings` and the README's table are all made from it.
 *
 * @module
 */

import { AGENT_PHASES, type AgentPhase } from "../workflow/phases.ts";

/** Where a setting is written. */
export type SettingPlace =
  /** In `.samocode`, the project's own file. */
  | "project"
  /** In the environment or a `.env` file. */
  | "environment";

/** What a value must look like. */
export type SettingKind =
  | "folder"
  | "text"
  | "program"
  | "secret"
  | "url"
  | "seconds"
  | "delay"
  | "count"
  | "dollars"
  | readonly string[];

/** One row of the table. */
export interface SettingRow {
  readonly place: SettingPlace;
  readonly kind: SettingKind;
  /** The value where none is given; empty means: none. `undefined` means: it must be given. */
  readonly default: string | undefined;
  /** The flag of `run` that goes before all other sources. */
  readonly flag?: string;
  readonly help: string;
}

/** Claude Code's permission modes that make sense with nobody there to ask. */
const PERMISSION_MODES = ["dontAsk", "acceptEdits", "auto", "bypassPermissions"] as const;

/** Codex's sandboxes in which an agent can work: in `read-only` it could not even leave a signal. */
const SANDBOX_MODES = ["workspace-write", "danger-full-access"] as const;

/**
 * Who opens a session's gates where a parent agent works for a person: the client asks them before the call, they fill
 * in a form, or the agent decides alone.
 */
const GATE_KEEPERS = ["ask", "form", "agent"] as const;

/** One of those. */
export type GateKeeper = typeof GATE_KEEPERS[number];

/** The agents that can do a session. */
const PROVIDER_NAMES = ["claude", "codex", "demo"] as const;

/** The name of one, as a setting gives it. */
export type ProviderChoice = typeof PROVIDER_NAMES[number];

/** Tells whether a name is one of an agent that can do a session. */
export function isProviderChoice(name: string): name is ProviderChoice {
  return PROVIDER_NAMES.some((known) => known === name);
}

/** Those that can stand in for another: a script cannot. */
const FALLBACK_NAMES = ["claude", "codex"] as const;

/** All settings, in the order in which people read them; a row whose name ends in `<PHASE>` stands for one a phase. */
export const SETTINGS = {
  MAIN_REPO: {
    place: "project",
    kind: "folder",
    default: undefined,
    help: "The repository that sessions branch off from",
  },
  WORKTREES: { place: "project", kind: "folder", default: undefined, help: "Where each session gets its worktree" },
  SESSIONS: { place: "project", kind: "folder", default: undefined, help: "Where each session gets its folder" },
  SAMOCODE_PROVIDER: {
    place: "environment",
    kind: PROVIDER_NAMES,
    default: "claude",
    flag: "provider",
    help: "Which agent works",
  },
  "SAMOCODE_PROVIDER_<PHASE>": {
    place: "environment",
    kind: PROVIDER_NAMES,
    default: "",
    help: "Another agent for one phase, as in SAMOCODE_PROVIDER_QUALITY; not where --provider is given",
  },
  "SAMOCODE_MODEL_<PHASE>": {
    place: "environment",
    kind: "text",
    default: "",
    help: "Another model for one phase, of the agent that is set for it",
  },
  SAMOCODE_FALLBACK_PROVIDER: {
    place: "environment",
    kind: FALLBACK_NAMES,
    default: "",
    help: "Who stands in for an agent that has reached its limit, is out of order or not logged in",
  },
  SAMOCODE_MAX_RETRIES: {
    place: "environment",
    kind: "count",
    default: "3",
    help: "How often a failed iteration is tried again",
  },
  SAMOCODE_RETRY_DELAY: {
    place: "environment",
    kind: "delay",
    default: "5",
    help: "The first pause before that; it doubles",
  },
  SAMOCODE_STALL_TIMEOUT: {
    place: "environment",
    kind: "seconds",
    default: "900",
    help: "An agent that writes nothing for so long is ended",
  },
  SAMOCODE_MAX_COST: {
    place: "environment",
    kind: "dollars",
    default: "",
    help: "A session that has cost so much blocks and asks; empty for no limit",
  },
  SAMOCODE_GATE: {
    place: "environment",
    kind: GATE_KEEPERS,
    default: "ask",
    help: "How a parent agent's approval reaches you: its client asks you, in a form, or not at all (agent)",
  },
  GIT_BRANCH_PREFIX: {
    place: "environment",
    kind: "text",
    default: "",
    help: "Goes before the name of a session's branch",
  },
  CLAUDE_PATH: { place: "environment", kind: "program", default: "claude", help: "The Claude Code program" },
  CLAUDE_MODEL: { place: "environment", kind: "text", default: "opus", help: "The model it uses" },
  CLAUDE_TIMEOUT: {
    place: "environment",
    kind: "seconds",
    default: "1800",
    flag: "timeout",
    help: "The longest that one iteration may take",
  },
  CLAUDE_MAX_TURNS: {
    place: "environment",
    kind: "count",
    default: "300",
    help: "The most model calls of one iteration",
  },
  CLAUDE_PERMISSION_MODE: {
    place: "environment",
    kind: PERMISSION_MODES,
    default: "dontAsk",
    help: "dontAsk: what the agent's list of tools allows; bypassPermissions: everything, not as root",
  },
  CLAUDE_SETTING_SOURCES: {
    place: "environment",
    kind: "text",
    default: "user,project,local",
    help: "Whose Claude Code settings hold; `user` leaves out the repository's own hooks and CLAUDE.md",
  },
  CODEX_PATH: { place: "environment", kind: "program", default: "codex", help: "The Codex program" },
  CODEX_MODEL: {
    place: "environment",
    kind: "text",
    default: "",
    help: "The model it uses; empty for that of Codex's own configuration",
  },
  CODEX_TIMEOUT: {
    place: "environment",
    kind: "seconds",
    default: "1800",
    flag: "timeout",
    help: "The longest that one iteration may take",
  },
  // Not CODEX_SANDBOX: Codex sets that for what runs inside it, in words of its own.
  CODEX_SANDBOX_MODE: {
    place: "environment",
    kind: SANDBOX_MODES,
    default: "workspace-write",
    help: "What Codex may write: worktree, session and the branch, or, with danger-full-access, everything",
  },
  TELEGRAM_BOT_TOKEN: {
    place: "environment",
    kind: "secret",
    default: "",
    help: "Tells you on Telegram when it is your turn",
  },
  TELEGRAM_CHAT_ID: { place: "environment", kind: "text", default: "", help: "The chat it writes to" },
  TELEGRAM_API_BASE: {
    place: "environment",
    kind: "url",
    default: "https://api.telegram.org",
    help: "Another host for Telegram's bot API",
  },
  SAMOCODE_DEMO_PACE: {
    place: "environment",
    kind: "count",
    default: "1",
    help: "How slowly the demo plays; 0 without pauses",
  },
} as const satisfies Readonly<Record<string, SettingRow>>;

/** The name of a setting, as a person writes it. */
export type SettingName = Written<keyof typeof SETTINGS>;

type Written<Row extends string> = Row extends `${infer Stem}<PHASE>` ? `${Stem}${Uppercase<AgentPhase>}` : Row;

const PHASE_MARK = "<PHASE>";

const IN_NAMES: { readonly [P in AgentPhase]: Uppercase<P> } = {
  investigation: "INVESTIGATION",
  requirements: "REQUIREMENTS",
  planning: "PLANNING",
  implementation: "IMPLEMENTATION",
  testing: "TESTING",
  quality: "QUALITY",
  done: "DONE",
};

const ROWS: ReadonlyMap<string, SettingRow> = new Map(
  Object.entries(SETTINGS).flatMap(([name, row]) => writtenNames(name).map((written) => [written, row] as const)),
);

/** All names, in the table's order. */
export const SETTING_NAMES: readonly SettingName[] = [...ROWS.keys()].filter(isSettingName);

/** The row of a setting. */
export function settingRow(name: SettingName): SettingRow {
  const row = ROWS.get(name);
  if (row === undefined) throw new Error(`no such setting: ${name}`);
  return row;
}

/** Tells whether a name is one of a setting. */
export function isSettingName(name: string): name is SettingName {
  return ROWS.has(name);
}

/** Tells whether a name begins like a phase's setting, but ends in no phase that an agent works in. */
export function isOfNoPhase(name: string): boolean {
  const stems = Object.keys(SETTINGS).filter((row) => row.endsWith(PHASE_MARK));
  return !isSettingName(name) && stems.some((row) => name.startsWith(row.slice(0, -PHASE_MARK.length)));
}

/** A phase, as it stands in the names of its settings. */
export function phaseInName(phase: AgentPhase): Uppercase<AgentPhase> {
  return IN_NAMES[phase];
}

function writtenNames(row: string): readonly string[] {
  if (!row.endsWith(PHASE_MARK)) return [row];
  return AGENT_PHASES.map((phase) => row.replace(PHASE_MARK, phaseInName(phase)));
}

/** What a row's value must be, in words. */
export function describeKind(kind: SettingKind): string {
  if (typeof kind !== "string") return kind.join(", ");
  return {
    folder: "folder",
    text: "text",
    program: "program",
    secret: "secret",
    url: "URL",
    seconds: "s",
    delay: "s",
    count: "number",
    dollars: "$",
  }[kind];
}

/** Tells whether a value names who opens the gates. */
export function isGateKeeper(value: string): value is GateKeeper {
  return GATE_KEEPERS.some((keeper) => keeper === value);
}
