/**
 * Times that move without anything around them being drawn again.
 *
 * @module
 */
import type { JSX } from "preact";
import { formatDuration } from "../src/text/format.ts";
import type { SessionRow } from "../src/view/contract.ts";
import { serverNow, useTopics } from "./store.ts";
import { isUnderWay } from "./words.ts";

/** How long ago a moment was, counting up. */
export function Since({ at }: { readonly at: string }): JSX.Element {
  useTopics("second");
  return <span class="number">{formatDuration(serverNow() - Date.parse(at))}</span>;
}

/** A time that goes on since a moment, beside what it was before. */
export function Growing({ ms, since }: { readonly ms: number; readonly since: string }): JSX.Element {
  useTopics("second");
  return <span>{formatDuration(ms + Math.max(0, serverNow() - Date.parse(since)))}</span>;
}

/** How long it is until a moment, counting down. */
export function Until({ at }: { readonly at: string }): JSX.Element {
  useTopics("second");
  return <span class="number">{formatDuration(Date.parse(at) - serverNow())}</span>;
}

/** How long a session has taken; what it waits for a person counts. */
export function Elapsed({ row }: { readonly row: Pick<SessionRow, "state" | "startedAt" | "elapsedMs"> }): JSX.Element {
  if ((isUnderWay(row.state) || row.state === "waiting") && row.startedAt !== undefined) {
    return <Since at={row.startedAt} />;
  }
  return <span class="number">{row.startedAt === undefined ? "–" : formatDuration(row.elapsedMs)}</span>;
}
