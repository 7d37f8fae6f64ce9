/**
 * Writes a session's folder as the engine has it.
 *
 * @module
 */
import type { Engine } from "./engine.ts";
import type { ShippedFiles } from "./shipper.ts";

/** What is in the folder now, and in the engine: what a shipper begins with. */
export interface Materialized {
  /** The number of the last event; 0 if the session has none yet: then there is no folder. */
  readonly after: number;
  readonly files: ShippedFiles;
}

/**
 * Makes the session's folder. It appears whole or not at all.
 *
 * @param options.id The session's row.
 * @param options.folder Must not exist; its parent is made.
 * @throws {SamocodeError} If something is in the place of the folder, or what the engine has is no session.
 */
export function materialize(
  _engine: Engine,
  _options: { readonly id: string; readonly folder: string; readonly stateFolder: string },
): Promise<Materialized> {
  throw new Error("not yet");
}
