/**
 * Standing in: one provider works in the place of another that cannot, and makes room for it again.
 *
 * @module
 */
import type { History } from "./history.ts";

/** Who worked in the attempt that just ended, and who could go on in their place. */
export interface Team {
  readonly worker: string | undefined;
  /** Who may take over from them; `undefined` where nobody may. */
  readonly substitute: string | undefined;
  /** When the one whose place the worker has is back; `undefined` where it is their own, or that is not known. */
  readonly backAt: Date | undefined;
}

/** Nobody stands in for anybody. */
export const ALONE: Team = { worker: undefined, substitute: undefined, backAt: undefined };

/** How long a provider is not asked again, where it is not known when it is back. */
export const FALLBACK_MS = 900_000;

/** Reads from a session's history who could take over. One change an iteration: two that fail must come to an end. */
export function teamOf(
  { attempt, fallback, relieved }: Pick<History, "attempt" | "fallback" | "relieved">,
  { own, fallbackProvider }: {
    /** Whose the phase is. */
    readonly own: string;
    /** Who stands in for others; `undefined` where nobody does. */
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
 * Tells who stands in for a provider; `undefined` where it can work itself. Where nobody knows when it is back, an
 * iteration is ended by whoever works in it, and the next one tries.
 *
 * @param own The provider.
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
