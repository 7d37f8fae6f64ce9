/**
 * Keeps copies of sessions current from the engine's notifications, each at most every 300 ms.
 *
 * @module
 */
import type { Engine } from "./engine.ts";
import { EngineOutage } from "./engine_errors.ts";
import { MirrorCopy } from "./mirror_copy.ts";
import { type MirroredSession, type MirrorRow, readMirrorRows, type RowFilter } from "./mirror_rows.ts";
import { SHIPPED } from "./schema.ts";

/** What to follow, and whom to tell. */
export interface FollowerOptions extends RowFilter {
  readonly env: Readonly<Record<string, string>>;
  readonly stateFolder: string;
  readonly isWanted: (row: MirrorRow) => boolean;
  /** Called with all rows, so that copies without a row can be removed. */
  readonly vanished: (rows: readonly MirrorRow[]) => void;
  readonly changed?: (session: MirroredSession) => void;
  readonly failed?: (session: MirroredSession, error: unknown) => void;
}

/** Minimum time between two updates of a session's copy, in milliseconds. */
const PAUSE_MS = 300;
/** Pause after an outage of the engine, in milliseconds. */
const OUTAGE_MS = 2_000;
/** Sessions copied at the same time: each takes a connection. */
const MAX_AT_ONCE = 2;
/** Journals of running sessions that are kept open. */
const MAX_OPEN = 32;

/** Id of a session's row. */
const ID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

interface Followed {
  readonly id: string;
  /** The row's stamp at the last update. */
  stamp: string;
  copy: MirrorCopy | undefined;
  /** Earliest time of the next update, in milliseconds of a monotonic clock. */
  from: number;
  timer: ReturnType<typeof setTimeout> | undefined;
  /** Whether a notification arrived during the update. */
  isStale: boolean;
}

/** Follows until disposed. */
export class MirrorFollower implements AsyncDisposable {
  readonly #engine: Engine;
  readonly #options: FollowerOptions;
  readonly #followed = new Map<string, Followed>();
  /** Sessions waiting to be updated, in order. */
  readonly #waiting = new Set<Followed>();
  readonly #busy = new Map<Followed, Promise<void>>();
  #all: Promise<void> | undefined;
  #isStale = false;
  #retry: ReturnType<typeof setTimeout> | undefined;
  #listener: AsyncDisposable | undefined;
  #isEnded = false;

  constructor(engine: Engine, options: FollowerOptions) {
    this.#engine = engine;
    this.#options = options;
  }

  /** Starts listening, and resolves once all is copied. @throws {SamocodeError} If the engine cannot be reached. */
  async start(): Promise<void> {
    this.#listener = await this.#engine.listen([SHIPPED], (_channel, id) => {
      if (id === "") this.#lookAgain();
      // Any role can send any notification: check the id.
      else if (ID.test(id)) this.#tell(this.#followedAs(id));
    });
    try {
      await (this.#all ?? this.#lookAtAll());
      while (this.#busy.size > 0) await Promise.race(this.#busy.values());
    } catch (error) {
      await this[Symbol.asyncDispose]();
      throw error;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isEnded = true;
    clearTimeout(this.#retry);
    this.#waiting.clear();
    await this.#listener?.[Symbol.asyncDispose]();
    await Promise.allSettled([this.#all, ...this.#busy.values()]);
    for (const followed of this.#followed.values()) close(followed);
  }

  /** Checks all sessions again: notifications sent while nobody listened are lost. */
  #lookAgain(): void {
    if (this.#isEnded) return;
    this.#lookAtAll().catch((error) => {
      // Any other error shows up at each session.
      if (error instanceof EngineOutage && !this.#isEnded) {
        this.#retry = setTimeout(() => this.#lookAgain(), OUTAGE_MS);
      }
    });
  }

  /** A call during a check makes it run once more. */
  #lookAtAll(): Promise<void> {
    this.#isStale = this.#all !== undefined;
    return this.#all ??= this.#look().finally(() => {
      this.#all = undefined;
      if (this.#isStale) this.#lookAgain();
    });
  }

  async #look(): Promise<void> {
    const { isWanted, vanished, stateFolder } = this.#options;
    const rows = await readMirrorRows(this.#engine, this.#options);
    vanished(rows);
    for (const row of rows.filter(isWanted)) {
      const { id, folder, stamp } = row;
      const followed = this.#followedAs(id);
      if (followed.stamp === stamp) continue;
      const isCurrent = followed.stamp === "" && folder !== undefined &&
        new MirrorCopy({ id, folder, stateFolder }).isCurrent(stamp);
      if (isCurrent) followed.stamp = stamp;
      else this.#tell(followed);
    }
  }

  #followedAs(id: string): Followed {
    const known = this.#followed.get(id);
    if (known !== undefined) return known;
    const followed: Followed = { id, stamp: "", copy: undefined, from: 0, timer: undefined, isStale: false };
    this.#followed.set(id, followed);
    return followed;
  }

  /** Schedules the update of a session's copy. */
  #tell(followed: Followed): void {
    if (this.#isEnded || followed.timer !== undefined) return;
    followed.isStale = this.#busy.has(followed);
    if (followed.isStale) return;
    const waitMs = followed.from - performance.now();
    if (waitMs > 0) {
      followed.timer = setTimeout(() => {
        followed.timer = undefined;
        this.#tell(followed);
      }, waitMs);
      return;
    }
    this.#waiting.add(followed);
    this.#next();
  }

  #next(): void {
    for (const followed of this.#waiting) {
      if (this.#busy.size >= MAX_AT_ONCE) return;
      this.#waiting.delete(followed);
      const done = this.#copy(followed).finally(() => {
        followed.from = Math.max(followed.from, performance.now() + PAUSE_MS);
        this.#busy.delete(followed);
        if (followed.isStale) this.#tell(followed);
        this.#next();
      });
      this.#busy.set(followed, done);
    }
  }

  async #copy(followed: Followed): Promise<void> {
    const { isWanted, changed, failed, stateFolder } = this.#options;
    let row: MirrorRow | undefined;
    try {
      [row] = await readMirrorRows(this.#engine, { ...this.#options, id: followed.id });
      if (row === undefined || !isWanted(row)) return this.#drop(followed);
      const { id, folder, stamp, isRunning } = row;
      if (stamp === followed.stamp) return;
      if (folder !== undefined) {
        followed.copy ??= new MirrorCopy({ id, folder, stateFolder });
        await followed.copy.sync(this.#engine);
      }
      followed.stamp = stamp;
      if (!isRunning || [...this.#followed.values()].filter(({ copy }) => copy).length > MAX_OPEN) close(followed);
      changed?.(row);
    } catch (error) {
      close(followed);
      if (error instanceof EngineOutage) {
        followed.from = performance.now() + OUTAGE_MS;
        followed.isStale = true;
      } else if (row !== undefined) {
        // Do not retry before the row changes.
        followed.stamp = row.stamp;
        failed?.(row, error);
      }
    }
  }

  #drop(followed: Followed): void {
    close(followed);
    this.#followed.delete(followed.id);
  }
}

/** Cancels the timer and closes the copy. */
function close(followed: Followed): void {
  clearTimeout(followed.timer);
  followed.timer = undefined;
  followed.copy?.[Symbol.dispose]();
  followed.copy = undefined;
}
