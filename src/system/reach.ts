/**
 * Whether a service can be reached, found out without calling it.
 *
 * @module
 */
import { messageOf } from "../text/errors.ts";

/**
 * Asks an address for its front page, without credentials. Any answer will do, and so will a certificate that only the
 * service's own client trusts, or a port that Deno does not call.
 *
 * @param address A URL; only its scheme, host and port are used.
 * @returns What is wrong, in words; `undefined` if something answers.
 */
export async function whyUnreachable(
  address: string,
  { withinMs = 10_000, fetch = globalThis.fetch, abort = NEVER }: {
    readonly withinMs?: number;
    readonly fetch?: typeof globalThis.fetch;
    readonly abort?: AbortSignal | undefined;
  } = {},
): Promise<string | undefined> {
  if (!URL.canParse(address)) return undefined;
  const { origin } = new URL(address);
  try {
    const signal = AbortSignal.any([AbortSignal.timeout(withinMs), abort]);
    const answer = await fetch(origin, { method: "HEAD", redirect: "manual", signal });
    await answer.body?.cancel();
    return undefined;
  } catch (error) {
    if (error instanceof DOMException) return `${origin} does not answer`;
    const why = firstCause(error);
    if (/certificate|\btls\b|handshake|are blocked$/i.test(why)) return undefined;
    return `${origin} cannot be reached: ${/[^:]+$/.exec(why)?.[0].trim()}`;
  }
}

const NEVER = new AbortController().signal;

function firstCause(error: unknown): string {
  return error instanceof Error && error.cause !== undefined ? firstCause(error.cause) : messageOf(error);
}
