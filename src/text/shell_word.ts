/**
 * Paths in the commands that a message proposes.
 *
 * @module
 */

/** A path as one word of a command in a POSIX shell, to be typed or pasted by a person. */
export function shellWord(path: string): string {
  return /^[\w./@:+-]+$/.test(path) ? path : `'${path.replaceAll("'", `'\\''`)}'`;
}
