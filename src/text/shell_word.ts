/**
 * Paths in commands that messages suggest.
 *
 * @module
 */

/** Quotes a path as one word of a POSIX shell command. */
export function shellWord(path: string): string {
  return /^[\w./@:+-]+$/.test(path) ? path : `'${path.replaceAll("'", `'\\''`)}'`;
}
