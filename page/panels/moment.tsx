/**
 * A time stamp, in the reader's own time zone.
 *
 * @module
 */
import type { JSX } from "preact";
import { localMoment } from "../../src/text/format.ts";

/** `11-20 14:37`, with the whole of it on hover. */
export function Moment({ at }: { readonly at: string }): JSX.Element {
  const date = new Date(at);
  const isTime = !Number.isNaN(date.getTime());
  return <time dateTime={at} title={isTime ? date.toLocaleString() : at}>{localMoment(at)}</time>;
}
