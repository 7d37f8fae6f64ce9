/**
 * Reads the end of a file, however long the file is.
 *
 * @module
 */

/** The last `maxBytes` of a file as text; empty where there is none. */
export function readTail(path: string, maxBytes: number): string {
  try {
    using file = Deno.openSync(path, { read: true });
    const { size } = file.statSync();
    file.seekSync(Math.max(0, size - maxBytes), Deno.SeekMode.Start);
    const bytes = new Uint8Array(Math.min(size, maxBytes));
    const count = file.readSync(bytes) ?? 0;
    return new TextDecoder().decode(bytes.subarray(0, count));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return "";
    throw error;
  }
}
