/**
 * An action that a human or a parent can take, as data. Each door renders it: as a command line or as a tool call.
 *
 * @module
 */
import { shellWord } from "./terminal_text.ts";

/** An action and its known arguments. */
export type Action =
  | { readonly verb: (typeof SESSION_VERBS)[number]; readonly session: string }
  /** `sha256` identifies the text to approve. */
  | { readonly verb: "approve"; readonly session: string; readonly sha256?: string | undefined }
  /** `limit` is a flag and the value to give. */
  | { readonly verb: "raise_budget"; readonly session: string; readonly limit?: `${string} ${number}` }
  /** Bring its branch where it belongs; what is given is what must be said so that it can be done. */
  | { readonly verb: "finish"; readonly session: string } & Partial<Readonly<Record<FinishFlag, string | undefined>>>
  /** Look at what a finished session has changed. */
  | { readonly verb: "review"; readonly branch: string }
  /** Trust the files of a project. */
  | { readonly verb: "trust"; readonly projectFile: string }
  | { readonly verb: (typeof PLAIN_VERBS)[number] };

/**
 * Actions on a session. `resume` continues it; `run` continues it in a terminal, to see its output; `accept` trusts its
 * journal as it is; `diff` shows what its branch has; `accept_baseline` goes on although checks failed before any change;
 * `continue` gives it a new task; `move` moves it to another phase; `hash_plan` prints
 * the plan with its hash; `take` brings a session of the fleet to this machine.
 */
export const SESSION_VERBS = [
  "answer",
  "revise",
  "resume",
  "run",
  "accept_baseline",
  "guide",
  "wait",
  "stop",
  "logs",
  "status",
  "accept",
  "diff",
  "continue",
  "move",
  "hash_plan",
  "take",
] as const;

/** In which way, into which branch, and with which last commit to finish. */
type FinishFlag = "way" | "into" | "head";

/** Actions that need no session. */
export const PLAIN_VERBS = ["start", "init", "doctor", "demo", "list", "list_archived"] as const;

/** The command line for an action. */
export function commandFor(action: Action, mainRepo: string): string {
  // Three dots show only what the session did, not what the checkout has gained since.
  if (action.verb === "review") return `git -C ${shellWord(mainRepo)} diff ...${action.branch}`;
  if (action.verb === "trust") return `samocode trust --config ${shellWord(action.projectFile)}`;
  if (action.verb === "start") return 'samocode run "what to do"';
  if (action.verb === "raise_budget") {
    return `samocode raise ${action.session}${action.limit === undefined ? "" : ` --${action.limit}`}`;
  }
  if (action.verb === "finish") {
    const { session, way, into, head } = action;
    const flags = [way, into && `into ${shellWord(into)}`, head && `head ${head}`].filter((flag) => flag !== undefined);
    return [`samocode finish ${session}`, ...flags].join(" --");
  }
  if (action.verb === "list_archived") return "samocode list --archived";
  if (!("session" in action)) return `samocode ${action.verb}`;
  return TYPED[action.verb]?.(action.session) ?? `samocode ${action.verb} ${action.session}`;
}

/** The command line for an action on a session of the fleet; `undefined` for what nobody does there. */
export function fleetCommandFor(action: Action, mainRepo: string): string | undefined {
  const { verb } = action;
  if (verb === "start") return 'samocode submit "what to do"';
  if (verb === "list" || verb === "list_archived") return "samocode list --fleet";
  if (!("session" in action)) return verb === "review" ? undefined : commandFor(action, mainRepo);
  const { session } = action;
  if (verb === "resume" || verb === "run") return `samocode start ${session} --fleet`;
  if (NOT_IN_FLEETS.has(verb)) return commandFor({ verb: "take", session }, mainRepo);
  return `${commandFor(action, mainRepo)} --fleet`;
}

/** The command lines for some actions, each once. */
export function commandsFor(
  actions: readonly Action[],
  { mainRepo = ".", isFleets }: { readonly mainRepo?: string; readonly isFleets: boolean },
): readonly string[] {
  const typed = isFleets ? fleetCommandFor : commandFor;
  return [...new Set(actions.flatMap((action) => typed(action, mainRepo) ?? []))];
}

/** A hint with the command lines for its actions, on one line. */
export function hintInCommands(
  { hint, actions }: { readonly hint: string; readonly actions: readonly Action[] },
  { isFleets }: { readonly isFleets: boolean },
): string {
  const commands = commandsFor(actions, { isFleets });
  return commands.length === 0 ? hint : `${hint}: ${commands.join(", or ")}`;
}

/** What is done where the repository is: a person takes the session to theirs first. */
const NOT_IN_FLEETS: ReadonlySet<Action["verb"]> = new Set(["finish", "diff", "continue", "accept", "take"]);

/** The actions on a session that have a command of another name. */
const TYPED: Readonly<Partial<Record<Action["verb"], (session: string) => string>>> = {
  revise: (session) => `samocode approve ${session} --reject "what to change"`,
  resume: (session) => `samocode run ${session}`,
  accept_baseline: (session) => `samocode checks ${session} --accept`,
  guide: (session) => `samocode guide ${session} "what the agent should know"`,
  accept: (session) => `samocode trust ${session}`,
  continue: (session) => `samocode continue ${session} --task "what to do"`,
  hash_plan: (session) => `samocode plan ${session} --json`,
  take: (session) => `samocode fleet take ${session}`,
  move: (session) => `samocode phase ${session} PHASE`,
  wait: (session) => `samocode status ${session} --watch`,
};
