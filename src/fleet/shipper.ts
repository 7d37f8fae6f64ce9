/**
 * Ships what a session's folder has that the engine has not: its journal and its files, under the fence.
 *
 * @module
 */
import type { Lease } from "./contract.ts";
import type { Engine } from "./engine.ts";

/** The session's files in the engine: the SHA-256 of each, by its path in the session's folder. */
export type ShippedFiles = ReadonlyMap<string, string>;

/** What a shipper begins with; {@linkcode materialize} returns `after` and `files`. */
export interface ShipperOptions {
  /** The session's folder. It need not have a journal yet. */
  readonly folder: string;
  readonly stateFolder: string;
  /** The number of the last event that the engine has; 0 for none. */
  readonly after: number;
  readonly files: ShippedFiles;
}

/** Ships one session while its lease is held. One call at a time: a second one waits for the first. */
export class Shipper implements Disposable {
  constructor(_engine: Engine, _lease: Lease, _options: ShipperOptions) {}

  /** The number of the last event that is in the engine. */
  get shipped(): number {
    throw new Error("not yet");
  }

  /**
   * Ships all that is in the folder now, a transaction for each batch, and notifies SHIPPED.
   *
   * @returns The number of the last event that is in the engine.
   * @throws {FencedError} If another worker has the session: nothing of the batch is there then.
   * @throws {SamocodeError} If the journal is not as this program left it, or the engine cannot be reached.
   */
  ship(): Promise<number> {
    throw new Error("not yet");
  }

  [Symbol.dispose](): void {}
}
