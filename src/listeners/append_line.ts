/**
 * Appends lines to a file that lies where agents work too.
 *
 * @module
 */
import { SamocodeError } from "../text/errors.ts";
import { writeAll } from "../system/files/files.ts";

/**
 * Appends a line. The file is opened anew each time, so that it may be moved or removed by others at any moment.
 *
 * @param line Without its newline.
 * @throws {SamocodeError} Where the path is no regular file: writing to a pipe would hang the session, and a link
 * could lead out of its folder.
 */
export function appendLine(path: string, line: string): void {
  sizeOfOwnFile(path);
  using file = Deno.openSync(path, { append: true, create: true, mode: 0o600 });
  writeAll(file, new TextEncoder().encode(`${line}\n`));
}

/**
 * The size of a regular file in bytes; 0 where there is none.
 *
 * @throws {SamocodeError} Where something else is at the path.
 */
export function sizeOfOwnFile(path: string): number {
  try {
    const stat = Deno.lstatSync(path);
    if (stat.isFile) return stat.size;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return 0;
    throw error;
  }
  throw new SamocodeError("system", `Cannot append to ${path}: not a regular file`, {
    hint: "Move it away; samocode makes a new one",
  });
}
