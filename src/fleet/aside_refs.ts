/**
 * Refs of what was set aside: one prefix for each time, and below it the same paths as below `refs/`.
 *
 * @module
 */

/** The prefix of all of them. */
export const ASIDE = "refs/samocode/aside";

/** A time as part of file and ref names: `20261122T160655123Z`. */
export function asideStamp(at: Date): string {
  return at.toISOString().replace(/[-:.]/g, "");
}

/** The ref that keeps something set aside. */
export function asideRef(at: Date, name: string): string {
  return `${ASIDE}/${asideStamp(at)}/${name}`;
}
