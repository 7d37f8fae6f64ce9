/**
 * Time stamps in notebooks, file names and log lines, in local time.
 *
 * @module
 */

/** `[003 @ 11-20 14:37]`, the start of a line in a notebook's Flow Log. */
export function iterationStamp(iteration: number, at: Date): string {
  return `[${padded(iteration, 3)} @ ${monthDay(at)} ${clockTime(at)}]`;
}

/** `14:37`. */
export function clockTime(at: Date): string {
  return `${padded(at.getHours(), 2)}:${padded(at.getMinutes(), 2)}`;
}

/** `11-20-14:37`, the start of a document's name; `11-20-1437` if names cannot contain `:`. */
export function documentStamp(at: Date, options: { readonly colon: boolean }): string {
  return `${monthDay(at)}-${padded(at.getHours(), 2)}${options.colon ? ":" : ""}${padded(at.getMinutes(), 2)}`;
}

/** `26-11-20`, the start of a session folder's name. */
export function dayStamp(at: Date): string {
  return `${padded(at.getFullYear() % 100, 2)}-${monthDay(at)}`;
}

function monthDay(at: Date): string {
  return `${padded(at.getMonth() + 1, 2)}-${padded(at.getDate(), 2)}`;
}

function padded(value: number, width: number): string {
  return String(value).padStart(width, "0");
}
