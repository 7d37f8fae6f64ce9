/**
 * What a listener is, and the passing of events to several, none of which can disturb the stream or another listener.
 *
 * @module
 */
import { messageOf } from "../text/errors.ts";
import type { RecordedEvent, SessionEvent } from "../workflow/session_event.ts";

/** The fact that a listener failed. */
export type ListenerFailed = Extract<SessionEvent, { type: "listener.failed" }>;

/** What {@linkcode fanOut} needs besides events and listeners. */
export interface FanOutOptions {
  /** Records that a listener failed; the remaining listeners hear the recorded event. */
  readonly report: (event: ListenerFailed) => Promise<RecordedEvent>;
  /** A listener that takes longer to close is abandoned. */
  readonly closeWithinMs?: number;
}

/**
 * Passes each event to every listener and then yields it. Listener failures are not yielded: they go through `report`
 * to the journal and the remaining listeners. `hear` is not awaited. At the end, and if the consumer leaves early, every
 * listener is closed.
 */
export async function* fanOut(
  events: AsyncIterable<RecordedEvent>,
  listeners: readonly EventListener[],
  { report, closeWithinMs = 20_000 }: FanOutOptions,
): AsyncGenerator<RecordedEvent> {
  const seats = listeners.map((listener) => new Seat(listener));
  try {
    for await (const event of events) {
      for (const seat of seats) seat.hear(event);
      await reportFailures(seats, report);
      yield event;
    }
  } finally {
    // Close busy listeners first, so that the others can still hear of a failure.
    await Promise.all(seats.filter((seat) => seat.isBusy).map((seat) => seat.close(closeWithinMs)));
    try {
      await reportFailures(seats, report);
    } finally {
      await Promise.all(seats.map((seat) => seat.close(closeWithinMs)));
    }
    await reportFailures(seats, report);
  }
}

/** Reports each failure once. A report is an event too, on which the next listener may fail. */
async function reportFailures(seats: readonly Seat[], report: FanOutOptions["report"]): Promise<void> {
  for (let failed = nextFailure(seats); failed !== undefined; failed = nextFailure(seats)) {
    const event = await report(failed);
    for (const seat of seats) seat.hear(event);
  }
}

function nextFailure(seats: readonly Seat[]): ListenerFailed | undefined {
  return seats.find((seat) => seat.hasNewFailure)?.takeFailure();
}

/** A listener, its unfinished work, and whether it failed. */
class Seat {
  readonly #listener: EventListener;
  readonly #underWay = new Set<Promise<void>>();
  #failure: ListenerFailed | undefined;
  #hasFailed = false;
  #isClosed = false;

  constructor(listener: EventListener) {
    this.#listener = listener;
  }

  get isBusy(): boolean {
    return this.#underWay.size > 0;
  }

  get hasNewFailure(): boolean {
    return this.#failure !== undefined;
  }

  hear(event: RecordedEvent): void {
    if (this.#hasFailed || this.#isClosed) return;
    try {
      const work = this.#listener.hear(event);
      if (work !== undefined) this.#watch(work);
    } catch (error) {
      this.#fail(error);
    }
  }

  takeFailure(): ListenerFailed | undefined {
    const failure = this.#failure;
    this.#failure = undefined;
    return failure;
  }

  /** Closes the listener once, even if it failed. Never throws: a failure is kept. */
  async close(withinMs: number): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const tooLate = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error(`Cannot close within ${withinMs / 1000} s`)), withinMs);
    });
    try {
      await Promise.race([this.#finish(), tooLate]);
    } catch (error) {
      this.#fail(error);
    } finally {
      clearTimeout(timer);
    }
  }

  async #finish(): Promise<void> {
    await this.#listener.close?.();
    await Promise.all(this.#underWay);
  }

  #watch(work: Promise<void>): void {
    const watched = work.catch((error) => this.#fail(error)).finally(() => this.#underWay.delete(watched));
    this.#underWay.add(watched);
  }

  #fail(error: unknown): void {
    if (this.#hasFailed) return;
    this.#hasFailed = true;
    this.#failure = { type: "listener.failed", listener: this.#listener.name, detail: messageOf(error) };
  }
}

/** Hears every event of a session, in order, once it is in the journal. */
export interface EventListener {
  /** Its name in a failure report. */
  readonly name: string;
  /**
   * Hears one event. Must return at once; slow work continues in the returned promise. A listener that throws or rejects is
   * reported once and hears no further events.
   */
  hear(event: RecordedEvent): void | Promise<void>;
  /** Finishes pending work, in bounded time. */
  close?(): Promise<void>;
}
