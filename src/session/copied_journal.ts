/**
 * A journal that was copied from elsewhere. Whoever copies it vouches for its lines; this machine gives the copy a chain
 * of its own, with a head as every journal has one.
 *
 * @module
 */

/** What a copied journal is written with. */
export interface CopyOptions {
  /** The user's own folder for the heads of journals. */
  readonly stateFolder: string;
}

/**
 * Writes a new journal with these lines, each without its newline, and forgets what was there. Its lines carry a new
 * chain in the place of theirs.
 *
 * @param path The journal; its folder exists.
 * @returns The number of the last event.
 * @throws {SamocodeError} If a line is not the next event of a journal; then nothing is written.
 */
export function copyJournal(
  _path: string,
  _lines: Iterable<string> | AsyncIterable<string>,
  _options: CopyOptions,
): Promise<number> {
  throw new Error("not yet");
}

/**
 * Adds lines to a copy that {@linkcode copyJournal} made. Lines that it has already are passed over, so several
 * processes may do the same at once.
 *
 * @returns The number of the last event.
 * @throws {SamocodeError} If a line is not the next event, or the copy cannot be trusted; then nothing is written.
 */
export function appendCopied(_path: string, _lines: readonly string[], _options: CopyOptions): number {
  throw new Error("not yet");
}
