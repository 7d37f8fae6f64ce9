/**
 * Lets many listeners hear one stream of events, so that none of them can disturb the stream or another.
 *
 * @module
 */
import { messageOf } from "../text/errors.ts";
import type { RecordedEvent, SessionEvent } from "../workflow/session_event.ts";
import type { Listener } from "./listener.ts";

/** The fact that a listener failed. */
export type ListenerFailed = Extract<SessionEvent, { type: "listener.failed" }>;

/** What {@linkcode fanOut} needs besides events and listeners. */
export interface FanOutOptions {
  /** Records that a listener failed; those who remain hear the recorded event. */
  readonly report: (event: ListenerFailed) => Promise<RecordedEvent>;
  /** A listener that takes longer to close is left behind. */
  readonly closeWithinMs?: number;
}

/**
 * Hands each event to every listener and passes it on. It yields exactly the events it is given; a failure goes
 * through `report` to the journal and to the listeners that remain. `hear` is never waited for. At the end, and when
 * the consumer leaves early, every listener is closed.
 */
export async function* fanOut(
  events: AsyncIterable<RecordedEvent>,
  listeners: readonly Listener[],
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
    // Those still at work first: the others can then hear how that went.
    await Promise.all(seats.filter((seat) => seat.isBusy).map((seat) => seat.close(closeWithinMs)));
    try {
      await reportFailures(seats, report);
    } finally {
      await Promise.all(seats.map((seat) => seat.close(closeWithinMs)));
    }
    await reportFailures(seats, report);
  }
}

/** Reports each new failure once. A report is an event too, and whoever fails on it is reported next. */
async function reportFailures(seats: readonly Seat[], report: FanOutOptions["report"]): Promise<void> {
  for (let failed = nextFailure(seats); failed !== undefined; failed = nextFailure(seats)) {
    const event = await report(failed);
    for (const seat of seats) seat.hear(event);
  }
}

function nextFailure(seats: readonly Seat[]): ListenerFailed | undefined {
  for (const seat of seats) {
    const failure = seat.takeFailure();
    if (failure !== undefined) return failure;
  }
  return undefined;
}

/** One listener's place: what it still does, and whether it failed. */
class Seat {
  readonly #listener: Listener;
  readonly #underWay = new Set<Promise<void>>();
  #failure: ListenerFailed | undefined;
  #hasFailed = false;
  #isClosed = false;

  constructor(listener: Listener) {
    this.#listener = listener;
  }

  get isBusy(): boolean {
    return this.#underWay.size > 0;
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

  /** Closes once, whether the listener failed or not; a failure is kept, never thrown. */
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
