/**
 * People's decisions about fleet sessions, as rows: written by the doors, read by the worker that drives the session.
 *
 * @module
 */
import { MAX } from "../operations/samocode.ts";
import { MEASURES, SPANS } from "../workflow/budget.ts";
import {
  type Checked,
  flag,
  mapOf,
  number,
  oneOf,
  optional,
  record,
  type Shape,
  text,
  variant,
} from "../workflow/shape.ts";
import type { Act, ActOutcome } from "./contract.ts";
import type { Engine } from "./engine.ts";
import { wake } from "./lease.ts";
import { SCHEMA, SHIPPED } from "./schema.ts";

const SHAPES = {
  answer: { answers: mapOf(text), acceptSuggestions: flag, sha256: optional(text) },
  approve: { sha256: text, label: optional(text) },
  revise: { sha256: optional(text), feedback: text },
  guide: { text },
  stop: { now: flag },
  phase: { to: text, sha256: optional(text) },
  raise: { to: mapOf(number), span: oneOf(SPANS) },
  resume: { guidance: optional(text) },
  accept_baseline: {},
} as const satisfies Readonly<Record<Act["verb"], Shape>>;

const isAct = variant("verb", SHAPES);

/** The longest text in an act, in characters. */
const MAX_TEXT = MAX.message;

/**
 * Reads an act from its row.
 *
 * @returns `undefined` for anything else.
 */
export function readAct(value: unknown): Act | undefined {
  const found: Checked<typeof isAct> | undefined = isAct(value) ? value : undefined;
  if (found === undefined || !isBounded(found)) return undefined;
  switch (found.verb) {
    case "answer": {
      const { verb, answers, acceptSuggestions, sha256 } = found;
      if (Array.isArray(answers) || Object.keys(answers).length > MAX.answers) return undefined;
      return { verb, answers, acceptSuggestions, sha256 };
    }
    case "approve":
      return { verb: found.verb, sha256: found.sha256, label: found.label };
    case "revise":
      return { verb: found.verb, sha256: found.sha256, feedback: found.feedback };
    case "guide":
      return { verb: found.verb, text: found.text };
    case "stop":
      return { verb: found.verb, now: found.now };
    case "phase":
      return { verb: found.verb, to: found.to, sha256: found.sha256 };
    case "raise": {
      const { verb, to, span } = found;
      const isKnown = Object.entries(to).every(([name, amount]) => MEASURES.some((one) => one === name) && amount > 0);
      return isKnown ? { verb, to, span } : undefined;
    }
    case "resume":
      return { verb: found.verb, guidance: found.guidance };
    case "accept_baseline":
      return { verb: found.verb };
  }
}

const isOutcome = record({ ok: flag, text, hint: text });

/** Reads an act's outcome from its row; `undefined` for anything else. */
export function readOutcome(value: unknown): ActOutcome | undefined {
  return isOutcome(value) ? { ok: value.ok, text: value.text, hint: value.hint } : undefined;
}

/** Whether every text in an act is within the length that the doors allow. */
function isBounded(act: object): boolean {
  return Object.values(act).every((part) =>
    typeof part === "string" ? part.length <= MAX_TEXT : typeof part !== "object" || part === null || isBounded(part)
  );
}

/** How long a person waits for the outcome of their decision, in milliseconds. */
const PATIENCE_MS = 20_000;

/** The session that a decision is for. */
export interface ActPlace {
  /** Id of the session's row. */
  readonly id: string;
  /** What the session needs from a person, as last shipped. */
  readonly needs: string | undefined;
  /** How many live workers could take it. */
  readonly workers: number;
}

/**
 * Records a decision, queues the session if the decision lets it continue, and waits a while for the outcome.
 *
 * @returns `undefined` if no worker applied it within that time.
 * @throws {SamocodeError} If it cannot be recorded.
 */
export async function recordAct(
  engine: Engine,
  place: ActPlace,
  { act, by, patienceMs = PATIENCE_MS }: { readonly act: Act; readonly by: string; readonly patienceMs?: number },
): Promise<ActOutcome | undefined> {
  const heard = new Wakeup();
  await using _listening = await engine.listen([SHIPPED], (_, id) => {
    if (id === "" || id === place.id) heard.wake();
  });
  let [isRunning, isWanted] = [false, false];
  const id = await engine.transaction(async (transaction) => {
    const { rows: [row] } = await transaction.query(
      `insert into ${SCHEMA}.act (session, act, by) values ($1, $2, $3) returning id::text`,
      [place.id, JSON.stringify(act), by],
    );
    // Read the state only after the insert: from then on no worker can end its lease without seeing the act.
    const { rows: [now] } = await transaction.query(`select state from ${SCHEMA}.session where id = $1`, [place.id]);
    isRunning = now?.["state"] === "running";
    isWanted = wantsRun({ ...place, isRunning, isQueued: now?.["state"] === "queued" }, act);
    if (isWanted) await wake(transaction, place.id);
    return row?.["id"];
  });
  const isSoon = isRunning || (isWanted && place.workers > 0);
  const deadline = performance.now() + (isSoon ? patienceMs : 0);
  while (true) {
    const { rows: [row] } = await engine.query(`select outcome from ${SCHEMA}.act where id = $1`, [id]);
    const outcome = readOutcome(row?.["outcome"]);
    const leftMs = deadline - performance.now();
    if (outcome !== undefined || leftMs <= 0) return outcome;
    await heard.within(leftMs);
  }
}

/**
 * Whether an act queues a session that is not running: a note never does, a raised budget only if the session waits for
 * it, and a stop only if the session is queued already.
 */
function wantsRun(
  { isRunning, isQueued, needs }: Pick<ActPlace, "needs"> & { readonly isRunning: boolean; readonly isQueued: boolean },
  { verb }: Act,
): boolean {
  if (isRunning || verb === "guide") return false;
  if (verb === "stop") return isQueued;
  return verb !== "raise" || needs === "budget";
}

/** A wake-up call that is not lost if it comes before anyone waits. */
class Wakeup {
  #next = Promise.withResolvers<void>();

  wake(): void {
    this.#next.resolve();
  }

  /** Waits until woken, but at most this many milliseconds. */
  async within(ms: number): Promise<void> {
    const late = Promise.withResolvers<void>();
    const timer = setTimeout(late.resolve, ms);
    await Promise.race([this.#next.promise, late.promise]);
    clearTimeout(timer);
    this.#next = Promise.withResolvers<void>();
  }
}
