/**
 * A session's own process on a machine of the fleet: the ordinary run, held at barriers until its fleet worker has
 * brought what happened to the engine, and ended when that worker loses its lease or is gone.
 *
 * @module
 */
import { HandOver, runHere, type RunRequest } from "../operations/run_here.ts";
import type { Samocode } from "../operations/samocode.ts";
import type { Outcome } from "../workflow/run_events.ts";
import type { RecordedEvent } from "../workflow/session_event.ts";
import { LEASE_MS } from "./contract.ts";
import { endedByFleet, lineOf, lineReader, machineMs, readToSession } from "./session_lines.ts";

/** What the process is given. */
export interface LeasedRequest extends Pick<RunRequest, "abort" | "note"> {
  readonly session: string;
  /** Where the fleet's worker speaks. */
  readonly input: ReadableStream<Uint8Array>;
  /** Writes to the fleet's worker. */
  readonly write: (text: string) => void;
  readonly nowMs?: () => number;
}

/** How often to look at the clock. */
const LOOK_MS = 250;

/** How long what waits in the pipe has to be read before an old beat counts. */
const CATCH_UP_MS = 50;

/** A shorter wait for a usage limit is not worth a hand-over. */
export const LONG_WAIT_MS = 120_000;

/**
 * Runs a session that exists until it rests, or until the lease ends.
 *
 * @throws {SamocodeError} If the run cannot start, or its events can no longer be recorded.
 */
export async function runLeased(samocode: Samocode, request: LeasedRequest): Promise<Outcome> {
  using leash = new Leash(request);
  return await runHere(samocode, {
    session: request.session,
    ...{ task: undefined, dive: undefined },
    abort: leash.abort,
    terminal: undefined,
    nextSteps: () => ({ documents: [], commands: [] }),
    note: request.note,
    barrier: {
      before: async (event) => {
        if (event.type !== "iteration.started" && event.type !== "session.stopped") return;
        const ended = await leash.pass(event.type);
        if (ended !== undefined && event.type === "iteration.started") throw new HandOver(ended);
      },
      after: async (event) => {
        leash.seen = event.seq;
        if (isHeld(event)) await leash.pass(event.type);
      },
    },
  });
}

/** Whether nothing may follow before this is in the engine: what people decide on, and what a worktree is made ready by. */
function isHeld(event: RecordedEvent): boolean {
  if (event.type === "iteration.retried") return event.wait?.for === "limit" && event.delayMs > LONG_WAIT_MS;
  return event.type === "session.prepared" || event.type === "signal.received" || event.type === "gate.reached";
}

/** What ties the process to its fleet worker. */
class Leash implements Disposable {
  /** The number of the last event. */
  seen = 0;
  readonly #controller = new AbortController();
  readonly #write: (text: string) => void;
  readonly #nowMs: () => number;
  readonly #timer: ReturnType<typeof setInterval>;
  readonly #forget: () => void;
  #beatMs: number;
  #waiting: (() => void)[] = [];

  constructor({ abort, input, write, nowMs = machineMs }: LeasedRequest) {
    this.#write = write;
    this.#nowMs = nowMs;
    this.#beatMs = nowMs();
    this.#timer = setInterval(() => this.#look(), LOOK_MS);
    const stop = (): void => this.#end(String(abort.reason));
    abort.addEventListener("abort", stop);
    this.#forget = () => abort.removeEventListener("abort", stop);
    void this.#hear(input);
  }

  /** Fires when the run is to end. */
  get abort(): AbortSignal {
    return this.#controller.signal;
  }

  /** Waits until all that happened so far is safe. Returns why the run is to end, if it is. */
  async pass(type: string): Promise<string | undefined> {
    if (!this.abort.aborted) {
      const answer = new Promise<void>((resolve) => this.#waiting.push(resolve));
      this.#write(lineOf({ barrier: this.seen, type }));
      await answer;
    }
    return this.abort.aborted ? String(this.abort.reason) : undefined;
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
    this.#forget();
  }

  async #hear(input: ReadableStream<Uint8Array>): Promise<void> {
    const read = lineReader((line) => this.#obey(line));
    try {
      for await (const text of input.pipeThrough(new TextDecoderStream())) read(text);
    } catch {
      // A pipe that breaks is one that ended.
    }
    this.#end(endedByFleet("its worker is gone"));
  }

  #obey(line: string): void {
    const said = readToSession(line);
    if (said === undefined) return;
    if ("end" in said) this.#end(said.end);
    else if ("passed" in said) this.#release();
    else this.#beatMs = Math.min(said.beat, this.#nowMs());
  }

  /** After a sleep the timer comes first: what arrived before it may be waiting to be read. */
  #look(): void {
    if (this.#isStale()) {
      setTimeout(() => this.#isStale() && this.#end(endedByFleet("its lease has expired")), CATCH_UP_MS);
    }
  }

  #isStale(): boolean {
    return this.#nowMs() - this.#beatMs > LEASE_MS.surrender;
  }

  #end(reason: string): void {
    this.#controller.abort(reason);
    this.#release();
  }

  #release(): void {
    for (const go of this.#waiting.splice(0)) go();
  }
}
