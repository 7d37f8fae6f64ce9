/**
 * Decodes and encodes texts without losing bytes that are not UTF-8.
 *
 * @module
 */
import { Buffer } from "node:buffer";

/** UTF-8 beyond ASCII (Unicode standard, table 3-7); the group matches any other byte above 7F. */
const SEQUENCES =
  /[\xc2-\xdf][\x80-\xbf]|(?:\xe0[\xa0-\xbf]|[\xe1-\xec\xee\xef][\x80-\xbf]|\xed[\x80-\x9f])[\x80-\xbf]|(?:\xf0[\x90-\xbf]|[\xf1-\xf3][\x80-\xbf]|\xf4[\x80-\x8f])[\x80-\xbf]{2}|([\x80-\xff])/g;

/** The flag `u` excludes halves of surrogate pairs. */
const ESCAPED = /([\udc80-\udcff]+)/u;

const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
const encoder = new TextEncoder();

/** Decodes UTF-8. Any other byte becomes a lone surrogate, U+DC80 to U+DCFF, as in Python's PEP 383. */
export function decodeText(bytes: Uint8Array): string {
  const text = decoder.decode(bytes);
  if (!text.includes("\ufffd")) return text;
  let kept = "";
  let from = 0;
  for (const { 1: strange, index } of Buffer.from(bytes).toString("latin1").matchAll(SEQUENCES)) {
    if (strange === undefined) continue;
    if (index > from) kept += decoder.decode(bytes.subarray(from, index));
    kept += String.fromCharCode(0xdc00 + strange.charCodeAt(0));
    from = index + 1;
  }
  return kept + decoder.decode(bytes.subarray(from));
}

/** Encodes UTF-8 and restores the bytes that {@linkcode decodeText} escaped. */
export function encodeText(text: string): Uint8Array {
  if (text.isWellFormed()) return encoder.encode(text);
  return Buffer.concat(
    text.split(ESCAPED).map((piece, place) =>
      place % 2 === 0 ? encoder.encode(piece) : Uint8Array.from(piece, (strange) => strange.charCodeAt(0) - 0xdc00)
    ),
  );
}
