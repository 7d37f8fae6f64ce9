/**
 * A time stamp, in the reader's own time zone.
 *
 * @module
 */
import type { JSX } from "preact";
import { localMoment } from "../../src/text/format.ts";

/** `11-20 14:37`, or `11-20 14:37:05`, with the whole of it on hover. */
export function Moment({ at, seconds = false }: { readonly at: string; readonly seconds?: boolean }): JSX.Element {
  const date = new Date(at);
  const isTime = !Number.isNaN(date.getTime());
  return (
    <time dateTime={at} title={isTime ? date.toLocaleString() : at}>
      {localMoment(at)}
      {seconds && isTime && `:${String(date.getSeconds()).padStart(2, "0")}`}
    </time>
  );
}
