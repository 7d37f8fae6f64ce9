/**
 * A session's own process on a fleet machine: an ordinary run that waits at barriers until its fleet worker has shipped
 * all events to the engine, and ends when that worker loses its lease or is gone.
 *
 * @module
 */
import { HandOver } from "../operations/record_events.ts";
import { runHere, type RunRequest } from "../operations/run_here.ts";
import type { Samocode } from "../operations/samocode.ts";
import type { Outcome } from "../workflow/run_events.ts";
import type { RecordedEvent } from "../workflow/session_event.ts";
import { LEASE_MS } from "./contract.ts";
import { LONG_WAIT_MS } from "./rests.ts";
import { endedByFleet, lineOf, lineReader, machineMs, readToSession } from "./session_lines.ts";

/** What the process gets. */
export interface LeasedRequest extends Pick<RunRequest, "abort" | "note"> {
  readonly session: string;
  /** Messages from the fleet worker. */
  readonly input: ReadableStream<Uint8Array>;
  /** Writes to the fleet worker. */
  readonly write: (text: string) => void;
  readonly nowMs?: () => number;
}

/** How often to check the age of the last beat, in milliseconds. */
const LOOK_MS = 250;

/** Time to read beats that still wait in the pipe before the last one counts as expired, in milliseconds. */
const CATCH_UP_MS = 50;

/**
 * Runs an existing session until it rests, is handed over, or loses its lease.
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

/**
 * Whether the run must wait until the engine has this event: a worktree to set up, an agent's signal, a gate, or a long
 * wait for a usage limit.
 */
function isHeld(event: RecordedEvent): boolean {
  if (event.type === "iteration.retried") return event.wait?.for === "limit" && event.delayMs > LONG_WAIT_MS;
  return event.type === "session.prepared" || event.type === "signal.received" || event.type === "gate.reached";
}

/** Ties the process to its fleet worker. */
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

  /** Fires when the run must end. */
  get abort(): AbortSignal {
    return this.#controller.signal;
  }

  /** Waits until everything so far is stored. Returns the reason if the run must end. */
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
      // A broken pipe counts as a closed one.
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

  /** After the machine slept, this timer may fire before newer beats are read from the pipe: check twice. */
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
