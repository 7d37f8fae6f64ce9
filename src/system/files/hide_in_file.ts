/**
 * Masks secrets in a file, with constant memory.
 *
 * @module
 */
import { currentRedactor } from "../../text/known_secrets.ts";
import { isSoleFile, writeAll } from "./files.ts";

const PIECE_BYTES = 256 * 1024;

/** Of what precedes a secret, so much decides how it is masked. */
const BEFORE_BYTES = 16;

/**
 * Masks every known secret in a file, in place: another process may append to it. Anything but a regular file with one
 * name is left alone.
 */
export function hideSecretsInFile(path: string, { pieceBytes = PIECE_BYTES } = {}): void {
  const redactor = currentRedactor();
  const { longest } = redactor;
  if (longest === 0 || !isSoleFile(path)) return;
  // What begins near the end of a piece is seen whole in the next one.
  const buffer = new Uint8Array(pieceBytes + BEFORE_BYTES + longest);
  using file = Deno.openSync(path, { read: true, write: true });
  let isLast = false;
  for (let offset = 0; !isLast; offset += pieceBytes) {
    file.seekSync(offset, Deno.SeekMode.Start);
    const bytes = buffer.subarray(0, fill(file, buffer));
    isLast = bytes.length < buffer.length;
    if (!redactor.mask(bytes, isLast ? bytes.length : bytes.length - longest)) continue;
    file.seekSync(offset, Deno.SeekMode.Start);
    writeAll(file, bytes);
  }
}

/** Fills a buffer as far as the file goes. */
function fill(file: Deno.FsFile, buffer: Uint8Array): number {
  let length = 0;
  for (let count = 1; count > 0 && length < buffer.length; length += count) {
    count = file.readSync(buffer.subarray(length)) ?? 0;
  }
  return length;
}
