/**
 * Waits until a session needs somebody, or has come to its end.
 *
 * @module
 */
import { followEvents, type News } from "./follow_events.ts";
import { readStatus, type Status, statusOf } from "./read_status.ts";
import { released } from "./released.ts";
import { openSession, type Samocode } from "./samocode.ts";

/** What to wait for. */
export interface WaitRequest {
  readonly session: string;
  /** The number of the last event that the caller knows of; what came to rest after it is news. */
  readonly after: number;
  readonly timeoutMs: number;
  /** Ends the wait, not the session. */
  readonly abort: AbortSignal;
  /** Whether a new phase is news, too. */
  readonly untilPhaseChange: boolean;
  /** Told how it goes: when something happens, at most once a second, and at least every 30 s. */
  readonly onProgress: (status: Status) => void;
}

/** How a wait ended. */
export interface WaitResult {
  readonly status: Status;
  /** Whether the time was up before anything significant happened. */
  readonly timedOut: boolean;
}

const LEAST_PAUSE_MS = 1_000;
const HEARTBEAT_MS = 30_000;
/** A longer timer fires at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/**
 * Waits until the session rests, has rested since, or its worker is dead; or until the time is up, or `abort` fires.
 *
 * @throws {SamocodeError} Where there is no such session.
 */
export async function waitSession(samocode: Samocode, request: WaitRequest): Promise<WaitResult> {
  const { session, after, timeoutMs, abort, untilPhaseChange, onProgress } = request;
  const over = new AbortController();
  const end = () => over.abort();
  using progress = new Progress(onProgress, end);
  const timer = setTimeout(end, Math.min(timeoutMs, LONGEST_TIMER_MS));
  abort.addEventListener("abort", end);
  if (abort.aborted) end();
  try {
    for await (const news of followEvents(samocode, { session, after, abort: over.signal })) {
      if (isSignificant(news, { untilPhaseChange })) return await settled(samocode, { session, abort: over.signal });
      progress.tell(news.status);
    }
    progress.rethrow();
    const status = readStatus(samocode, { session });
    return { status, timedOut: status.state === "running" && !abort.aborted };
  } finally {
    clearTimeout(timer);
    abort.removeEventListener("abort", end);
  }
}

/** What is done about the news next needs the lock, which the worker keeps until a moment after its last event. */
async function settled(
  samocode: Samocode,
  { session, abort }: Pick<WaitRequest, "session" | "abort">,
): Promise<WaitResult> {
  using folder = openSession(samocode, session, { readOnly: true });
  if (statusOf(folder).state !== "running") await released(folder, abort);
  folder.journal.refresh();
  return { status: statusOf(folder), timedOut: false };
}

function isSignificant(
  { events, status }: News,
  { untilPhaseChange }: Pick<WaitRequest, "untilPhaseChange">,
): boolean {
  return status.state !== "running" ||
    events.some(({ type }) => type === "session.stopped" || (untilPhaseChange && type === "phase.entered"));
}

/** Passes a status on, not too often and not too seldom. */
class Progress implements Disposable {
  readonly #pass: (status: Status) => void;
  readonly #giveUp: () => void;
  #status: Status | undefined;
  #passedAt = -Infinity;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #failure: { readonly error: unknown } | undefined;

  constructor(pass: (status: Status) => void, giveUp: () => void) {
    this.#pass = pass;
    this.#giveUp = giveUp;
  }

  tell(status: Status): void {
    this.#status = status;
    this.#passIn(Math.max(0, this.#passedAt + LEAST_PAUSE_MS - performance.now()));
  }

  /** What was thrown from a timer would have ended the program. */
  rethrow(): void {
    if (this.#failure !== undefined) throw this.#failure.error;
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
  }

  #passIn(ms: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#passedAt = performance.now();
      try {
        if (this.#status !== undefined) this.#pass(this.#status);
        this.#passIn(HEARTBEAT_MS);
      } catch (error) {
        this.#failure = { error };
        this.#giveUp();
      }
    }, ms);
  }
}
