/**
 * Refs of what was set aside: a folder for each moment, and below it what git would have below `refs/`.
 *
 * @module
 */

/** Where they are. */
export const ASIDE = "refs/samocode/aside";

/** A moment as a name of files and refs: `20261122T160655123Z`. */
export function asideStamp(at: Date): string {
  return at.toISOString().replace(/[-:.]/g, "");
}

/** The ref for something that is set aside. */
export function asideRef(at: Date, name: string): string {
  return `${ASIDE}/${asideStamp(at)}/${name}`;
}
