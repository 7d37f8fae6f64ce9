/**
 * Makes of a recording the few pictures that are worth showing, each with the time that it stands.
 *
 * @module
 */
import { isDeepStrictEqual } from "node:util";
import type { Recording } from "./recording.ts";
import { isSameRow, type Screen, Terminal } from "./terminal.ts";

/** One picture. */
export interface Frame {
  readonly screen: Screen;
  readonly durationMs: number;
}

/** How time is shown. */
export interface Pacing {
  /** No picture stands for less. */
  readonly shortestMs: number;
  /** No picture but the last stands for longer: whoever looks on need not wait. */
  readonly longestMs: number;
  readonly lastMs: number;
}

/** Pieces that come within this time belong together: one write is cut where the terminal's buffer ends. */
const SETTLED_MS = 5;

/**
 * Plays a recording.
 *
 * @throws {Error} Where the recording holds what {@linkcode Terminal} does not know.
 */
export function framesOf(
  { columns, rows, pieces }: Recording,
  { shortestMs, longestMs, lastMs }: Pacing,
): readonly Frame[] {
  const terminal = new Terminal(columns, rows);
  const moments: { readonly atMs: number; readonly screen: Screen }[] = [];
  for (const [index, piece] of pieces.entries()) {
    terminal.write(piece.text);
    const following = pieces[index + 1];
    if (following !== undefined && following.atMs - piece.atMs < SETTLED_MS) continue;
    const atMs = Math.floor(piece.atMs / shortestMs) * shortestMs;
    // Of all that comes within the shortest time the last is shown.
    if (moments.at(-1)?.atMs === atMs) moments.pop();
    const screen = terminal.screen;
    const last = moments.at(-1);
    if (last === undefined || !isSame(last.screen, screen)) moments.push({ atMs, screen });
  }
  return moments.map(({ atMs, screen }, index) => {
    const following = moments[index + 1];
    return { screen, durationMs: following === undefined ? lastMs : Math.min(longestMs, following.atMs - atMs) };
  });
}

function isSame(one: Screen, other: Screen): boolean {
  return isDeepStrictEqual([one.top, one.cursor, one.rows.length], [other.top, other.cursor, other.rows.length]) &&
    one.rows.every((row, index) => isSameRow(row, other.rows[index] ?? []));
}
