/**
 * The events of a session as a whole: its tasks, its runs, its journal and what becomes of its work.
 *
 * @module
 */
import { detail, news } from "./event_row.ts";
import { GATE_NAMES, PROGRAM_WAITS, WAIT_NAMES } from "./gates.ts";
import { NEEDS } from "./iteration_events.ts";
import { PHASE_NAMES } from "./phases.ts";
import { type Checked, flag, listOf, number, oneOf, optional, orUndefined, record, text, variant } from "./shape.ts";
import { adoption, finish, work, workplace } from "./work.ts";

const outcome = variant("kind", {
  done: { summary: text },
  waiting: {
    for: oneOf([...WAIT_NAMES, ...PROGRAM_WAITS, "budget"]),
    gate: orUndefined(oneOf(GATE_NAMES)),
    detail: text,
  },
  /** In the journals of older versions, a session without a budget left is blocked. */
  blocked: { reason: text, needs: oneOf([...NEEDS, "budget"]) },
  failed: { reason: text },
  stopped: { by: text },
});

/** How a run ended. */
export type Outcome = Checked<typeof outcome>;

const guardKind = oneOf(["bubblewrap", "seatbelt", "pid-namespace", "none"]);

/** What keeps an agent from everything that is not its work. */
export type GuardKind = Checked<typeof guardKind>;

const guard = record({
  kind: guardKind,
  /** What a person let through, by name. */
  open: listOf(text),
  network: oneOf(["open", "off", "allow-list"]),
  /** What the person lists; absent without a list. */
  hosts: optional(listOf(text)),
  /** Why there is no stronger one; may be empty. */
  note: text,
});

/** How the agents of a run are guarded. */
export type GuardRecord = Checked<typeof guard>;

const amounts = record({
  cost: orUndefined(number),
  tokens: orUndefined(number),
  starts: orUndefined(number),
  time: orUndefined(number),
});
const limits = record({ session: amounts, day: amounts });

/** What a person gives a session to do. */
const assignment = {
  task: text,
  dive: text,
  /** A small change: nothing is asked, and the plan has one step. Absent if not. */
  light: optional(flag),
  /** The plan that the person gave along, and so approved: its file and its hash. */
  plan: optional(record({ document: text, sha256: text })),
};

/** The table of these events. */
export const RUN_EVENTS = {
  "session.created": news({
    name: text,
    ...assignment,
    /** Who asked for it; absent if a person ran `samocode run`. */
    by: optional(text),
    /** What its notebook said, if it was started by hand or by another program. */
    adopted: optional(adoption),
    /** Its own limit on its cost, in US dollars, in place of the settings'; absent if none was named. */
    maxCostUsd: optional(number),
  }),
  /** A person gives an existing session new work. What was answered and approved before does not count for it. */
  "task.given": news({
    ...assignment,
    by: text,
    /** The commit at which it begins; absent without git. */
    commit: optional(text),
  }),
  "session.prepared": detail({ workplace }),
  "session.started": news({
    provider: text,
    /** Whether the provider was named for the whole session; absent if not. */
    isProviderNamed: optional(flag),
    version: text,
    pid: number,
    /** In the environment of the worker's own git; absent in the journals of older versions. */
    marker: optional(text),
    /** Absent in the journals of older versions. */
    guard: optional(guard),
    /** The commands of the checks; absent in the journals of older versions. */
    checks: optional(listOf(listOf(text))),
    /** The limits of the settings; absent in the journals of older versions. */
    limits: optional(limits),
  }),
  /** As many sessions are running as the settings allow; a supervisor starts it when its turn has come. */
  "session.queued": news({ by: text, running: number, most: number }),
  "session.recovered": news({ detail: text }),
  "journal.repaired": news({ bytes: number }),
  /** A person accepts the journal although another program may have written it; a new chain begins. */
  "journal.accepted": news({ found: text, by: text }),
  /** The session's folder has another name since. */
  "session.renamed": news({ folder: text }),
  /** Another worker of a fleet drives the session since. */
  "session.moved": news({
    /** The worker's name. */
    worker: text,
    /** Counts the workers that took the session, from 1. */
    epoch: number,
  }),
  "listener.failed": detail({ listener: text, detail: text }),
  /** What the session has committed, as it is done. */
  "work.counted": detail(work),
  /** A person merged or pushed what the session has committed. */
  "session.finished": news(finish),
  /** Worktree and branch are gone, and what they held is elsewhere; another session may take their names. */
  "workplace.removed": news({ path: text, branch: text, by: text }),
  "session.stopped": news({
    outcome,
    /** The phase that the worker left in the notebook; absent if it could not be read. */
    notebookPhase: optional(oneOf(PHASE_NAMES)),
  }),
} as const;
