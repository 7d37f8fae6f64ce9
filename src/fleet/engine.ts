/**
 * The engine: PostgreSQL, and pg-boss as its queue. People's processes and workers open it alike; only a worker touches
 * the queue.
 *
 * @module
 */
import type { QueueAdapter } from "./postgres.ts";

/** Variables by name: those of the process, and of the user's own `.env`. */
export type Environment = Readonly<Record<string, string>>;

/** What a statement gave. */
export interface Rows {
  readonly rows: readonly Readonly<Record<string, unknown>>[];
  /** How many rows it gave or changed. */
  readonly count: number;
}

/** One transaction. What is thrown in it undoes it. */
export interface Transaction {
  query(text: string, values?: readonly unknown[]): Promise<Rows>;
  /** Lets pg-boss's statements join in. */
  readonly boss: QueueAdapter;
}

/** How an engine is opened. */
export interface EngineOptions {
  /** A worker uses the queue, and sees to it that the dead are noticed. */
  readonly use: "person" | "worker";
  readonly maxConnections?: number;
}

/** A connection to the fleet. */
export class Engine implements AsyncDisposable {
  /** Tells fleets apart, for folders of this machine: a short hash of host, port and database. */
  readonly key: string;

  private constructor(key: string) {
    this.key = key;
  }

  /**
   * Connects to the fleet that `SAMOCODE_FLEET` names.
   *
   * @throws {SamocodeError} Where no address is set, the engine is out of reach, or it has no schema or that of another version.
   */
  static open(_env: Environment, _options: EngineOptions): Promise<Engine> {
    throw new Error("not written yet");
  }

  /** Runs one statement. An outage is a {@linkcode SamocodeError} whose code is `system`. */
  query(_text: string, _values: readonly unknown[] = []): Promise<Rows> {
    throw new Error("not written yet");
  }

  /** Runs statements in one transaction. */
  transaction<T>(_work: (transaction: Transaction) => Promise<T>): Promise<T> {
    throw new Error("not written yet");
  }

  /**
   * Listens on a connection of its own, which comes back by itself. After each connection, the first too, `heard` is
   * called with two empty texts: what was notified before is lost, so look at everything.
   */
  listen(
    _channels: readonly string[],
    _heard: (channel: string, payload: string) => void,
  ): Promise<AsyncDisposable> {
    throw new Error("not written yet");
  }

  [Symbol.asyncDispose](): Promise<void> {
    throw new Error("not written yet");
  }
}
