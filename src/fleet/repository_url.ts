/**
 * Which repositories a fleet takes. Their URLs are outside input, and git would run a program for some.
 *
 * @module
 */

/**
 * Checks a repository's URL or path: https, ssh, `user@host:path`, `file://` or an absolute path.
 *
 * @returns It, without a password, which must not be in a table that many read.
 * @throws {SamocodeError} For any other.
 */
export function readRepository(_text: string): string {
  throw new Error("not built yet");
}
