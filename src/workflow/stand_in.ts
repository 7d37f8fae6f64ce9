/**
 * Standing in: one provider works in the place of another that cannot, and makes room for it again.
 *
 * @module
 */
import type { History } from "./history.ts";

/** One provider in the place of another. */
export interface StandIn {
  /** Whose place it takes. */
  readonly instead: string;
  readonly provider: string;
  /** When the other one is back, ISO 8601; `undefined` where that is not known. */
  readonly until: string | undefined;
}

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
export const STAND_IN_MS = 900_000;

/** Reads from a session's history who could take over. One change an iteration: two that fail must come to an end. */
export function teamOf(
  { attempt, standIn, relieved }: Pick<History, "attempt" | "standIn" | "relieved">,
  { own, fallback }: {
    /** Whose the phase is. */
    readonly own: string;
    /** Who stands in for others; `undefined` where nobody does. */
    readonly fallback: string | undefined;
  },
): Team {
  const worker = attempt?.provider;
  if (fallback === undefined || worker === undefined) return ALONE;
  const isStandIn = standIn?.instead === own && standIn.provider === worker;
  return {
    worker,
    substitute: worker === fallback || relieved ? undefined : fallback,
    backAt: isStandIn && standIn.until !== undefined ? new Date(standIn.until) : undefined,
  };
}

/**
 * Tells who stands in for a provider; `undefined` where it can work itself. Where nobody knows when it is back, an
 * iteration is ended by whoever works in it, and the next one tries.
 *
 * @param own The provider.
 */
export function standInFor(
  own: string,
  { standIn, attempt, now }: {
    readonly standIn: History["standIn"];
    /** Of the attempt that is about to begin. */
    readonly attempt: number;
    readonly now: Date;
  },
): string | undefined {
  if (standIn?.instead !== own) return undefined;
  const { provider, until, since } = standIn;
  if (until !== undefined) return now.getTime() < Date.parse(until) ? provider : undefined;
  return attempt > 1 || now.getTime() < Date.parse(since) + STAND_IN_MS ? provider : undefined;
}
