/**
 * Fallback: another provider takes over from one that cannot work, until that one is available again.
 *
 * @module
 */
import type { History } from "./history.ts";

/** The provider of the attempt that just ended, and the one that could take over. */
export interface Team {
  readonly worker: string | undefined;
  /** The provider that may take over, if any. */
  readonly substitute: string | undefined;
  /** If the worker is a fallback, when the provider that it replaces is available again, if known. */
  readonly backAt: Date | undefined;
}

/** No fallback. */
export const ALONE: Team = { worker: undefined, substitute: undefined, backAt: undefined };

/** How long to wait before trying a provider again if it is unknown when it is available. */
export const FALLBACK_MS = 900_000;

/** Reads from the history who could take over. Once per iteration, so that two failing providers do not alternate. */
export function teamOf(
  { attempt, fallback, relieved }: Pick<History, "attempt" | "fallback" | "relieved">,
  { own, fallbackProvider }: {
    /** The phase's own provider. */
    readonly own: string;
    /** The configured fallback, if any. */
    readonly fallbackProvider: string | undefined;
  },
): Team {
  const worker = attempt?.provider;
  if (fallbackProvider === undefined || worker === undefined) return ALONE;
  const isFallback = fallback?.instead === own && fallback.provider === worker;
  return {
    worker,
    substitute: worker === fallbackProvider || relieved ? undefined : fallbackProvider,
    backAt: isFallback && fallback.until !== undefined ? new Date(fallback.until) : undefined,
  };
}

/**
 * Tells which provider replaces `own`; `undefined` if `own` works itself. If it is unknown when `own` is available, the
 * fallback finishes its iteration, and `own` is tried again after {@linkcode FALLBACK_MS}.
 */
export function fallbackFor(
  own: string,
  { fallback, attempt, now }: {
    readonly fallback: History["fallback"];
    /** Of the attempt that is about to begin. */
    readonly attempt: number;
    readonly now: Date;
  },
): string | undefined {
  if (fallback?.instead !== own) return undefined;
  const { provider, until, since } = fallback;
  if (until !== undefined) return now.getTime() < Date.parse(until) ? provider : undefined;
  return attempt > 1 || now.getTime() < Date.parse(since) + FALLBACK_MS ? provider : undefined;
}
